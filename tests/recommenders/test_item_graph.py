"""The item graph: communities, content as edges, order, refusals, known answers."""

import numpy as np
import pytest
import scipy.sparse as sp

from skmmrec import (
    EASERecommender,
    FeatureTable,
    Interactions,
    ItemGraphRecommender,
    PopularityRecommender,
    get_scorer,
)
from skmmrec._sparse import largest_of_rows
from skmmrec.recommenders._graph import (
    CoConsumption,
    ContentGraph,
    Successions,
    pruned_product,
)
from tests._shared import shared

FIXED = {"popularity": 0, "walk": 0}


def communities(n_users=60, n_items=40, per_user=6, noise=1, seed=0):
    """Users of two communities, each with its half of the items and a stray one."""
    rng = np.random.default_rng(seed)
    half = n_items // 2
    rows = []
    for user in range(n_users):
        own = (user % 2) * half + rng.choice(half, per_user, replace=False)
        stray = (1 - user % 2) * half + rng.choice(half, noise, replace=False)
        rows += [(user, item) for item in np.concatenate([own, stray])]
    return np.array(rows)


def with_content(events, blocks):
    n_items = len(next(iter(blocks.values())))
    X = Interactions(
        {"user": events[:, 0], "item": events[:, 1]}, items={"item": np.arange(n_items)}
    )
    return X.with_table("items", FeatureTable.from_blocks(blocks))


def halves(n_items, missing=()):
    values = np.eye(2)[np.arange(n_items) * 2 // n_items]
    values += 0.1 * np.random.default_rng(1).standard_normal(values.shape)
    values[list(missing)] = np.nan
    return values


def test_users_are_offered_their_community():
    """A stray event does not lead a user away."""
    events = communities()
    X = Interactions({"user": events[:, 0], "item": events[:, 1]})
    lists = ItemGraphRecommender(random_state=0).fit(X).recommend(np.arange(60), k=10)
    right = lists.astype(int) // 20 == (np.arange(60) % 2)[:, None]
    assert right.mean() > 0.95


def test_one_step_is_the_formula():
    """h R̃'R̃ D^popularity, R̃ = D_u^-a R D_i^-b."""
    events = communities(n_users=12, n_items=8, per_user=2)
    X = Interactions({"user": events[:, 0], "item": events[:, 1]})
    model = ItemGraphRecommender(
        popularity=0.3, walk=0, user_exponent=0.7, item_exponent=0.4
    ).fit(X)
    R = model.seen_.toarray()
    users, items = R.sum(axis=1), R.sum(axis=0)
    N = R / users[:, None] ** 0.7 / items**0.4
    expected = R @ (N.T @ N) * (1 + items) ** 0.3
    scores = model.user_factors_ @ model.item_factors_.T
    np.testing.assert_allclose(scores.toarray(), expected, rtol=1e-5)


def test_walks_are_powers_of_the_graph():
    """W + 0.5 W² + 0.25 W³ + 0.125 W⁴."""
    events = communities(n_users=12, n_items=8, per_user=2)
    X = Interactions({"user": events[:, 0], "item": events[:, 1]})
    model = ItemGraphRecommender(popularity=0, walk=0.5).fit(X)
    W = model.graph_.toarray()
    expected = sum(0.5 ** (t - 1) * np.linalg.matrix_power(W, t) for t in range(1, 5))
    np.testing.assert_allclose(model.item_factors_.toarray().T, expected, rtol=1e-4)


def test_an_item_nobody_had_is_reached_by_its_content():
    """Among new items of both communities each user is offered those of its own."""
    events = communities()
    new = [18, 19, 38, 39]
    X = with_content(events[~np.isin(events[:, 1], new)], {"kind": halves(40)})
    model = ItemGraphRecommender(random_state=0, weights={"kind": 0.1}).fit(X)
    lists = model.recommend(np.arange(60), k=2, candidates=new)
    assert np.mean(lists // 20 == (np.arange(60) % 2)[:, None]) > 0.9


def test_a_modality_that_an_item_lacks_gives_it_no_edges():
    """Neither out of it nor into it; those of the other modality stay."""
    X = with_content(
        communities(), {"text": halves(40, missing=[3, 30]), "image": halves(40)}
    )
    graphs = ItemGraphRecommender(random_state=0).fit(X).graphs_
    text, image = (graphs[name].edges.toarray() for name in ("text", "image"))
    assert not text[[3, 30]].any()
    assert not text[:, [3, 30]].any()
    assert image[[3, 30]].any(axis=1).all()


def test_learned_weights_favour_the_modality_that_tells():
    """Content that says the community against noise, where events are few."""
    events = communities(n_users=300, n_items=200, per_user=3, noise=0)
    noise = np.random.default_rng(2).standard_normal((200, 5))
    X = with_content(events, {"noise": noise, "kind": halves(200)})
    weights = ItemGraphRecommender(random_state=0).fit(X).weights_
    assert weights["kind"] > weights["noise"]


def test_content_edges_are_the_nearest_by_cosine():
    """Around the mean, itself left out, not from items that nobody had."""
    angles = np.deg2rad([0, 10, 30, 180, 190, 210])
    values = np.column_stack([np.cos(angles), np.sin(angles)])
    table = FeatureTable.from_blocks({"f": values})
    known = np.array([True, True, True, True, True, False])
    edges = ContentGraph(table, "f", known, n_neighbors=1).edges.toarray()
    assert edges.argmax(axis=1).tolist() == [1, 0, 1, 4, 3, 4]
    assert (np.count_nonzero(edges, axis=1) == 1).all()
    assert edges.sum() / 6 == pytest.approx(1)


def test_recent_events_weigh_more():
    """decay to the power of the events since; in order of time, not of rows."""
    X = Interactions(
        {"user": [1, 1, 1], "item": list("abc"), "t": [30, 10, 20]}, time="t"
    )
    model = ItemGraphRecommender(decay=0.5, **FIXED).fit(X)
    order = model.item_vocabulary_.codes(list("abc"))
    assert model.user_factors_.toarray()[0, order].tolist() == [1, 0.25, 0.5]
    news = Interactions({"user": [1], "item": ["b"], "t": [40]}, time="t")
    moved = model.partial_fit(news).user_factors_.toarray()[0, order]
    assert moved.tolist() == [0.5, 2, 0.25]


def test_successions_lead_forward_more_than_back():
    """a, b, c: edges of 1 to the next, 0.7 to the one after, half as much back."""
    R = sp.csr_array(np.ones((1, 3), dtype=np.float32))
    times = sp.csr_array(np.array([[1.0, 2, 3]]))
    edges = Successions(R, times, 8, 0.7, 0.5, item_exponent=0).P.toarray()
    expected = [[0, 1, 0.7], [0.5, 0, 1], [0.35, 0.5, 0]]
    np.testing.assert_allclose(edges, expected, rtol=1e-6)
    short = Successions(R, times, 1, 0.7, 0, item_exponent=0).P.toarray()
    assert short.tolist() == [[0, 1, 0], [0, 0, 1], [0, 0, 0]]


def test_a_window_learns_what_comes_next():
    """Items in a ring, each had after its neighbour: the next one is offered."""
    n, rng = 12, np.random.default_rng(0)
    rows = [
        (user, (start + step) % n, step)
        for user, start in enumerate(rng.integers(n, size=80))
        for step in range(5)
    ]
    user, item, time = np.array(rows).T
    X = Interactions({"user": user, "item": item, "t": time}, time="t")
    model = ItemGraphRecommender(window=2, decay=0.3, **FIXED).fit(X)
    last = item.reshape(80, 5)[:, -1]
    lists = model.recommend(np.arange(80), k=1)
    assert np.mean(lists[:, 0] == (last + 1) % n) == 1


def test_pruning_keeps_the_largest():
    """Of equal entries the first; products as the dense ones."""
    M = sp.csr_array(np.array([[1.0, 3, 2, 3], [0, 0, 5, 0], [2, 2, 2, 1]]))
    kept = largest_of_rows(M, 2).toarray()
    assert kept.tolist() == [[0, 3, 0, 3], [0, 0, 5, 0], [2, 2, 0, 0]]
    rng = np.random.default_rng(0)
    A, B = (sp.random_array((30, 30), density=0.3, rng=rng).tocsr() for _ in range(2))
    np.testing.assert_allclose(
        pruned_product(A, B, 30).toarray(), (A @ B).toarray(), rtol=1e-6
    )


def test_steps_without_the_graph_are_steps_in_it():
    """x·P from the factors of P."""
    rng = np.random.default_rng(0)
    R = sp.csr_array((rng.random((20, 10)) < 0.3).astype(np.float32))
    graph, x = CoConsumption(R), rng.random((3, 10)).astype(np.float32)
    np.testing.assert_allclose(graph.step(x), x @ graph.edges(10).toarray(), rtol=1e-5)


def test_ridge_takes_the_weights_of_ease():
    """Those above 0, and not for more items than allowed."""
    events = communities()
    X = Interactions({"user": events[:, 0], "item": events[:, 1]})
    model = ItemGraphRecommender(filter="ridge", regularization=5, **FIXED).fit(X)
    ease = EASERecommender(5, content=0).fit(X)
    np.testing.assert_allclose(
        model.item_factors_.toarray(), np.maximum(ease.item_factors_, 0), atol=1e-6
    )
    with pytest.raises(ValueError, match="at most max_items=39 items; got 40"):
        ItemGraphRecommender(filter="ridge", max_items=39, **FIXED).fit(X)


def test_weights_of_unknown_modalities_are_named():
    X = with_content(communities(), {"kind": halves(40)})
    with pytest.raises(ValueError, match=r"\['kind'\]; got \['sound'\]; use the names"):
        ItemGraphRecommender({"sound": 1}).fit(X)


def test_the_graph_beats_popularity_on_real_data():
    """NDCG@20 of TikTok's validation events."""
    pd = pytest.importorskip("pandas")
    folder = shared("data/tiktok")
    features = {
        name: np.load(folder / f"{name}_features.npy").astype(np.float32)
        for name in ("audio", "image")
    }
    table = FeatureTable.from_blocks(features)
    items = {"item_id": np.arange(len(table))}
    train, valid = (
        Interactions(
            pd.read_csv(folder / f"{part}.csv.gz"),
            items,
            user="user_id",
            item="item_id",
        ).with_table("items", table)
        for part in ("train", "valid")
    )
    weights = {"audio": 0.05, "image": 0.15}
    graph = ItemGraphRecommender(weights, popularity=0.5, walk=0).fit(train)
    ndcg = get_scorer("ndcg@20")
    found = ndcg(graph, valid)
    assert found > 0.041
    assert found > 1.3 * ndcg(PopularityRecommender().fit(train), valid)


def test_the_spectral_filter_is_that_of_its_equation():
    """S = (P + 0.2 V V' - 0.7 P²) D^popularity where items are few; new ones too.

    With 40 items V is all of them, and V V' the identity.
    """
    events = communities()
    X = with_content(events, {"half": halves(40)})
    settings = {"weights": {"half": 0.3}, "popularity": 0.5, "walk": 0}
    plain, sharp = (
        ItemGraphRecommender(filter=name, random_state=0, **settings).fit(X)
        for name in (None, "spectral")
    )
    R = plain.seen_.toarray()
    B = R / np.sqrt(R.sum(axis=1, keepdims=True)) / np.sqrt(R.sum(axis=0))
    P = B.T @ B
    less = R @ (0.7 * P @ P - 0.2 * np.eye(40)) * (1 + R.sum(axis=0)) ** 0.5
    pairs = {"user": np.repeat(np.arange(60), 40), "item": np.tile(np.arange(40), 60)}
    gap = (plain.predict(pairs) - sharp.predict(pairs)).reshape(60, 40)
    np.testing.assert_allclose(gap, less, rtol=1e-3, atol=1e-4)
    new = FeatureTable.from_blocks({"half": halves(40)[:2] * 1.1})
    ask = Interactions({"user": [0, 1], "item": [90, 90]}, items={"item": [90, 91]})
    own, other = sharp.predict(ask.with_table("items", new))
    assert own > other
    similar = sharp.similar_items([0, 39], k=5)
    assert (similar // 20 == [[0], [1]]).all()


def test_a_window_has_no_filter():
    X = with_content(communities(), {"half": halves(40)})
    with pytest.raises(ValueError, match="filter must be None where there is a window"):
        ItemGraphRecommender(window=3, filter="spectral").fit(X)
