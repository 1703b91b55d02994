"""Federated ALS: the same answer as on one machine, and what the server gets to see."""

import numpy as np
import pytest
import scipy.sparse as sp

import skmmrec
from skmmrec import ALSRecommender, Interactions, get_scorer
from skmmrec.privacy import FederatedALSRecommender
from skmmrec.privacy import _federated as federated
from skmmrec.testing import checkerboard

PARAMETERS = {"n_components": 8, "random_state": 0}


def exact_als(C, Y, regularization, max_iter):
    """By the equations, one user and one item after another."""
    penalty = regularization * np.eye(Y.shape[1])

    def solve(rows, others):
        return np.array(
            [
                np.linalg.solve(
                    others.T @ np.diag(1 + (c > 0) * (c - 1)) @ others + penalty,
                    others.T @ c,
                )
                for c in rows
            ]
        )

    for _ in range(max_iter):
        X = solve(C, Y)
        Y = solve(C.T, X)
    return Y


@pytest.fixture
def messages(monkeypatch):
    """All that the server got."""
    kept = []
    for name in ("averaged", "solved"):
        server = getattr(federated, name)

        def record(answers, *arguments, server=server):
            answers = list(answers)
            kept.extend(answers)
            return server(answers, *arguments)

        monkeypatch.setattr(federated, name, record)
    return kept


@pytest.mark.parametrize("message", ["factors", "statistics"])
def test_the_checkerboard_is_solved_by_shards(message):
    """No shard has seen all users, all of them rank as if it had."""
    train, test = checkerboard()
    model = FederatedALSRecommender(**PARAMETERS, n_shards=4, message=message)
    assert get_scorer("ndcg@10")(model.fit(train), test) > 0.95


@pytest.mark.parametrize(("message", "n_shards"), [("statistics", 5), ("factors", 1)])
def test_sums_over_shards_are_those_of_one_machine(message, n_shards):
    """And one shard has the mean of one: both follow the equations of Hu et al."""
    rng = np.random.default_rng(0)
    R = (rng.random((25, 12)) < 0.3).astype(np.float32)
    users, items = R.nonzero()
    model = FederatedALSRecommender(
        3, max_iter=4, n_shards=n_shards, message=message, random_state=0
    ).fit(Interactions({"user": users, "item": items}))
    C = 3.0 * (model.seen_.toarray() > 0)
    seed = np.random.RandomState(0).randint(2**31 - 1)
    start = 0.01 * np.random.RandomState(seed).random_sample((C.shape[1], 3))
    expected = exact_als(C, start, 3.0, 4)
    np.testing.assert_allclose(model.item_factors_, expected, rtol=1e-2, atol=1e-4)


def test_a_message_of_factors_holds_an_item_and_a_mean(messages):
    """No user is in it: neither ids nor codes, nor anything of their number."""
    train, _ = checkerboard()
    model = FederatedALSRecommender(**PARAMETERS, n_shards=4, max_iter=3).fit(train)
    assert len(messages) == 4 * 3
    for message in messages:
        m = len(message.items)
        assert vars(message).keys() == {"items", "counts", "factors"}
        assert message.counts.shape == (m,)
        assert message.factors.shape == (m, 8)
    last = messages[-4:]
    counts = sum(
        np.bincount(m.items, m.counts, len(model.item_vocabulary_)) for m in last
    )
    assert counts.tolist() == model.seen_.count_nonzero(axis=0).tolist()


def test_a_message_of_statistics_holds_sums_over_users(messages):
    """Of fixed size, whoever is in the shard."""
    train, _ = checkerboard()
    FederatedALSRecommender(
        **PARAMETERS, n_shards=4, max_iter=1, message="statistics"
    ).fit(train)
    for message in messages:
        m = len(message.items)
        shapes = {name: array.shape for name, array in vars(message).items()}
        assert shapes == {
            "items": (m,),
            "gram": (8, 8),
            "left": (m, 8, 8),
            "right": (m, 8),
        }


def test_a_shard_of_one_user_tells_the_history(messages):
    """What messages do not hide, and the documentation says."""
    X = Interactions({"user": [1, 1, 2], "item": [10, 30, 20]})
    model = FederatedALSRecommender(
        2, regularization=0.1, max_iter=1, n_shards=2, random_state=0
    ).fit(X)
    told = {tuple(model.item_vocabulary_.decode(m.items)) for m in messages}
    assert told == {(10, 30), (20,)}


def test_a_shard_answers_by_nothing_but_item_factors():
    """Which come from the server: one shard cannot ask about another."""
    C = sp.csr_matrix(np.array([[3, 0, 3], [0, 0, 3]], np.float32))
    solve = ALSRecommender(2)._exactly
    shard, other = (federated.UserShard(part, solve) for part in (C, C[:1]))
    Y = np.eye(3, 2, dtype=np.float32)
    assert shard.factors(Y, 1.0, 0.5).items.tolist() == [0, 2]
    assert shard.factors(Y, 1.0, 0.5).counts.tolist() == [1, 2]
    assert other.factors(Y, 1.0, 0.5).counts.tolist() == [1, 1]


def test_weighted_means_are_those_of_events():
    """Two shards, of which one has three times the events."""
    messages = [
        federated.Factors(np.array([0]), np.array([3.0]), np.array([[1.0]])),
        federated.Factors(np.array([0, 1]), np.array([1.0, 2]), np.array([[5.0], [7]])),
    ]
    assert federated.averaged(messages, (3, 1)).tolist() == [[2.0], [7.0], [0.0]]


def test_a_federated_model_is_saved_and_goes_on(tmp_path):
    """New users are folded in as by ALS, and who leaves is gone."""
    train, _ = checkerboard()
    model = FederatedALSRecommender(**PARAMETERS).fit(train)
    skmmrec.save(model, tmp_path / "model")
    again = skmmrec.load(tmp_path / "model")
    white = {"user": ["new"] * 4, "item": [0, 2, 4, 6]}
    found = again.recommend(["new"], k=5, history=white)
    assert (found == model.recommend(["new"], k=5, history=white)).all()
    assert all(item % 2 == 0 for item in found[0])
    n_users = len(again.user_vocabulary_)
    again.forget(again.user_vocabulary_.ids[:1])
    assert len(again.user_vocabulary_) == n_users - 1


def test_shards_need_some_regularization():
    """Else the factors of a shard with few users have no unique solution."""
    with pytest.raises(ValueError, match="'regularization' parameter"):
        FederatedALSRecommender(regularization=0).fit(checkerboard()[0])
