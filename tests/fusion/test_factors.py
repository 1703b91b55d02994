"""Factors of co-consumption: known answers, and rows without events."""

import numpy as np
import scipy.sparse as sp

from skmmrec.fusion._factors import co_consumption_factors


def two_circles():
    """Users 0 to 4 have rows 0 to 3, users 5 to 9 rows 4 to 7; row 8 has nobody."""
    events = np.zeros((9, 10))
    events[:4, :5] = events[4:8, 5:] = 1
    return sp.csr_array(events)


def test_rows_of_one_public_are_alike():
    """And at right angles to those of another."""
    F, _ = co_consumption_factors(two_circles(), 2, random_state=0)
    expected = np.kron(np.diag([1, 1, 0]), np.full((4, 4), 0.25))[:9, :9]
    np.testing.assert_allclose(F @ F.T, expected, atol=1e-6)


def test_a_row_without_events_is_zero_and_not_known():
    """Nothing is said of it."""
    F, known = co_consumption_factors(two_circles(), 2, random_state=0)
    assert known.tolist() == [True] * 8 + [False]
    assert not F[8].any()


def test_products_are_those_of_the_normalised_events():
    """With all components, F F' = B B' of B = D_r^-½ C D_o^-½."""
    C = np.random.default_rng(0).integers(0, 3, (6, 5)).astype(float)
    F, _ = co_consumption_factors(sp.csr_array(C), 5, random_state=0)
    B = C / np.sqrt(C.sum(axis=1, keepdims=True)) / np.sqrt(C.sum(axis=0))
    np.testing.assert_allclose(F @ F.T, B @ B.T, atol=1e-5)


def test_no_more_components_than_events_allow():
    """Few rows, or few others."""
    F, _ = co_consumption_factors(sp.csr_array(np.ones((3, 2))), 9, random_state=0)
    assert F.shape == (3, 2)
    F, known = co_consumption_factors(sp.csr_array((3, 2)), 9, random_state=0)
    assert not F.any()
    assert not known.any()


def test_same_seed_same_factors():
    """Of events too many for an exact solution."""
    events = sp.random_array((300, 200), density=0.05, rng=np.random.default_rng(0))
    first, again = (co_consumption_factors(events, 8, random_state=1)[0] for _ in "ab")
    np.testing.assert_array_equal(first, again)
