"""Exposure of groups of items, and quality for groups of users."""

import numpy as np
import pytest
from sklearn.model_selection import KFold, cross_validate

from skmmrec import (
    Interactions,
    MultimodalFusion,
    PopularityRecommender,
    get_scorer,
    make_pipeline,
    metrics,
)
from skmmrec.testing import checkerboard

ITEMS = {"item": list("abcd"), "maker": ["x", "y", "y", None], "price": [1.0, 2, 3, 4]}
USERS = {"user": [1, 2, 3, 4], "town": ["n", "n", "s", "s"]}
TRAIN = Interactions(
    {"user": [1, 2, 3, 4, 1, 2, 1], "item": list("aaaabbc")}, ITEMS, USERS
)
# a is the most popular, then b, c and d
MODEL = PopularityRecommender().fit(TRAIN)


def held_out(user, item, **tables):
    return Interactions({"user": user, "item": item}, **tables)


def test_exposure_by_hand():
    """Places 1 and 2 are worth 1 and 1 / log2(3); maker y has two items."""
    lists = np.array([[0, 1], [0, -1], [2, 0]])
    second = 1 / np.log2(3)
    values = metrics.exposure_by_group(lists, ["x", "y", "y", None])
    assert values == pytest.approx({"x": (2 + second) / 3, "y": (1 + second) / 2 / 3})


def test_exposure_ratio_is_the_least_over_the_largest(frame):
    """A new user is offered a, b: maker x has 1, y half of 1 / log2(3)."""
    test = held_out(["new"], ["a"], items=frame(ITEMS))
    scorer = get_scorer("exposure_ratio@2", item_groups="maker")
    assert scorer(MODEL, test) == pytest.approx(0.5 / np.log2(3))
    assert scorer.by_group(MODEL, test) == pytest.approx(
        {"x": 1, "y": 0.5 / np.log2(3)}
    )


def test_groups_may_be_a_mapping():
    """Of ids; what it lacks is in no group."""
    test = held_out(["new"], ["a"])
    scorer = get_scorer("exposure_ratio@2", item_groups={"a": 1, "b": 2})
    assert scorer(MODEL, test) == pytest.approx(1 / np.log2(3))


def test_only_candidates_make_up_a_group():
    """c and d compete; maker x has none of them."""
    model = PopularityRecommender().fit(TRAIN[:6])
    test = held_out([1, 2], list("cd"), items=ITEMS)
    scorer = get_scorer("exposure_ratio@1", candidates="cold", item_groups="maker")
    assert scorer.by_group(model, test) == {"y": 1.0}


def test_quality_by_group_of_users():
    """Those of the north had b, and find c; those of the south are offered b."""
    test = held_out([2, 3, 4], list("ccc"), users=USERS)
    scorer = get_scorer("ndcg_ratio@1", user_groups="town")
    assert scorer.by_group(MODEL, test) == {"n": 1.0, "s": 0.0}
    assert scorer(MODEL, test) == 0


def test_any_metric_of_users_has_means_by_group():
    """At k of 2, all of the south find c."""
    towns = dict(zip(USERS["user"], USERS["town"]))
    test = held_out([2, 3, 4, "new"], list("cccc"))
    scorer = get_scorer("mrr@2", user_groups=towns)
    assert scorer.by_group(MODEL, test) == pytest.approx({"n": 1, "s": 0.5})


def test_means_leave_out_what_has_no_value_and_who_has_no_group():
    """A group without a value is NaN."""
    values = metrics.mean_by_group(
        np.array([1, np.nan, 0, 0.5, np.nan]), ["a", "a", "a", np.nan, "b"]
    )
    assert values == pytest.approx({"a": 0.5, "b": np.nan}, nan_ok=True)


def test_groups_of_other_ids_are_refused():
    """None of them has a group: the ids are of another type, or of others."""
    test = held_out(["new"], ["a"], items=ITEMS)
    with pytest.raises(ValueError, match="groups of items must be by the ids of items"):
        get_scorer("exposure_ratio@1", item_groups={7: "x"})(MODEL, test)


def test_nothing_to_compare_is_nan():
    """No list has an item of a group; nobody is served well."""
    test = held_out(["new"], ["a"], items=ITEMS)
    groups = {"c": 1, "d": 2}
    assert np.isnan(get_scorer("exposure_ratio@1", item_groups=groups)(MODEL, test))


def test_fairness_in_a_cross_validation():
    """The columns of the plain tables, in a pipeline, beside other metrics."""
    train, _ = checkerboard()
    items = {"item": np.arange(30), "half": np.repeat(["low", "high"], 15)}
    users = {"user": np.arange(40), "even": np.arange(40) % 2}
    X = Interactions(
        {"user": train.user_ids, "item": train.item_ids},
        items | {"x": np.arange(30.0)},
        users,
    )
    pipe = make_pipeline(
        MultimodalFusion([("x", "passthrough", ["x"])]), PopularityRecommender()
    )
    scoring = get_scorer(
        ["ndcg@5", "exposure_ratio@5", "ndcg_ratio@5"],
        item_groups="half",
        user_groups="even",
    )
    scores = cross_validate(
        pipe, X, cv=KFold(2, shuffle=True, random_state=0), scoring=scoring
    )
    for name in ("exposure_ratio@5", "ndcg_ratio@5"):
        values = scores[f"test_{name}"]
        assert (values >= 0).all()
        assert (values <= 1).all()


def test_bad_groups_are_named():
    """And the remedy."""
    with pytest.raises(ValueError, match="item_groups must be given for 'exposure"):
        get_scorer("exposure_ratio@3")
    with pytest.raises(TypeError, match="user_groups must be .* a mapping.*got list"):
        get_scorer("ndcg_ratio@3", user_groups=["n", "s"])
    scorer = get_scorer("exposure_ratio@3", item_groups="colour")
    with pytest.raises(
        ValueError, match=r"got 'colour' for \['item', 'maker', 'price'"
    ):
        scorer(MODEL, held_out([3], ["b"], items=ITEMS))
    with pytest.raises(ValueError, match="got 'colour' for no table"):
        scorer(MODEL, held_out([3], ["b"]))
    with pytest.raises(ValueError, match="by_group must be asked .* pass user_groups"):
        get_scorer("ndcg@3").by_group(MODEL, held_out([3], ["b"]))
