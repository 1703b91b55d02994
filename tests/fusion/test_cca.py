"""Canonical correlations: those of the textbook, and more than two modalities."""

import numpy as np
import pytest
from scipy.linalg import sqrtm

from skmmrec import (
    CCAFusion,
    ContentRecommender,
    FeatureTable,
    Interactions,
    MissingModalityImputer,
    MultimodalFusion,
    make_pipeline,
)

NAN = np.nan


def planted(n=400, widths=(12, 8), missing=0.0, seed=0):
    """Views of three shared factors, and louder factors of each view's own."""
    rng = np.random.default_rng(seed)
    shared = rng.standard_normal((n, 3))
    blocks = {}
    for number, d in enumerate(widths):
        own = 3 * rng.standard_normal((n, 3))
        mixed = np.hstack([shared, own]) @ rng.standard_normal((6, d))
        block = mixed + 0.1 * rng.standard_normal((n, d))
        block[rng.random(n) < missing] = NAN
        blocks[f"view{number}"] = block
    return shared, FeatureTable.from_blocks(blocks)


def explained(values, factors):
    """Share of the variance of the factors that is linear in the values."""
    A = np.column_stack([values, np.ones(len(values))])
    rest = factors - A @ np.linalg.lstsq(A, factors)[0]
    return 1 - rest.var() / factors.var()


@pytest.mark.parametrize("regularization", [1e-6, 0.1, 10])
def test_correlations_are_those_of_the_textbook(regularization):
    """Singular values of Sxx^-½ Sxy Syy^-½, the same ridge on both."""
    _, table = planted()
    whiten, centred = [], []
    for name in table.blocks:
        block = table.block(name).astype(np.float64)
        block -= block.mean(axis=0)
        S = block.T @ block / len(block)
        ridge = regularization * np.trace(S) / len(S)
        whiten.append(np.linalg.inv(sqrtm(S + ridge * np.eye(len(S)))).real)
        centred.append(block)
    cross = centred[0].T @ centred[1] / len(table)
    expected = np.linalg.svd(whiten[0] @ cross @ whiten[1], compute_uv=False)
    fusion = CCAFusion(regularization=regularization).fit(table)
    assert fusion.n_components_ == 8  # the narrower view
    np.testing.assert_allclose(fusion.correlations_, expected, atol=1e-5)


def test_variates_of_two_views_correlate_as_said():
    """Each pair by its correlation, different ones not at all; unit variance."""
    _, table = planted()
    fusion = CCAFusion(3, regularization=1e-6).fit(table)
    a, b = (
        fusion.transform(only(table, name)).values.astype(np.float64)
        for name in table.blocks
    )
    np.testing.assert_allclose(a.T @ a / len(a), np.eye(3), atol=1e-3)
    expected = np.diag(fusion.correlations_)
    np.testing.assert_allclose(a.T @ b / len(a), expected, atol=1e-3)


def only(table, name):
    """The table with one modality."""
    has = np.array([other == name for other in table.blocks])
    values = np.zeros_like(table.values)
    values[:, table.blocks[name]] = table.block(name)
    return FeatureTable(values, table.blocks, table.present & has)


@pytest.mark.parametrize("missing", [0, 0.3])
def test_what_is_shared_is_found_under_louder_factors(missing):
    """Of three views; PCA of them finds the louder ones."""
    from skmmrec import SVDFusion

    shared, table = planted(1500, (12, 10, 9), missing)
    whole = table.present.all(axis=1)
    values = CCAFusion(3, regularization=0.01).fit_transform(table).values
    assert explained(values[whole], shared[whole]) > 0.9
    svd = SVDFusion(3).fit_transform(table).values
    assert explained(svd[whole], shared[whole]) < 0.7


def test_fused_row_is_the_weighted_mean_of_its_variates():
    """Over the modalities it has."""
    _, table = planted()
    fusion = CCAFusion(3, weights=[3, 1]).fit(table)
    first, second = (
        fusion.transform(only(table, name)).values for name in table.blocks
    )
    expected = (3 * first + second) / 4
    np.testing.assert_allclose(fusion.transform(table).values, expected, atol=1e-5)


def test_one_modality_gives_its_leading_components_whitened():
    """Strongest first, unit variance."""
    rng = np.random.default_rng(0)
    scales = np.array([1.0, 10, 3])
    rows = rng.standard_normal((500, 3)) * scales
    table = FeatureTable.from_blocks({"a": rows})
    values = CCAFusion(2, regularization=1e-6).fit_transform(table).values
    np.testing.assert_allclose(values.std(axis=0), 1, atol=1e-3)
    assert abs(np.corrcoef(values[:, 0], rows[:, 1])[0, 1]) > 0.99
    assert abs(np.corrcoef(values[:, 1], rows[:, 2])[0, 1]) > 0.99


def test_a_modality_that_weighs_nothing_takes_no_part():
    """Neither in the directions nor in the mean."""
    _, table = planted(widths=(12, 8, 5))
    off = CCAFusion(3, weights={"view2": 0}).fit_transform(table)
    two = FeatureTable.from_blocks({n: table.block(n) for n in ("view0", "view1")})
    np.testing.assert_allclose(
        off.values, CCAFusion(3).fit_transform(two).values, atol=1e-4
    )
    fusion = CCAFusion(3, weights={"view2": 0}).fit(table)
    assert not fusion.transform(only(table, "view2")).present.any()


def test_blocks_without_variance_and_rows_without_modality():
    """Zeros, no warnings; missing is missing."""
    blocks = {"a": [[1.0], [2], [4], [NAN]], "same": [[5.0]] * 3 + [[NAN]]}
    fused = CCAFusion().fit_transform(FeatureTable.from_blocks(blocks))
    assert np.isfinite(fused.values).all()
    assert fused.present.ravel().tolist() == [True, True, True, False]
    assert not fused.values[3].any()


@pytest.mark.parametrize("method", ["cca", "svd", "nmf", "align", "impute"])
def test_methods_are_found_by_name(method):
    """From items with holes to a list for a user."""
    rng = np.random.default_rng(0)
    image = rng.standard_normal((12, 4))
    image[::3] = NAN
    items = {
        "item": np.arange(12),
        "text": rng.standard_normal((12, 5)),
        "image": image,
    }
    X = Interactions({"user": [1, 1, 2, 2], "item": [0, 1, 2, 3]}, items=items)
    branches = [(name, "passthrough", [name]) for name in ("text", "image")]
    fusion = MultimodalFusion(branches, method=method)
    model = make_pipeline(fusion, ContentRecommender()).fit(X)
    assert len(set(model.recommend([1], k=5)[0])) == 5


def test_methods_follow_one_another():
    """Inside MultimodalFusion, and as steps after it: the same table."""
    rng = np.random.default_rng(0)
    image = rng.standard_normal((12, 4))
    image[::3] = NAN
    items = {
        "item": np.arange(12),
        "text": rng.standard_normal((12, 5)),
        "image": image,
    }
    X = Interactions({"user": [1, 1, 2, 2], "item": [0, 1, 2, 3]}, items=items)
    branches = [(name, "passthrough", [name]) for name in ("text", "image")]
    both = make_pipeline(MissingModalityImputer(), CCAFusion(2))
    inside = MultimodalFusion(branches, method=both).fit_transform(X).table("items")
    steps = make_pipeline(
        MultimodalFusion(branches, method=MissingModalityImputer()), CCAFusion(2)
    )
    after = steps.fit_transform(X).table("items")
    np.testing.assert_array_equal(inside.values, after.values)
    assert inside.shape == (12, 2)
