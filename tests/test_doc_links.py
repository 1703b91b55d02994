"""The diagram of an estimator in a notebook links to our docs."""

import inspect
from pathlib import Path

import pytest
from sklearn.base import BaseEstimator
from sklearn.preprocessing import StandardScaler

import skmmrec
from skmmrec import (
    BaseRecommender,
    ContentRecommender,
    MultimodalFusion,
    SparseTextEncoder,
    make_pipeline,
)
from skmmrec._docs import DOCS_URL

API = (Path(__file__).parents[1] / "docs" / "api.rst").read_text().split()
ESTIMATORS = [
    value
    for value in (getattr(skmmrec, name) for name in skmmrec.__all__)
    if inspect.isclass(value)
    and issubclass(value, BaseEstimator)
    and not inspect.isabstract(value)
]


@pytest.mark.parametrize("cls", ESTIMATORS, ids=lambda cls: cls.__name__)
def test_every_estimator_links_to_its_page(cls):
    """The page that autosummary makes for its entry in the list of the API."""
    link = cls._get_doc_link(object.__new__(cls))
    assert link == f"{DOCS_URL}/generated/skmmrec.{cls.__name__}.html"
    assert cls.__name__ in API


def test_the_diagram_of_a_pipeline_links_to_each_step():
    """And to scikit-learn for what is scikit-learn's."""
    fusion = MultimodalFusion([("text", SparseTextEncoder(), "plot")])
    html = make_pipeline(StandardScaler(), fusion, ContentRecommender())._repr_html_()
    for name in ("Pipeline", "MultimodalFusion", "ContentRecommender"):
        assert f'href="{DOCS_URL}/generated/skmmrec.{name}.html"' in html
    assert "scikit-learn.org" in html
    encoder = SparseTextEncoder()._repr_html_()
    assert f'href="{DOCS_URL}/generated/skmmrec.SparseTextEncoder.html"' in encoder


def test_a_plug_in_links_nowhere():
    """We have no page of it."""

    class Theirs(BaseRecommender):
        __module__ = "theirs"

    assert Theirs()._get_doc_link() == ""
    assert DOCS_URL not in Theirs()._repr_html_()
