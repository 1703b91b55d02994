"""Products of modalities: found where tastes follow them, and only there."""

import pickle

import numpy as np
import pytest

from skmmrec import BilinearFusion, ConcatFusion, FeatureTable
from tests.fusion._taste import NAN, events_of, hit_rate, planted


def exclusive_or(n=400, n_warm=300):
    """Users like one of two kinds: the signs of text and picture agree, or differ."""
    rng = np.random.default_rng(0)
    text, image = rng.standard_normal((n, 4)), rng.standard_normal((n, 4))
    kind = np.where((text[:, 0] > 0) == (image[:, 0] > 0), 1.0, -1.0)
    taste = kind[:n_warm, None] + 0.3 * rng.standard_normal((n_warm, 1))
    events = events_of(np.hstack([taste, -taste]), n, 200, 15, rng)
    return FeatureTable.from_blocks({"text": text, "image": image}), events, kind


def test_learned_products_tell_what_no_modality_says_alone():
    """Of items nobody has had; the blocks side by side know nothing of it."""
    table, events, kind = exclusive_or()
    fusion = BilinearFusion(4, random_state=0).fit(table, events)
    assert np.isfinite(fusion.gamma_)
    same = np.equal.outer(kind[300:], kind[300:])

    def contrast(values):
        rows = values[300:] / np.linalg.norm(values[300:], axis=1, keepdims=True)
        cosines = rows @ rows.T
        return cosines[same].mean() - cosines[~same].mean()

    learned = contrast(fusion.transform(table).block("bilinear"))
    assert learned > 0.2 > 5 * contrast(ConcatFusion().fit_transform(table).values)


def test_new_items_are_ranked_better_than_by_concat():
    """Where tastes follow one modality, the sum is found."""
    table, events, taste = planted()
    fused = BilinearFusion(8, random_state=0).fit(table, events).transform(table)
    concat = ConcatFusion().fit_transform(table).values[200:]
    assert hit_rate(fused.values[200:], taste[200:]) > 1.5 * hit_rate(
        concat, taste[200:]
    )


def test_without_events_products_have_the_kernel_of_all_products():
    """E[h·h'] = Π_m (1 + x_m·x_m'), but for the mean."""
    rng = np.random.default_rng(0)
    table = FeatureTable.from_blocks({m: rng.standard_normal((40, 3)) for m in "ab"})
    fusion = BilinearFusion(20_000, random_state=0).fit(table)
    kernel = np.prod([1 + x @ x.T for x in fusion._inputs(table)], axis=0)
    kernel += kernel.mean() - kernel.mean(axis=0) - kernel.mean(axis=1)[:, None]
    h = fusion.transform(table).block("bilinear")
    assert np.corrcoef((h @ h.T).ravel(), kernel.ravel())[0, 1] > 0.98


def test_blocks_are_those_of_concat():
    """Beside the products, whose mean squared length is the weight's square."""
    table, events, _ = planted()
    fused = BilinearFusion(8, weight=2, random_state=0).fit_transform(table, events)
    concat = ConcatFusion().fit_transform(table)
    np.testing.assert_array_equal(fused.values[:, : concat.shape[1]], concat.values)
    lengths = np.square(fused.block("bilinear")).sum(axis=1)
    assert lengths.mean() == pytest.approx(4, rel=1e-4)


@pytest.mark.parametrize("learn", [True, False])
def test_the_factor_of_a_missing_modality_is_one(learn):
    """What stands there changes nothing; a row without any is missing."""
    table, events, _ = planted()
    table.present[::3, 1] = False
    table.present[0, 0] = False
    fusion = BilinearFusion(8, random_state=0).fit(table, events if learn else None)
    fused = fusion.transform(table)
    changed = FeatureTable(table.values.copy(), table.blocks, table.present)
    changed.block("noise")[::3] = 7
    again = fusion.transform(changed).block("bilinear")
    np.testing.assert_array_equal(fused.block("bilinear"), again)
    assert fused.present[0].tolist() == [False, False, False]
    assert not fused.block("bilinear")[0].any()
    assert fused.present[3].tolist() == [True, False, True]
    x = fusion._inputs(table.take([3]))[0] @ fusion.maps_[0]  # γ (1 + x/γ - 1)
    h = (x - fusion.mean_) * fusion.scale_
    np.testing.assert_allclose(fused.block("bilinear")[[3]], h, atol=1e-5)


def test_same_seed_same_bits_also_out_of_a_pickle():
    """Another seed, another start."""
    table, events, _ = exclusive_or()
    fusion = BilinearFusion(3, random_state=0)
    first = fusion.fit(table, events).transform(table).values
    again = pickle.loads(pickle.dumps(fusion)).transform(table).values
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(first, fusion.fit_transform(table, events).values)


def test_a_modality_that_nobody_has():
    """Leaves the others as they were."""
    table = FeatureTable.from_blocks({"a": [[1.0], [2], [4]], "b": [[NAN]] * 3})
    fused = BilinearFusion(2, random_state=0).fit_transform(table)
    assert np.isfinite(fused.values).all()
    assert fused.present.tolist() == [[True, False, True]] * 3
