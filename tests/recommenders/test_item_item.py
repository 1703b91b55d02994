"""Neighbours, EASE and SLIM: their equations, and what is new."""

import numpy as np
import pytest
import scipy.sparse as sp
from implicit.nearest_neighbours import (
    BM25Recommender,
    CosineRecommender,
    TFIDFRecommender,
)
from sklearn.linear_model import ElasticNet

from skmmrec import (
    EASERecommender,
    FeatureTable,
    Interactions,
    ItemKNNRecommender,
    PopularityRecommender,
    RandomHoldout,
    SLIMRecommender,
    UserKNNRecommender,
    get_scorer,
)
from skmmrec._sparse import largest_of_rows
from skmmrec.datasets import load_movielens
from skmmrec.recommenders._content_space import ContentNeighbors
from skmmrec.testing import checkerboard, painted
from tests._shared import shared


@pytest.fixture
def some():
    """Random events of 40 users with 25 items, an eighth of all pairs."""
    had = np.random.default_rng(0).random((40, 25)) < 0.125
    had[np.arange(40), np.arange(40) % 25] = True
    user, item = np.nonzero(had)
    tables = {"items": {"item": np.arange(25)}, "users": {"user": np.arange(40)}}
    return Interactions({"user": user, "item": item}, **tables)


def scores_of(model):
    """Of all pairs, (n_users, n_items)."""
    n_users, n_items = model.seen_.shape
    user, item = np.indices((n_users, n_items)).reshape(2, -1)
    return model.predict({"user": user, "item": item}).reshape(n_users, n_items)


@pytest.mark.parametrize(
    ("metric", "theirs"),
    [
        ("cosine", CosineRecommender(K=25, num_threads=1)),
        ("tfidf", TFIDFRecommender(K=25, num_threads=1)),
        ("bm25", BM25Recommender(K=25, K1=1.2, B=0.75, num_threads=1)),
    ],
)
@pytest.mark.filterwarnings("ignore:Method expects CSR input")
def test_item_similarities_are_those_of_implicit(some, metric, theirs):
    """Less that of an item to itself."""
    model = ItemKNNRecommender(24, metric).fit(some)
    theirs.fit(sp.csr_matrix(model.seen_), show_progress=False)
    expected = theirs.similarity.toarray()
    np.fill_diagonal(expected, 0)
    ours = model.item_factors_.toarray().T
    np.testing.assert_allclose(ours, expected, rtol=1e-5, atol=1e-6)


def test_scores_are_sums_over_neighbors(some):
    """Of items over the history, and of users over who had it."""
    R = np.zeros((40, 25))
    R[some.user_codes, some.item_codes] = 1
    unit = R / np.linalg.norm(R, axis=0)
    S = unit.T @ unit - np.eye(25)
    model = ItemKNNRecommender(24).fit(some)
    np.testing.assert_allclose(scores_of(model), R @ S, rtol=1e-5, atol=1e-6)
    unit = R / np.linalg.norm(R, axis=1)[:, None]
    S = unit @ unit.T - np.eye(40)
    model = UserKNNRecommender(39).fit(some)
    np.testing.assert_allclose(scores_of(model), S @ R, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("model", [ItemKNNRecommender, UserKNNRecommender])
def test_euclidean_neighbors_are_the_nearest(some, model):
    """1 / (1 + d), of those that share something."""
    model = model(3, "euclidean").fit(some)
    R = model.seen_.toarray()
    rows, ours = R, model.user_factors_.toarray()
    if isinstance(model, ItemKNNRecommender):
        rows, ours = R.T, model.item_factors_.toarray().T
    d = np.linalg.norm(rows[:, None] - rows[None], axis=2)
    similarity = np.where(rows @ rows.T > 0, 1 / (1 + d), 0)
    np.fill_diagonal(similarity, 0)
    expected = np.sort(similarity, axis=1)[:, -3:]
    np.testing.assert_allclose(np.sort(ours, axis=1)[:, -3:], expected, rtol=1e-5)


def test_a_new_user_has_the_neighbors_of_an_old_one_with_that_history(some):
    """And that one first."""
    model = UserKNNRecommender(5, "tfidf").fit(some)
    items = some.item_ids[some.user_ids == 3]
    history = {"user": ["new"] * len(items), "item": items}
    news, _ = model._history_matrix(np.array(["new"]), history)
    row = model._fold_in(news).toarray()[0]
    assert row.argmax() == 3
    assert row[3] == pytest.approx(1)
    assert np.count_nonzero(row) == 5


def test_ease_is_its_equation(some):
    """B = I - P / diag(P), P = (R'R + λ I)⁻¹."""
    model = EASERecommender(2.0).fit(some)
    R = model.seen_.toarray()
    P = np.linalg.inv(R.T @ R + 2 * np.eye(25))
    B = np.eye(25) - P / np.diag(P)
    np.testing.assert_allclose(scores_of(model), R @ B, rtol=1e-3, atol=1e-5)


def test_content_of_ease_is_further_rows(some):
    """Each feature as a user who had the items by so much."""
    values = np.random.default_rng(1).standard_normal((25, 3))
    table = FeatureTable.from_blocks({"f": values})
    model = EASERecommender(2.0, content=4.0).fit(some.with_table("items", table))
    F = values - values.mean(axis=0)
    F /= np.linalg.norm(F, axis=1)[:, None]
    R = np.vstack([model.seen_.toarray(), 2 * F.T])
    P = np.linalg.inv(R.T @ R + 2 * np.eye(25))
    B = np.eye(25) - P / np.diag(P)
    np.testing.assert_allclose(model.item_factors_.T, B, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("n_had", [25, 20])
def test_a_new_item_of_ease_solves_its_least_squares(some, n_had):
    """argmin ‖0 - R b‖² + content ‖f - F' b‖² + λ ‖b‖², also where some had no events.

    Weights of items without events are of no use, as nobody has a history with them.
    """
    some = some[some.item_ids < n_had]
    values = np.random.default_rng(1).standard_normal((26, 3))
    values -= values[:25].mean(axis=0)
    table = FeatureTable.from_blocks({"f": values})
    model = EASERecommender(2.0, content=4.0)
    model.fit(some.with_table("items", table.take(np.arange(25))))
    F = values / np.linalg.norm(values, axis=1)[:, None]
    R = np.vstack([model.seen_.toarray(), 2 * F[:25].T])
    y = np.append(np.zeros(len(R) - 3), 2 * F[25])
    b = np.linalg.solve(R.T @ R + 2 * np.eye(25), R.T @ y)
    ours = model._item_vectors(table.take(np.array([25])))
    np.testing.assert_allclose(ours[0, :n_had], b[:n_had], rtol=1e-3, atol=1e-5)


def test_a_catalogue_too_large_for_ease_is_named(some):
    with pytest.raises(ValueError, match="at most max_items=24 items; got 25, a dense"):
        EASERecommender(max_items=24).fit(some)


def test_slim_is_its_equation(some):
    """The elastic net of scikit-learn over all other items, item by item."""
    model = SLIMRecommender(0.2, 0.5, n_neighbors=24, max_iter=1000).fit(some)
    R = model.seen_.toarray().astype(float)
    for item in (0, 7, 24):
        others = np.delete(np.arange(25), item)
        # ½ ‖y - Xw‖² + l1 ‖w‖₁ + l2/2 ‖w‖², divided by the number of rows
        net = ElasticNet(0.7 / 40, l1_ratio=0.2 / 0.7, fit_intercept=False)
        net.set_params(positive=True, tol=1e-8, max_iter=10_000)
        expected = net.fit(R[:, others], R[:, item]).coef_
        ours = model.item_factors_.toarray()[item, others]
        np.testing.assert_allclose(ours, expected, atol=2e-3)
    assert (model.item_factors_.data > 0).all()


@pytest.mark.parametrize(
    "model",
    [
        ItemKNNRecommender(),
        ItemKNNRecommender(metric="euclidean"),
        UserKNNRecommender(metric="bm25"),
        UserKNNRecommender(metric="euclidean"),
        EASERecommender(10),
        SLIMRecommender(0.1, 0.1),
    ],
    ids=str,
)
def test_new_items_by_content(model):
    """White and black ones that nobody had; in a history they stand for a colour."""
    train, _ = painted()
    model.fit(train)
    assert model.recommend([0, 1], 1, candidates=[28, 29]).tolist() == [[28], [29]]
    if not isinstance(model, UserKNNRecommender):
        history = {"user": ["new"], "item": [28]}
        assert (model.recommend(["new"], 5, history=history) % 2 == 0).all()


@pytest.mark.parametrize("metric", ["cosine", "tfidf", "bm25"])
@pytest.mark.parametrize("model", [ItemKNNRecommender, UserKNNRecommender])
def test_every_metric_solves_the_checkerboard(model, metric):
    train, test = checkerboard()
    assert get_scorer("ndcg@10")(model(metric=metric).fit(train), test) > 0.95


def test_neighbors_by_content_skip_what_is_missing():
    """A modality that a row lacks brings it no nearer; rows without any have none."""
    text = np.array([[1.0, 0], [0.9, 0.1], [0, 1], [np.nan, np.nan]])
    image = np.array([[1.0], [np.nan], [-1], [np.nan]])
    table = FeatureTable.from_blocks({"text": text, "image": image})
    near = ContentNeighbors(table, np.ones(4, dtype=bool), 3)(table).toarray()
    assert near[0, 0] == pytest.approx(1)
    assert 0 < near[0, 1] < 0.95
    assert near[0, 2] == 0
    assert not near[3].any()
    assert not near[:, 3].any()


def test_the_largest_of_rows_are_kept():
    """Of equal ones the first."""
    matrix = sp.csr_array([[3.0, 1, 2], [0, 0, 0], [5, 5, 5]])
    kept = largest_of_rows(matrix, 2).toarray()
    assert kept.tolist() == [[3, 0, 2], [0, 0, 0], [5, 5, 0]]


def test_neighbors_beat_popularity_on_real_events():
    """By a wide margin."""
    X = load_movielens(shared("data/movielens-small"))
    X = X[X.rating >= 4]
    train, test = next(RandomHoldout(0.2, random_state=0).split(X))
    floor = 1.3 * PopularityRecommender().fit(X[train]).score(X[test])
    for model in (ItemKNNRecommender(), UserKNNRecommender()):
        assert model.fit(X[train]).score(X[test]) > floor
