"""Indexes: they follow a matrix, and a recommender that changes."""

import pickle
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.utils.estimator_checks import check_estimator

from skmmrec import (
    ALSRecommender,
    BPRRecommender,
    ContentRecommender,
    EASERecommender,
    FeatureTable,
    Interactions,
    NeuralRecommender,
    PopularityRecommender,
    SVDRecommender,
    VotingRecommender,
    make_pipeline,
    plugins,
)
from skmmrec.ranking import (
    BaseRetriever,
    ExactRetriever,
    FaissRetriever,
    UsearchRetriever,
    _topk,
    retrieval_recall,
)
from skmmrec.testing import parametrize_with_checks

RETRIEVERS = [
    ExactRetriever(),
    FaissRetriever(),
    FaissRetriever("Flat"),
    UsearchRetriever(dtype="f32"),
]


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def world(rng, n_users=60, n_items=300, n_events=1500):
    """Users like items of their colour; content tells the colour through noise."""
    users, items = rng.integers(n_users, size=n_events), np.arange(n_items)
    picks = (rng.integers(n_items // 6, size=n_events) * 6 + users) % n_items
    X = Interactions({"user": users, "item": picks}, items={"item": items})
    noise = 0.3 * rng.standard_normal((n_items, 6), dtype=np.float32)
    return X.with_table(
        "items", FeatureTable.from_blocks({"colour": np.eye(6)[items % 6] + noise})
    )


def share_of(found, expected):
    """Recall: graphs that several threads build miss one here, one there."""
    return np.mean([np.isin(*pair) for pair in zip(expected, found)])


def nearest(matrix, queries, k):
    """Rows of the largest inner products, by their whole matrix."""
    return np.argsort(-(queries @ matrix.T), axis=1, kind="stable")[:, :k]


# -- retrievers -----------------------------------------------------------------------


@pytest.mark.parametrize("retriever", RETRIEVERS[:2] + RETRIEVERS[3:], ids=repr)
def test_is_a_scikit_learn_estimator(retriever):
    """It passes the checks of scikit-learn."""
    assert len(check_estimator(clone(retriever))) > 35


@parametrize_with_checks(RETRIEVERS, sklearn=False)
def test_the_contract(estimator, check):
    """It follows a matrix that changes."""
    check(estimator)


@pytest.mark.parametrize("retriever", [RETRIEVERS[0], RETRIEVERS[2]], ids=repr)
def test_is_exact(retriever, rng):
    """Row by row, also where some have changed."""
    matrix, news = rng.standard_normal((2, 200, 8)).astype(np.float32)
    retriever = clone(retriever).fit(matrix).update(np.arange(50), news[:50])
    matrix[:50] = news[:50]
    found, _ = retriever.search(news[50:70], 10)
    assert np.array_equal(found, nearest(matrix, news[50:70], 10))


def test_usearch_rounds_what_it_keeps(rng):
    """In half the bits nearly everything is found."""
    V, Q = rng.standard_normal((2, 500, 16)).astype(np.float32)
    found, _ = UsearchRetriever().fit(V).search(Q, 10)
    assert share_of(found, nearest(V, Q, 10)) > 0.95


def test_extra_is_named(monkeypatch):
    """Where the package is not installed."""
    monkeypatch.setitem(__import__("sys").modules, "faiss", None)
    with pytest.raises(ImportError, match=r"pip install 'skmmrec\[ann\]'"):
        FaissRetriever().fit(np.eye(2))


# -- recommenders ---------------------------------------------------------------------

MODELS = [
    ALSRecommender(8, random_state=0),
    BPRRecommender(8, random_state=0),
    SVDRecommender(8, regularization=0.1, random_state=0),
    NeuralRecommender(8, max_iter=2, random_state=0),
    ContentRecommender(),
]


@pytest.mark.parametrize("model", MODELS, ids=repr)
@pytest.mark.parametrize("retriever", ["faiss", UsearchRetriever(dtype="f32")])
def test_recommends_as_exactly(model, retriever, rng):
    """On 300 items an index misses next to nothing; scores are the exact ones."""
    model = clone(model).fit(world(rng))
    assert retrieval_recall(model, range(40), k=10, retriever=retriever) > 0.95
    for exclude_seen in (True, False):
        asked = {"k": 10, "exclude_seen": exclude_seen, "return_scores": True}
        exact, scores = model.recommend(range(40), **asked)
        found, theirs = model.recommend(range(40), retriever=retriever, **asked)
        assert share_of(found, exact) > 0.95
        same = found == exact
        np.testing.assert_allclose(theirs[same], scores[same], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("model", MODELS, ids=repr)
def test_similar_items_as_exactly(model, rng):
    """By an index of their directions."""
    model = clone(model).fit(world(rng))
    exact, scores = model.similar_items(range(50), 5, return_scores=True)
    found, theirs = model.similar_items(
        range(50), 5, retriever="faiss", return_scores=True
    )
    assert share_of(found, exact) > 0.95
    same = found == exact
    np.testing.assert_allclose(theirs[same], scores[same], rtol=1e-4, atol=1e-5)


def test_other_kinds_of_faiss_need_no_settings(rng):
    V = rng.standard_normal((500, 8)).astype(np.float32)
    for factory in ("Flat", "IVF4,Flat"):
        found, _ = FaissRetriever(factory).fit(V).search(V[:5], 3)
        assert (found >= 0).all()


def test_there_is_no_recall_of_nothing(rng):
    model = ALSRecommender(8, random_state=0).fit(world(rng))
    with pytest.raises(ValueError, match="users must be one or more with items left"):
        retrieval_recall(model, [], retriever="exact")


def test_small_blocks_change_no_list(monkeypatch, rng):
    """What was seen, and the items themselves, are left out of every block."""
    model = ALSRecommender(8, random_state=0).fit(world(rng))

    def lists():
        yield model.recommend(range(60)).tolist()
        yield model.recommend(range(60), candidates=range(0, 300, 2)).tolist()
        yield model.similar_items(range(100)).tolist()

    expected = list(lists())
    monkeypatch.setattr(_topk, "BLOCK_BYTES", 4 * 3000)
    assert list(lists()) == expected


def test_seen_items_are_left_out_to_the_last(rng):
    """Also for a user who has had nearly all, whose list must come from elsewhere."""
    events = {"user": [0] * 297 + [1] * 5 + [2], "item": [*range(297), *range(6)]}
    X = Interactions(events, items={"item": np.arange(300)})
    model = ALSRecommender(4, random_state=0).fit(X)
    for retriever in ("faiss", "usearch"):
        found = model.recommend([0, 1, 2], k=4, retriever=retriever)
        assert set(found[0, :3]) == {297, 298, 299}
        assert found[0, 3] is None
        assert not np.isin(found[1], range(5)).any()
    assert retrieval_recall(model, [0], k=4) == 1


def test_history_candidates_and_weights_go_with_an_index(rng):
    """Users are folded in as ever; candidates are ranked exactly."""
    X = world(rng)
    model = ContentRecommender().fit(X)
    asked = {"k": 5, "history": {"user": ["new"] * 2, "item": [0, 6]}}
    exact, found = (
        model.recommend(["new"], retriever=name, **asked) for name in ("exact", "faiss")
    )
    assert found.tolist() == exact.tolist()
    few = model.recommend([0], k=5, candidates=range(0, 300, 50), retriever="faiss")
    assert (
        few.tolist() == model.recommend([0], 5, candidates=range(0, 300, 50)).tolist()
    )


def test_follows_updates(rng):
    """New items and changed vectors are found at once, and a second fit is another."""
    X = world(rng)
    model, retriever = ALSRecommender(8, random_state=0).fit(X), FaissRetriever()
    model.recommend([0], retriever=retriever)
    news = Interactions({"user": list(range(0, 60, 6)) * 2, "item": [900, 901] * 10})
    model.partial_fit(news)
    assert {900, 901} & set(model.recommend([0, 1], 5, retriever=retriever).flat) == (
        {900, 901} & set(model.recommend([0, 1], 5).flat)
    )
    assert retrieval_recall(model, range(60), retriever=retriever) > 0.95
    model.fit(Interactions({"user": [0, 1, 2], "item": ["tea", "jam", "jam"]}))
    assert model.recommend([0], 1, retriever=retriever).tolist() == [["jam"]]


class PluggedIn(BaseRetriever):
    """The plug-in of another package: exact, and writes a diary."""

    diary = []

    def _build(self, vectors):
        self.diary.append(f"build {len(vectors)}")
        self.vectors_ = vectors

    def _append(self, vectors):
        self.diary.append(f"append {len(vectors)}")
        self.vectors_ = np.vstack([self.vectors_, vectors])

    def _find(self, queries, k):
        products = queries @ self.vectors_.T
        best = np.argsort(-products, axis=1)[:, :k]
        return best, np.take_along_axis(products, best, axis=1)


@pytest.fixture
def plugged_in(monkeypatch):
    PluggedIn.diary.clear()
    monkeypatch.setattr(plugins, "load", lambda kind, name: PluggedIn)
    return PluggedIn.diary


def test_index_is_built_once_and_changed_little(plugged_in, rng):
    """What was added and what has moved is appended; much of it is a new index."""
    X = world(rng)
    pipe = make_pipeline(ContentRecommender()).fit(X)
    for _ in range(3):
        found = pipe.recommend([0, 1], retriever="mine")
        assert found.tolist() == pipe.recommend([0, 1]).tolist()
    assert plugged_in == ["build 300"]
    content = FeatureTable.from_blocks({"colour": np.eye(6)[[0, 1]]})
    news = Interactions({"user": [], "item": []}, items={"item": [900, 901]})
    pipe.partial_fit(news.with_table("items", content))
    model = pipe[-1]
    found = model.recommend([0, 1, 6], 5, retriever="mine")
    assert found.tolist() == model.recommend([0, 1, 6], 5).tolist()
    assert 900 in found
    model.item_factors_ = np.roll(model.item_factors_, 1, axis=0)
    found = model.recommend([0, 1], retriever="mine")
    assert found.tolist() == model.recommend([0, 1]).tolist()
    assert plugged_in == ["build 300", "append 2", "build 302"]


def test_removed_items_leave_the_index(plugged_in, rng):
    """Those that follow move up, and are not indexed anew."""
    model = ALSRecommender(8, random_state=0).fit(world(rng))
    model.similar_items([5], retriever="mine")
    keep = np.delete(np.arange(300), model.similar_items([5], 20).ravel())
    model.item_factors_ = model.item_factors_[keep]
    model.item_vocabulary_ = model.item_vocabulary_.subset(
        np.isin(np.arange(300), keep)
    )[0]
    found = model.similar_items([5, 250], retriever="mine")
    assert found.tolist() == model.similar_items([5, 250]).tolist()
    assert plugged_in == ["build 300"]


def test_copies_and_files_have_no_index(rng):
    """They are built again where they are asked for."""
    model = ALSRecommender(8, random_state=0).fit(world(rng))
    size = len(pickle.dumps(model))
    expected = model.recommend(range(60), retriever="usearch")
    assert len(pickle.dumps(model)) == size
    for other in (deepcopy(model), pickle.loads(pickle.dumps(model))):
        found = other.recommend(range(60), retriever="usearch")
        assert share_of(found, expected) > 0.95
    assert not hasattr(clone(model), "item_factors_")


@pytest.mark.parametrize("retriever", ["faiss", "usearch"])
def test_serves_several_threads(retriever, rng):
    """The first calls, while the index is built, and those after an update."""
    model = ALSRecommender(8, random_state=0).fit(world(rng))
    with ThreadPoolExecutor(4) as pool:

        def ask(user):
            return model.recommend([user], 5, retriever=retriever)[0].tolist()

        for _ in range(3):
            exact = model.recommend(range(60), 5)
            found = np.array(list(pool.map(ask, range(60))))
            assert (found == exact).mean() > 0.95
            model.partial_fit({"user": [0, 1, 2] * 2, "item": [3, 4, 5, 0, 1, 2]})


@pytest.mark.parametrize(
    "model",
    [
        EASERecommender(),
        ContentRecommender("euclidean"),
        PopularityRecommender(),
        NeuralRecommender(4, scorer="ncf", max_iter=1, random_state=0),
        VotingRecommender([("als", ALSRecommender(4)), ("p", PopularityRecommender())]),
    ],
    ids=repr,
)
def test_needs_an_inner_product(model, rng):
    """Models that have none say so."""
    model = clone(model).fit(world(rng))
    with pytest.raises(ValueError, match=r"must be 'exact' where .* for \w+Rec"):
        model.recommend([0], retriever="faiss")


def test_similarity_of_items_needs_one_too(rng):
    """Popularity knows nothing of likeness."""
    model = PopularityRecommender().fit(world(rng))
    with pytest.raises(ValueError, match=r"got FaissRetriever\(\) for Popularity"):
        model.similar_items([0], retriever="faiss")


def test_retriever_is_a_name_or_a_retriever(rng):
    """Anything else is refused, with the names there are."""
    model = PopularityRecommender().fit(world(rng))
    with pytest.raises(ValueError, match="'usearch'.*got 'annoy'"):
        model.recommend([0], retriever="annoy")
    with pytest.raises(TypeError, match="must be a name, such as 'faiss', or"):
        model.recommend([0], retriever=FaissRetriever)
