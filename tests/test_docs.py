"""Every example of the guide runs, in the order of the page."""

import doctest
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[1] / "docs"
PAGES = [page for page in sorted(DOCS.glob("*.rst")) if ">>> " in page.read_text()]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_examples_of_pages_run(page, monkeypatch):
    """With the results that are printed there."""
    monkeypatch.setenv("SKMMREC_KEY", "")  # set by a page, and to be restored
    for needed in ("pandas", "matplotlib", "faiss", "usearch", "fastapi"):
        pytest.importorskip(needed)
    flags = doctest.NORMALIZE_WHITESPACE
    result = doctest.testfile(str(page), module_relative=False, optionflags=flags)
    assert result.attempted > 0
    assert result.failed == 0


@pytest.mark.parametrize(
    "example", sorted(DOCS.parent.glob("examples/*.py")), ids=lambda p: p.name
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
