"""The code of the pages of the documentation, in the order of the page."""

import doctest
import re
from pathlib import Path
from textwrap import dedent

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(
    page
    for page in [*DOCS.rglob("*.rst"), *DOCS.rglob("*.md"), ROOT / "README.md"]
    if not {"_build", "generated", "auto_examples", "changelog.d"} & set(page.parts)
)

_PARSER = doctest.DocTestParser()
_DIRECTIVE = re.compile(
    r"^(?P<indent> *)\.\. code-block:: (?P<language>\w+)\n(?: +:.*\n)*\n"
    r"(?P<code>(?:(?P=indent) +.*\n|\n)+)",
    re.M,
)
_FENCE = re.compile(r"^```(?P<language>\w+)\n(?P<code>.*?)^```", re.M | re.S)


def text_of(page):
    """A page as it is read, with the pages that it includes."""
    return re.sub(
        r"^\.\. include:: (\S+)$",
        lambda found: text_of(page.parent / found[1]),
        page.read_text(encoding="utf-8"),
        flags=re.M,
    )


def blocks(page, language):
    """The code of all blocks of a language, from the first to the last."""
    text = text_of(page) + "\n"
    found = [*_DIRECTIVE.finditer(text), *_FENCE.finditer(text)]
    found.sort(key=lambda match: match.start())
    return [dedent(m["code"]) for m in found if m["language"] == language]


def has_examples(page):
    """Whether anything on the page looks like a session."""
    return bool(_PARSER.get_examples(text_of(page)))


def run_examples(page):
    """Run the sessions of a page; returns the names that they leave."""
    test = _PARSER.get_doctest(text_of(page), {}, page.stem, str(page), 0)
    flags = doctest.NORMALIZE_WHITESPACE
    result = doctest.DocTestRunner(optionflags=flags).run(test, clear_globs=False)
    assert result.failed == 0
    return test.globs


def run_blocks(page, names, *replacements):
    """Run the blocks of Python one after another, with (old, new) put in first."""
    for code in blocks(page, "python"):
        for old, new in replacements:
            code = code.replace(old, new)
        exec(compile(code, str(page), "exec"), names)
    return names
