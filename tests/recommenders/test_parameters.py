"""Every parameter and every weight does what its docstring says, by known answers."""

import numpy as np
import pytest
import scipy.sparse as sp

from skmmrec import (
    ALSRecommender,
    ContentRecommender,
    FeatureTable,
    Interactions,
    LightFMRecommender,
    PopularityRecommender,
)
from skmmrec.recommenders._als import _Half


def rated(n_users=12, n_items=8, seed=0):
    """Events with ratings of which the mean is not 1, and no pair twice."""
    rng = np.random.default_rng(seed)
    user, item = np.nonzero(rng.random((n_users, n_items)) < 0.5)
    rating = rng.integers(1, 9, len(user))
    return Interactions({"user": user, "item": item, "r": rating}, rating="r")


def solution(Y, row, alpha, regularization):
    """(Yᵀ C Y + λ I)⁻¹ Yᵀ C p of Hu 2008, equation 4, in dense numpy."""
    confidence = np.where(row > 0, alpha * row, 1)
    A = Y.T @ (confidence[:, None] * Y) + regularization * np.eye(Y.shape[1])
    return np.linalg.solve(A, Y.T @ (confidence * (row > 0)))


def relative(X, model):
    """Weights of the events over their mean, dense (n_users, n_items)."""
    shape = len(model.user_vocabulary_), len(model.item_vocabulary_)
    R = np.zeros(shape)
    R[X.user_codes, X.item_codes] = X.rating / X.rating.mean()
    return R


@pytest.mark.parametrize(("alpha", "regularization"), [(3, 0.5), (1.5, 0.5), (3, 2)])
def test_als_solves_its_equation(alpha, regularization):
    """Factors of items given those of users, and of new users given those of items."""
    X = rated()
    model = ALSRecommender(
        3, alpha=alpha, regularization=regularization, max_iter=200, random_state=0
    ).fit(X)
    R = relative(X, model)
    P, Q = model.user_factors_, model.item_factors_
    expected = [solution(P, column, alpha, regularization) for column in R.T]
    np.testing.assert_allclose(Q, expected, atol=2e-3)
    history = {"user": ["new"] * 2, "item": [1, 4], "r": [8, 2]}
    _, scores = model.recommend(
        ["new"], k=8, history=history, exclude_seen=False, return_scores=True
    )
    row = np.zeros(8)
    row[[1, 4]] = np.array([8, 2]) / X.rating.mean()
    x = solution(Q, row, alpha, regularization)
    np.testing.assert_allclose(np.sort(scores[0]), np.sort(Q @ x), atol=1e-3)


def test_als_folds_in_as_it_learned_where_many_items_are_new():
    """Items that were placed by content are not among those that a user passed over."""
    X = rated()
    names = np.arange(8)
    features = np.random.default_rng(0).standard_normal((200, 3))
    table = {"item": np.concatenate([names, 1000 + np.arange(192)])}
    events = {"user": X.user_ids, "item": X.item_ids, "r": X.rating}
    full = Interactions(events, items=table, rating="r").with_table(
        "items", FeatureTable.from_blocks({"f": features})
    )
    model = ALSRecommender(3, regularization=0.5, random_state=0).fit(full)
    history = {"user": ["new"] * 2, "item": [1, 4], "r": [8, 2]}
    _, scores = model.recommend(
        ["new"],
        k=8,
        history=history,
        candidates=names,
        exclude_seen=False,
        return_scores=True,
    )
    row = np.zeros(8)
    row[[1, 4]] = np.array([8, 2]) / X.rating.mean()
    Q = model.item_factors_[:8]
    expected = Q @ solution(Q, row, 3, 0.5)
    np.testing.assert_allclose(np.sort(scores[0]), np.sort(expected), atol=1e-3)


def test_als_alternates_as_often_as_asked():
    """One step is not the solution."""
    X = rated()
    one, many = (
        ALSRecommender(3, max_iter=n, random_state=0).fit(X).item_factors_
        for n in (1, 50)
    )
    assert not np.allclose(one, many, atol=1e-3)


def test_distance_of_similar_items():
    """Minus the Euclidean distance, of items as of users."""
    features = np.array([[0.0, 0], [3, 4], [1, 0]])
    X = Interactions({"user": [1], "item": ["a"]}, items={"item": ["a", "b", "c"]})
    X = X.with_table("items", FeatureTable.from_blocks({"f": features}))
    model = ContentRecommender("euclidean").fit(X)
    items, scores = model.similar_items(["a"], k=2, return_scores=True)
    assert items.tolist() == [["c", "b"]]
    np.testing.assert_allclose(scores, [[-1, -5]], atol=1e-4)


def test_als_seed_and_threads():
    """Another seed is another start; the number of threads changes nothing but time."""
    X = rated()
    fits = [ALSRecommender(3, max_iter=1, random_state=s).fit(X) for s in (0, 1)]
    assert not np.allclose(fits[0].item_factors_, fits[1].item_factors_)
    one, two = (
        ALSRecommender(3, n_jobs=n, random_state=0).fit(X).item_factors_ for n in (1, 2)
    )
    np.testing.assert_array_equal(one, two)
    half = _Half(sp.csr_matrix((1, 1)), None, ALSRecommender(n_jobs=2))
    assert half.num_threads == 2


def test_content_weighs_what_was_liked_more():
    """A user is the weighted mean of the liked items."""
    features = np.array([[1.0, 0], [0, 1], [1, 1]])
    X = Interactions(
        {"user": [1, 1], "item": ["a", "b"], "r": [3, 1]},
        items={"item": ["a", "b", "c"]},
        rating="r",
    ).with_table("items", FeatureTable.from_blocks({"f": features}))
    x = np.array([0.75, 0.25])
    score = ContentRecommender().fit(X).predict({"user": [1], "item": ["a"]})
    assert score == pytest.approx(x[0] / np.linalg.norm(x))


def test_a_known_user_with_news_is_the_sum_of_both():
    """The events of fit and those since, as one history."""
    X = rated()
    model = ALSRecommender(3, regularization=0.5, random_state=0).fit(X)
    item = np.setdiff1d(np.arange(8), X[X.user_ids == 0].item_ids)[0]
    mine = X[X.user_ids == 0]
    both = {
        "user": ["twin"] * (len(mine) + 1),
        "item": [*mine.item_ids.tolist(), item],
        "r": [*mine.rating.tolist(), 5],
    }
    news = {"user": [0], "item": [item], "r": [5]}
    ask = {"k": 8, "exclude_seen": False, "return_scores": True}
    _, moved = model.recommend([0], history=news, **ask)
    _, twin = model.recommend(["twin"], history=both, **ask)
    np.testing.assert_allclose(moved, twin, rtol=1e-4)
    twice = model.recommend([0, 0], k=2, history=news)  # a user may be asked for twice
    assert twice[0].tolist() == twice[1].tolist()


def test_a_history_that_says_nothing_changes_nothing():
    """Events of others, of unknown items, or dislikes alone."""
    X = rated()
    for model in (ALSRecommender(3, random_state=0), LightFMRecommender(3)):
        if isinstance(model, LightFMRecommender):
            pytest.importorskip("lightfm")
        model.fit(X)
        before = model.recommend([0, 99], k=1).tolist()
        for history in (
            {"user": [1], "item": [1], "r": [1]},
            {"user": [0], "item": ["unheard of"], "r": [1]},
        ):
            assert model.recommend([0, 99], k=1, history=history).tolist() == before
        hated = {"user": [99], "item": [1], "r": [-1]}
        offered, scores = model.recommend([99], k=8, history=hated, return_scores=True)
        assert 1 not in offered[0].tolist()
        assert np.nanmax(np.abs(scores)) > 0


def test_a_history_without_ratings_is_of_average_events():
    """Whatever the unit of the ratings of fit; with a wink where they are forgotten."""
    X = rated()
    model = ALSRecommender(3, regularization=0.5, random_state=0).fit(X)
    ask = {"k": 8, "exclude_seen": False, "return_scores": True}
    mean = X.rating.mean()
    pairs = {"user": ["new"] * 2, "item": [1, 4]}
    _, plain = model.recommend(["new"], history=pairs, **ask)
    _, rated_so = model.recommend(["new"], history=pairs | {"r": [mean] * 2}, **ask)
    np.testing.assert_allclose(plain, rated_so, rtol=1e-4)
    with pytest.warns(UserWarning, match="must have the column 'r' of fit"):
        model.recommend(["new"], history=pairs | {"stars": [5, 1]}, **ask)
    with pytest.raises(TypeError, match="Events must be a table of user and item"):
        model.recommend(["new"], history=[1, 4], **ask)


def test_nothing_in_stock_is_nothing_offered():
    """An empty shelf is no error."""
    X = rated()
    for model in (ALSRecommender(3), PopularityRecommender()):
        offered = model.fit(X).recommend([0, 1], k=3, candidates=[])
        assert offered.tolist() == [[None] * 3] * 2


@pytest.mark.parametrize(
    ("model", "name"),
    [
        (ALSRecommender(n_components=0), "n_components"),
        (ALSRecommender(alpha=-1), "alpha"),
        (ALSRecommender(alpha=float("nan")), "alpha"),
        (ALSRecommender(regularization=-1), "regularization"),
        (ALSRecommender(max_iter=0), "max_iter"),
        (LightFMRecommender(loss="wrap"), "loss"),
        (LightFMRecommender(learning_rate=-1), "learning_rate"),
        (LightFMRecommender(n_components=2.5), "n_components"),
    ],
)
def test_bad_parameters_are_named(model, name):
    """In fit, as scikit-learn does."""
    with pytest.raises(ValueError, match=f"The '{name}' parameter of .* must be"):
        model.fit(rated())
