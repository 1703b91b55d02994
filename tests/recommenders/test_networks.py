"""What the networks share: sampling, early stopping, content, seeds; and equations."""

import pickle
import sys

import numpy as np
import pytest
import scipy.sparse as sp

from skmmrec import (
    FeatureTable,
    Interactions,
    LightGCNRecommender,
    NeuralRecommender,
    VBPRRecommender,
    get_scorer,
)
from skmmrec.recommenders._sampling import PopularitySampler, hold_out_events
from skmmrec.testing import checkerboard

torch = pytest.importorskip("torch")

SMALL = {"n_components": 8, "batch_size": 64, "learning_rate": 0.03, "random_state": 0}
NETWORKS = [
    NeuralRecommender(**SMALL),
    NeuralRecommender(scorer="ncf", **SMALL),
    VBPRRecommender(**SMALL),
    LightGCNRecommender(**SMALL),
]


def described(image_of_new):
    """The checkerboard with text and image that tell colours; 28 and 29 are new."""
    train, _ = checkerboard()
    rng = np.random.default_rng(0)
    colour = np.where(np.arange(30) % 2, 1.0, -1.0)[:, None]
    text = colour + 0.1 * rng.standard_normal((30, 2))
    image = colour + 0.1 * rng.standard_normal((30, 3))
    image[28:] = image_of_new
    events = {"user": train.user_ids, "item": train.item_ids}
    X = Interactions(events, items={"item": np.arange(30)})
    table = FeatureTable.from_blocks({"text": text, "image": image})
    return X[X.item_codes < 28].with_table("items", table)


# -- known answers -----------------------------------------------------------------


@pytest.mark.parametrize(
    "changed", [{"n_negatives": 8}, {"n_negatives": 30}, {"loss": "bpr", "alpha": 0.03}]
)
def test_every_loss_solves_the_checkerboard(changed):
    """Softmax, sampled and exact, and BPR."""
    train, test = checkerboard()
    model = VBPRRecommender(**SMALL, **changed).fit(train)
    assert get_scorer("ndcg@10")(model, test) > 0.95


def test_a_perceptron_over_pairs_does_what_a_product_does():
    """It solves the checkerboard, also for new users; lists have predict's scores."""
    train, test = checkerboard()
    model = NeuralRecommender(scorer="ncf", **SMALL).fit(train)
    assert get_scorer("ndcg@10")(model, test) > 0.95
    news = Interactions({"user": [100] * 4, "item": [0, 2, 4, 6]})
    assert (model.recommend([100], k=6, history=news) % 2 == 0).all()
    items, scores = model.recommend([0, 1], k=3, return_scores=True)
    asked = Interactions({"user": [0] * 3 + [1] * 3, "item": items.ravel()})
    np.testing.assert_allclose(model.predict(asked), scores.ravel(), rtol=1e-4)


@pytest.mark.parametrize("fusion", ["concat", "gated", "attention"])
def test_new_items_are_placed_by_what_they_have(fusion):
    """White and black ones without an image go by their text."""
    model = NeuralRecommender(fusion=fusion, **SMALL).fit(described(np.nan))
    lists = model.recommend([0, 1], k=1, candidates=[28, 29])
    assert lists.tolist() == [[28], [29]]


@pytest.mark.parametrize("network", NETWORKS[1:], ids=str)
def test_new_items_without_an_image_are_placed_by_their_text(network):
    model = network.fit(described(np.nan))
    lists = model.recommend([0, 1], k=1, candidates=[28, 29])
    assert lists.tolist() == [[28], [29]]


def test_items_of_which_nothing_is_known_are_the_mean_item():
    """Neither content nor events: in between, not at zero."""
    X = described(np.nan)
    table = X.table("items")
    table.present[28:] = False
    table.values[28:] = 0
    model = VBPRRecommender(**SMALL).fit(X)
    known = model.item_factors_[:28].mean(axis=0)
    np.testing.assert_allclose(model.item_factors_[28], known, atol=1e-6)


@pytest.mark.parametrize("power", [0, 1])
def test_the_softmax_learns_popularity_whatever_it_samples(power):
    """Without the correction by log q, the most popular would be drawn away."""
    rng = np.random.default_rng(0)
    item = rng.choice(12, p=np.arange(1, 13) / 78, size=1500)
    X = Interactions({"user": rng.integers(0, 300, 1500), "item": item})
    model = NeuralRecommender(n_negatives=6, negative_power=power, **SMALL).fit(X)
    items, scores = model.recommend([999], k=12, return_scores=True)
    counts = np.bincount(item)[items[0].astype(int)]
    assert np.corrcoef(scores[0], np.log(counts))[0, 1] > 0.75


def test_weights_of_events_count():
    """As many had b as a, but liked it more."""
    user, item = np.divmod(np.arange(80), 2)
    events = {"user": user, "item": np.array(["a", "b"])[item], "r": 1.0 + 4 * item}
    X = Interactions(events, rating="r")
    model = NeuralRecommender(validation_fraction=0, max_iter=30, **SMALL).fit(X)
    assert model.recommend([999], k=2).tolist() == [["b", "a"]]


def test_alpha_shrinks_vectors():
    """From free to nearly nothing."""
    train, _ = checkerboard()
    lengths = [
        np.linalg.norm(VBPRRecommender(**SMALL, alpha=alpha).fit(train).item_factors_)
        for alpha in (0, 0.3, 10)
    ]
    assert lengths[0] > 1.2 * lengths[1] > 12 * lengths[2]


def test_lightgcn_is_its_equation():
    """Mean of the powers of the normalised adjacency; its gradient is that of torch."""
    from skmmrec.recommenders.networks._lightgcn import LightGCN
    from skmmrec.recommenders.networks._training import as_items

    R = sp.csr_array(np.array([[1.0, 0, 1], [1, 1, 0]], dtype=np.float32))
    items = as_items(np.arange(3), np.zeros((3, 0), "f4"), np.zeros((3, 0)))
    network = LightGCN(R, items, [], 4, n_layers=2)
    edges = np.block(
        [[np.zeros((2, 2)), R.toarray()], [R.toarray().T, np.zeros((3, 3))]]
    )
    degrees = edges.sum(axis=1)
    A = torch.tensor(edges / np.sqrt(np.outer(degrees, degrees)), dtype=torch.float32)
    start = [network.user_start.weight, network.item_start.weight]
    E = torch.cat(start)
    expected = (E + A @ E + A @ A @ E) / 3
    U, V = network(torch.arange(2), items)
    torch.testing.assert_close(torch.cat([U, V]), expected)
    weights = torch.arange(20.0).reshape(5, 4)
    gradients = torch.autograd.grad((torch.cat([U, V]) * weights).sum(), start)
    others = torch.autograd.grad((expected * weights).sum(), start)
    torch.testing.assert_close(gradients, others)


# -- sampling ----------------------------------------------------------------------


def test_negatives_are_drawn_by_popularity():
    """In proportion to the power of the counts, and never what nobody has had."""
    counts = np.array([0, 1, 16, 81, 0])
    sampler = PopularitySampler(counts, 0.75)
    drawn = sampler.draw(100_000, np.random.RandomState(0))
    shares = np.bincount(drawn, minlength=5) / 100_000
    np.testing.assert_allclose(shares, np.array([0, 1, 8, 27, 0]) / 36, atol=0.005)
    np.testing.assert_allclose(sampler.q, np.array([0, 1, 8, 27, 0]) / 36)


def test_every_user_and_item_keeps_an_event_to_learn_from():
    """Both parts are the whole, and the held one has about its share."""
    R = sp.random_array((60, 40), density=0.2, format="csr", random_state=0)
    R = R.astype(np.float32)
    learned, held = hold_out_events(R, 0.3, np.random.RandomState(0))
    assert abs(learned + held - R).max() == 0
    assert learned.nnz + held.nnz == R.nnz
    assert 0.2 < held.nnz / R.nnz <= 0.31
    for axis in (0, 1):
        had = R.count_nonzero(axis=axis) > 0
        assert (learned.count_nonzero(axis=axis) > 0).tolist() == had.tolist()


# -- training ----------------------------------------------------------------------


def test_early_stopping_keeps_the_best_epoch():
    """The model is the one that a training of just so many epochs leaves."""
    train, _ = checkerboard()
    network = VBPRRecommender(**SMALL, n_iter_no_change=3)
    model = network.set_params(refit=False).fit(train)
    scores = model.validation_scores_
    assert model.n_iter_ == np.argmax(scores) + 1 == len(scores) - 3
    same = VBPRRecommender(**SMALL, refit=False, max_iter=model.n_iter_).fit(train)
    np.testing.assert_array_equal(model.item_factors_, same.item_factors_)
    refitted = VBPRRecommender(**SMALL, n_iter_no_change=3).fit(train)
    assert refitted.n_iter_ == model.n_iter_
    assert (refitted.item_factors_ != model.item_factors_).any()


@pytest.mark.parametrize("network", NETWORKS, ids=str)
def test_same_seed_same_factors(network):
    """Whatever else draws from torch, and nothing of that is disturbed."""
    X = described(np.nan)
    network = network.set_params(max_iter=3)
    torch.manual_seed(1)
    expected = torch.rand(2)
    torch.manual_seed(1)
    first = network.fit(X).item_factors_
    assert (torch.rand(2) == expected).all()
    np.testing.assert_array_equal(first, network.fit(X).item_factors_)
    other = network.set_params(random_state=1).fit(X).item_factors_
    network.set_params(random_state=0, max_iter=100)
    assert (first != other).any()


@pytest.mark.parametrize("network", NETWORKS, ids=str)
def test_a_pickled_network_places_new_items_alike(network):
    """On the CPU, without its training graph."""
    model = network.fit(described(np.nan))
    later = Interactions({"user": [0, 1], "item": ["x", "x"]}, items={"item": ["x"]})
    blocks = {"text": [[1.0, 1]], "image": [[np.nan] * 3]}
    later = later.with_table("items", FeatureTable.from_blocks(blocks))
    again = pickle.loads(pickle.dumps(model))
    scores = again.predict(later)
    assert scores[0] < scores[1]
    np.testing.assert_array_equal(scores, model.predict(later))


def test_progress_is_shown_on_demand(capsys):
    train, _ = checkerboard()
    VBPRRecommender(**SMALL, max_iter=2, verbose=True).fit(train)
    assert "VBPRRecommender" in capsys.readouterr().out


# -- errors ------------------------------------------------------------------------


def test_a_network_without_torch_says_which_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(ImportError, match=r"'torch'.*pip install 'skmmrec\[neural\]'"):
        VBPRRecommender(**SMALL).fit(checkerboard()[0])


def test_a_graph_without_torch_geometric_says_which_extra(monkeypatch):
    for name in ("_graph", "_lightgcn"):
        name = f"skmmrec.recommenders.networks.{name}"
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setitem(sys.modules, "torch_geometric.nn", None)
    with pytest.raises(ImportError, match=r"pip install 'skmmrec\[neural\]'"):
        LightGCNRecommender(**SMALL).fit(checkerboard()[0])


def test_a_loss_that_is_infinite_is_named():
    network = NeuralRecommender(**SMALL | {"learning_rate": 1e30})
    with pytest.raises(
        ValueError, match=r"loss must be finite; got .*; fit with a low"
    ):
        network.fit(checkerboard()[0])
