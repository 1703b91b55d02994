"""Mean and covariance over what is present."""

import numpy as np
import pytest

from skmmrec import FeatureTable
from skmmrec.fusion._moments import leading, moments, patterns

NAN = np.nan


def thinned(seed=0, n=400, share=0.5):
    """Three correlated modalities, each missing from half of the rows."""
    rng = np.random.default_rng(seed)
    shared = rng.standard_normal((n, 2))
    blocks = {
        name: shared @ rng.standard_normal((2, d)) + rng.standard_normal((n, d)) + 7
        for name, d in {"a": 4, "b": 3, "c": 2}.items()
    }
    for block in blocks.values():
        block[rng.random(n) < share] = NAN
    return FeatureTable.from_blocks(blocks)


def test_complete_rows_give_the_ordinary_moments():
    """Mean and covariance of numpy, each block divided by its root mean square."""
    table = thinned(share=0)
    found = moments(table)
    expected = np.cov(table.values.astype(np.float64), rowvar=False, ddof=0)
    np.testing.assert_allclose(found.mean, table.values.mean(axis=0), rtol=1e-5)
    scale = 1 / np.sqrt(np.trace(expected[:4, :4]))
    np.testing.assert_allclose(found.scale[:4], scale, rtol=1e-6)
    np.testing.assert_allclose(
        found.covariance, expected * np.outer(found.scale, found.scale), atol=1e-6
    )


def test_entries_are_over_the_rows_that_have_both():
    """A product of the two rows with both columns, by hand."""
    table = FeatureTable.from_blocks(
        {"a": [[-1.0], [1], [-1], [1]], "b": [[-8.0], [8], [NAN], [NAN]]}
    )
    found = moments(table)
    assert found.mean.tolist() == [0, 0]
    assert found.scale.tolist() == [1, 1 / 8]
    np.testing.assert_allclose(found.covariance, 1)


def test_the_covariance_is_positive_semi_definite():
    """Pairwise entries that no data could have: a = b, b = c, and a = -c."""
    a = [-1.0, 1, -1, 1, NAN, NAN]
    b = [-1.0, 1, NAN, NAN, -1, 1]
    c = [NAN, NAN, 1, -1, -1, 1]
    table = FeatureTable.from_blocks(
        {name: np.array(x)[:, None] for name, x in zip("abc", (a, b, c))}
    )
    covariance = moments(table).covariance
    assert np.linalg.eigvalsh(covariance)[0] > -1e-12
    assert covariance[0, 1] > 0.3  # what is left of 1
    assert covariance[0, 2] < -0.3


def test_large_offsets_and_constant_blocks_are_no_variance():
    """Rounding must not be scaled up to 1."""
    table = FeatureTable.from_blocks(
        {"same": np.full((50, 3), 0.1), "far": 1e4 + np.arange(50.0)[:, None]}
    )
    found = moments(table)
    assert not found.scale[:3].any()
    assert found.scale[3] == pytest.approx(1 / np.arange(50.0).std())
    assert not found.covariance[:3].any()


def test_blocks_that_never_meet_are_uncorrelated():
    """No row has both; nothing is made up."""
    table = FeatureTable.from_blocks(
        {"a": [[1.0], [2], [NAN]], "b": [[NAN], [NAN], [3]]}
    )
    assert moments(table).covariance[0, 1] == 0


def test_missing_rows_do_not_bias_the_moments():
    """Near those of all rows, though half of each modality is gone."""
    full, half = (moments(thinned(n=20_000, share=share)) for share in (0, 0.5))
    np.testing.assert_allclose(half.covariance, full.covariance, atol=0.02)


def test_patterns_divide_the_rows():
    """Every row in the pattern it has, once."""
    present = thinned().present
    found = list(patterns(present))
    assert len(found) == 8
    assert sorted(np.concatenate([rows for _, rows in found])) == list(range(400))
    assert all((present[rows] == pattern).all() for pattern, rows in found)


def test_leading_vectors_come_first_and_have_a_sign():
    """Descending values; the largest entry is positive."""
    values, vectors = leading(np.diag([1.0, 5, 3]), 2)
    assert values.tolist() == [5, 3]
    np.testing.assert_allclose(vectors, [[0, 0], [1, 0], [0, 1]], atol=1e-12)


def test_no_leading_vector_is_missed_where_many_values_are_equal():
    """LAPACK finds 50 of these 54: all but nine are 1, up to the last digit."""
    matrix = np.eye(327)
    coupling = np.random.default_rng(3).normal(size=(273, 54)) * 1e-16
    coupling[:9, :9] += np.diag(np.linspace(0.1, 0.9, 9))
    matrix[:273, 273:], matrix[273:, :273] = coupling, coupling.T
    values, vectors = leading(matrix, 54)
    np.testing.assert_allclose(values[:9], np.linspace(1.9, 1.1, 9))
    np.testing.assert_allclose(values[9:], 1)
    np.testing.assert_allclose(matrix @ vectors, vectors * values, atol=1e-9)
