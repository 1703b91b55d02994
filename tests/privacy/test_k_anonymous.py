"""The k-core: what is left, what is told of it, and that nothing else stays behind."""

import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skmmrec import (
    FeatureTable,
    Interactions,
    PopularityRecommender,
    make_pipeline,
)
from skmmrec.privacy import KAnonymousFilter
from tests._shared import shared


def chain():
    """Users 1, 2 and 3 share a and b; 4 had b and c, 5 had c and d, d is 5's alone."""
    user = [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    item = ["a", "b", "a", "b", "a", "b", "b", "c", "c", "d"]
    return {"user": user, "item": item, "stars": list(range(10))}


def test_dropping_one_makes_others_rare():
    """Without d, user 5 has too few, so c is 4's alone, and 4 has too few."""
    keep = KAnonymousFilter(min_users=2, min_items=2)
    left = keep.filter(Interactions(chain(), rating="stars"))
    assert set(left.user_ids) == {1, 2, 3}
    assert set(left.item_ids) == {"a", "b"}
    assert left.rating.tolist() == list(range(6))
    assert keep.report_ == {"events": (10, 6), "users": (5, 3), "items": (4, 2)}


def test_often_is_not_many():
    """One user ten times is one user."""
    X = Interactions({"user": [1] * 10 + [2, 3], "item": ["rare"] * 10 + ["x", "x"]})
    assert set(KAnonymousFilter(2).filter(X).item_ids) == {"x"}


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=60),
    st.integers(1, 4),
    st.integers(1, 4),
)
def test_it_is_the_largest_set_without_anything_rare(pairs, min_users, min_items):
    """As found by dropping events one rare user or item after another."""
    rest = set(pairs)
    while True:
        rare = {
            (u, i)
            for u, i in rest
            if sum(j == i for _, j in rest) < min_users
            or sum(v == u for v, _ in rest) < min_items
        }
        if not rare:
            break
        rest -= rare
    X = np.array(pairs)
    if not rest:
        with pytest.raises(ValueError, match="lower min_users or min_items"):
            KAnonymousFilter(min_users, min_items).filter(X)
        return
    left = KAnonymousFilter(min_users, min_items).filter(X)
    assert left.tolist() == [list(pair) for pair in pairs if pair in rest]


@pytest.mark.parametrize("make", [dict, pd.DataFrame, pl.DataFrame])
def test_a_table_comes_back_as_its_own_kind(make):
    """With its other columns."""
    X = make(chain())
    left = KAnonymousFilter(2, 2).filter(X)
    assert type(left) is type(X)
    assert list(left["stars"]) == list(range(6))


@pytest.mark.parametrize("encoded", [False, True])
def test_who_was_dropped_is_not_in_the_result(encoded):
    """Neither in a vocabulary nor in the table; the catalogue of items stays."""
    names = ["ann", "bob", "cid", "dora", "eve", "never"]
    events = chain() | {"user": [names[u - 1] for u in chain()["user"]]}
    users = {"user": names, "age": np.arange(6.0)}
    items = {"item": ["d", "b", "a"]}
    X = Interactions(events, items, users)
    if encoded:
        table = FeatureTable.from_blocks({"age": np.arange(6.0)[:, None]})
        X = X.with_table("users", table)
    left = KAnonymousFilter(2, 2).filter(X)
    assert left.user_vocabulary.ids.tolist() == names[:3]
    assert len(left.users if encoded else left.users["user"]) == 3
    assert left.items["item"] == ["d", "b", "a"]
    for name in ("dora", "eve", "never"):
        assert name.encode() not in pickle.dumps(left)


def test_a_pipeline_refuses_it():
    """Rather than answer for fewer events than it was asked."""
    pipe = make_pipeline(KAnonymousFilter(), PopularityRecommender())
    with pytest.raises(TypeError, match="should be transformers"):
        pipe.fit(Interactions(chain()))


def test_a_limit_below_one_is_refused():
    with pytest.raises(ValueError, match="min_users"):
        KAnonymousFilter(0).filter(chain())


def test_frequent_items_do_not_make_histories_alike():
    """On real data: what the class says that it is not."""
    from skmmrec.datasets import load_movielens

    X = load_movielens(shared("data/movielens-small"))
    keep = KAnonymousFilter(min_users=5)
    left = keep.filter(X)
    n_users = np.unique(left.user_ids).size
    assert min(np.bincount(left.item_codes)[np.unique(left.item_codes)]) >= 5
    assert keep.report_["items"][1] < 0.5 * keep.report_["items"][0]
    assert keep.report_["events"][1] > 0.85 * keep.report_["events"][0]
    histories = {
        frozenset(left.item_codes[left.user_codes == u])
        for u in np.unique(left.user_codes)
    }
    assert len(histories) == n_users
