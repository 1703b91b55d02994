"""Non-negative parts: what they are, with and without holes."""

import numpy as np
import pytest

from skmmrec import FeatureTable, NMFFusion

NAN = np.nan


def planted(n=300, missing=0.0, seed=0):
    """Rows that belong to one of three groups, which both modalities show."""
    rng = np.random.default_rng(seed)
    group = rng.integers(3, size=n)
    blocks = {}
    for name, d in {"text": 12, "image": 9}.items():
        block = 3 * rng.standard_normal((3, d))[group] + rng.standard_normal((n, d))
        block[rng.random(n) < missing] = NAN
        blocks[name] = block
    return group, FeatureTable.from_blocks(blocks)


def purity(values, group):
    """Share of rows whose nearest other row by cosine is of the same group."""
    unit = values / np.linalg.norm(values, axis=1, keepdims=True)
    cosine = unit @ unit.T
    np.fill_diagonal(cosine, -1)
    return np.mean(group[cosine.argmax(axis=1)] == group)


def test_weights_and_parts_are_non_negative():
    """Also of signed features; parts have length 1."""
    _, table = planted()
    fusion = NMFFusion(4, random_state=0).fit(table)
    assert (fusion.transform(table).values >= 0).all()
    assert (fusion.components_ >= 0).all()
    assert fusion.components_.shape == (4, 2 * 21)
    np.testing.assert_allclose(np.linalg.norm(fusion.components_, axis=1), 1, rtol=1e-4)


def test_the_product_is_the_scaled_blocks():
    """W H with as many parts as there are signed columns: positive minus negative."""
    rng = np.random.default_rng(0)
    table = FeatureTable.from_blocks({"a": rng.standard_normal((60, 2))})
    fusion = NMFFusion(4, max_iter=300, random_state=0).fit(table)
    product = fusion.transform(table).values @ fusion.components_
    signed = product[:, :2] - product[:, 2:]
    scaled = fusion.moments_.standardize(table)
    assert np.square(signed - scaled).mean() < 0.01 * np.square(scaled).mean()


@pytest.mark.parametrize(("missing", "floor"), [(0, 0.95), (0.4, 0.8)])
def test_rows_of_a_group_are_near(missing, floor):
    """Chance is 1/3; a row may have one modality, its nearest another."""
    group, table = planted(missing=missing)
    some = table.present.any(axis=1)
    values = NMFFusion(6, random_state=0).fit_transform(table).values
    assert purity(values[some], group[some]) > floor


def test_rows_do_not_depend_on_one_another():
    """Not even by when the solver stops."""
    _, table = planted(missing=0.3)
    fusion = NMFFusion(4, random_state=0).fit(table)
    whole = fusion.transform(table).values
    for row in (0, 7, 11):
        alone = fusion.transform(table.take([row])).values[0]
        np.testing.assert_allclose(alone, whole[row], atol=1e-6)


def test_the_seed_decides():
    """Same seed, same parts."""
    _, table = planted(missing=0.2)
    one, same = (NMFFusion(4, random_state=3).fit(table).components_ for _ in range(2))
    np.testing.assert_array_equal(one, same)


def test_weights_zero_and_rows_without_modality():
    """Switched off, and missing."""
    group, table = planted()
    fusion = NMFFusion(4, weights={"text": 0}, random_state=0).fit(table)
    assert not fusion.components_[:, :12].any()
    lacks = FeatureTable.from_blocks(
        {"text": table.block("text")[:2], "image": np.full((2, 9), NAN)}
    )
    fused = fusion.transform(lacks)
    assert not fused.present.any()
    assert not fused.values.any()
    assert purity(fusion.transform(table).values, group) > 0.9


def test_what_does_not_vary_is_zero():
    """No division by nothing."""
    table = FeatureTable.from_blocks({"a": np.ones((6, 3))})
    assert not NMFFusion(2, random_state=0).fit_transform(table).values.any()


@pytest.mark.parametrize("seed", range(5))
def test_more_parts_than_directions(seed):
    """The start by singular vectors must not divide by those of no length."""
    blocks = {
        "a": [[1.0, 2], [2, 1], [0, 3], [np.nan] * 2],
        "b": [[1.0], [2], [5], [4]],
    }
    fusion = NMFFusion(weights={"b": 0}, random_state=seed)
    assert np.isfinite(
        fusion.fit_transform(FeatureTable.from_blocks(blocks)).values
    ).all()
