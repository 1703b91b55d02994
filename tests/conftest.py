"""Fixtures and settings of all tests."""

import os

# scikit-learn's check of the array API runs only when scipy was imported with this set
os.environ.setdefault("SCIPY_ARRAY_API", "1")

import pytest

from tests._browser import browser  # noqa: F401, a fixture

collect_ignore = ["typing/user.py"]  # mypy reads it, nothing runs it


def _as_mapping(columns):
    return dict(columns)


def _as_pandas(columns):
    return pytest.importorskip("pandas").DataFrame(columns)


def _as_polars(columns):
    return pytest.importorskip("polars").DataFrame(columns)


def _as_arrow(columns):
    return pytest.importorskip("pyarrow").table(columns)


@pytest.fixture(params=[_as_mapping, _as_pandas, _as_polars, _as_arrow])
def frame(request):
    """Makes a table of any supported kind out of a dict of columns."""
    return request.param
