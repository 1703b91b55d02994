"""Where an extra is not installed, what needs it is skipped: tests and docstrings."""

import doctest
from importlib.util import find_spec

import pytest


def _missing_package(error):
    """The package whose absence led to an error, if it is absent."""
    while isinstance(error, doctest.UnexpectedException):
        error = error.exc_info[1]
    while error is not None:
        name = isinstance(error, ImportError) and (error.name or "").partition(".")[0]
        if name and name != "skmmrec" and find_spec(name) is None:
            return name
        error = error.__cause__ or error.__context__
    return None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    try:
        return (yield)
    except Exception as error:
        if name := _missing_package(error):
            pytest.skip(f"{name} is not installed")
        raise
