"""Every example, block and command of the documentation does what its page says."""

import re
import shlex

import pytest

from skmmrec.__main__ import _parser
from skmmrec.datasets import make_multimodal_shop
from tests._docs import PAGES, ROOT, blocks, has_examples, run_blocks, run_examples

# These pages have blocks that need more than a page can make: they run elsewhere.
ELSEWHERE = {
    "README.md": "tests/test_package.py",
    "docs/guide/distributed.rst": "tests/distributed/test_guide.py",
    "docs/coming_from.rst": "tests/test_coming_from.py",
}
WITH_CODE = [page for page in PAGES if has_examples(page) or blocks(page, "python")]


def name_of(page):
    return page.relative_to(ROOT).as_posix()


def write_shop(folder):
    """sales.csv and products.csv, with photos, one of which is missing."""
    pandas = pytest.importorskip("pandas")
    X = make_multimodal_shop(30, 30, folder=folder / "photos", random_state=0)
    customer = ["ann", *(f"customer {number}" for number in range(1, 30))]
    sales = {"customer": [customer[code] for code in X.user_codes]}
    sales |= {"product": X.item_ids, "day": X.time}
    pandas.DataFrame(sales).to_csv(folder / "sales.csv", index=False)
    names = {"item": "product", "description": "title", "picture": "photo"}
    columns = {names.get(name, name): X.items[name] for name in [*names, "price"]}
    products = pandas.DataFrame(columns)
    products.loc[3, "photo"] = None
    products.to_csv(folder / "products.csv", index=False)


@pytest.mark.parametrize("page", WITH_CODE, ids=name_of)
def test_examples_of_pages_run(page, monkeypatch, tmp_path):
    """Each page by itself, with the results that are printed there."""
    monkeypatch.setenv("SKMMREC_KEY", "")  # set by a page, and to be restored
    monkeypatch.chdir(tmp_path)
    for needed in ("pandas", "matplotlib", "faiss", "usearch", "fastapi"):
        pytest.importorskip(needed)
    if page.name == "index.rst":
        write_shop(tmp_path)
    names = run_examples(page)
    if name_of(page) in ELSEWHERE:
        assert page.name in (ROOT / ELSEWHERE[name_of(page)]).read_text()
    else:
        run_blocks(page, names)


def commands(page):
    """The commands of a page: those of its shell blocks, and those in a sentence."""
    inline = re.findall(r"`((?:python|skmmrec) [^`<]+)`", page.read_text())
    lines = "\n".join(blocks(page, "sh")).replace("\\\n", " ").splitlines()
    return [shlex.split(line) for line in [*lines, *inline] if line.strip()]


def options_of(parser, words):
    """The options of the sub-command that the words end in."""
    for action in parser._subparsers._group_actions if parser._subparsers else []:
        for word in words:
            if word in action.choices:
                rest = words[words.index(word) + 1 :]
                return options_of(action.choices[word], rest)
        assert not words or words[0].startswith("-"), f"no command {words[0]!r}"
    return set(parser._option_string_actions)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_commands_of_pages_exist(page):
    """Sub-commands and options of ours, scripts of ours and their options."""
    for command in commands(page):
        script = next((word for word in command if word.endswith(".py")), None)
        if script is not None:
            known = (ROOT / script).read_text()
        elif any(word.rpartition("/")[2] == "skmmrec" for word in command[:1]):
            known = options_of(_parser(), command[1:])
        else:
            continue
        for word in command:
            if word.startswith("--"):
                assert word.partition("=")[0] in known, " ".join(command)


@pytest.mark.parametrize(
    "example", sorted(ROOT.glob("examples/*.py")), ids=lambda p: p.name
)
def test_examples_run(example, monkeypatch, tmp_path):
    """From top to bottom, without a screen."""
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("agg")
    monkeypatch.chdir(tmp_path)
    exec(compile(example.read_text(), example, "exec"), {"__name__": "__main__"})
    plt = matplotlib.pyplot
    assert plt.get_fignums()  # it ends in a picture
    plt.close("all")
