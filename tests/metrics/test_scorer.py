"""Scorers: full ranking, seen items excluded, one ranking for all metrics."""

import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV, KFold, cross_validate
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

from skmmrec import (
    ALSRecommender,
    Interactions,
    LeaveLastOut,
    PopularityRecommender,
    RandomHoldout,
    get_scorer,
    make_pipeline,
)
from skmmrec.metrics import RankingScorer
from skmmrec.testing import checkerboard

# b is had by 3, a and c by 2; d and e by nobody, e is not in the table
TRAIN = Interactions(
    {"user": [1, 2, 3, 1, 2, 3, 4], "item": list("bbbaacc")},
    items={"item": list("abcd")},
)


NOTHING_TO_FIND = "is NaN: X must hold events that can be found: new to their us"


def judge(name, user, item, model=None, **params):
    test = Interactions({"user": user, "item": item})
    return get_scorer(name, **params)(model or PopularityRecommender().fit(TRAIN), test)


def test_seen_items_are_neither_ranked_nor_to_be_found():
    """User 1 had b and a: c comes first, and the b of the test is no miss."""
    assert judge("ndcg@1", [1, 1], list("cb")) == 1
    assert judge("recall@2", [1, 1], list("cb")) == 1


def test_the_whole_catalogue_is_ranked():
    """User 4 had c: b, a, then d, which nobody had."""
    assert judge("mrr@4", [4], ["d"]) == pytest.approx(1 / 3)
    assert judge("hit_rate@2", [4], ["d"]) == 0


def test_items_outside_the_catalogue_count_as_missed():
    """They cannot be found, and are not forgotten."""
    assert judge("recall@3", [4, 4], ["d", "e"]) == 0.5
    assert judge("recall@3", [4, 4, 4], ["d", "e", "f"]) == pytest.approx(1 / 3)


def test_users_with_nothing_to_be_found_are_left_out():
    """The mean is over the others; of none it is NaN."""
    assert judge("ndcg@1", [1, 2], ["c", "a"]) == 1
    with pytest.warns(UserWarning, match=NOTHING_TO_FIND):
        assert np.isnan(judge("ndcg@1", [2], ["c"], candidates="cold"))


def test_events_that_were_learned_from_give_a_training_score():
    """Nothing would be left to be found if what was seen were excluded."""
    model = PopularityRecommender().fit(TRAIN)
    assert get_scorer("recall@3")(model, TRAIN) == 1
    with pytest.warns(UserWarning, match=NOTHING_TO_FIND):
        assert np.isnan(judge("ndcg@1", [1], ["b"]))


def test_new_users_are_judged_too():
    """As the mean user."""
    assert judge("ndcg@1", ["new"], ["b"]) == 1


def test_repeated_events_count_once():
    """Three times d is one item to be found."""
    assert judge("recall@3", [4, 4, 4], list("ddd")) == 1


def test_cold_and_warm_candidates_compete_among_themselves():
    """d alone is cold."""
    assert judge("mrr@1", [4], ["d"], candidates="cold") == 1
    assert judge("mrr@1", [4, 4], ["b", "d"], candidates="warm") == 1
    with pytest.warns(UserWarning, match=NOTHING_TO_FIND):
        assert np.isnan(judge("mrr@1", [4], ["b"], candidates="cold"))


def test_warm_candidates_leave_no_place_to_cold_ones():
    """Of the warm, user 4 lacks a and b alone; coverage is over the three."""
    assert judge("precision@3", [4, 4], ["a", "b"], candidates="warm") == 2 / 3
    assert judge("coverage@4", [4], ["a"], candidates="warm") == pytest.approx(2 / 3)
    assert judge("coverage@4", [4], ["a"]) == 3 / 4
    assert judge("coverage@1", [4], ["d"], candidates="cold") == 1


def test_a_scorer_of_an_empty_pool_is_nan():
    """No item is cold: neither accuracy nor coverage has anything to measure."""
    X = Interactions({"user": [1, 2, 2], "item": list("aab")})
    model = PopularityRecommender().fit(X)
    test = Interactions({"user": [1], "item": ["b"]})
    for name in ("coverage@2", "gini@2", "ndcg@2"):
        with pytest.warns(UserWarning, match=NOTHING_TO_FIND):
            assert np.isnan(get_scorer(name, candidates="cold")(model, test))


@pytest.mark.parametrize("name", ["coverage@2", "auc", "ndcg@2", "pearson"])
def test_a_score_of_no_events_is_nan(name):
    """Said with a warning, as a search would go on with it."""
    events = {"user": [1, 2, 2], "item": list("aab"), "stars": [3, 2, 1]}
    X = Interactions(events, rating="stars")
    model = PopularityRecommender().fit(X)
    with pytest.warns(UserWarning, match=f"'{name}' is NaN: X must hold"):
        assert np.isnan(get_scorer(name)(model, X[:0]))


def test_ids_of_another_type_are_pointed_out():
    """Nothing is found by them, though all is there."""
    X = Interactions({"user": [1, 2, 2], "item": ["1", "1", "2"]})
    model = PopularityRecommender().fit(X)
    with pytest.warns(UserWarning, match="ids of items as in fit, such as '1'; got 2"):
        get_scorer("ndcg@2")(model, Interactions({"user": [1], "item": [2]}))


def test_a_k_beyond_the_candidates_is_filled_with_nothing():
    """precision@10 of four items is over ten places."""
    assert judge("precision@10", [4], ["b"]) == pytest.approx(0.1)


def test_ratings_of_zero_are_not_to_be_found():
    """A held-out dislike is no miss."""
    test = Interactions(
        {"user": [4, 4], "item": ["b", "d"], "stars": [5, 0]}, rating="stars"
    )
    model = PopularityRecommender().fit(TRAIN)
    assert get_scorer("recall@1")(model, test) == 1


def test_coverage_is_the_share_of_the_catalogue_offered():
    """Users 1 and 4 are offered c and b."""
    assert judge("coverage@1", [1, 4], ["c", "b"]) == 0.5


def test_per_user_values_have_the_score_as_mean():
    """For standard errors."""
    train, test = checkerboard()
    model = PopularityRecommender().fit(train)
    scorer = get_scorer("ndcg@10")
    users, values = scorer.per_user(model, test)
    assert users.tolist() == np.unique(test.user_ids).tolist()
    assert len(values) == len(users)
    assert values.mean() == pytest.approx(scorer(model, test))
    with pytest.raises(ValueError, match="a value for each user; got .coverage@10"):
        get_scorer("coverage@10").per_user(model, test)


class Counting(PopularityRecommender):
    """How often the users are ranked."""

    rankings = 0

    def _rank(self, *args):
        type(self).rankings += 1
        return super()._rank(*args)


@pytest.mark.parametrize("wrap", [lambda m: m, lambda m: Pipeline([("m", m)])])
def test_several_metrics_share_one_ranking(wrap):
    """Of each fold, whatever the k; also in scikit-learn's own Pipeline."""
    Counting.rankings = 0
    names = ["ndcg@3", "recall@10", "precision@5", "map@10", "mrr@10", "coverage@2"]
    names += ["auc", "gini@4", "novelty@10", "serendipity@3", "popularity_lift@10"]
    train, _ = checkerboard()
    scores = cross_validate(
        wrap(Counting()), train, cv=KFold(3, shuffle=True), scoring=get_scorer(names)
    )
    assert Counting.rankings == 3
    assert {f"test_{name}" for name in names} < set(scores)


def test_auc_is_over_what_lists_are_made_of():
    """User 4 had c: of a, b and d, b comes first and d last."""
    assert judge("auc", [4], ["b"]) == 1
    assert judge("auc", [4, 4], list("bd")) == 0.5
    assert judge("auc", [4, 4], list("be")) == 0.5  # e is not in the catalogue
    assert judge("auc", [4, 4], list("bd"), candidates="warm") == 1
    with pytest.warns(UserWarning, match="'auc' is NaN: none of 1 users has a value"):
        assert np.isnan(judge("auc", [4], ["d"], candidates="cold"))


def test_auc_of_all_users_is_that_of_each():
    """Whatever the block that a user is scored in."""
    train, test = checkerboard()
    model = ALSRecommender(4, random_state=0).fit(train)
    users, values = get_scorer("auc").per_user(model, test)
    assert values.min() > 0.9
    for user, value in zip(users, values):
        one = test[test.user_ids == user]
        assert get_scorer("auc")(model, one) == pytest.approx(value)


def test_a_metric_of_a_plug_in_gets_what_its_parameters_name():
    """Here how often the first item was had."""

    def fame(lists, counts):
        return counts[lists[:, 0]].astype(float)

    model = PopularityRecommender().fit(TRAIN)
    scorer = RankingScorer(fame, 1, "all", 1, name="fame@1")
    test = Interactions({"user": [1, 4], "item": list("cb")})
    assert scorer.per_user(model, test)[1].tolist() == [2, 3]
    assert scorer(model, test) == 2.5


def test_a_search_is_judged_by_its_best():
    """GridSearchCV has no recommend of its own."""
    train, test = checkerboard()
    search = GridSearchCV(
        ALSRecommender(random_state=0),
        {"n_components": [1, 8]},
        cv=LeaveLastOut(),
        scoring=get_scorer("ndcg@10"),
    ).fit(train)
    assert search.best_params_ == {"n_components": 8}
    assert get_scorer("ndcg@10")(search, test) > 0.9


@pytest.mark.parametrize(
    ("name", "match"),
    [
        ("ndcg", r"named 'metric@k'.*got 'ndcg'; skmmrec.plugins.names"),
        ("ndcg@0", "named 'metric@k' with k of 1 or more"),
        ("auc@10", r"without @k .*'auc'.*got 'auc@10'"),
        ("accuracy@10", r"installed metrics, .*'auc'.*got 'accuracy'"),
        (10, "got 10"),
    ],
)
def test_bad_names_are_named(name, match):
    """And the good ones beside them."""
    with pytest.raises(ValueError, match=match):
        get_scorer(name)


def test_bad_candidates_and_estimators_are_named():
    """What there is to choose from."""
    with pytest.raises(ValueError, match="candidates must be one of .*; got 'new'"):
        get_scorer("ndcg@10", candidates="new")
    with pytest.raises(TypeError, match="must be a recommender.*got KFold"):
        get_scorer("ndcg@10")(KFold(), TRAIN)


def test_new_items_outside_the_catalogue_count_as_missed():
    """Among cold items, too: else a smaller catalogue scored better."""
    items = {"item": list("abcd")}
    X = Interactions({"user": [1, 1, 2], "item": list("aba")}, items=items)
    model = PopularityRecommender().fit(X)
    test = Interactions({"user": [1, 1], "item": ["c", "z"]})
    for candidates in ("all", "cold"):
        assert get_scorer("recall@4", candidates)(model, test) == 0.5


def test_a_search_may_end_a_pipeline():
    """As its best candidate would."""
    train, test = checkerboard()
    search = GridSearchCV(PopularityRecommender(), {}, cv=RandomHoldout(random_state=0))
    pipe = make_pipeline(FunctionTransformer(), search).fit(train)
    plain = PopularityRecommender().fit(train)
    for name in ("ndcg@5", "auc"):
        scorer = get_scorer(name)
        assert scorer(pipe, test) == scorer(plain, test)


def test_a_scorer_shows_what_it_was_asked_for_by():
    assert repr(get_scorer("ndcg@5")) == "get_scorer('ndcg@5')"
    assert repr(get_scorer("auc", "cold")) == "get_scorer('auc', 'cold')"
