"""How much of the catalogue is shown, and how evenly."""

import numpy as np
import pytest

from skmmrec import metrics


def test_coverage_counts_items_once():
    """Empty places are no items."""
    assert metrics.coverage(np.array([[0, 1], [1, -1]]), 10) == 0.2


def test_gini_by_hand():
    """x = 0, 0, 1, 3: (-3·0 - 1·0 + 1·1 + 3·3) / (4 · 4)."""
    lists = np.array([[0, 1], [0, -1], [0, -1]])
    assert metrics.gini(lists, 4) == pytest.approx(10 / 16)


def test_gini_is_the_mean_difference_of_two_items():
    """Over twice the mean: the definition that its formula comes from."""
    lists = np.random.default_rng(0).integers(0, 9, (7, 4))
    x = np.bincount(lists.ravel(), minlength=12)
    differences = np.abs(x[:, None] - x).mean()
    assert metrics.gini(lists, 12) == pytest.approx(differences / (2 * x.mean()))


def test_without_an_item_there_is_no_value():
    """Nothing is spread."""
    assert np.isnan(metrics.gini(np.full((2, 3), -1), 5))
    assert np.isnan(metrics.gini(np.empty((0, 3), dtype=int), 5))
