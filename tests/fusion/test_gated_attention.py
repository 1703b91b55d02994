"""Gates and attention: they learn what tastes follow, and what is missing weighs 0."""

import pickle
import sys

import numpy as np
import pytest
import scipy.sparse as sp

from skmmrec import (
    AttentionFusion,
    ConcatFusion,
    FeatureTable,
    GatedFusion,
    Interactions,
)
from skmmrec.fusion._contrastive import Pairs
from skmmrec.fusion._network import masked_softmax
from tests.fusion._taste import NAN, hit_rate, planted

METHODS = [GatedFusion(8, random_state=0), AttentionFusion(8, random_state=0)]
methods = pytest.mark.parametrize("method", METHODS, ids=["gated", "attention"])


@pytest.fixture
def torch():
    return pytest.importorskip("torch")


@methods
def test_the_modality_that_tastes_follow_weighs_most(torch, method):
    """Text is followed, the noise is a hundred times as loud."""
    table, events, _ = planted()
    weights = method.fit(table, events).modality_weights(table)[200:]
    text, noise = weights.mean(axis=0)
    assert text > 2 * noise


@methods
def test_new_items_are_ranked_better_than_by_equal_weights(torch, method):
    """Of items that nobody has had, those of like taste are near each other."""
    table, events, taste = planted()
    learned = method.fit(table, events).transform(table).values[200:]
    with pytest.warns(UserWarning, match="all modalities weigh the same"):
        equal = method.fit(table).transform(table).values[200:]
    concat = ConcatFusion().fit_transform(table).values[200:]
    best = max(hit_rate(equal, taste[200:]), hit_rate(concat, taste[200:]))
    assert hit_rate(learned, taste[200:]) > 1.5 * best


@methods
def test_weights_are_of_what_is_present(torch, method):
    """One half has the text alone, one row nothing at all."""
    full, events, _ = planted()
    noise, text = full.block("noise").copy(), full.block("text").copy()
    noise[::2] = NAN
    text[0] = NAN
    table = FeatureTable.from_blocks({"text": text, "noise": noise})
    fused = method.fit(table, events).transform(table)
    weights = method.modality_weights(table)
    assert weights[2::2].tolist() == [[1, 0]] * 149
    assert weights[1::2].sum(axis=1) == pytest.approx(1)
    assert weights[0].tolist() == [0, 0]
    assert fused.present.ravel().tolist() == [False] + [True] * 299
    assert not fused.values[0].any()
    assert np.linalg.norm(fused.values[1:], axis=1) == pytest.approx(1, abs=1e-5)


@methods
def test_values_of_a_missing_modality_are_never_seen(torch, method):
    """Whatever stands where nothing is, weights and vectors are the same."""
    table, events, _ = planted()
    table.present[::3, 1] = False
    method.fit(table, events)
    changed = FeatureTable(table.values.copy(), table.blocks, table.present)
    changed.block("noise")[::3] = 7
    for ask in (lambda t: method.transform(t).values, method.modality_weights):
        np.testing.assert_array_equal(ask(table), ask(changed))


@methods
def test_same_seed_same_bits_also_out_of_a_pickle(torch, method):
    """And the seed of torch is left alone."""
    table, events, _ = planted()
    torch.manual_seed(5)
    state, n_threads = torch.get_rng_state(), torch.get_num_threads()
    first = method.fit(table, events).transform(table).values
    stored = pickle.dumps(method)
    np.testing.assert_array_equal(
        first, method.fit(table, events).transform(table).values
    )
    assert torch.equal(state, torch.get_rng_state())
    assert torch.get_num_threads() == n_threads
    assert b"torch" not in stored
    np.testing.assert_array_equal(first, pickle.loads(stored).transform(table).values)


@methods
def test_a_row_does_not_depend_on_the_others(torch, method):
    """One by one, or all at once."""
    table, events, _ = planted()
    fused = method.fit(table, events).transform(table).values
    alone = method.transform(table.take([17])).values
    np.testing.assert_array_equal(fused[[17]], alone)


@methods
def test_without_torch_the_extra_is_named(monkeypatch, method):
    """In fit; without events there is nothing that needs it."""
    monkeypatch.setitem(sys.modules, "torch", None)
    table, events, _ = planted()
    with pytest.raises(ImportError, match=r"pip install 'skmmrec\[neural\]'"):
        method.fit(table, events)
    with pytest.warns(UserWarning, match="must see users who had several"):
        assert method.fit(table).transform(table).shape == (300, 8)


@methods
def test_events_that_teach_nothing_are_said(method):
    """Every user had one item: no pairs, equal weights."""
    table, _, _ = planted()
    events = sp.csr_array(np.eye(300, dtype=np.float32))
    with pytest.warns(UserWarning, match="fit on an Interactions"):
        method.fit(table, events)
    assert (method.modality_weights(table) == 0.5).all()


@methods
def test_it_stops_when_held_out_items_no_longer_gain(torch, method):
    """The best epoch is kept, and a few more were tried."""
    losses = method.fit(*planted()[:2]).losses_
    assert min(losses) < losses[0] - 0.1
    assert len(losses) == method.n_iter_ + 1 < method.max_iter
    assert np.argmin(losses) == len(losses) - 4


@methods
def test_interactions_teach_it(torch, method):
    """As a step after an encoder of the item table."""
    table, events, _ = planted()
    item, user = events.nonzero()
    X = Interactions({"user": user, "item": item}, items={"item": np.arange(300)})
    X = X.with_table("items", table)
    fused = method.fit(X).transform(X).items
    assert fused.shape == (300, 8)
    text, noise = method.modality_weights(X).mean(axis=0)
    assert text > noise


def test_pairs_are_two_rows_of_one_user():
    """Never a row with itself; a held-out row with one that is learned from."""
    _, events, _ = planted()
    had = np.diff(events.indptr) > 0
    held = had & (np.arange(300) % 5 == 0)
    rng = np.random.RandomState(0)
    shared = (events @ events.T).toarray() > 0
    for seconds in (had & ~held, held):
        pairs = Pairs(events, had & ~held, seconds)
        first, second = pairs.draw(10_000, rng)
        assert len(first) > 100
        assert shared[first, second].all()
        assert (first != second).all()
        assert not held[first].any()
        assert seconds[second].all()


def test_masked_softmax_is_its_formula():
    """Over what is present; zeros where nothing is."""
    logits, present = (
        np.log([[1.0, 3], [1, 3], [1, 3]]),
        np.array([[1.0, 1], [0, 1], [0, 0]]),
    )
    weights = masked_softmax(np, logits, present)
    assert weights == pytest.approx(np.array([[0.25, 0.75], [0, 1], [0, 0]]))
