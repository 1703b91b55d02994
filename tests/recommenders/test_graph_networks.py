"""MMGCN and FREEDOM: their equations, the checkerboard, and items without events."""

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn import clone

from skmmrec import (
    FeatureTable,
    FREEDOMRecommender,
    Interactions,
    MMGCNRecommender,
    get_scorer,
)
from skmmrec.testing import checkerboard, colours, painted

torch = pytest.importorskip("torch")
pytest.importorskip("torch_geometric")

from skmmrec.recommenders.networks import Items  # noqa: E402
from skmmrec.recommenders.networks._sampled_graph import SampledGraph  # noqa: E402
from skmmrec.recommenders.networks._training import as_items  # noqa: E402

SMALL = {
    "edge_dropout": 0.5,
    "batch_size": 128,
    "learning_rate": 0.03,
    "max_iter": 10,
    "validation_fraction": 0,
    "random_state": 0,
}
MODELS = [
    MMGCNRecommender(8, **SMALL),
    MMGCNRecommender(8, entities=True, **SMALL),
    FREEDOMRecommender(8, **SMALL),
]


@pytest.fixture(params=MODELS, ids=["mmgcn", "entities", "freedom"])
def model(request):
    return clone(request.param)


@pytest.fixture
def world():
    """The painted one, with the colour of half of the items as a second modality."""
    train, _ = painted()
    return train.with_table("items", two_modalities(np.arange(30)))


def two_modalities(items):
    """Of items, of which the even ones are white."""
    values = colours(30).values[items % 30]
    half = np.where(items[:, None] % 4 < 2, values, np.nan)
    return FeatureTable.from_blocks({"colour": values, "half": half})


def normalized(A):
    """D^-½ A D^-½ of a dense matrix."""
    degrees = np.maximum(A.sum(axis=1), 1e-9)
    return A / np.sqrt(degrees[:, None] * degrees)


def weights(model):
    """Of the network, as arrays."""
    state = model.network_.state_dict()
    return {name: weight.numpy() for name, weight in state.items()}


def test_the_checkerboard_is_solved(model):
    """By events alone."""
    train, test = checkerboard()
    assert get_scorer("ndcg@10")(model.fit(train), test) > 0.95


def test_new_items_are_placed_by_their_content(model, world):
    """Those in the catalogue that nobody has had, and those that come later."""
    model.fit(world)
    assert model.recommend([0, 1], 1, candidates=[28, 29]).tolist() == [[28], [29]]
    items = np.array([98, 99])
    new = Interactions(
        {"user": [0, 0, 1, 1], "item": [98, 99, 98, 99]}, items={"item": items}
    ).with_table("items", two_modalities(items))
    (white, black), (other, same) = model.predict(new).reshape(2, 2)
    assert white > black
    assert same > other


def test_same_seed_same_factors(model, world):
    """The events that are left out are drawn by it too."""
    first = model.fit(world).item_factors_.copy()
    np.testing.assert_array_equal(model.fit(world).item_factors_, first)
    other = model.set_params(random_state=1).fit(world).item_factors_
    assert not np.allclose(other, first)


@pytest.mark.parametrize("entities", [False, True])
def test_an_unheard_item_is_to_the_graph_what_a_new_one_is(world, entities):
    """The vector of its node is the one that `items` computes without the graph."""
    model = MMGCNRecommender(8, entities=entities, **SMALL).fit(world)
    codes = np.where(np.arange(30) < 28, np.arange(30), -1)
    table = world.items
    items = as_items(codes, model.projection_(table), table.present)
    network = model._network(model.seen_, items, model.projection_.columns).eval()
    with torch.no_grad():
        node = network.propagated()[40 + 28 : 40 + 30].numpy()
        alone = network.items(Items(*(part[28:] for part in items))).numpy()
    assert np.abs(node).max() > 0
    np.testing.assert_allclose(alone, node, rtol=1e-4, atol=1e-6)


def test_mmgcn_is_its_equation(world):
    """H' = tanh(A H (I + W) + b) for each modality; the mean of all layers of both."""
    model = MMGCNRecommender(4, n_layers=2, **SMALL).fit(world)
    w, R = weights(model), model.seen_.toarray()[:, :28] > 0
    x, present = model.projection_(world.items), world.items.present
    A = normalized(np.block([[np.eye(40), R], [R.T, np.eye(28)]]))
    expected = 0
    for m, columns in enumerate(model.projection_.columns):
        content = x[:, columns] @ w["maps.weight"][columns] + w["maps.bias"][m]
        item = w["item_start.weight"] + content * present[:, [m]]
        H = total = np.concatenate([w["user_start.weight"], item[:28]])
        for layer in range(2):
            name = f"convolutions.{m}.layers.{layer}"
            W = np.eye(4) + w[f"{name}.weight"].T
            H = np.tanh(A @ H @ W + w[f"{name}.bias"])
            total = total + H
        expected = expected + total / 3 / 2
    np.testing.assert_allclose(model.user_factors_, expected[:40], rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(
        model.item_factors_[:28], expected[40:], rtol=1e-3, atol=1e-5
    )


def test_freedom_is_its_equation(world):
    """Light convolutions over all events, and one over the neighbours by content."""
    model = FREEDOMRecommender(4, n_neighbors=3, **SMALL).fit(world)
    w, R = weights(model), model.seen_.toarray() > 0
    A = normalized(np.block([[np.zeros((40, 40)), R], [R.T, np.zeros((30, 30))]]))
    item = model.network_.E_items
    E = np.concatenate([w["user_start.weight"], item])
    E = (E + A @ E + A @ A @ E) / 3
    np.testing.assert_allclose(model.user_factors_, E[:40], rtol=1e-3, atol=1e-5)
    expected = (E[40:] + model.item_graph_ @ item)[:28]
    np.testing.assert_allclose(model.item_factors_[:28], expected, rtol=1e-3, atol=1e-5)


def test_the_frozen_graph_joins_items_of_one_colour(world):
    """The mean over modalities, of graphs of which all edges weigh the same."""
    model = FREEDOMRecommender(4, n_neighbors=3, **SMALL).fit(world)
    S = model.item_graph_.toarray()
    item, near = np.nonzero(S)
    assert (item % 2 == near % 2).all()
    assert (item != near).all()
    edges = [graph.edges.toarray() for graph in model.graphs_]
    expected = sum(normalized(((E > 0) | (E.T > 0)) * 1.0) for E in edges) / 2
    np.testing.assert_allclose(S, expected, rtol=1e-5)


def test_an_epoch_sees_a_part_of_the_events_rare_ones_first():
    """Ten users with the same ten items, and 100 users with an item of their own."""
    block = sp.csr_array(np.ones((10, 10), dtype=np.float32))
    R = sp.block_diag([block, sp.eye_array(100)], format="csr", dtype=np.float32)
    torch.manual_seed(0)
    graph = SampledGraph(sp.csr_array(R), dropout=0.5)
    rows = []
    for _ in range(2):
        graph.train()
        rows.append(np.diff(graph.drawn.crow_indices().numpy()))
    assert [counts.sum() for counts in rows] == [200, 200]  # there and back
    assert (rows[0] != rows[1]).any()
    assert rows[0][10:110].sum() > 75
    x = torch.randn(220, 3)
    A = graph.eval().A.to_dense()
    np.testing.assert_allclose(graph(x), A @ x, rtol=1e-5, atol=1e-6)
