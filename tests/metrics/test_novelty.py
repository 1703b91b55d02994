"""Lists against what is popular."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from skmmrec import Interactions, PopularityRecommender, get_scorer, metrics

# of four users, all had a, two b, one c, nobody d
TRAIN = Interactions(
    {"user": [1, 2, 3, 4, 1, 2, 3], "item": list("aaaabbc")},
    items={"item": list("abcd")},
)
MODEL = PopularityRecommender().fit(TRAIN)


def judge(name, user, item):
    return get_scorer(name)(MODEL, Interactions({"user": user, "item": item}))


def test_novelty_is_in_bits():
    """What all had says nothing, what half had says one bit."""
    assert judge("novelty@1", ["new"], ["a"]) == 0
    assert judge("novelty@3", ["new"], ["a"]) == pytest.approx((0 + 1 + 2) / 3)


def test_an_item_that_nobody_had_is_as_novel_as_one_of_one_user():
    """Rather than infinitely so: users 1 and 3 are offered c, d and b, d."""
    assert judge("novelty@2", [1], ["d"]) == 2
    assert judge("novelty@2", [3], ["d"]) == pytest.approx(1.5)


def test_a_dislike_makes_nothing_popular():
    """It is seen, not liked."""
    stars = {"user": [1, 2, 1], "item": list("aab"), "stars": [5, 5, -5]}
    X = Interactions(stars, items={"item": list("abc")}, rating="stars")
    model = PopularityRecommender().fit(X)
    test = Interactions({"user": ["new"], "item": ["c"]})
    assert get_scorer("novelty@3")(model, test) == pytest.approx((0 + 1 + 1) / 3)


def test_the_order_of_popularity_has_no_serendipity():
    """A hit in its place by popularity is no surprise."""
    assert judge("serendipity@3", ["new"] * 3, list("abc")) == 0


def test_serendipity_by_hand():
    """q = 1, 2.5, 2.5, N + 1 = 5, in a list of d, a, b of which d and b are hits."""
    counts, lists = np.array([9, 3, 3, 0]), np.array([[3, 0, 1]])
    hits = np.array([[True, False, True]])
    assert metrics.serendipity(hits, lists, counts) == pytest.approx((5 - 1) / (4 * 3))
    lists = np.array([[1, 0, -1]])  # one of the two that share the places 2 and 3
    value = metrics.serendipity(np.array([[True, False, False]]), lists, counts)
    assert value == pytest.approx((2.5 - 1) / (4 * 3))


def test_popularity_lift_is_against_the_own_history():
    """User 3 had a and c, mean 2.5, and is offered b, of 2."""
    assert judge("popularity_lift@1", [3], ["b"]) == pytest.approx(2 / 2.5 - 1)


def test_without_a_history_there_is_no_lift():
    """And without a list none either; the score is the mean of the others."""
    scorer = get_scorer("popularity_lift@1")
    test = Interactions({"user": [3, "new"], "item": ["b", "a"]})
    users, values = scorer.per_user(MODEL, test)
    assert np.isnan(values[users.tolist().index("new")])
    assert scorer(MODEL, test) == pytest.approx(-0.2)
    nothing = metrics.popularity_lift(
        np.array([[-1]]), csr_array([[1, 0]]), np.array([1, 1])
    )
    assert np.isnan(nothing).all()
