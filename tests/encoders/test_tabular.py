"""Tables as numbers: each kind of column becomes what it should, gaps stay gaps."""

import datetime
import pickle
from decimal import Decimal

import numpy as np
import pytest
from sklearn import clone
from sklearn.exceptions import NotFittedError

from skmmrec.encoders import TabularEncoder

FILMS = {
    "title": ["Casino", "Heat", "Babe"],
    "year": [1995, 1996, 2000],
    "genres": ["Crime|Drama", "Crime", "Family|Drama"],
    "score": [8.2, None, 6.8],
    "seen": [True, False, True],
    "released": [
        datetime.datetime(1995, 11, 22),
        None,
        datetime.datetime(2000, 8, 4, 20, 30),
    ],
}


def encode(values, **parameters):
    """The features of a single column, and their names."""
    encoder = TabularEncoder(**parameters)
    features = encoder.fit_transform({"a": values})
    return features, encoder.get_feature_names_out().tolist()


def test_every_kind_of_table_gives_the_same_features(frame):
    encoder = TabularEncoder()
    features = encoder.fit_transform(frame(FILMS))
    np.testing.assert_array_equal(features, TabularEncoder().fit_transform(FILMS))
    assert encoder.get_feature_names_out().tolist() == [
        *("title_Babe", "title_Casino", "title_Heat", "year"),
        *("genres_Crime", "genres_Drama", "genres_Family", "score", "seen"),
        *("released_year", "released_season_sin", "released_season_cos"),
        *("released_weekday_sin", "released_weekday_cos"),
    ]
    assert encoder.feature_names_in_.tolist() == list(FILMS)
    assert features.dtype == np.float32
    assert features.flags.c_contiguous
    assert np.isfinite(features).all()


def test_a_table_without_names_gives_the_same_features():
    rows = [list(row) for row in zip(*FILMS.values())]
    encoder = TabularEncoder()
    expected = TabularEncoder().fit_transform(FILMS)
    for table in (rows, np.array(rows, dtype=object)):
        np.testing.assert_array_equal(encoder.fit_transform(table), expected)
    assert encoder.get_feature_names_out().tolist()[3:5] == ["x1", "x2_Crime"]
    assert encoder.get_feature_names_out(list(FILMS)).tolist()[3:5] == [
        *("year", "genres_Crime"),
    ]


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_a_series_is_a_table_of_one_column(library):
    series = pytest.importorskip(library).DataFrame({"year": [1, 2]})["year"]
    encoder = TabularEncoder()
    assert encoder.fit_transform(series).tolist() == [[-1], [1]]
    assert encoder.get_feature_names_out().tolist() == ["year"]


def test_a_column_of_text_may_be_an_array():
    expected = [[1, 1], [0, 1], [np.nan, np.nan]]
    values = ["Crime|Drama", "Drama", None]
    for column in (values, np.array(values, dtype=object)):
        np.testing.assert_array_equal(TabularEncoder().fit_transform(column), expected)


@pytest.mark.parametrize("column", [[1.0, 2.0], np.array([1, 2])])
def test_numbers_in_one_dimension_could_be_a_row_and_are_refused(column):
    with pytest.raises(ValueError, match="Expected 2D array, got 1D array"):
        TabularEncoder().fit(column)


@pytest.mark.parametrize(
    "values",
    [
        [1, 3],
        [1.0, 3.0],
        [False, True],
        [1, 3.0],
        [Decimal("1.5"), Decimal("2.5")],
        np.array([1, 3], dtype=np.uint8),
        np.array([1, 3], dtype="timedelta64[h]"),
    ],
)
def test_numbers_are_standardised(values):
    features, names = encode(values)
    np.testing.assert_allclose(features, [[-1], [1]])
    assert names == ["a"]


def test_a_missing_number_is_the_mean():
    encoder = TabularEncoder().fit({"a": [1.0, 3.0, None], "b": ["x", "x", "x"]})
    features = encoder.transform({"a": [None, 2.0], "b": ["x", "x"]})
    assert features[:, 0].tolist() == [0, 0]


@pytest.mark.parametrize("constant", [0, 7.3, 1e12])
def test_a_constant_number_is_zero(constant):
    assert encode([constant] * 3)[0].tolist() == [[0], [0], [0]]


def test_categories_get_one_indicator_each():
    features, names = encode(["en", "fr", "en", None])
    np.testing.assert_array_equal(features, [[1, 0], [0, 1], [1, 0], [np.nan] * 2])
    assert names == ["a_en", "a_fr"]


def test_rare_and_unknown_categories_share_an_indicator():
    encoder = TabularEncoder(max_categories=2)
    values = ["en", "en", "fr", "de"]
    features = encoder.fit_transform({"a": values})
    assert features.tolist() == [[1, 0], [1, 0], [0, 1], [0, 1]]
    assert encoder.transform({"a": ["it"]}).tolist() == [[0, 1]]
    assert encode(values, max_categories=None)[0].shape == (4, 3)


def test_an_unknown_category_is_none_where_none_is_rare():
    encoder = TabularEncoder().fit({"a": ["en", "fr"]})
    assert encoder.transform({"a": ["it"]}).tolist() == [[0, 0]]


def test_numbers_in_a_categorical_column_are_categories():
    pd = pytest.importorskip("pandas")
    column = pd.Series(pd.Categorical([10, 20, None, 10], [10, 20]), name="store")
    encoder = TabularEncoder()
    features = encoder.fit_transform(column)
    np.testing.assert_array_equal(features, [[1, 0], [0, 1], [np.nan] * 2, [1, 0]])
    assert encoder.get_feature_names_out().tolist() == ["store_10", "store_20"]
    # a gap elsewhere does not turn 10 into 10.0
    np.testing.assert_array_equal(encoder.transform(column[:2]), features[:2])


@pytest.mark.parametrize(
    "values",
    [
        ["Crime|Drama", " Drama | ", "Crime||Crime", "", None],
        [["Crime", "Drama"], ["Drama"], ("Crime",), [], None],
    ],
)
def test_labels_get_one_indicator_each(values):
    features, names = encode(values)
    expected = [[1, 1], [0, 1], [1, 0], [np.nan] * 2, [np.nan] * 2]
    np.testing.assert_array_equal(features, expected)
    assert names == ["a_Crime", "a_Drama"]


def test_rare_and_unknown_labels_are_left_out():
    encoder = TabularEncoder(max_categories=2)
    encoder.fit({"a": ["Crime|Drama", "Drama|Crime|War", "Drama"]})
    assert encoder.get_feature_names_out().tolist() == ["a_Crime", "a_Drama"]
    features = encoder.transform({"a": ["War|Drama", "Western", "Crime"]})
    assert features.tolist() == [[0, 1], [0, 0], [1, 0]]


def test_the_separator_can_be_changed_or_switched_off():
    values = ["a, b", "b", "a|b"]
    assert encode(values, separator=",")[1] == ["a_a", "a_a|b", "a_b"]
    assert encode(values, separator=None)[1] == ["a_a, b", "a_a|b", "a_b"]
    assert encode([["a|b"], ["c"]], separator=None)[1] == ["a_a|b", "a_c"]


def test_dates_know_the_year_the_season_and_the_weekday():
    days = np.array(
        ["2000-01-03", "2000-01-10", "2000-07-03", "2010-01-04", "NaT"], "datetime64[D]"
    )
    features, names = encode(days)
    year, season, weekday = (
        features[:-1, [name.startswith(f"a_{part}") for name in names]]
        for part in ("year", "season", "weekday")
    )
    assert year[3] > year[:3].max() + 1
    assert np.ptp(year[:3]) < 0.2
    # all four are Mondays
    np.testing.assert_allclose(weekday, weekday[[0] * 4], atol=1e-6)
    assert np.abs(season[[1, 3]] - season[0]).max() < 0.15
    np.testing.assert_allclose(season[2], -season[0], atol=0.15)
    assert np.isnan(features[-1]).all()


@pytest.mark.parametrize("offset", [1, 2, 6])
def test_every_weekday_has_its_place(offset):
    days = np.datetime64("1969-07-20") + np.arange(0, 2 * 7 * 3000, 7)
    features, names = encode(np.concatenate([days, days + offset]))
    weekday = features[:, [name.startswith("a_weekday") for name in names]]
    assert np.ptp(weekday[: len(days)], axis=0).max() < 1e-4
    apart = np.linalg.norm(weekday[0] - weekday[-1])
    np.testing.assert_allclose(apart, 2 * np.sin(np.pi * offset / 7), atol=1e-4)


def test_dates_of_every_library_and_zone_are_the_same_moment():
    pd = pytest.importorskip("pandas")
    moment = datetime.datetime(1995, 11, 22, 23, tzinfo=datetime.UTC)
    later = moment + datetime.timedelta(days=400)
    zone = datetime.timezone(datetime.timedelta(hours=5))
    columns = [
        [moment, later],
        [moment.astimezone(zone), later],
        [moment.replace(tzinfo=None), later.replace(tzinfo=None)],
        [np.datetime64("1995-11-22T23"), np.datetime64(later.replace(tzinfo=None))],
        pd.Series([moment, later]),
        pd.Series([moment, later]).dt.tz_convert("Asia/Tokyo"),
        np.array([moment.replace(tzinfo=None), later.replace(tzinfo=None)], "M8[ns]"),
    ]
    expected = encode(columns[0])[0]
    for column in columns:
        np.testing.assert_allclose(encode(column)[0], expected, atol=1e-6)
    features, names = encode([moment.date(), later.date()])
    weekday = [name.startswith("a_weekday") for name in names]
    np.testing.assert_allclose(features[:, weekday], expected[:, weekday], atol=1e-6)


def test_only_a_row_without_anything_is_missing():
    table = {
        "a": [1.0, None, None],
        "b": ["x", None, " "],
        "c": [np.datetime64("2000-01-01"), np.datetime64("NaT"), np.datetime64("2001")],
        "d": [["l"], [], None],
    }
    features = TabularEncoder().fit_transform(table)
    assert np.isnan(features).all(axis=1).tolist() == [False, True, False]
    assert np.isfinite(features[[0, 2]]).all()


def test_a_column_that_was_empty_in_fit_says_nothing():
    encoder = TabularEncoder().fit({"a": [None, None], "b": [1, 2]})
    features = encoder.transform({"a": [5.0, None], "b": [1, 2]})
    assert np.isfinite(features).all()


@pytest.mark.parametrize("name", list(FILMS))
def test_a_column_that_is_empty_in_transform_is_missing(name):
    encoder = TabularEncoder().fit(FILMS)
    gap = FILMS | {name: [None, None, None]}
    features = encoder.transform(gap)
    names = encoder.get_feature_names_out()
    own = [part == name or part.startswith(f"{name}_") for part in names]
    assert not features[:, own].any()
    np.testing.assert_array_equal(
        features[:, np.invert(own)], encoder.transform(FILMS)[:, np.invert(own)]
    )


def test_an_encoder_survives_clone_and_pickle():
    encoder = TabularEncoder().fit(FILMS)
    features = encoder.transform(FILMS)
    for copy in (pickle.loads(pickle.dumps(encoder)), clone(encoder).fit(FILMS)):
        np.testing.assert_array_equal(copy.transform(FILMS), features)


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_set_output_gives_named_columns(library):
    table = pytest.importorskip(library).DataFrame(FILMS)
    encoder = TabularEncoder().set_output(transform=library)
    assert list(encoder.fit_transform(table).columns) == list(
        encoder.get_feature_names_out()
    )


def test_an_encoder_must_be_fitted_first():
    with pytest.raises(NotFittedError):
        TabularEncoder().transform(FILMS)
    with pytest.raises(NotFittedError):
        TabularEncoder().get_feature_names_out()


def test_other_columns_than_in_fit_are_refused(frame):
    encoder = TabularEncoder().fit(frame({"a": [1, 2], "b": ["x", "y"]}))
    message = "feature names should match|must have the 2 columns of fit"
    for other in ({"a": [1]}, {"b": ["x"], "a": [1]}, {"a": [1], "c": ["x"]}):
        with pytest.raises(ValueError, match=message):
            encoder.transform(frame(other))


def test_another_number_of_columns_than_in_fit_is_refused():
    encoder = TabularEncoder().fit(np.ones((3, 2)))
    with pytest.raises(ValueError, match="X has 3 features, but TabularEncoder"):
        encoder.transform(np.ones((3, 3)))
    with pytest.raises(ValueError, match="must have the 2 columns of fit"):
        encoder.transform({"a": [1]})


@pytest.mark.parametrize(
    ("values", "error", "message"),
    [
        (["x", 3], TypeError, "'a' must hold .* got str in row 0 and int in row 1"),
        ([{"k": 1}], TypeError, "'a' must hold .* got dict in row 0; convert"),
        ([b"x", None], TypeError, "'a' must hold .* got bytes in row 0; convert"),
        (np.array([1j]), TypeError, "'a' must hold .* got complex128; convert"),
        (
            [1.0, np.inf],
            ValueError,
            r"'a' must hold finite .* inf \(infinity\) in row 1",
        ),
        (np.ones((2, 2)), ValueError, r"'a' must be 1-D; got .* \(2, 2\)"),
    ],
)
def test_what_no_kind_of_column_holds_is_named(values, error, message):
    with pytest.raises(error, match=message):
        TabularEncoder().fit({"a": values})


def test_a_column_of_another_kind_than_in_fit_is_named():
    encoder = TabularEncoder().fit({"a": [1, 2], "b": ["x", "y"]})
    with pytest.raises(TypeError, match="'a' must hold number, as in fit; got text"):
        encoder.transform({"a": ["1990"], "b": ["x"]})
    with pytest.raises(TypeError, match="'b' must hold text, as in fit; got labels"):
        encoder.transform({"a": [1], "b": [["x"]]})


def test_a_table_without_rows_is_refused(frame):
    with pytest.raises(ValueError, match="at least one row; got none"):
        TabularEncoder().fit(frame({"a": []}))


@pytest.mark.parametrize("kind", ["csr_array", "dok_array"])
def test_a_sparse_matrix_is_refused(kind):
    sparse = pytest.importorskip("scipy.sparse")
    with pytest.raises(TypeError, match="X must be dense; got a sparse matrix"):
        TabularEncoder().fit(getattr(sparse, kind)(np.eye(3)))


def test_wrong_parameters_are_refused():
    with pytest.raises(ValueError, match="max_categories must be at least 1; got 0"):
        TabularEncoder(max_categories=0).fit(FILMS)


def test_dates_as_text_are_dates():
    """As pandas reads them from a file; other text stays a category."""
    days = ["2024-01-05", "2025-06-30 12:00", None]
    encoder = TabularEncoder().fit({"released": days})
    assert encoder.get_feature_names_out()[0] == "released_year"
    assert len(TabularEncoder().fit({"code": ["2024-01-05", "x"]}).columns_) == 1
    with pytest.raises(TypeError, match="must hold date, as in fit; got text"):
        encoder.transform({"released": ["soon"]})


def test_vectors_are_no_labels():
    """An embedding in a column of lists."""
    with pytest.raises(
        TypeError, match="must hold labels .* goes through 'passthrough'"
    ):
        TabularEncoder().fit({"clip": [[0.1, 0.2], [0.3, 0.4]]})
