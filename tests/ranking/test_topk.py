"""Exact top-k: order, ties, exclusions, too few."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from skmmrec.ranking import _topk, blocks_of_rows, top_k, top_k_of_blocks

SCORES = arrays(
    np.float32,
    st.tuples(st.integers(1, 5), st.integers(1, 12)),
    elements=st.sampled_from([-np.inf, -1, 0, 0.5, 3]),  # many ties
)


@given(SCORES, st.integers(1, 14))
def test_top_k_is_a_stable_sort(scores, k):
    """Best first, the first of equals, nothing that is excluded."""
    columns, best = top_k(scores, k)
    assert columns.shape == best.shape == (len(scores), k)
    for row, found, values in zip(scores, columns, best):
        order = [c for c in np.argsort(-row, kind="stable") if row[c] > -np.inf][:k]
        assert found.tolist() == order + [-1] * (k - len(order))
        assert values[: len(order)].tolist() == row[order].tolist()
        assert np.isnan(values[len(order) :]).all()


@pytest.mark.parametrize("n_values", [3, 40, 10**6])
@pytest.mark.parametrize("k", [1, 3, 10])
def test_top_k_of_many_columns_is_a_stable_sort(n_values, k):
    """Searched by groups of columns, with many ties and with none."""
    rng = np.random.default_rng(0)
    scores = rng.integers(0, n_values, (40, 1003)).astype(np.float32)
    scores[rng.random(scores.shape) < 0.5] = -np.inf
    scores[0, 5:], scores[1] = -np.inf, -np.inf
    columns, best = top_k(scores, k)
    expected = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    values = np.take_along_axis(scores, expected, axis=1)
    assert np.array_equal(columns, np.where(np.isneginf(values), -1, expected))
    assert np.array_equal(best[best > 0], values[values > 0])


@given(st.integers(0, 1000), st.integers(1, 10**9))
def test_blocks_cover_every_row_once(n_rows, n_columns):
    """Also where one row is larger than a block."""
    rows = [
        r for part in blocks_of_rows(n_rows, n_columns) for r in range(n_rows)[part]
    ]
    assert rows == list(range(n_rows))


@pytest.mark.parametrize("ascending", [False, True])
@pytest.mark.parametrize("n_rows", [1, 3, 530])
def test_blocks_change_nothing(monkeypatch, n_rows, ascending):
    """Cut by rows and by columns, also where the best come last, with many ties."""
    monkeypatch.setattr(_topk, "BLOCK_BYTES", 4 * 512 * 40)
    rng = np.random.default_rng(0)
    scores = rng.integers(0, 50, (n_rows, 501)).astype(np.float32)
    if ascending:
        scores.sort(axis=1)
    scores[:, :100][rng.random((n_rows, 100)) < 0.5] = -np.inf
    scores[0, 7:] = -np.inf

    def score(rows, columns):
        return scores[rows, columns].copy()

    for k in (1, 5, 60):
        expected = top_k(scores, k)
        for cut in (True, False):
            found = top_k_of_blocks(score, n_rows, 501, k, cut_columns=cut)
            for ours, theirs in zip(found, expected):
                np.testing.assert_array_equal(ours, theirs)
