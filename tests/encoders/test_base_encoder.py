"""What holds for every encoder of one column, whatever the modality."""

import numpy as np
import pytest
from sklearn import clone
from sklearn.compose import make_column_transformer

from skmmrec.encoders import (
    BaseEncoder,
    ImageEncoder,
    ImageStatisticsEncoder,
    PixelEncoder,
    SparseTextEncoder,
    TextEncoder,
    TokenSequenceEncoder,
    WordVectorEncoder,
)
from skmmrec.testing import estimator_checks

TEXTS = ["ghost ship", "red tea", "ghost ship", "ship"]


class CountingEncoder(BaseEncoder):
    """Remembers what it was asked to encode."""

    def _width(self):
        return 1

    def _read(self, value, row):
        return value, row

    def _encode(self, batch):
        self.asked_ = batch
        return np.arange(len(batch))[:, None]


WORDS = {"ghost": [1, 0, 0], "ship": [0, 1, 0], "red": [1, 1, 0], "tea": [0, 0, 1]}
OF_TEXTS = {
    "sparse text": SparseTextEncoder(n_components=3, random_state=0),
    "word vectors": WordVectorEncoder(WORDS, pooling="tfidf"),
    "token sequence": TokenSequenceEncoder(max_length=4, min_df=1),
}
OF_PICTURES = {
    "image statistics": ImageStatisticsEncoder(),
    "pixels": PixelEncoder(side=4),
}


@pytest.fixture(params=[*OF_TEXTS, *OF_PICTURES, "text", "image"])
def case(request):
    """An encoder and a column for it, in which rows 0 and 2 are equal."""
    if request.param in OF_TEXTS:
        return clone(OF_TEXTS[request.param]), TEXTS
    if request.param == "text":
        model = request.getfixturevalue("tiny_sentence_transformer")
        return TextEncoder(model), TEXTS
    paths = request.getfixturevalue("picture_paths")
    column = [paths[0], paths[1], paths[0], paths[2]]
    if request.param in OF_PICTURES:
        return clone(OF_PICTURES[request.param]), column
    return ImageEncoder(request.getfixturevalue("tiny_network")), column


def as_pandas(values):
    return pytest.importorskip("pandas").Series(values, name="title")


def as_pandas_frame(values):
    return pytest.importorskip("pandas").DataFrame({"title": values})


def as_polars(values):
    return pytest.importorskip("polars").Series("title", values)


def as_polars_frame(values):
    return pytest.importorskip("polars").DataFrame({"title": values})


def as_arrow(values):
    return pytest.importorskip("pyarrow").chunked_array([values])


def as_arrow_table(values):
    return pytest.importorskip("pyarrow").table({"title": values})


def as_object_array(values):
    return np.array(values, dtype=object)


def as_one_column_array(values):
    return np.array(values, dtype=object)[:, None]


def as_nested_list(values):
    return [[value] for value in values]


def as_mapping(values):
    return {"title": values}


COLUMNS = [
    as_pandas,
    as_pandas_frame,
    as_polars,
    as_polars_frame,
    as_arrow,
    as_arrow_table,
    as_object_array,
    as_one_column_array,
    as_nested_list,
    as_mapping,
    tuple,
]


def test_the_contract(case):
    """All checks that a plug-in has to pass; weights that are objects are not saved."""
    encoder, (first, second, _, third) = case
    holds_weights = {"model", "vectors"} & encoder.get_params().keys()
    without = ["check_save_and_load"] if holds_weights else []
    column = [first, second, third]
    for _, check in estimator_checks(encoder, column=column, without=without):
        check(encoder)


@pytest.mark.parametrize("make_column", COLUMNS)
def test_any_kind_of_column_gives_the_same_features(case, make_column):
    encoder, values = case
    values = [*values, None]
    features = encoder.fit_transform(make_column(values))
    np.testing.assert_array_equal(features, encoder.fit(values).transform(values))
    assert features.shape == (5, len(encoder.get_feature_names_out()))


def test_missing_values_of_pandas_are_missing(case):
    pd = pytest.importorskip("pandas")
    encoder, values = case
    column = pd.Series([values[0], pd.NA, values[1], pd.NaT], dtype=object)
    features = encoder.fit(values).transform(column)
    assert np.isnan(features).all(axis=1).tolist() == [False, True, False, True]


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_set_output_gives_named_columns(case, library):
    pytest.importorskip(library)
    encoder, values = case
    frame = clone(encoder).set_output(transform=library).fit_transform([*values, None])
    assert type(frame).__module__.startswith(library)
    assert list(frame.columns) == list(encoder.fit(values).get_feature_names_out())
    assert frame.shape[0] == 5


def test_the_index_of_a_pandas_column_is_kept(case):
    pd = pytest.importorskip("pandas")
    encoder, values = case
    column = pd.Series(values, index=[7, 5, 3, 1])
    frame = clone(encoder).set_output(transform="pandas").fit_transform(column)
    assert frame.index.tolist() == [7, 5, 3, 1]


def test_an_encoder_is_a_branch_of_a_column_transformer(case):
    pd = pytest.importorskip("pandas")
    encoder, values = case
    frame = pd.DataFrame({"content": values, "price": [1.0, 2.0, 3.0, 4.0]})
    both = make_column_transformer((encoder, "content"), ("passthrough", ["price"]))
    features = both.fit_transform(frame)
    assert features.shape == (4, 1 + encoder.fit(values).transform(values).shape[1])


def test_features_are_named_after_the_class(tiny_sentence_transformer):
    encoder = TextEncoder(tiny_sentence_transformer).fit(TEXTS)
    assert encoder.get_feature_names_out().tolist()[:2] == [
        "textencoder0",
        "textencoder1",
    ]
    assert encoder.n_features_in_ == 1


def test_equal_texts_and_bytes_are_encoded_once():
    encoder = CountingEncoder()
    # made at run time, so that equal values are not the same object
    texts = ["".join(["ghost", " ", name]) for name in ("ship", "town", "ship")]
    features = encoder.fit_transform(
        [None, *texts, b"ghost ship", bytes(10), bytes(10)]
    )
    asked = [("ghost ship", 1), ("ghost town", 2), (b"ghost ship", 4), (bytes(10), 5)]
    assert encoder.asked_ == asked
    np.testing.assert_array_equal(features[:, 0], [np.nan, 0, 1, 0, 2, 3, 3])


def test_arrays_are_told_apart_by_identity():
    encoder = CountingEncoder()
    first, second = np.zeros((2, 3, 3)), np.zeros((2, 3, 3))
    features = encoder.fit_transform([first, second, first])
    assert features[:, 0].tolist() == [0, 1, 0]


def test_an_array_of_pictures_is_a_column_of_pictures():
    encoder = CountingEncoder()
    pictures = np.arange(5 * 2 * 2 * 3).reshape(5, 2, 2, 3)
    assert encoder.fit_transform(pictures)[:, 0].tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("X", "error", "message"),
    [
        (
            {"a": ["x"], "b": ["y"]},
            ValueError,
            r"one column; got 2 columns, \['a', 'b'\]",
        ),
        (np.zeros((3, 2)), ValueError, r"one column; got an array of shape \(3, 2\)"),
        (np.float64(3), ValueError, r"one column; got an array of shape \(\)"),
        ("ghost ship", TypeError, "must be a column of values; got str; pass a Series"),
        (None, TypeError, "must be a column of values; got NoneType"),
    ],
)
def test_what_is_not_a_column_is_refused(X, error, message):
    with pytest.raises(error, match=message):
        CountingEncoder().fit(X)


@pytest.mark.parametrize("shape", [(32, 32, 3), (5, 6, 4)])
def test_one_picture_is_no_column(shape):
    with pytest.raises(ValueError, match="X must be a column of pictures; got one"):
        ImageStatisticsEncoder().fit(np.zeros(shape, dtype=np.uint8))


@pytest.mark.parametrize(
    ("root", "error", "match"),
    [
        ("nowhere", ValueError, "root must be a folder; got 'nowhere', where there is"),
        (5, TypeError, "root must be a folder or None; got int"),
    ],
)
def test_a_root_that_is_none_is_named(root, error, match):
    with pytest.raises(error, match=match):
        ImageStatisticsEncoder(root=root, on_error="missing").fit(["a.jpg"])
