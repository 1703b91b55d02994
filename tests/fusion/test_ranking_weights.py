"""Learned weights: planted shares come back, chance gets nothing, the seed decides."""

import numpy as np
import pytest

from skmmrec import (
    ConcatFusion,
    FeatureTable,
    Interactions,
    MultimodalFusion,
    TabularEncoder,
    WeightedMeanFusion,
    WeightedSumFusion,
)
from skmmrec.datasets import make_multimodal_shop
from skmmrec.encoders import SparseTextEncoder
from skmmrec.fusion import _ranking_weights
from skmmrec.fusion._base import had_by
from skmmrec.fusion._ranking_weights import ranking_weights

NAN = np.nan


def planted(shares, n_users=200, n_items=240, d=4, n_liked=12, seed=0):
    """Users like the items with the highest Σ share u·x, all x of length 1."""
    rng = np.random.default_rng(seed)
    blocks, utility = {}, rng.gumbel(size=(n_users, n_items))
    for name, share in shares.items():
        x = rng.standard_normal((n_items, d))
        blocks[name] = x / np.linalg.norm(x, axis=1, keepdims=True)
        utility += 8 * share * rng.standard_normal((n_users, d)) @ blocks[name].T
    liked = np.argsort(-utility, axis=1)[:, :n_liked]
    X = Interactions(
        {"user": np.repeat(np.arange(n_users), n_liked), "item": liked.ravel()},
        items={"item": np.arange(n_items)},
    )
    return X.with_table("items", FeatureTable.from_blocks(blocks))


def learned(X, seed=0):
    return ranking_weights(X.items, had_by(X), seed)


@pytest.mark.parametrize("seed", range(3))
def test_a_modality_of_pure_noise_gets_no_weight(seed):
    """Exactly none, or next to it."""
    weights = learned(planted({"a": 0.5, "b": 0.5, "noise": 0.0}, seed=seed))
    assert weights["noise"] <= 0.25
    assert min(weights["a"], weights["b"]) >= 0.5


def test_weights_have_the_order_of_the_planted_shares():
    """Of three, in whatever order they come; a weight is a root, so less far apart."""
    weights = learned(planted({"little": 0.2, "most": 1.2, "some": 0.5}))
    assert weights["most"] == 1
    assert weights["most"] > weights["some"] > weights["little"] > 0


def test_the_shares_of_the_shop_are_found():
    """Encoded texts and tables, whose numbers of columns and scales differ."""
    order = {}
    for text in (0.9, 0.1):
        shares = {"text": text, "tabular": 1 - text}
        X = make_multimodal_shop(200, 200, shares=shares, random_state=0)
        encoder = SparseTextEncoder(n_components=16, random_state=0)
        branches = [
            ("text", encoder, "description"),
            ("tabular", TabularEncoder(), ["category", "price", "tags"]),
        ]
        fusion = MultimodalFusion(branches, weights="learned")
        fusion.set_params(method=ConcatFusion(random_state=0)).fit(X)
        weights = fusion.method_.weights_
        order[text] = weights["text"] - weights["tabular"]
    assert order[0.9] > 0 > order[0.1]


def test_scale_and_width_are_no_evidence():
    """A block of large numbers is worth what it was worth."""
    X = planted({"a": 0.7, "b": 0.3})
    table = X.items
    loud = {"a": table.block("a"), "b": 1e4 * table.block("b") + 1e5}
    again = learned(X.with_table("items", FeatureTable.from_blocks(loud)))
    assert again == pytest.approx(learned(X))


def test_a_missing_modality_is_no_evidence():
    """Its zeros, and whatever else may stand there, take no part."""
    X = planted({"a": 0.7, "b": 0.6})
    blocks = {name: X.items.block(name).copy() for name in "ab"}
    blocks["b"][::3] = NAN
    table = FeatureTable.from_blocks(blocks)
    weights = learned(X.with_table("items", table))
    assert min(weights.values()) >= 0.5
    table.values[::3, table.blocks["b"]] = 1e6
    assert learned(X.with_table("items", table)) == weights


@pytest.mark.parametrize(
    "method", [ConcatFusion, WeightedMeanFusion, WeightedSumFusion]
)
def test_the_same_seed_gives_the_same_weights(method, monkeypatch):
    """Also where users and items are sampled."""
    monkeypatch.setattr(_ranking_weights, "MAX_USERS", 50)
    monkeypatch.setattr(_ranking_weights, "MAX_ITEMS", 90)
    X = planted({"a": 0.7, "b": 0.3})
    first, again = (
        method(weights="learned", random_state=3).fit(X).transform(X).items.values
        for _ in range(2)
    )
    np.testing.assert_array_equal(first, again)


def test_a_sample_is_enough(monkeypatch):
    """Of users, and of the items that are ranked."""
    monkeypatch.setattr(_ranking_weights, "MAX_USERS", 100)
    monkeypatch.setattr(_ranking_weights, "MAX_ITEMS", 120)
    weights = learned(planted({"a": 1.0, "noise": 0.0}))
    assert weights["a"] == 1
    assert weights["noise"] <= 0.25


def test_weights_are_those_of_the_blocks_that_are_fused():
    """Learned after whitening, for whitened blocks."""
    X = planted({"a": 0.7, "b": 0.7})
    a = X.items.block("a").copy()
    a[:, 0] = 3 * np.random.default_rng(0).standard_normal(len(a))  # says nothing
    X = X.with_table(
        "items", FeatureTable.from_blocks({"a": a, "b": X.items.block("b")})
    )
    weights = {
        scaling: ConcatFusion(scaling, weights="learned", random_state=0)
        .fit(X)
        .weights_["a"]
        for scaling in ("standard", "whiten")
    }
    assert weights["standard"] < weights["whiten"]


def test_blocks_as_they_come_are_brought_to_one_scale():
    """Weights of blocks of no common scale would mean nothing."""
    X = planted({"a": 0.7, "b": 0.7})
    table = FeatureTable.from_blocks(
        {"a": 1000 * X.items.block("a"), "b": X.items.block("b")}
    )
    X = X.with_table("items", table)
    fused = ConcatFusion(None, weights="learned", random_state=0).fit(X).transform(X)
    lengths = [np.linalg.norm(fused.items.block(name)) for name in "ab"]
    assert 0.5 <= lengths[0] / lengths[1] <= 2


def lonely():
    """Users with one liked item each teach nothing of taste."""
    X = planted({"a": 1.0, "b": 1.0})
    _, first = np.unique(X.user_codes, return_index=True)
    return X[first]


@pytest.mark.parametrize("events", [None, had_by(lonely())])
def test_without_events_all_weigh_the_same(events):
    """With a warning that says what is missing."""
    with pytest.warns(UserWarning, match="must see users who liked two items or more"):
        assert ranking_weights(lonely().items, events) == {"a": 1.0, "b": 1.0}


def test_users_are_weighed_as_items_are():
    """on="users": who else had the item they had."""
    X = planted({"a": 1.0, "noise": 0.0})
    table = X.items
    turned = Interactions(
        {"user": X.item_ids, "item": X.user_ids},
        users={"user": np.arange(len(table))}
        | {name: table.block(name) for name in table.blocks},
    )
    branches = [(name, "passthrough", name) for name in table.blocks]
    method = ConcatFusion(None, random_state=0)
    fusion = MultimodalFusion(branches, method=method, weights="learned", on="users")
    assert not fusion.fit_transform(turned).users.present[:, 1].any()


def test_an_unknown_word_for_weights_is_named():
    """There is one."""
    table = planted({"a": 1.0, "b": 1.0}).items
    with pytest.raises(ValueError, match="'weights' parameter of .*'learned'.* Got 'l"):
        ConcatFusion(weights="learnt").fit(table)
