"""Every example of the guide runs, in the order of the page."""

import doctest
from pathlib import Path

import pytest

GUIDE = Path(__file__).parents[1] / "docs" / "guide.rst"


def test_examples_of_the_guide_run():
    """With the results that are printed there."""
    for needed in ("pandas", "matplotlib", "faiss", "usearch", "fastapi"):
        pytest.importorskip(needed)
    flags = doctest.NORMALIZE_WHITESPACE
    result = doctest.testfile(str(GUIDE), module_relative=False, optionflags=flags)
    assert result.attempted > 20
    assert result.failed == 0


@pytest.mark.parametrize(
    "example", sorted(GUIDE.parents[1].glob("examples/*.py")), ids=lambda p: p.name
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


def test_examples_of_the_page_on_plug_ins_run():
    """With the results that are printed there."""
    page = GUIDE.with_name("plugins.rst")
    result = doctest.testfile(str(page), module_relative=False)
    assert result.attempted > 5
    assert result.failed == 0
