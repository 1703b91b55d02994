"""Dropping modalities in training: how many, never the last, nothing afterwards."""

import numpy as np
import pytest
from sklearn.pipeline import make_pipeline

from skmmrec import (
    ConcatFusion,
    ContentRecommender,
    FeatureTable,
    Interactions,
    ModalityDropout,
    MultimodalFusion,
)
from skmmrec.fusion._dropout import drop_modalities


def table(n=4000, seed=0):
    """Three modalities; of every tenth row none is known, of every tenth one."""
    blocks = np.random.default_rng(seed).standard_normal((3, n, 2))
    blocks[:, ::10] = np.nan
    blocks[1:, 1::10] = np.nan
    return FeatureTable.from_blocks(dict(zip("abc", blocks)))


@pytest.mark.parametrize("p", [0.0, 0.4, 1.0])
def test_each_modality_is_dropped_with_probability_p(p):
    """But where all three were, one comes back."""
    present = np.ones((20000, 3), dtype=bool)
    kept = drop_modalities(present, p, np.random.RandomState(0))
    expected = 1 - p + p**3 / 3
    np.testing.assert_allclose(kept.mean(axis=0), expected, atol=0.015)


def test_the_last_modality_of_a_row_is_kept():
    """And what was missing is not invented."""
    source = table()
    dropped = ModalityDropout(p=0.9, random_state=0).fit_transform(source)
    assert (dropped.present <= source.present).all()
    np.testing.assert_array_equal(
        dropped.present.any(axis=1), source.present.any(axis=1)
    )
    assert dropped.present[1::10, 0].all()


def test_dropped_blocks_are_zero_and_others_as_they_were():
    """In a copy: the encoded table belongs to others too."""
    source = table()
    before = source.values.copy()
    dropped = ModalityDropout(p=0.5, random_state=0).fit_transform(source)
    for i, name in enumerate("abc"):
        has = dropped.present[:, i]
        assert not dropped.block(name)[~has].any()
        np.testing.assert_array_equal(dropped.block(name)[has], source.block(name)[has])
    np.testing.assert_array_equal(source.values, before)


def test_transform_changes_nothing():
    """In use everything that is known counts."""
    source = table()
    assert ModalityDropout(p=1.0).fit(source).transform(source) is source


def test_the_same_seed_drops_the_same():
    """Another seed others."""
    first, again, other = (
        ModalityDropout(random_state=seed).fit_transform(table()).present
        for seed in (0, 0, 1)
    )
    assert (first == again).all()
    assert (first != other).any()


def test_it_stands_before_a_method_and_never_before_a_recommender():
    """Learned from the dropped, applied to all: also to the catalogue of fit."""
    items = {"item": list("abcd"), "x": [1.0, 2, 3, 4], "y": [4.0, 1, 3, 2]}
    X = Interactions({"user": [1, 1, 2], "item": list("abc")}, items=items)
    branches = [("x", "passthrough", ["x"]), ("y", "passthrough", ["y"])]
    dropout = ModalityDropout(p=1.0, random_state=0)
    before = MultimodalFusion(branches, method=make_pipeline(dropout, ConcatFusion()))
    assert before.fit_transform(X).items.present.all()
    plain = MultimodalFusion(branches).fit(X).method_
    assert not np.allclose(before.method_[-1].mean_, plain.mean_)
    after = make_pipeline(MultimodalFusion(branches), dropout, ContentRecommender())
    with pytest.raises(ValueError, match="must be a step of a fusion method; got an"):
        after.fit(X)


def test_a_probability_is_between_0_and_1():
    """Named, with what was got."""
    with pytest.raises(ValueError, match="'p' parameter of ModalityDropout .* Got 1.5"):
        ModalityDropout(p=1.5).fit(table(10))
