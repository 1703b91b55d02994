"""Score by what is known of an item: counted by hand, one ranking for all patterns."""

import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV

from skmmrec import (
    ContentRecommender,
    Interactions,
    LeaveLastOut,
    MultimodalFusion,
    PopularityRecommender,
    get_scorer,
    make_pipeline,
    presence_report,
)
from skmmrec.metrics._evaluation import Evaluation

NAN = np.nan
ITEMS = {
    "item": list("abcdef"),
    "x": [1.0, 0.9, 0.8, NAN, NAN, NAN],
    "y": [1.0, NAN, 0.7, 0.9, 0.1, NAN],
}
TRAIN = Interactions({"user": [1, 2, 2, 3, 3, 3], "item": list("abacab")}, items=ITEMS)
# the most popular first: a (3), b (2), c (1), then d, e and f, which nobody had
TEST = Interactions({"user": [1, 1, 2, 2], "item": list("bdcf")}, items=ITEMS)
BRANCHES = [("x", "passthrough", ["x"]), ("y", "passthrough", ["y"])]


def popular(**fusion):
    return make_pipeline(MultimodalFusion(BRANCHES, **fusion), PopularityRecommender())


def test_each_pattern_is_counted_and_scored():
    """User 1 is offered b and c, user 2 c and d; d, e have y alone, f nothing."""
    report = presence_report(popular().fit(TRAIN), TEST, "recall@2")
    assert report == {
        "pattern": ["y", "x+y", "none", "x"],
        "n_items": [2, 2, 1, 1],
        "n_events": [1, 1, 1, 1],
        "recall@2": [0.0, 1.0, 0.0, 1.0],
        "standard_error": pytest.approx([NAN] * 4, nan_ok=True),
    }


@pytest.mark.parametrize("method", ["concat", "mean"])
def test_presence_is_that_before_fusion(method):
    """The mean of x and y is one block, and still says who had which."""
    report = presence_report(popular(method=method).fit(TRAIN), TEST, "recall@2")
    assert set(report["pattern"]) == {"x+y", "x", "y", "none"}


def test_an_encoded_table_will_do():
    """For a recommender without its pipeline."""
    fusion = MultimodalFusion(BRANCHES).fit(TRAIN)
    model = PopularityRecommender().fit(fusion.transform(TRAIN))
    alone = presence_report(model, fusion.transform(TEST), "recall@2")
    assert str(alone) == str(presence_report(popular().fit(TRAIN), TEST, "recall@2"))


def test_a_search_reports_on_its_best():
    """As scorers do."""
    grid = {"contentrecommender__metric": ["cosine", "euclidean"]}
    pipe = make_pipeline(MultimodalFusion(BRANCHES), ContentRecommender())
    scorer = get_scorer("ndcg@2")
    search = GridSearchCV(pipe, grid, cv=LeaveLastOut(), scoring=scorer).fit(TRAIN)
    best = presence_report(search.best_estimator_, TEST)
    assert str(presence_report(search, TEST)) == str(best)


def world(seed=0):
    """Many users, and items of which half lack x."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(60)
    x[::2] = NAN
    items = {"item": np.arange(60), "x": x, "y": rng.standard_normal(60)}
    events = {"user": np.repeat(np.arange(50), 12), "item": rng.integers(0, 60, 600)}
    X = Interactions(events, items=items)
    held_out = rng.random(len(X)) < 0.4
    return X[~held_out], X[held_out]


def test_means_and_standard_errors_are_over_the_users():
    """Those who have such an item to find; the item is judged in the whole list."""
    train, test = world()
    pipe = popular().fit(train)
    report = presence_report(pipe, test, "recall@10")
    evaluation = Evaluation(pipe, test, "all", 10)
    for pattern, half in (("x+y", 1), ("y", 0)):
        row = report["pattern"].index(pattern)
        values = []
        codes = evaluation.codes(10)
        seen = {(u, i) for u, i in zip(train.user_ids, train.item_ids)}
        for user, offered in zip(evaluation.user_ids, codes):
            wanted = {i for i in test.item_ids[test.user_ids == user] if i % 2 == half}
            wanted = {i for i in wanted if (user, i) not in seen}
            if wanted:
                values.append(len(wanted & set(offered.tolist())) / len(wanted))
        assert report["recall@10"][row] == pytest.approx(np.mean(values))
        error = np.std(values, ddof=1) / np.sqrt(len(values))
        assert report["standard_error"][row] == pytest.approx(error)


class Counting(PopularityRecommender):
    """How often the users are ranked."""

    rankings = 0

    def _rank(self, *args):
        type(self).rankings += 1
        return super()._rank(*args)


def test_all_patterns_share_one_ranking():
    """Whatever their number."""
    Counting.rankings = 0
    pipe = make_pipeline(MultimodalFusion(BRANCHES), Counting()).fit(TRAIN)
    assert len(presence_report(pipe, TEST)["pattern"]) == 4
    assert Counting.rankings == 1


def test_items_beyond_the_catalogue_have_no_pattern():
    """Nothing is known of them, which is not the same as having nothing."""
    new = Interactions({"user": [1, 1], "item": ["zz", "b"]}, items=ITEMS)
    report = presence_report(popular().fit(TRAIN), new, "recall@2")
    assert report["pattern"] == ["x"]
    assert report["n_events"] == [1]


def test_what_is_missing_is_named():
    """A table that is not encoded; a metric of all lists."""
    model = PopularityRecommender().fit(TRAIN)
    with pytest.raises(ValueError, match="item table is encoded, or the estimator a"):
        presence_report(model, TEST)
    with pytest.raises(ValueError, match="value for each user; got 'coverage@2'"):
        presence_report(popular().fit(TRAIN), TEST, "coverage@2")


def test_the_report_is_a_table():
    """Equally long columns, as pandas takes them."""
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(presence_report(popular().fit(TRAIN), TEST))
    assert frame.shape == (4, 5)


def test_one_metric_at_a_time():
    with pytest.raises(TypeError, match="scoring must be the name of one metric"):
        presence_report(PopularityRecommender(), None, ["ndcg@10", "recall@10"])
