"""Splitters and comparisons under hostile input."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skmmrec import (
    ALSRecommender,
    ColdItemKFold,
    ColdUserKFold,
    ConcatFusion,
    ContentRecommender,
    Interactions,
    LeaveLastOut,
    MultimodalFusion,
    PopularityRecommender,
    RandomHoldout,
    RollingTemporalSplit,
    TemporalSplit,
    check_leakage,
    compare,
    make_pipeline,
    modality_effect,
)
from tests.hostile._judge import judge
from tests.hostile._strategies import HOSTILE, junk, matrices, tables, world

SPLITTERS = {
    LeaveLastOut: ["n_splits"],
    TemporalSplit: ["test_size"],
    RollingTemporalSplit: ["n_splits", "test_size"],
    RandomHoldout: ["test_size", "n_splits", "random_state"],
    ColdItemKFold: ["n_splits", "shuffle", "random_state"],
    ColdUserKFold: ["n_splits", "shuffle", "random_state"],
}
COVERS = [
    *(splitter.__name__ for splitter in SPLITTERS),
    *("compare", "modality_effect", "check_leakage"),
]


def described():
    """Events with a table of two columns of numbers."""
    X = world()
    catalogue = {"item": np.arange(9), "a": np.arange(9.0), "b": np.ones(9)}
    events = {"user": X.user_ids, "item": X.item_ids, "time": X.time}
    return Interactions(events, catalogue, time="time")


@pytest.mark.parametrize("splitter", SPLITTERS)
@HOSTILE
@given(
    data=st.data(),
    X=st.one_of(tables(), matrices, junk),
    time=st.sampled_from([None, "time"]),
)
def test_splits_of_anything(splitter, data, X, time):
    """Each event on one side at most, none on both, or a sentence."""
    name = data.draw(st.sampled_from([None, *SPLITTERS[splitter]]))
    params = {} if name is None else {name: data.draw(junk)}
    cv, refusal = judge(lambda: splitter(**params))
    if refusal is None and getattr(cv, "n_splits", 1) < 100:
        found, _ = judge(lambda: Interactions(X, time=time))
        X = X if found is None else found
        folds, refusal = judge(lambda: list(cv.split(X)))
        if refusal is None:
            assert len(folds) == cv.get_n_splits()
            for train, test in folds:
                assert len(train)
                assert len(test)
                rows = np.concatenate([train, test])
                assert len(np.unique(rows)) == len(rows)
                assert rows.max() < len(X)


folds = st.one_of(
    st.just(RandomHoldout(0.4, random_state=0)),
    st.just([(np.arange(12), np.arange(12, 25))]),
    st.just([([0, 1], [2, 99])]),
    st.just([(np.arange(9) > 3, np.arange(9) < 3)]),
    st.just([1]),
    junk,
)
scorings = st.one_of(st.sampled_from(["ndcg@3", ["auc", "recall@2"], "gini@2"]), junk)
pipe = make_pipeline(
    MultimodalFusion([("a", "passthrough", ["a"]), ("b", "passthrough", ["b"])]),
    ContentRecommender(),
)


@HOSTILE
@given(
    data=st.data(),
    recommenders=st.one_of(
        st.just({"a": PopularityRecommender(), "b": ALSRecommender(2, max_iter=1)}),
        st.just([("a", PopularityRecommender()), ("a", ContentRecommender())]),
        st.just({"a": PopularityRecommender(), "b": ConcatFusion()}),
        st.dictionaries(st.sampled_from(["a", "b", 3]), junk),
        junk,
    ),
    cv=folds,
    scoring=scorings,
)
def test_comparisons_of_anything(data, recommenders, cv, scoring):
    """A table of columns of one length, or a sentence."""
    params = {"n_permutations": 9}
    name = data.draw(
        st.sampled_from([None, "X", "baseline", "n_permutations", "random_state"])
    )
    X = world()
    if name == "X":
        X = data.draw(st.one_of(tables(), matrices, junk))
    elif name:
        params[name] = data.draw(junk)
    if isinstance(params["n_permutations"], int) and params["n_permutations"] > 10**6:
        return  # as many as asked for
    table, refusal = judge(lambda: compare(recommenders, X, cv, scoring, **params))
    if refusal is None:
        assert len({len(column) for column in table.values()}) == 1


@HOSTILE
@given(
    data=st.data(),
    model=st.one_of(st.just(pipe), st.just(PopularityRecommender()), junk),
    cv=folds,
    modality=st.one_of(st.sampled_from([None, "a", ["a", "b"]]), junk),
    scoring=scorings,
)
def test_effects_of_anything(data, model, cv, modality, scoring):
    """A row for each modality, or a sentence."""
    params = {"n_permutations": 9}
    name = data.draw(st.sampled_from([None, "confidence_level", "random_state"]))
    if name:
        params[name] = data.draw(junk)
    X = described()
    table, refusal = judge(
        lambda: modality_effect(model, X, cv, modality, scoring, **params)
    )
    if refusal is None:
        assert set(table["modality"]) <= {"a", "b"}


@HOSTILE
@given(
    model=st.one_of(st.just(pipe), st.just(PopularityRecommender()), junk),
    X=st.one_of(st.just(None), tables(), matrices, junk),
    cv=folds,
)
def test_leaks_in_anything(model, X, cv):
    """A report, or a sentence."""
    X = described() if X is None else X
    judge(lambda: check_leakage(model, X, cv))
