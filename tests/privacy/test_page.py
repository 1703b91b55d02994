"""The examples of the page on privacy run as they stand."""

import doctest
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "privacy.rst"


def test_examples_of_the_page_run(monkeypatch):
    """In the order of the page."""
    monkeypatch.setenv("SKMMREC_KEY", "")  # set by the page, and to be restored
    result = doctest.testfile(str(PAGE), module_relative=False)
    assert result.attempted > 10
    assert result.failed == 0
