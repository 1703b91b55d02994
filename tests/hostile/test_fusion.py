"""Every fusion, and blocks, tables, columns, names and parameters that are hostile."""

import traceback
from contextlib import contextmanager

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import scipy.sparse as sp
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn.base import clone

from skmmrec import (
    FeatureTable,
    Interactions,
    MultimodalFusion,
    SparseTextEncoder,
    TabularEncoder,
    fusion,
    make_pipeline,
)
from tests.hostile._judge import judge
from tests.hostile._media_strategies import (
    OTHERS,
    SCALARS,
    TEXTS,
    no_columns,
    read_only,
)
from tests.hostile._strategies import HOSTILE

COVERS = fusion.__all__

FUSIONS = {
    "attention": fusion.AttentionFusion(2, max_iter=1, random_state=0),
    "auto": fusion.AutoFusion(random_state=0),
    "bilinear": fusion.BilinearFusion(2, random_state=0),
    "cca": fusion.CCAFusion(1),
    "concat": fusion.ConcatFusion(),
    "forest": fusion.ForestFusion(n_estimators=3, random_state=0),
    "gated": fusion.GatedFusion(2, max_iter=1, random_state=0),
    "imputer": fusion.MissingModalityImputer(),
    "aligner": fusion.ModalityAligner(1),
    "dropout": fusion.ModalityDropout(random_state=0),
    "nmf": fusion.NMFFusion(1, random_state=0),
    "svd": fusion.SVDFusion(1),
    "mean": fusion.WeightedMeanFusion(),
    "sum": fusion.WeightedSumFusion(),
}
each_fusion = pytest.mark.parametrize("method", FUSIONS.values(), ids=list(FUSIONS))

NUMBERS = [0, 1, -1, 0.5, 3, 1e-45, 1e-30, 1e30, -3e38, np.nan]
LARGE = [*NUMBERS, 1e308, np.inf, -np.inf]


@contextmanager
def scikit_learns_refusals():
    """What its validation says of a matrix, in words of numpy, is told as it is."""
    try:
        yield
    except AssertionError as error:
        frames = traceback.extract_tb(error.__cause__ and error.__cause__.__traceback__)
        if not any(f.filename.endswith("sklearn/utils/validation.py") for f in frames):
            raise


def blocks(numbers, most_rows=6):
    """Two matrices of as many rows, 2 and 1 columns wide."""
    rows = st.lists(
        st.lists(st.sampled_from(numbers), min_size=3, max_size=3)
        | st.sampled_from([[np.nan, np.nan, 1], [1, 1, np.nan], [np.nan] * 3, [1] * 3]),
        max_size=most_rows,
    )
    return rows.map(lambda rows: np.array(rows, dtype=float).reshape(-1, 3))


def check_table(fused, n):
    """What holds for all answers."""
    assert fused.shape[0] == len(fused.present) == n
    assert fused.values.dtype == np.float32
    assert fused.values.flags.c_contiguous
    assert np.isfinite(fused.values).all()
    width = max((columns.stop for columns in fused.blocks.values()), default=0)
    assert width == fused.shape[1]
    assert fused.present.shape[1] == len(fused.blocks)
    for columns, has in zip(fused.blocks.values(), fused.present.T):
        assert not fused.values[~has, columns].any()


@HOSTILE
@given(matrix=blocks(LARGE))
def test_blocks_make_a_table(matrix):
    """A row with a gap lacks the modality; infinite and too large ones are refused."""
    parts = {"a": matrix[:, :2], "b": matrix[:, 2:]}
    table, refusal = judge(lambda: FeatureTable.from_blocks(parts), matrix)
    assert (refusal is not None) == bool((np.abs(matrix) > 3.5e38).any())
    if refusal is None:
        check_table(table, len(matrix))
        expected = ~np.isnan(matrix[:, :2]).any(axis=1)
        np.testing.assert_array_equal(table.present[:, 0], expected)
        check_table(judge(lambda: table.take(np.array([-1, -1])))[0], 2)


@each_fusion
@HOSTILE
@given(matrix=blocks(NUMBERS), with_events=st.booleans())
def test_tables_of_any_numbers(method, matrix, with_events):
    """Huge, tiny, constant, missing: a finite table, or a refusal."""
    table = FeatureTable.from_blocks({"a": matrix[:, :2], "b": matrix[:, 2:]})
    events = sp.csr_array(np.eye(len(table), 3, dtype=np.float32))
    method = clone(method)
    fused, _ = judge(
        lambda: method.fit(table, events if with_events else None).transform(table),
        table.values,
        table.present,
    )
    if fused is not None:
        check_table(fused, len(matrix))
        nothing = FeatureTable.missing(2, table.blocks)
        fused, refusal = judge(lambda: method.transform(nothing))
        assert refusal is None, refusal
        check_table(fused, 2)


@each_fusion
@HOSTILE
@given(make=st.sampled_from(no_columns()))
def test_what_is_no_matrix(method, make):
    X = make()
    with scikit_learns_refusals():
        judge(lambda: clone(method).fit_transform(X))


@each_fusion
@pytest.mark.parametrize(
    "change",
    [
        np.asfortranarray,
        lambda X: read_only(X.copy()),
        lambda X: np.repeat(X, 2, axis=1)[:, ::2],
        lambda X: X.astype(np.float16),
        lambda X: X.astype(object),
        lambda X: X.tolist(),
        lambda X: pd.DataFrame(X, index=[7] * len(X)),
        lambda X: pl.DataFrame(X),
    ],
    ids=["F", "read-only", "strided", "float16", "objects", "list", "pandas", "polars"],
)
def test_a_matrix_has_one_answer_in_any_container(method, change):
    """And is left as it is."""
    X = np.arange(12.0).reshape(6, 2) % 5
    expected = clone(method).fit(X).transform(X)
    other = change(X)
    answer, refusal = judge(lambda: clone(method).fit(other).transform(other), other)
    assert refusal is None, refusal
    np.testing.assert_allclose(np.asarray(answer), expected, rtol=1e-4, atol=1e-5)


@each_fusion
@HOSTILE
@given(data=st.data())
def test_parameters_of_any_kind(method, data):
    """They are taken, or refused in a sentence."""
    method = clone(method)
    names = sorted(method.get_params(deep=False))
    if not names:
        return
    name = data.draw(st.sampled_from(names))
    value = data.draw(st.sampled_from(SCALARS))
    table = FeatureTable.from_blocks({"a": np.eye(5)[:, :2], "b": np.eye(5)[:, 2:4]})
    assume(not (name == "n_estimators" and isinstance(value, int) and value > 1000))
    method.set_params(**{name: value})
    fused, _ = judge(lambda: method.fit(table).transform(table))
    if fused is not None:
        check_table(fused, 5)


@each_fusion
def test_a_refused_transform_loses_nothing(method):
    """The blocks of another fit are refused, and the method answers as before."""
    table = FeatureTable.from_blocks({"a": np.eye(5)[:, :2], "b": np.eye(5)[:, 2:4]})
    method = judge(lambda: clone(method).fit(table))[0]
    before = method.transform(table).values
    for other in (
        FeatureTable.from_blocks({"a": np.eye(5)}),
        FeatureTable.from_blocks({"b": np.eye(5)[:, :2], "a": np.eye(5)[:, 2:4]}),
        FeatureTable.from_blocks({"a": np.zeros((0, 1)), "b": np.zeros((0, 2))}),
    ):
        _, refusal = judge(lambda other=other: method.transform(other))
        assert "must be those of fit" in str(refusal)
    np.testing.assert_array_equal(method.transform(table).values, before)


# -- the fusion of a table -------------------------------------------------------------


def frames(table):
    """The table in every kind of frame that can hold it."""
    yield table
    for make in (pd.DataFrame, pl.DataFrame, pa.table):
        try:
            yield make(table)
        except (Exception, pl.exceptions.PanicException):
            continue


def branches():
    return [
        ("text", SparseTextEncoder(n_components=1, random_state=0), "title"),
        ("numbers", TabularEncoder(), ["price"]),
    ]


@HOSTILE
@given(
    titles=st.lists(st.sampled_from([*TEXTS, None]), min_size=2, max_size=5),
    price=st.sampled_from([0.0, 1.0, 1e308, 5e-324, np.nan]),
    method=st.sampled_from(["concat", "mean", "sum", "auto"]),
)
def test_item_tables_have_one_answer_in_any_frame(titles, price, method):
    """A modality that all items lack takes no part."""
    table = {"title": titles, "price": [price] * len(titles)}
    answers = []
    for frame in frames(table):
        model = MultimodalFusion(branches(), method=method)
        answer, refusal = judge(lambda m=model, f=frame: m.fit_transform(f))
        answers.append(str(refusal) if answer is None else answer)
    for answer in answers[1:]:
        np.testing.assert_array_equal(answer, answers[0])
    if not isinstance(answers[0], str):
        assert np.isfinite(answers[0]).all()


@HOSTILE
@given(
    column=st.lists(
        st.sampled_from([*LARGE, *OTHERS, *TEXTS[:3], None, [1.0, 2.0], [1], []]),
        min_size=2,
        max_size=3,
    )
)
def test_columns_that_are_passed_through(column):
    """Numbers and vectors, and nothing else."""
    model = MultimodalFusion([("a", "passthrough", "a")])
    answer, _ = judge(lambda: model.fit_transform({"a": column}))
    if answer is not None:
        assert np.isfinite(np.asarray(answer)).all()
        assert len(answer) == len(column)


@HOSTILE
@given(
    make=st.sampled_from(no_columns()), columns=st.sampled_from(["a", ["a"], 0, [0]])
)
def test_what_is_no_item_table(make, columns):
    X, model = make(), MultimodalFusion([("a", "passthrough", columns)])
    with scikit_learns_refusals():
        judge(lambda: model.fit_transform(X))


NAMES = ["a", "", "a__b", "transformers", "\ud800", "\0", 7, None, ("a",), "x" * 10**4]


@HOSTILE
@given(
    names=st.lists(st.sampled_from(NAMES), min_size=1, max_size=3),
    columns=st.sampled_from(
        [*SCALARS, "n", ["n"], ["n", "n"], ["n", "b"], "b", ["n", 0], np.array(["n"])]
    ),
    transformer=st.sampled_from(
        ["passthrough", "drop", "encode", None, 3, int, object()]
    ),
)
def test_branches_of_any_kind(names, columns, transformer):
    """Names, transformers and columns: taken, or refused in a sentence."""
    model = MultimodalFusion([(name, transformer, columns) for name in names])
    X = {"n": [1.0, 2.0], "b": np.eye(2)}
    answer, _ = judge(lambda: model.fit_transform(X))
    if answer is not None:
        assert len(answer) == 2
        judge(model.get_feature_names_out)


@HOSTILE
@given(
    name=st.sampled_from(["transformers", "method", "weights", "on", "n_jobs"]),
    value=st.sampled_from([*SCALARS, *FUSIONS.values(), {"text": 0}, {"text": np.nan}]),
)
def test_parameters_of_the_fusion(name, value):
    items = {"item": [1, 2], "title": ["a ghost", "the ship"], "price": [1.0, None]}
    X = Interactions({"user": [1, 2], "item": [1, 2]}, items=items)
    model = MultimodalFusion(branches()).set_params(**{name: value})
    answer, _ = judge(lambda: model.fit_transform(X))
    if answer is not None:
        check_table(answer.items, 2)


def test_a_refused_fit_leaves_the_fusion_as_it_was():
    """The encoders that were given, too."""
    model = MultimodalFusion(branches())
    good = {"title": ["a ghost", "the ship", None], "price": [1.0, 2.0, None]}
    before = model.fit_transform(good)
    bad = {"title": ["a ghost", 7, None], "price": [1.0, 2.0, None]}
    for call in (model.fit, model.transform):
        _, refusal = judge(lambda call=call: call(bad))
        assert "in row 1" in str(refusal)
    np.testing.assert_array_equal(model.transform(good), before)
    assert not hasattr(model.transformers[0][1], "n_features_in_")


@each_fusion
def test_a_catalogue_without_any_content(method):
    """In a pipeline of fusions as well: nothing is made up for it, or it is refused."""
    table = FeatureTable.from_blocks(
        {"a": np.full((4, 2), np.nan), "b": [[np.nan]] * 4}
    )
    steps = make_pipeline(fusion.ConcatFusion(), clone(method))
    for model in (clone(method), steps):
        fused, _ = judge(lambda m=model: m.fit(table).transform(table))
        if fused is not None:
            check_table(fused, 4)
            assert not fused.values.any()
