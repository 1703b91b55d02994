"""Concat, mean and sum: known answers, masks, weights."""

import numpy as np
import pytest

from skmmrec import (
    ConcatFusion,
    FeatureTable,
    WeightedMeanFusion,
    WeightedSumFusion,
)

NAN = np.nan


def table(seed=0, n=50):
    """A wide loud modality, and a narrow quiet one that every fifth row lacks."""
    rng = np.random.default_rng(seed)
    loud = 1000 * rng.standard_normal((n, 8)) + 500
    quiet = 0.01 * rng.standard_normal((n, 3))
    quiet[::5] = NAN
    return FeatureTable.from_blocks({"loud": loud, "quiet": quiet})


def mean_squared_length(fused, name):
    has = fused.present[:, list(fused.blocks).index(name)]
    return np.square(fused.block(name)[has]).sum(axis=1).mean()


@pytest.mark.parametrize("scaling", ["standard", "l2", "whiten"])
def test_concat_brings_blocks_to_one_scale(scaling):
    """A block of large numbers does not drown one of small ones."""
    fused = ConcatFusion(scaling).fit_transform(table())
    assert mean_squared_length(fused, "loud") == pytest.approx(1, rel=1e-4)
    assert mean_squared_length(fused, "quiet") == pytest.approx(1, rel=1e-4)


@pytest.mark.parametrize("scaling", ["standard", "l2", "whiten", None])
def test_concat_leaves_a_missing_block_zero(scaling):
    """Centring must not fill in the mean's opposite."""
    fused = ConcatFusion(scaling).fit_transform(table())
    assert not fused.block("quiet")[::5].any()
    assert fused.present[:, 1].tolist() == table().present[:, 1].tolist()


def test_concat_without_scaling_is_the_input():
    """None means as they come."""
    source = table()
    np.testing.assert_array_equal(
        ConcatFusion(None).fit_transform(source).values, source.values
    )


@pytest.mark.parametrize("weights", [{"quiet": 3}, [1, 3]])
def test_concat_multiplies_blocks_by_their_weights(weights):
    """After scaling; a name left out weighs 1."""
    fused = ConcatFusion(weights=weights).fit_transform(table())
    assert mean_squared_length(fused, "loud") == pytest.approx(1, rel=1e-4)
    assert mean_squared_length(fused, "quiet") == pytest.approx(9, rel=1e-4)


@pytest.mark.parametrize("scaling", ["l2", "whiten", None])
def test_concat_weighs_in_every_scaling(scaling):
    """Also rows of unit length, and blocks as they come."""
    plain = ConcatFusion(scaling).fit_transform(table())
    weighed = ConcatFusion(scaling, weights=[1, 3]).fit_transform(table())
    np.testing.assert_allclose(
        weighed.block("quiet"), 3 * plain.block("quiet"), rtol=1e-5
    )


def test_concat_centres_on_the_rows_that_are_there():
    """The zeros of missing rows are no values."""
    source = FeatureTable.from_blocks({"a": [[10.0], [14.0], [NAN], [NAN]]})
    fused = ConcatFusion().fit_transform(source)
    assert fused.values.ravel().tolist() == [-1, 1, 0, 0]


def test_concat_switches_off_what_weighs_nothing():
    """As if no row had it: it must not count as present in a distance."""
    fused = ConcatFusion(weights={"quiet": 0}).fit_transform(table())
    assert not fused.present[:, 1].any()
    assert not fused.block("quiet").any()


def test_concat_scales_new_rows_as_the_old():
    """What is new is measured by what was fitted."""
    fusion = ConcatFusion().fit(table())
    twice = FeatureTable.from_blocks({"loud": [[500.0] * 8], "quiet": [[NAN] * 3]})
    assert np.abs(fusion.transform(twice).values).max() < 0.2


def correlated(n, seed=0):
    """Four columns of which two go together, and one row in five lacks all."""
    rng = np.random.default_rng(seed)
    block = rng.standard_normal((n, 4)) @ np.diag([3.0, 2, 1, 1])
    block[:, 2] += block[:, 1]
    block[::5] = NAN
    return FeatureTable.from_blocks({"a": block})


def test_whitened_columns_are_uncorrelated():
    """Their covariance is that of rows of length 1, up to the shrinkage."""
    fused = ConcatFusion("whiten").fit_transform(correlated(20_000))
    covariance = np.cov(fused.block("a")[fused.present[:, 0]].T)
    np.testing.assert_allclose(covariance, np.eye(4) / 4, atol=0.01)


def test_whitening_does_not_blow_up_what_hardly_varies():
    """With few rows, a direction nearly without variance is left nearly so."""
    rows = np.random.default_rng(0).standard_normal((12, 10)) * np.logspace(0, -6, 10)
    rows[:, 9] = 5.0  # does not vary at all
    fused = ConcatFusion("whiten").fit_transform(FeatureTable.from_blocks({"a": rows}))
    spread = fused.values.std(axis=0)
    assert spread[9] == pytest.approx(0, abs=1e-4)
    assert spread[8] < 1e-3 * spread[0]


def test_whitening_of_next_to_nothing():
    """One row, or none, or rows that are all the same: zeros."""
    for rows in ([[1.0, 2]], [[NAN, NAN]], [[1.0, 2], [1, 2], [1, 2]]):
        table = FeatureTable.from_blocks({"a": rows})
        assert not ConcatFusion("whiten").fit_transform(table).values.any()


def test_the_whitening_turns_the_columns_least():
    """A column stays the one of its name."""
    fused = ConcatFusion("whiten").fit_transform(source := correlated(2000))
    has = source.present[:, 0]
    both = np.corrcoef(source.values[has].T, fused.values[has].T)[:4, 4:]
    assert both.argmax(axis=0).tolist() == [0, 1, 2, 3]


def test_mean_is_over_the_modalities_present():
    """F = Σ w X / Σ w, a missing modality in neither sum."""
    line = np.linspace(-1, 1, 9)[:, None]
    second = -line.copy()
    second[0] = NAN
    source = FeatureTable.from_blocks({"a": line, "b": second})
    fused = WeightedMeanFusion(weights={"a": 3, "b": 1}).fit_transform(source)
    alone = WeightedMeanFusion(weights={"a": 1, "b": 0}).fit_transform(source)
    assert fused.values[0] == pytest.approx(alone.values[0])  # only a is there
    assert np.abs(fused.values[1:]).max() > 0
    assert fused.shape == (9, 1)


def test_mean_is_its_formula():
    """(w_a a + w_b b) / (w_a + w_b) of blocks of unit variance."""
    a = np.array([[-3.0], [-1], [1], [3]])
    b = np.array([[20.0], [-20], [-20], [20]])
    source = FeatureTable.from_blocks({"a": a, "b": b})
    fused = WeightedMeanFusion(weights={"a": 3, "b": 1}).fit_transform(source)
    unit_a, unit_b = a / a.std(ddof=1), b / b.std(ddof=1)
    expected = [(3 * s * unit_a + t * unit_b) / 4 for s in (1, -1) for t in (1, -1)]
    assert any(np.allclose(fused.values, values, atol=1e-5) for values in expected)


def test_sum_is_its_formula():
    """w_a a + w_b b of blocks of unit variance; the mean is that over w_a + w_b."""
    source = table()
    weights = {"loud": 3, "quiet": 1}
    total = WeightedSumFusion(weights=weights).fit_transform(source)
    mean = WeightedMeanFusion(weights=weights).fit_transform(source)
    has = source.present.astype(float)
    np.testing.assert_allclose(
        total.values, mean.values * (has @ [3, 1])[:, None], atol=1e-5
    )
    assert list(total.blocks) == ["sum"]


def test_a_missing_modality_adds_nothing_to_a_sum():
    """Those that are there count as they would in other rows."""
    source = table()
    total = WeightedSumFusion().fit_transform(source).values[::5]
    alone = WeightedSumFusion(weights={"quiet": 0}).fit_transform(source).values[::5]
    np.testing.assert_array_equal(total, alone)


@pytest.mark.parametrize("method", [WeightedMeanFusion, WeightedSumFusion])
def test_rows_without_any_modality_are_missing(method):
    """Zero vector, mask False."""
    source = FeatureTable.from_blocks({"a": [[1.0], [2.0], [NAN]]})
    fused = method().fit_transform(source)
    assert fused.present.tolist() == [[True], [True], [False]]
    assert fused.values[2] == 0


def test_mean_brings_blocks_to_the_asked_width():
    """Wider is filled with zeros: a price does not bring a text down to one number."""
    assert WeightedMeanFusion().fit_transform(table()).shape == (50, 8)
    assert WeightedMeanFusion(5).fit_transform(table()).shape == (50, 5)
    wide = {"text": np.eye(50), "image": np.eye(50)[:, :30], "price": np.eye(50)[:, :1]}
    two = FeatureTable.from_blocks({name: wide[name] for name in ("text", "image")})
    assert WeightedMeanFusion().fit_transform(two).shape == (50, 30)
    three = FeatureTable.from_blocks(wide)
    assert WeightedMeanFusion().fit_transform(three).shape == (50, 16)


@pytest.mark.parametrize(
    "method", [ConcatFusion(), WeightedMeanFusion(), WeightedSumFusion()]
)
@pytest.mark.parametrize(
    ("weights", "match"),
    [
        ({"loud": 0, "quiet": 0}, "must not all be zero"),
        ([0.0, 0.0], "must not all be zero; got {'loud': 0.0, 'quiet': 0.0}"),
        ({"loud": -1}, "finite numbers of 0 or more; got -1 for 'loud'"),
        ({"loud": NAN}, "finite numbers of 0 or more; got nan"),
        (
            {"louder": 1},
            r"must name modalities of \['loud', 'quiet'\]; got \['louder'\]",
        ),
        ([1, 2, 3], r"one number for each of the modalities .* got \[1, 2, 3\]"),
    ],
)
def test_bad_weights_are_named(method, weights, match):
    """Sums of zero, negatives, unknown names, wrong counts."""
    with pytest.raises(ValueError, match=match):
        method.set_params(weights=weights).fit(table())


@pytest.mark.parametrize(
    "method", [ConcatFusion(), WeightedMeanFusion(), WeightedSumFusion()]
)
def test_other_blocks_than_in_fit_are_refused(method):
    """The same encoders must have made them."""
    method.fit(table())
    with pytest.raises(ValueError, match="blocks must be those of fit"):
        method.transform(FeatureTable.from_blocks({"loud": [[1.0]]}))


def test_unknown_scaling_is_named():
    """What there is to choose from."""
    with pytest.raises(
        ValueError, match="'scaling' parameter .*'standard'.*Got 'zscore'"
    ):
        ConcatFusion("zscore").fit(table())
