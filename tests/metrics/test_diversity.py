"""How different the contents of a list are."""

import numpy as np
import pytest
from sklearn.metrics.pairwise import cosine_distances
from sklearn.model_selection import GridSearchCV

from skmmrec import (
    ALSRecommender,
    ConcatFusion,
    ContentRecommender,
    Interactions,
    MultimodalFusion,
    PopularityRecommender,
    RandomHoldout,
    VotingRecommender,
    get_scorer,
    make_pipeline,
    metrics,
)

# a and b are alike, c is another thing, d has no content
ITEMS = {"item": list("abcd"), "x": [1.0, 2, 0, None], "y": [0.0, 0, 1, None]}
TRAIN = Interactions(
    {"user": [9, 9, 9, 9, 8, 8, 8, 7, 7, 6], "item": list("abcdabcabd")}, items=ITEMS
)
TEST = Interactions({"user": [1], "item": ["a"]}, items=ITEMS)
FUSION = MultimodalFusion(
    [("xy", "passthrough", ["x", "y"])], method=ConcatFusion(scaling=None)
)


def test_known_answers():
    """Alike 0, at right angles 1, opposite 2; of three the mean over pairs."""
    features = np.array([[1, 0], [3, 0], [0, 1], [-2, 0]])
    lists = np.array([[0, 1, -1], [0, 2, -1], [0, 3, -1], [0, 1, 2]])
    values = metrics.intra_list_diversity(lists, features)
    assert values == pytest.approx([0, 1, 2, 2 / 3])


def test_it_is_the_mean_of_all_pairs():
    """One pair after the other."""
    rng = np.random.default_rng(0)
    features = rng.standard_normal((30, 5))
    lists = rng.permuted(np.tile(np.arange(30), (9, 1)), axis=1)[:, :7]
    upper = np.triu_indices(7, 1)
    expected = [cosine_distances(features[row])[upper].mean() for row in lists]
    values = metrics.intra_list_diversity(lists, features)
    assert values == pytest.approx(expected, abs=1e-12)


def test_what_has_no_content_is_left_out():
    """A list of fewer than two others says nothing."""
    features = np.array([[1, 0], [0, 1], [0, 0]])
    lists = np.array([[0, 1, 2], [0, 2, -1], [-1, -1, -1]])
    values = metrics.intra_list_diversity(lists, features)
    assert values == pytest.approx([1, np.nan, np.nan], nan_ok=True)


@pytest.mark.parametrize(
    "model",
    [
        make_pipeline(FUSION, PopularityRecommender()),
        VotingRecommender(
            [
                ("events", PopularityRecommender()),
                ("content", make_pipeline(FUSION, ContentRecommender())),
            ],
            weights=[1, 0],
        ),
    ],
)
def test_content_comes_through_the_steps_of_the_pipeline(model):
    """Also those of a member: a, b, c, then d, which has none."""
    model = model.fit(TRAIN)
    scores = [get_scorer(f"diversity@{k}")(model, TEST) for k in (2, 3, 4)]
    assert scores == pytest.approx([0, 2 / 3, 2 / 3])


def test_encoded_events_have_it_themselves():
    """Whatever the recommender looks at."""
    model = PopularityRecommender().fit(TRAIN)
    test = FUSION.fit_transform(TEST)
    assert get_scorer("diversity@3")(model, test) == pytest.approx(2 / 3)


def test_without_content_the_remedy_is_named():
    """Factors are not content."""
    model = ALSRecommender(2, random_state=0).fit(TRAIN)
    with pytest.raises(ValueError, match="content of the items; got none for ALS"):
        get_scorer("diversity@2")(model, TEST)


def test_users_without_a_value_are_left_out_of_the_mean():
    """User 2 had all but d: a list of one."""
    model = make_pipeline(FUSION, PopularityRecommender()).fit(TRAIN)
    test = Interactions({"user": [1, 8], "item": ["a", "d"]}, items=ITEMS)
    scorer = get_scorer("diversity@3")
    _, values = scorer.per_user(model, test)
    assert values == pytest.approx([2 / 3, np.nan], nan_ok=True)
    assert scorer(model, test) == pytest.approx(2 / 3)


def test_a_search_judges_by_several_metrics_at_once():
    """And its best candidate has content too."""
    rng = np.random.default_rng(0)
    items = {"item": np.arange(12), "x": rng.random(12), "y": rng.random(12)}
    user, item = np.repeat(np.arange(9), 4), rng.integers(0, 12, 36)
    X = Interactions({"user": user, "item": item}, items=items)
    search = GridSearchCV(
        make_pipeline(FUSION, ContentRecommender()),
        {"contentrecommender__metric": ["cosine", "euclidean"]},
        cv=RandomHoldout(0.3, random_state=0),
        scoring=get_scorer(["ndcg@2", "diversity@2", "novelty@2", "auc"]),
        refit="ndcg@2",
    ).fit(X)
    assert (search.cv_results_["mean_test_diversity@2"] > 0).all()
    assert 0 < get_scorer("diversity@3")(search, X) < 1
