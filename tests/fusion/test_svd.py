"""SVD of the joined blocks: PCA where nothing is missing, its posterior where it is."""

import numpy as np
import pytest
from sklearn.decomposition import PCA

from skmmrec import ConcatFusion, FeatureTable, SVDFusion

NAN = np.nan


def planted(n=300, missing=0.0, seed=0, noise=0.3):
    """Three modalities that are random views of the same four factors."""
    rng = np.random.default_rng(seed)
    factors = rng.standard_normal((n, 4))
    blocks = {}
    for name, d in {"text": 30, "image": 20, "audio": 10}.items():
        views = (
            factors @ rng.standard_normal((4, d)) + rng.standard_normal((n, d)) * noise
        )
        views[rng.random(n) < missing] = NAN
        blocks[name] = views
    return factors, FeatureTable.from_blocks(blocks)


def explained(values, factors):
    """Share of the variance of the factors that is linear in the values."""
    A = np.column_stack([values, np.ones(len(values))])
    rest = factors - A @ np.linalg.lstsq(A, factors)[0]
    return 1 - rest.var() / factors.var()


@pytest.mark.parametrize("weights", [None, {"audio": 3}])
def test_complete_rows_are_placed_as_by_pca(weights):
    """The scores of PCA on the scaled, weighted blocks, times 1 - σ²/λ."""
    _, table = planted()
    fused = SVDFusion(4, weights=weights).fit(table)
    joined = ConcatFusion(weights=weights).fit_transform(table).values
    pca = PCA(4).fit(joined.astype(np.float64))
    variance = pca.explained_variance_ * (len(table) - 1) / len(table)
    np.testing.assert_allclose(fused.explained_variance_, variance, rtol=1e-5)
    noise = pca.noise_variance_ * (len(table) - 1) / len(table)
    assert fused.noise_variance_ == pytest.approx(noise, rel=1e-4)
    scores = pca.transform(joined) * (1 - noise / variance)
    values = fused.transform(table).values
    np.testing.assert_allclose(np.abs(values), np.abs(scores), atol=1e-4)


def test_incomplete_rows_are_placed_near_where_they_belong():
    """Nearer than by PCA with zeros for what is missing."""
    _, table = planted()
    fusion = SVDFusion(4).fit(table)
    truth = fusion.transform(table).values
    partial = table.present.copy()
    partial[:, 1:] = False
    values = table.values.copy()
    values[:, 30:] = 0
    found = fusion.transform(FeatureTable(values, table.blocks, partial)).values
    zeroed = ConcatFusion().fit(table)
    filled = zeroed.transform(FeatureTable(values, table.blocks, partial)).values
    naive = filled @ fusion.components_.T
    assert np.square(found - truth).mean() < 0.1 * np.square(naive - truth).mean()


def test_factors_are_found_through_holes():
    """Half of every modality missing."""
    factors, table = planted(1000, missing=0.5)
    some = table.present.any(axis=1)
    values = SVDFusion(4).fit_transform(table).values
    assert explained(values[some], factors[some]) > 0.9


def test_rows_without_any_modality_are_missing():
    """Zeros, mask False."""
    table = FeatureTable.from_blocks(
        {"a": [[1.0], [2], [NAN]], "b": [[2.0], [NAN], [NAN]]}
    )
    fused = SVDFusion(1).fit_transform(table)
    assert fused.present.tolist() == [[True], [True], [False]]
    assert not fused.values[2].any()


def test_a_modality_that_weighs_nothing_is_switched_off():
    """As if it were not there."""
    _, table = planted()
    alone = FeatureTable.from_blocks({n: table.block(n) for n in ("text", "image")})
    off = SVDFusion(4, weights={"audio": 0}).fit_transform(table)
    values = SVDFusion(4).fit_transform(alone).values
    # the columns that weigh nothing count among those that estimate the noise
    correlation = [np.corrcoef(x, y)[0, 1] for x, y in zip(off.values.T, values.T)]
    np.testing.assert_allclose(correlation, 1, atol=1e-4)
    only = FeatureTable.from_blocks(
        {"text": np.full((1, 30), NAN), "image": np.full((1, 20), NAN)}
        | {"audio": table.block("audio")[:1]}
    )
    fusion = SVDFusion(4, weights={"audio": 0}).fit(table)
    assert not fusion.transform(only).present.any()


def test_width_is_at_most_that_of_the_blocks():
    """No columns of zeros."""
    table = FeatureTable.from_blocks({"a": np.eye(5), "b": np.eye(5)[:, :2]})
    assert SVDFusion().fit_transform(table).shape == (5, 7)


def test_what_does_not_vary_is_zero():
    """No division by nothing."""
    table = FeatureTable.from_blocks({"a": np.ones((4, 2)), "b": [[3.0]] * 4})
    assert not SVDFusion(2).fit_transform(table).values.any()
