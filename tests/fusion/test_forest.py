"""Forests: they split on what tastes follow."""

import pickle

import numpy as np
import pytest

from skmmrec import ConcatFusion, FeatureTable, ForestFusion
from tests.fusion._taste import NAN, hit_rate, planted

OUTPUTS = pytest.mark.parametrize("output", ["leaves", "importance"])


def forest(output="leaves", **params):
    return ForestFusion(
        output, n_components=16, **{"n_estimators": 40, "random_state": 0} | params
    )


@OUTPUTS
def test_new_items_are_ranked_better_than_by_concat(output):
    """Of items that nobody has had, those of like taste are near each other."""
    table, events, taste = planted()
    fused = forest(output).fit(table, events).transform(table).values[200:]
    concat = ConcatFusion().fit_transform(table).values[200:]
    assert hit_rate(fused, taste[200:]) > 1.4 * hit_rate(concat, taste[200:])


def test_importance_finds_the_columns_that_tastes_follow():
    """Four of twelve columns of the text, and none of the noise."""
    table, events, _ = planted()
    fusion = forest("importance").fit(table, events)
    assert set(np.argsort(-fusion.importances_)[:4]) == {0, 1, 2, 3}
    fused = fusion.transform(table)
    assert fused.blocks == table.blocks
    np.testing.assert_allclose(fused.values.var(axis=0), fusion.importances_, atol=1e-4)


def test_without_events_all_columns_are_of_equal_importance():
    """Scaled to one variance; the blocks kept apart."""
    table, _, _ = planted()
    fused = forest("importance").fit_transform(table)
    np.testing.assert_allclose(fused.values.var(axis=0), 1 / 24, rtol=1e-4)


def test_without_events_leaves_tell_clusters_apart():
    """Random splits, as of RandomTreesEmbedding."""
    rng = np.random.default_rng(0)
    table = FeatureTable.from_blocks(
        {m: np.repeat([0.0, 5.0], 30)[:, None] + rng.random((60, 2)) for m in "ab"}
    )
    values = forest().fit_transform(table).values
    rows = values / np.linalg.norm(values, axis=1, keepdims=True)
    cosines = rows @ rows.T
    assert cosines[:30, :30].mean() > 0.3 > 0 > cosines[:30, 30:].mean()


@OUTPUTS
def test_what_is_missing_takes_no_part(output):
    """Whatever stands there; a row without any modality comes out as zeros."""
    table, events, _ = planted()
    table.present[::3, 1] = False
    table.present[0, 0] = False
    fusion = forest(output).fit(table, events)
    fused = fusion.transform(table)
    changed = FeatureTable(table.values.copy(), table.blocks, table.present)
    changed.block("noise")[::3] = 7
    np.testing.assert_array_equal(fused.values, fusion.transform(changed).values)
    assert not fused.values[0].any()
    assert not fused.present[0].any()
    assert fused.values[3].any()
    assert fused.present[3].any()


@OUTPUTS
def test_threads_and_pickles_change_no_bit(output):
    """The same seed is the same forest."""
    table, events, _ = planted()
    one, two = (forest(output, n_jobs=n).fit(table, events) for n in (1, 2))
    first = one.transform(table).values
    np.testing.assert_array_equal(first, two.transform(table).values)
    again = pickle.loads(pickle.dumps(one)).transform(table).values
    np.testing.assert_array_equal(first, again)


@OUTPUTS
def test_a_modality_that_nobody_has(output):
    """Is never split on."""
    table = FeatureTable.from_blocks({"a": [[1.0], [2], [4]], "b": [[NAN]] * 3})
    fused = forest(output, min_samples_leaf=1).fit_transform(table)
    assert np.isfinite(fused.values).all()
