"""Interactions, vocabularies and feature tables under hostile input."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
from hypothesis import assume, given
from hypothesis import strategies as st

from skmmrec import FeatureTable, Interactions, PopularityRecommender, Vocabulary
from tests.hostile._judge import judge
from tests.hostile._strategies import (
    HOSTILE,
    columns,
    contained,
    junk,
    matrices,
    tables,
    values,
    world,
)

COVERS = ["Interactions", "Vocabulary", "FeatureTable"]


def elements(column):
    """What a column holds, as its own library says."""
    for name in ("tolist", "to_list", "to_pylist"):
        if hasattr(column, name):
            return getattr(column, name)()
    return list(column)


def same(first, second):
    """Whether two lists hold equal ids, in order."""
    return len(first) == len(second) and all(a == b for a, b in zip(first, second))


@HOSTILE
@given(data=st.data(), ids=values(good=True))
def test_ids_come_back_as_they_came_in_whatever_the_container(data, ids):
    """The column that a user passed, and codes that tell apart what differs."""
    column = data.draw(contained(ids))
    assume(
        getattr(column, "ndim", 1) == 1
        and not any(id_ == "" for id_ in elements(column))
    )
    X, refusal = judge(lambda: Interactions({"user": column, "item": column}))
    assert refusal is None
    assert same(X.user_ids.tolist(), elements(column))
    assert len(np.unique(X.item_codes)) == len(set(X.item_ids.tolist()))


@HOSTILE
@given(ids=values(good=True), ratings=st.lists(st.integers(1, 5), min_size=6))
def test_one_answer_whatever_the_table(ids, ratings):
    """The same events as a mapping, and as frames of three libraries."""
    events = {"user": ids, "item": ids[::-1], "rating": ratings[: len(ids)]}
    assume("" not in ids and ids)
    lists = []
    for form in (dict, pd.DataFrame, pl.DataFrame, pa.table):
        try:
            table = form(events)
        except Exception:  # mixed kinds, or integers of many bits
            continue
        X, refusal = judge(lambda table=table: Interactions(table, rating="rating"))
        assert refusal is None
        model = PopularityRecommender().fit(X)
        lists.append(model.recommend(X.user_ids[:1], 1, return_scores=True)[1].tolist())
    for found in lists[1:]:
        np.testing.assert_array_equal(found, lists[0])


@HOSTILE
@given(
    events=tables(),
    items=st.one_of(st.none(), tables()),
    rating=st.sampled_from([None, "rating", "rating", "nothing"]),
    time=st.sampled_from([None, "time", "time", 3]),
)
def test_events_of_any_kind(events, items, rating, time):
    """As many rows as came in, each with ids, a finite weight and a time."""
    X, refusal = judge(lambda: Interactions(events, items, rating=rating, time=time))
    if refusal is None:
        assert X.shape[0] == len(X.user_codes) == len(X.item_codes)
        assert (X.user_codes >= 0).all()
        assert (X.item_codes < len(X.item_vocabulary)).all()
        assert np.isfinite(X.weights).all()
        assert len(X.time if time else ()) in (0, len(X))


@HOSTILE
@given(name=st.sampled_from(["user", "item", "rating", "time"]), value=junk)
def test_names_of_columns_of_any_kind(name, value):
    """A column of that name, or a sentence."""
    events = {"user": [1], "item": [2], "a": [3], 3: [4]}
    judge(lambda: Interactions(events, **{name: value}))


@HOSTILE
@given(key=st.one_of(junk, columns(), matrices))
def test_rows_chosen_by_anything(key):
    """Events, a column, or a sentence."""
    X = world()
    part, refusal = judge(lambda: X[key])
    if refusal is None:
        assert len(part) <= max(len(X), np.size(key))


@HOSTILE
@given(on=st.one_of(st.sampled_from(["items", "users"]), junk), table=junk)
def test_tables_put_beside_events(on, table):
    """A table with a row for each, or a sentence."""
    judge(lambda: world().with_table(on, table))
    judge(lambda: world().table(on))
    judge(lambda: world().coded(on))


@HOSTILE
@given(ids=columns(), asked=columns(), codes=junk)
def test_vocabularies(ids, asked, codes):
    """A code leads to its id and back, and what is unknown has none."""
    vocabulary, refusal = judge(lambda: Vocabulary(ids))
    if refusal is not None:
        return
    own = vocabulary.ids
    back, refusal = judge(lambda: vocabulary.codes(own))
    assert refusal is None
    assert back.tolist() == list(range(len(own)))
    found, refusal = judge(lambda: vocabulary.codes(asked))
    if refusal is None and hasattr(asked, "__len__"):
        known = found >= 0
        assert same(
            vocabulary.decode(found[known]),
            [i for i, k in zip(elements(asked), known) if k],
        )
    judge(lambda: vocabulary.decode(codes))


@HOSTILE
@given(
    values=st.dictionaries(
        st.one_of(
            junk.filter(lambda v: isinstance(v, str)), st.sampled_from(["a", "b"])
        ),
        st.one_of(matrices, junk),
        max_size=2,
    ),
    rows=junk,
)
def test_feature_tables(values, rows):
    """Finite numbers, and zeros where a modality is not there."""
    table, refusal = judge(lambda: FeatureTable.from_blocks(values))
    if refusal is None:
        assert np.isfinite(table.values).all()
        assert table.present.shape == (len(table), len(values))
        judge(lambda: repr(table))
        judge(lambda: table.take(rows))
