"""The ColumnTransformer-like step, on containers and on plain tables."""

import numpy as np
import pytest
from sklearn import clone
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler, StandardScaler

from skmmrec import (
    ConcatFusion,
    FeatureTable,
    Interactions,
    MultimodalFusion,
    SparseTextEncoder,
)

TABLE = {
    "item": ["a", "b", "c", "d"],
    "price": [1.0, 2.0, 3.0, np.nan],
    "size": [5.0, 6.0, 9.0, 1.0],
    "word": ["x", "yy", "", "xyz"],
}


def lengths(words):
    """A transformer with a missing value: NaN for the empty word."""
    counts = np.array([[len(word)] for word in np.asarray(words).ravel()], dtype=float)
    counts[counts == 0] = np.nan
    return counts


class Lengths(FunctionTransformer):
    """Counts the calls, to show that the table is encoded once."""

    calls = 0

    def __init__(self):
        super().__init__(lengths, validate=False)

    def transform(self, X):
        type(self).calls += 1
        return super().transform(X)

    def get_feature_names_out(self, input_features=None):
        return np.array(["length"], dtype=object)


def fusion(**params):
    return MultimodalFusion(
        [
            ("word", Lengths(), "word"),
            ("numbers", "passthrough", ["price", "size"]),
            ("unused", "drop", "price"),
        ],
        **params,
    )


def container(frame=dict):
    events = frame({"user": [1, 1, 2] * 50, "item": ["a", "zz", "b"] * 50})
    return Interactions(events, items=frame(TABLE))


def test_item_table_becomes_a_feature_table(frame):
    """One row for each item, whatever the number of events, from any library."""
    Lengths.calls = 0
    X = fusion(method=ConcatFusion(None)).fit_transform(container(frame))
    assert isinstance(X, Interactions)
    assert len(X) == 150
    assert X.items.values.tolist() == [[1, 1, 5], [2, 2, 6], [0, 3, 9], [3, 0, 0]]
    assert X.items.present.tolist() == [
        [True, True],
        [True, True],
        [False, True],
        [True, False],
    ]
    assert Lengths.calls == 1


def test_plain_table_gives_a_matrix(frame):
    """As any transformer would, zero where a modality is missing."""
    Z = fusion(method=ConcatFusion(None)).fit_transform(frame(TABLE))
    assert Z.tolist() == [[1, 1, 5], [2, 2, 6], [0, 3, 9], [3, 0, 0]]
    assert Z.dtype == np.float32


@pytest.mark.parametrize("method", ["concat", "mean", ConcatFusion("l2")])
def test_transform_equals_fit_transform(method):
    """By name or as an instance."""
    step = fusion(method=method)
    first = step.fit_transform(container()).items
    again = step.transform(container()).items
    np.testing.assert_allclose(first.values, again.values, atol=1e-6)
    np.testing.assert_array_equal(first.present, again.present)


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_set_output_names_the_columns(library):
    """Frames for plain tables; containers stay containers."""
    frames = pytest.importorskip(library)
    step = fusion().set_output(transform=library)
    out = clone(step).fit_transform(frames.DataFrame(TABLE))
    assert list(out.columns) == ["word__length", "numbers__price", "numbers__size"]
    assert isinstance(step.fit_transform(container()), Interactions)


def test_users_are_encoded_on_request():
    """on="users" leaves the items as they are."""
    X = Interactions(
        {"user": [1, 2], "item": ["a", "b"]},
        items=TABLE,
        users={"user": [1, 2], "age": [30.0, 40.0]},
    )
    step = MultimodalFusion([("age", "passthrough", ["age"])], on="users")
    Xt = step.fit_transform(X)
    assert isinstance(Xt.users, FeatureTable)
    assert Xt.items is TABLE


def test_precomputed_blocks_pass_through():
    """A matrix of embeddings is one column of a mapping."""
    vectors = np.arange(8, dtype=np.float32).reshape(4, 2)
    X = Interactions({"user": [1], "item": ["a"]}, items=TABLE | {"clip": vectors})
    step = MultimodalFusion(
        [("clip", "passthrough", "clip")], method=ConcatFusion(None)
    )
    assert step.fit_transform(X).items.values.tolist() == vectors.tolist()


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_a_column_of_vectors_passes_through(library):
    """Embeddings as people keep them in a frame; None is missing."""
    frames = pytest.importorskip(library)
    column = [[1.0, 2.0], None, [3.0, 4.0]]
    items = frames.DataFrame({"item": ["a", "b", "c"], "clip": column})
    X = Interactions({"user": [1], "item": ["a"]}, items=items)
    for columns in ("clip", ["clip"]):
        step = MultimodalFusion(
            [("clip", "passthrough", columns)], method=ConcatFusion(None)
        )
        encoded = step.fit_transform(X).items
        assert encoded.values.tolist() == [[1, 2], [0, 0], [3, 4]]
        assert encoded.present.ravel().tolist() == [True, False, True]


def test_new_items_may_all_lack_their_vectors():
    """The width is that of fit."""
    step = MultimodalFusion([("v", "passthrough", "v"), ("p", "passthrough", ["p"])])
    step.fit({"v": [[1.0, 2.0], [3.0, 1.0]], "p": [1.0, 2.0]})
    for nothing in (None, np.nan):
        assert step.transform({"v": [nothing], "p": [1.0]}).shape == (1, 3)


def test_a_plain_table_after_a_container_is_no_surprise(frame):
    """No warning of names that fit did not see."""
    step = fusion().fit(container(frame))
    assert step.transform(frame(TABLE)).shape == (4, 3)


def test_a_name_suffices_for_a_transformer_of_tables(frame):
    """StandardScaler wants two dimensions, and gets them."""
    step = MultimodalFusion(
        [("s", StandardScaler(), "size"), ("t", StandardScaler(), ["price", "size"])]
    )
    assert step.fit_transform(container(frame)).items.shape == (4, 3)


def test_errors_name_the_modality():
    """Of two text columns, which one?"""
    step = MultimodalFusion([("label", SparseTextEncoder(), "price")])
    with pytest.raises(TypeError, match="Texts must be str") as caught:
        step.fit(container())
    assert "modality 'label'" in caught.value.__notes__[0]


def test_events_of_known_items_need_no_table():
    """To predict for pairs, ids suffice."""
    step = fusion().fit(container())
    pairs = Interactions({"user": [1], "item": ["a"]})
    assert step.transform(pairs) is pairs


def test_tables_keep_their_rows():
    """A table of another length, or one that was changed in place."""
    X = container()
    with pytest.raises(ValueError, match="row for each of the 4 items .* got 1"):
        X.with_table("items", FeatureTable.from_blocks({"a": [[1.0]]}))
    items = {name: list(values) for name, values in TABLE.items()}
    X = Interactions({"user": [1], "item": ["a"]}, items=items)
    for values in items.values():
        del values[2:]
    with pytest.raises(ValueError, match="must keep its 4 rows; got 2, it was changed"):
        fusion().fit(X)


def test_weights_of_the_fusion_reach_the_method():
    """Also of a modality that a grid has dropped."""
    step = fusion(weights={"word": 2, "unused": 5})
    step.fit(container())
    plain = fusion().fit(container())
    assert step.method_.scale_["word"] == pytest.approx(
        2 * plain.method_.scale_["word"]
    )


def test_nested_parameters_reach_the_branches():
    """name__parameter, and a whole branch by its name."""
    step = MultimodalFusion([("s", StandardScaler(), ["price"])], method=ConcatFusion())
    step.set_params(s__with_mean=False, method__scaling="l2")
    assert step.get_params()["s__with_mean"] is False
    assert step.set_params(s="drop").transformers == [("s", "drop", ["price"])]


def test_an_old_regression_takes_it():
    """F = fused features, y = b0 + b1 F: any scikit-learn model."""
    pipe = make_pipeline(fusion(), LinearRegression())
    assert pipe.fit(TABLE, [1.0, 2, 3, 4]).predict(TABLE).shape == (4,)


def test_branches_side_by_side_are_the_same():
    """n_jobs changes the time, not the result."""
    one, two = (fusion(n_jobs=n).fit_transform(container()).items for n in (1, 2))
    np.testing.assert_array_equal(one.values, two.values)


@pytest.mark.parametrize(
    ("step", "error", "match"),
    [
        (
            MultimodalFusion([("a", "passthrough", ["cost"])]),
            ValueError,
            r"must have a column 'cost'; got the columns .*'price'",
        ),
        (
            MultimodalFusion([("a", "drop", ["price"])]),
            ValueError,
            r"At least one modality must be kept; got only 'drop' among \['a'\]",
        ),
        (
            MultimodalFusion([("a", "passthrough", ["word"])]),
            TypeError,
            "'a' must come out as numbers.*give it an encoder",
        ),
        (
            MultimodalFusion([("a", 3, ["price"])]),
            TypeError,
            "must have a transformer, the name of one, 'passthrough' or 'drop'; got 3",
        ),
        (
            MultimodalFusion([("a", "pass", ["price"])]),
            ValueError,
            "installed encoders, .*'sparse_text'.*; got 'pass'",
        ),
        (
            MultimodalFusion([("a", "passthrough")]),
            TypeError,
            r"must be a list of \(name, transformer, columns\)",
        ),
        (fusion(method="concatenate"), ValueError, r"installed fusions.*'concatenate'"),
        (fusion(on="events"), ValueError, "'items' or 'users'; got 'events'"),
        (
            fusion(on="users"),
            ValueError,
            "must find a table of users to encode; got none",
        ),
        (
            fusion(weights={"word": 0, "numbers": 0, "unused": 0}),
            ValueError,
            "all be zero",
        ),
        (fusion(weights=3), TypeError, "weights must be a dict .* got 3"),
        (MultimodalFusion([("a", "passthrough", [])]), ValueError, "must have columns"),
        (fusion(weights={"wrod": 1}), ValueError, r"must name modalities.*\['wrod'\]"),
    ],
)
def test_bad_settings_are_named(step, error, match):
    """Each with what there is to choose from."""
    with pytest.raises(error, match=match):
        step.fit(container())


def test_encoding_twice_is_refused():
    """A table that is encoded already has no columns to name."""
    encoded = fusion().fit_transform(container())
    with pytest.raises(ValueError, match="got one that is already encoded"):
        fusion().fit(encoded)


@pytest.mark.parametrize("method", [StandardScaler(), make_pipeline(StandardScaler())])
def test_a_method_that_is_none_is_named(method):
    with pytest.raises(TypeError, match="method must be a fusion method, such as"):
        MultimodalFusion([("x", "passthrough", "x")], method=method).fit({"x": [1.0]})


def test_weights_need_a_method_that_takes_them():
    fusion = MultimodalFusion([("x", "passthrough", "x")], method="align", weights=[1])
    with pytest.raises(ValueError, match="weights must go with a method that takes"):
        fusion.fit({"x": [1.0, 2.0]})


def test_columns_of_an_array_are_positions():
    array = np.arange(12.0).reshape(3, 4)
    fusion = MultimodalFusion(
        [("a", "passthrough", [0, 1]), ("b", "passthrough", 2)],
        method=ConcatFusion(scaling=None),
    )
    np.testing.assert_array_equal(fusion.fit_transform(array), array[:, :3])


def test_a_pipeline_gets_what_its_first_step_takes(frame):
    """A column for a vectorizer, a table of one column for a scaler."""
    table = frame({"title": ["red tea", "blue cup", "tea cup"], "price": [1.0, 2, 6]})
    words = make_pipeline(TfidfVectorizer(), TruncatedSVD(2, random_state=0))
    prices = make_pipeline(StandardScaler(), MinMaxScaler())
    branches = [("text", words, "title"), ("price", prices, "price")]
    method = ConcatFusion(scaling=None)
    fused = MultimodalFusion(branches, method=method).fit_transform(table)
    np.testing.assert_allclose(np.asarray(fused)[:, 2], [0, 0.2, 1])
    expected = words.fit_transform(["red tea", "blue cup", "tea cup"])
    np.testing.assert_allclose(np.asarray(fused)[:, :2], expected, atol=1e-6)


def test_an_encoder_that_returns_other_rows_is_named():
    """As scikit-learn's vectorizers do of a table instead of a column."""
    pd = pytest.importorskip("pandas")
    table = pd.DataFrame({"title": ["red tea", "blue cup", "tea cup"]})
    fusion = MultimodalFusion([("a", TfidfVectorizer(), ["title"])])
    with pytest.raises(ValueError, match="row for each of the 3 of the table; got 1"):
        fusion.fit(table)
