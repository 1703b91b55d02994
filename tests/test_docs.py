"""Every example of the guide runs, in the order of the page."""

import doctest
from pathlib import Path

import pytest

GUIDE = Path(__file__).parents[1] / "docs" / "guide.rst"


@pytest.mark.parametrize(
    ("page", "least"), [("guide.rst", 20), ("privacy_differential.rst", 8)]
)
def test_examples_of_pages_run(page, least):
    """With the results that are printed there."""
    path, flags = str(GUIDE.with_name(page)), doctest.NORMALIZE_WHITESPACE
    result = doctest.testfile(path, module_relative=False, optionflags=flags)
    assert result.attempted > least
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
