"""Errors and correlation of predictions, by hand, and by scorers."""

import numpy as np
import pytest
from sklearn.model_selection import KFold, cross_validate

from skmmrec import (
    Interactions,
    MultimodalFusion,
    PopularityRecommender,
    SVDRecommender,
    get_scorer,
    make_pipeline,
    metrics,
)

STARS = {
    "user": [1, 1, 2, 2, 3, 3, 4, 4],
    "item": list("abababab"),
    "stars": [5, 1, 4, 2, 5, 2, 4, 1],
}
X = Interactions(STARS, items={"item": list("abc"), "x": [1.0, 2, 3]}, rating="stars")
NAMES = [
    "neg_mean_squared_error",
    "neg_root_mean_squared_error",
    "neg_mean_absolute_error",
    "pearson",
]


def test_known_answers():
    """Errors of 3 and 4."""
    r, p = np.array([1.0, 5.0]), np.array([4.0, 1.0])
    assert metrics.neg_mean_squared_error(r, p) == -12.5
    assert metrics.neg_root_mean_squared_error(r, p) == pytest.approx(-np.sqrt(12.5))
    assert metrics.neg_mean_absolute_error(r, p) == -3.5
    assert metrics.pearson(r, p) == -1


@pytest.mark.parametrize("constant", [0, 1])
def test_pearson_of_what_does_not_vary_is_nan(constant):
    """There is no line through it; nor through one event."""
    pair = [np.array([1.0, 2.0, 4.0]), np.array([0.1, 0.2, 0.3])]
    pair[constant] = np.full(3, 0.1)
    assert np.isnan(metrics.pearson(*pair))
    assert np.isnan(metrics.pearson(np.array([1.0]), np.array([2.0])))


def test_pearson_does_not_see_the_unit():
    """Nor do tiny numbers vanish, nor great ones overflow."""
    r, p = np.array([1.0, 2.0, 4.0]), np.array([1.0, 2.0, 3.0])
    for scale in (1e-300, 1e300):
        assert metrics.pearson(r, p * scale) == pytest.approx(metrics.pearson(r, p))


@pytest.mark.parametrize("name", NAMES)
def test_without_events_there_is_no_value(name):
    """Rather than a warning of numpy."""
    assert np.isnan(getattr(metrics, name)(np.empty(0), np.empty(0)))


def test_scorers_judge_the_predictions_of_rated_events():
    """Also of what the user had in fit, and of what was not liked."""
    model = SVDRecommender(1, regularization=0.1, random_state=0).fit(X)
    p = model.predict(X)
    assert get_scorer("pearson")(model, X) == metrics.pearson(X.rating, p)
    expected = -np.mean((X.rating - p) ** 2)
    assert get_scorer("neg_mean_squared_error")(model, X) == pytest.approx(expected)


def test_values_of_users_are_of_their_events_alone():
    """Sorted as their ids."""
    model = SVDRecommender(1, regularization=0.1, random_state=0).fit(X)
    rows = np.array([5, 0, 4, 1])
    users, values = get_scorer("neg_mean_absolute_error").per_user(model, X[rows])
    assert users.tolist() == [1, 3]
    error = np.abs(X.rating - model.predict(X))
    assert values == pytest.approx([-error[:2].mean(), -error[4:6].mean()])


class Counting(SVDRecommender):
    """How often it is asked to predict."""

    predictions = 0

    def predict(self, X):
        type(self).predictions += 1
        return super().predict(X)


def test_all_metrics_of_ratings_share_one_prediction():
    """Of each fold, beside metrics of lists; at the end of a pipeline."""
    Counting.predictions = 0
    fusion = MultimodalFusion([("x", "passthrough", ["x"])])
    pipe = make_pipeline(fusion, Counting(1, regularization=0.1, random_state=0))
    scoring = get_scorer([*NAMES, "ndcg@1", "coverage@1"])
    scores = cross_validate(pipe, X, cv=KFold(2), scoring=scoring)
    assert Counting.predictions == 2
    assert (scores["test_neg_root_mean_squared_error"] < 0).all()


def test_what_metrics_of_ratings_cannot_judge_is_named():
    """Events without ratings, and a name with a k."""
    model = PopularityRecommender().fit(X)
    with pytest.raises(ValueError, match="must have a rating; got none; pass rating="):
        get_scorer("pearson")(model, Interactions({"user": [1], "item": ["a"]}))
    with pytest.raises(ValueError, match="without @k .*'pearson'.*got 'pearson@10'"):
        get_scorer("pearson@10")
