"""Metrics against their formulas, computed once more by hand, user by user."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import ndcg_score

from skmmrec import metrics

HITS = st.integers(1, 8).flatmap(
    lambda k: arrays(bool, st.tuples(st.just(1), st.just(k)))
)


def by_hand(row, n):
    """Plain loops over the places 1, 2, ..., k."""
    k = len(row)
    places = [place for place, hit in enumerate(row, 1) if hit]
    precisions = [sum(row[:place]) / place for place in places]
    gain = sum(1 / np.log2(place + 1) for place in places)
    best = sum(1 / np.log2(place + 1) for place in range(1, min(n, k) + 1))
    return {
        "precision": len(places) / k,
        "recall": len(places) / n,
        "hit_rate": float(bool(places)),
        "reciprocal_rank": 1 / places[0] if places else 0.0,
        "average_precision": sum(precisions) / min(n, k),
        "ndcg": gain / best,
    }


@given(HITS, st.integers(0, 20))
def test_metrics_are_their_formulas(hits, more):
    """Any list, any number of items to be found."""
    n = max(1, int(hits.sum()) + more)
    for name, expected in by_hand(hits[0].tolist(), n).items():
        value = getattr(metrics, name)(hits, np.array([n]))
        assert value == pytest.approx([expected], abs=1e-12)


@given(st.integers(0, 2**32 - 1))
def test_ndcg_is_that_of_scikit_learn(seed):
    """An independent implementation, on full rankings."""
    rng = np.random.default_rng(seed)
    relevant = rng.random((3, 12)) < 0.3
    relevant[:, 0] = True
    scores = rng.permuted(np.tile(np.arange(12.0), (3, 1)), axis=1)
    order = np.argsort(-scores, axis=1)
    hits = np.take_along_axis(relevant, order, axis=1)[:, :5]
    ours = metrics.ndcg(hits, relevant.sum(axis=1)).mean()
    assert ours == pytest.approx(ndcg_score(relevant, scores, k=5), abs=1e-9)


def test_auc_by_hand():
    """Of 2 · 2 pairs one is in order and one tied; -inf does not compete."""
    scores = np.array([[3, 2, 1, 1, -np.inf]])
    relevant = np.array([[False, True, True, False, False]])
    assert metrics.auc(scores, relevant, np.array([2])) == 1.5 / 4


def test_auc_counts_what_cannot_be_found_as_last():
    """One of two relevant items is not in the catalogue: half of the pairs are lost."""
    scores, relevant = np.array([[2.0, 1.0]]), np.array([[True, False]])
    assert metrics.auc(scores, relevant, np.array([2])) == 0.5


def test_auc_without_another_item_is_nan():
    """There is no pair."""
    scores, relevant = np.array([[2.0, -np.inf]]), np.array([[True, False]])
    assert np.isnan(metrics.auc(scores, relevant, np.array([1]))).all()
