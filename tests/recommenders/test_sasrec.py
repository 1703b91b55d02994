"""SASRec: order, histories given later, and what a history is cut into."""

import numpy as np
import pytest
import scipy.sparse as sp

from skmmrec import FeatureTable, Interactions, LeaveLastOut, SASRecRecommender
from skmmrec.recommenders._histories import Histories
from skmmrec.testing import painted

pytest.importorskip("torch")

N_ITEMS = 12


SMALL = {
    "dropout": 0.1,
    "learning_rate": 0.02,
    "batch_size": 128,
    "max_iter": 5,
    "validation_fraction": 0,
    "random_state": 0,
}


def small(**kwargs):
    return SASRecRecommender(12, **(SMALL | kwargs))


def rounds(n_users=150, seed=0):
    """The next item is the last one plus 1, of 12 in a circle; rows in random order."""
    rng = np.random.default_rng(seed)
    user = np.repeat(np.arange(n_users), rng.integers(3, 9, n_users))
    step = np.arange(len(user)) - np.searchsorted(user, user)
    item = (rng.integers(0, N_ITEMS, n_users)[user] + step) % N_ITEMS
    order = rng.permutation(len(user))
    events = {"user": user[order], "item": item[order], "when": step[order]}
    return Interactions(events, items={"item": np.arange(N_ITEMS)}, time="when")


@pytest.fixture(scope="module")
def model():
    return small().fit(rounds())


def test_the_next_item_is_a_function_of_the_last_one():
    """And is found, of all; the set of a history does not tell it."""
    X = rounds()
    ((train, test),) = LeaveLastOut().split(X)
    found = small().fit(X[train]).recommend(X[test].user_ids, k=1)
    assert np.mean(found[:, 0] == X[test].item_ids) > 0.9


def test_the_order_of_a_history_counts(model):
    """Given later, with times, in whatever order of rows."""
    for last, when in ((5, [1, 2, 3]), (3, [3, 2, 1])):
        history = {"user": ["new"] * 3, "item": [3, 4, 5], "when": when}
        offered = model.recommend(["new"], k=1, history=history, exclude_seen=False)
        assert offered.tolist() == [[last + 1]]


def test_news_move_a_known_user(model):
    """What comes next, comes next of the news."""
    history = {"user": [0], "item": [9], "when": [99]}
    assert model.recommend([0], k=1, history=history, exclude_seen=False) == [[10]]


def test_partial_fit_reads_on():
    """As a history given with the question."""
    model = small().fit(rounds())
    history = {"user": [0], "item": [9], "when": [99]}
    before = model.recommend([0], k=3, history=history)
    model.partial_fit(Interactions(history, time="when"))
    assert model.recommend([0], k=3)[0, 0] == before[0, 0]


def test_an_unheard_item_is_placed_and_read_by_its_content():
    """Items 12 to 15 look like 0 to 3, and nobody has had them."""
    values = np.eye(N_ITEMS)[np.arange(16) % N_ITEMS] - 1 / N_ITEMS
    X = rounds()
    X = Interactions(
        {"user": X.user_ids, "item": X.item_ids, "when": X.time},
        items={"item": np.arange(16)},
        time="when",
    ).with_table("items", FeatureTable.from_blocks({"look": values}))
    model = small(id_dropout=0.5).fit(X)
    cold = [12, 13, 14, 15]
    history = {"user": ["a", "b"], "item": [0, 2], "when": [0, 0]}
    offered = model.recommend(["a", "b"], 1, history=history, candidates=cold)
    assert offered.tolist() == [[13], [15]]
    history["item"] = [12, 14]
    offered = model.recommend(["a", "b"], 1, history=history, candidates=np.arange(12))
    assert offered.tolist() == [[1], [3]]


def test_content_alone_finds_the_colour():
    """Rows in a random order tell nothing; the colours of the items do."""
    train, _ = painted()
    order = np.random.default_rng(0).permutation(len(train))
    model = small(max_iter=15).fit(train[order])
    assert model.recommend([0, 1], 1, candidates=[28, 29]).tolist() == [[28], [29]]


def test_same_seed_same_factors(model):
    again = small().fit(rounds())
    np.testing.assert_array_equal(again.item_factors_, model.item_factors_)
    np.testing.assert_array_equal(again.user_factors_, model.user_factors_)


def test_a_user_is_read_the_same_among_others(model):
    """Whoever else is asked for, and however long their histories are."""
    events = {"user": [0] * 7 + [1, 1], "item": [*range(7), 4, 5]}
    events["when"] = np.arange(9)
    both = model.recommend([1], 12, history=events, return_scores=True)[1]
    alone = {name: np.asarray(values)[7:] for name, values in events.items()}
    alone = model.recommend([1], 12, history=alone, return_scores=True)[1]
    np.testing.assert_allclose(both, alone, rtol=1e-4, atol=1e-5)


def test_no_event_sees_a_later_one(model):
    """The vectors after three events are those of the first three of five."""
    network, V = model.network_, model.network_.tensor(model.item_factors_)
    tokens = np.array([3, 1, 4, 1, 5])
    whole = network.states(V, tokens, np.array([5])).detach()[:3]
    part = network.states(V, tokens[:3], np.array([3])).detach()
    np.testing.assert_allclose(whole, part, rtol=1e-4, atol=1e-5)


def test_histories_are_ordered_and_cut_from_the_end():
    """Five events in windows of two: one, two, two."""
    H = sp.csr_array([[1.0, 2, 3, 4, 5], [0, 0, 6, 0, 0], [0, 0, 0, 0, 0]])
    times = H.copy()
    times.data = np.array([9.0, 0, 5, 3, 4, 1])
    histories = Histories(H, times, 2)
    assert histories.items.tolist() == [1, 3, 4, 2, 0, 2]
    assert H.data[histories.places].tolist() == [2, 4, 5, 3, 1, 6]
    assert histories.first.tolist() == [0, 1, 3, 5]
    assert histories.lengths.tolist() == [1, 2, 2, 1]
    assert histories.last.tolist() == [4, 5]
    assert histories.continued.tolist() == [0, 1, 2, 3]
    events, lengths = histories.events(np.array([1, 3]))
    assert events.tolist() == [1, 2, 5]
    assert lengths.tolist() == [2, 1]


def test_heads_must_divide_the_width():
    with pytest.raises(ValueError, match="multiple of n_heads; got 12 and 5; change"):
        small(n_heads=5).fit(rounds())
