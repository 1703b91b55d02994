"""The page of the API has every public name, with an example."""

import importlib
import inspect

import pytest

import skmmrec
from tests._docs import DOCS

LISTED = (DOCS / "api.rst").read_text().split()
BASES = {"BaseEncoder", "BaseFusionMethod", "BaseRecommender", "BaseRetriever"}
BASES |= {"NetworkRecommender"}
MODULES = [*skmmrec._MODULES, "service"]


def names():
    """Each public object once, under the shortest name it has."""
    for name in skmmrec.__all__:
        if name not in [*MODULES, "__version__"]:
            yield name
    for module in MODULES:
        home = importlib.import_module(f"skmmrec.{module}")
        for name in getattr(home, "__all__", ()):
            if name not in skmmrec.__all__ and not name.isupper():  # no constants
                yield f"{module}.{name}"


def found(name):
    module, _, name = name.rpartition(".")
    home = importlib.import_module(f"skmmrec.{module}") if module else skmmrec
    return getattr(home, name)


@pytest.mark.parametrize("name", [*names()])
def test_a_public_name_is_listed_once(name):
    """So that it has a page, and search finds it."""
    assert LISTED.count(name) == 1


@pytest.mark.parametrize("name", [*names()])
def test_a_public_name_has_an_example(name):
    """Which runs as a doctest of its module, or says what it would need."""
    value = found(name)
    if name in BASES or (inspect.isclass(value) and issubclass(value, Exception)):
        pytest.skip("its subclasses, or what raises it, have one")
    assert ">>> " in inspect.getdoc(value)
