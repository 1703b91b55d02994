"""Explanations, reports and displays under hostile input."""

from functools import cache

import matplotlib
import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import pyplot as plt

from skmmrec import (
    ContentRecommender,
    CoverageAccuracyDisplay,
    FusionWeightsDisplay,
    Interactions,
    ModalityImportanceDisplay,
    MultimodalFusion,
    PopularityRecommender,
    RankingCurveDisplay,
    RecommendationDisplay,
    SparseTextEncoder,
    WarmthCurveDisplay,
    explain,
    make_pipeline,
    modality_importance,
    occlusion,
    presence_report,
)
from tests.hostile._judge import judge, state
from tests.hostile._strategies import HOSTILE, columns, junk, matrices, tables, world

matplotlib.use("agg")
COVERS = [
    *("Explanation", "explain", "occlusion", "modality_importance", "presence_report"),
    *("CoverageAccuracyDisplay", "FusionWeightsDisplay", "ModalityImportanceDisplay"),
    *("RankingCurveDisplay", "RecommendationDisplay", "WarmthCurveDisplay"),
]


@cache
def shop():
    """Events with titles, numbers and gaps, and a pipeline that was fitted on them."""
    X = world()
    titles = ["green tea", "", None, "red jam", "a\ud800\x00b", "tea", "jam", "x", "y"]
    prices = np.arange(9.0)
    prices[3] = np.nan
    catalogue = {"item": np.arange(9), "title": titles, "price": prices}
    events = {"user": X.user_ids, "item": X.item_ids, "time": X.time}
    X = Interactions(events, catalogue, time="time")
    fusion = MultimodalFusion(
        [
            ("text", SparseTextEncoder(n_components=2, random_state=0), "title"),
            ("price", "passthrough", ["price"]),
        ]
    )
    return make_pipeline(fusion, ContentRecommender()).fit(X[::2]), X


def a_model(model):
    return shop()[0] if model is None else model


def events(X):
    return shop()[1] if X is None else X


one = st.one_of(st.integers(0, 9), junk)
models = st.one_of(
    st.none(),
    st.none(),
    st.just(PopularityRecommender()),
    st.just(PopularityRecommender().fit(world())),
    junk,
)
data_ = st.one_of(st.none(), st.none(), tables(), matrices, junk)


@HOSTILE
@given(
    model=models,
    user=one,
    item=one,
    X=data_,
    history=st.one_of(st.none(), data_),
    weights=st.one_of(
        st.none(), junk, st.dictionaries(st.sampled_from(["text", "a", 3]), junk)
    ),
)
def test_explanations_of_anything(model, user, item, X, history, weights):
    """Contributions that sum to the score, and the model as it was."""
    model, X = a_model(model), events(X)
    before = state(shop()[0])
    found, refusal = judge(
        lambda: explain(model, user, item, X, history=history, modality_weights=weights)
    )
    if refusal is None:
        total = found.baseline + sum(found.modalities.values())
        assert np.isfinite(total)
        np.testing.assert_allclose(total, found.score, atol=1e-5)
        judge(lambda: str(found))
    assert state(shop()[0]) == before


@HOSTILE
@given(
    model=models,
    user=one,
    item=one,
    column=st.one_of(st.sampled_from(["title", "price"]), junk),
    X=data_,
    grid=st.one_of(st.just((7, 7)), junk),
)
def test_occlusions_of_anything(model, user, item, column, X, grid):
    """Words and finite effects, or a sentence."""
    found, refusal = judge(
        lambda: occlusion(a_model(model), user, item, column, events(X), grid=grid)
    )
    if refusal is None:
        assert all(np.isfinite(effect) for _, effect in found)


@HOSTILE
@given(
    model=models,
    X=data_,
    cv=st.one_of(st.none(), junk),
    scoring=st.one_of(st.just("ndcg@3"), junk),
)
def test_reports_of_anything(model, X, cv, scoring):
    """Columns of one length, or a sentence."""
    model, X = a_model(model), events(X)
    for report in (
        lambda: modality_importance(model, X, cv, scoring),
        lambda: presence_report(model, X, scoring),
    ):
        table, refusal = judge(report)
        if refusal is None:
            assert len({len(column) for column in table.values()}) == 1


DISPLAYS = {
    CoverageAccuracyDisplay: ["scoring", "candidates"],
    RankingCurveDisplay: ["metric", "k", "candidates"],
    WarmthCurveDisplay: ["on", "scoring", "edges", "candidates"],
    ModalityImportanceDisplay: ["cv", "scoring"],
    FusionWeightsDisplay: [],
}


@HOSTILE
@given(
    data=st.data(),
    display=st.sampled_from(list(DISPLAYS)),
    model=st.one_of(models, st.dictionaries(junk.filter(np.isscalar), models)),
    X=data_,
)
def test_displays_of_anything(data, display, model, X):
    """A picture, or a sentence."""
    model, X = a_model(model), events(X)
    given_ = [model] if display is FusionWeightsDisplay else [model, X]
    name = data.draw(st.sampled_from([None, "ax", *DISPLAYS[display]]))
    params = {} if name is None else {name: data.draw(junk)}
    shown, refusal = judge(lambda: display.from_estimator(*given_, **params))
    if refusal is None:
        judge(shown.plot)
    plt.close("all")


SHOWN = ["k", "n_liked", "title", "image", "audio", "duration", "root", "reasons"]


@HOSTILE
@given(
    data=st.data(),
    model=models,
    X=data_,
    users=st.one_of(st.just([0, 1]), columns(), junk),
    name=st.sampled_from([None, *SHOWN]),
)
def test_pages_of_anything(data, model, X, users, name):
    """A page for any user, or a sentence."""
    params = {} if name is None else {name: data.draw(junk)}
    shown, refusal = judge(
        lambda: RecommendationDisplay.from_estimator(
            a_model(model), events(X), users, **params
        )
    )
    if refusal is None:
        page, refusal = judge(shown._repr_html_)
        assert refusal is None
        assert "<script" not in page
