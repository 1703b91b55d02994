"""Missing modalities filled in: better than zeros and means, never one other item's."""

import numpy as np
import pytest

from skmmrec import FeatureTable, MissingModalityImputer

NAN = np.nan


def planted(n=500, seed=0):
    """Three views of four factors, in units of their own, and the same with holes."""
    rng = np.random.default_rng(seed)
    factors = rng.standard_normal((n, 4))
    full, holes = {}, {}
    for name, d, unit in (("text", 20, 1), ("image", 15, 100), ("audio", 6, 0.01)):
        mixed = factors @ rng.standard_normal((4, d))
        full[name] = unit * (mixed + 0.5 * rng.standard_normal((n, d)) + 3)
        holes[name] = full[name].copy()
        holes[name][rng.random(n) < 0.3] = NAN
    return FeatureTable.from_blocks(full), FeatureTable.from_blocks(holes)


METHODS = [
    MissingModalityImputer(),
    MissingModalityImputer("knn", n_neighbors=10),
]


def hidden_error(found, full, holes, name):
    """Mean squared error of what was hidden, of rows with another modality."""
    m = list(full.blocks).index(name)
    hidden = ~holes.present[:, m] & holes.present.any(axis=1)
    return np.square(found[hidden] - full.block(name)[hidden]).mean()


@pytest.mark.parametrize("imputer", METHODS, ids=str)
@pytest.mark.parametrize("name", ["text", "image", "audio"])
def test_hidden_blocks_are_recovered(imputer, name):
    """Better than the mean of the modality by half, and than zeros by far."""
    full, holes = planted()
    found = imputer.fit_transform(holes).block(name)
    error = hidden_error(found, full, holes, name)
    has = holes.present[:, list(full.blocks).index(name)]
    mean = np.broadcast_to(holes.block(name)[has].mean(axis=0), found.shape)
    assert error < 0.5 * hidden_error(mean, full, holes, name)
    assert error < 0.2 * hidden_error(np.zeros_like(found), full, holes, name)


def test_ridge_is_the_better_where_the_modalities_are_linear():
    """As here."""
    full, holes = planted()
    errors = [
        hidden_error(imputer.fit_transform(holes).block("image"), full, holes, "image")
        for imputer in METHODS
    ]
    assert errors[0] < errors[1]


def test_ridge_is_the_regression():
    """x_m = C_mP (C_PP + λ I)^-1 x_P on complete rows, for new rows without x_m."""
    rng = np.random.default_rng(0)
    text = rng.standard_normal((200, 3))
    image = text @ rng.standard_normal((3, 2)) + rng.standard_normal((200, 2)) + 40
    fusion = MissingModalityImputer(alpha=1e-9)
    fusion.fit(FeatureTable.from_blocks({"text": text, "image": image}))
    new = FeatureTable.from_blocks({"text": text[:5], "image": np.full((5, 2), NAN)})
    A = np.column_stack([text, np.ones(200)])
    expected = (A @ np.linalg.lstsq(A, image)[0])[:5]
    found = fusion.transform(new).block("image")
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_neighbours_are_those_of_the_blocks_that_both_have():
    """Two nearest of three, by hand; the third points the other way."""
    table = FeatureTable.from_blocks(
        {
            "text": [[2.0, 1], [2, -1], [-4, 0], [2, 0], [-2, 0]],
            "image": [[10.0], [20], [90], [NAN], [NAN]],
        }
    )
    filled = MissingModalityImputer("knn", n_neighbors=2).fit_transform(table)
    assert filled.block("image")[3] == pytest.approx(15)


@pytest.mark.parametrize("imputer", METHODS, ids=str)
def test_what_is_there_stays_and_what_is_filled_counts(imputer):
    """A row without any modality stays missing."""
    _, holes = planted()
    filled = imputer.fit_transform(holes)
    for name, has in zip(holes.blocks, holes.present.T):
        np.testing.assert_array_equal(filled.block(name)[has], holes.block(name)[has])
    some = holes.present.any(axis=1)
    assert not some.all()
    assert filled.present[some].all()
    assert not filled.present[~some].any()
    assert not filled.values[~some].any()


@pytest.mark.parametrize("imputer", METHODS, ids=str)
def test_nobody_gets_the_vector_of_one_other_item(imputer):
    """Of one row with the modality nothing can be told."""
    table = FeatureTable.from_blocks(
        {"text": [[1.0], [2], [4]], "image": [[7.0], [NAN], [NAN]]}
    )
    filled = imputer.fit_transform(table)
    assert filled.present[:, 1].tolist() == [True, False, False]
    assert filled.block("image").ravel().tolist() == [7, 0, 0]


def test_one_comparable_neighbour_is_not_enough():
    """Only one row has both: the mean of the modality instead of its vector."""
    table = FeatureTable.from_blocks(
        {
            "text": [[1.0], [2], [4], [NAN]],
            "image": [[10.0], [NAN], [NAN], [30]],
        }
    )
    filled = MissingModalityImputer("knn").fit_transform(table)
    assert filled.block("image").ravel().tolist() == [10, 20, 20, 30]


@pytest.mark.parametrize("imputer", METHODS, ids=str)
def test_rows_filled_alone_are_filled_as_among_others(imputer):
    """New items one at a time."""
    _, holes = planted()
    imputer.fit(holes)
    whole = imputer.transform(holes).values
    row = np.flatnonzero(~holes.present[:, 0] & holes.present[:, 1])[0]
    alone = imputer.transform(holes.take([row])).values[0]
    np.testing.assert_allclose(alone, whole[row], rtol=1e-4)


def test_one_neighbour_is_refused():
    """It would be another item's vector."""
    with pytest.raises(ValueError, match="'n_neighbors' parameter .* Got 1"):
        MissingModalityImputer("knn", n_neighbors=1).fit(planted()[1])
