"""Hostile input, and the settings of the properties that are given it."""

import datetime
import os
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import scipy.sparse as sp
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from skmmrec import FeatureTable, Interactions

CASES = int(os.environ.get("SKMMREC_HOSTILE_CASES", 0))  # of benchmarks/hostile.py
HOSTILE = settings(
    max_examples=CASES or 5,
    derandomize=not CASES,
    database=None,
    phases=[Phase.generate, Phase.shrink],
    deadline=None,  # the judge has its own
    suppress_health_check=list(HealthCheck),
)

NOWHERE = datetime.timezone(datetime.timedelta(hours=5, minutes=45))
SCALARS = [
    *(None, True, False, 0, 1, -1, 2, 3, 10, 2**31, 2**63, -(2**63), 2**200),
    *(0.0, -0.0, 0.5, -0.5, 1e300, 1e308, float("nan"), float("inf"), -float("inf")),
    *("", "a", "1", "auto", "learned", "\ud800", "a\x00", "é́", "x" * 1000),
    *(b"", b"a\x00", (), (1,), (1, 2), frozenset([1]), 1j, slice(None), ...),
    *(np.int64(3), np.float32(0.5), np.float64("nan"), np.str_("a"), np.bool_(True)),
    *(np.array(3), np.array("a"), np.datetime64("NaT"), np.datetime64("2020-01-01")),
    *(pd.NA, pd.NaT, pd.Timestamp("2020-01-01", tz="Asia/Kathmandu")),
    *(Decimal("0.1"), Decimal("NaN"), Fraction(1, 3), int, len, object()),
    datetime.datetime(2020, 1, 1, tzinfo=NOWHERE),
]


def _matrices():
    """Things of rows and columns, right and wrong, made anew for each case."""
    small = np.arange(6.0).reshape(3, 2)
    return [
        lambda: small.copy(),
        lambda: np.empty((0, 2)),
        lambda: np.empty((2, 0)),
        lambda: np.asfortranarray(small),
        lambda: small[::-1, ::-1],
        lambda: read_only(small.copy()),
        lambda: small.astype(object),
        lambda: np.full((3, 2), np.nan),
        lambda: np.full((3, 2), np.inf),
        lambda: np.full((3, 2), 1e308),
        lambda: np.full((3, 2), 2**63, dtype=np.uint64),
        lambda: np.full((3, 2), "a"),
        lambda: np.array([[None, "a"], [1, 2.5]], dtype=object),
        lambda: np.zeros((2, 2, 2)),
        lambda: np.zeros((3, 2), "M8[s]"),
        lambda: np.zeros(2, dtype=[("user", int), ("item", int)]),
        lambda: [[1, 2], [3]],
        lambda: [[1, 2], [3, 4]],
        lambda: pd.DataFrame(small, columns=["user", "user"]),
        lambda: pd.DataFrame(
            small, columns=pd.MultiIndex.from_product([["a"], list("bc")])
        ),
        lambda: pd.DataFrame({"user": [1, 2], "item": [3, 4]}, index=[[1, 1], [2, 2]]),
        lambda: pd.DataFrame(),
        lambda: pl.DataFrame({"user": [1, 2], "item": [3, 4]}),
        lambda: pl.LazyFrame({"user": [1, 2], "item": [3, 4]}),
        lambda: pa.table({"user": [1, 2], "item": [3, None]}),
        *(lambda m=m: sparse(m) for m in range(8)),
    ]


def sparse(kind):
    """A sparse matrix or array (3, 2), canonical or not."""
    rows, columns, values = [0, 2, 2, 0], [1, 0, 0, 0], [1.0, 2, 3, 0]
    places = (np.array(rows, np.int64), np.array(columns, np.int64))
    coo = sp.coo_array((values, places), shape=(3, 2))
    unsorted = sp.csr_matrix(([1.0, 2, 0], [1, 0, 1], [0, 2, 2, 3]), shape=(3, 2))
    wide = sp.csr_array(unsorted)
    wide.indices, wide.indptr = wide.indices.astype("i8"), wide.indptr.astype("i8")
    bad = sp.csr_array(([np.nan, np.inf], [0, 1], [0, 1, 1, 2]), shape=(3, 2))
    empty = sp.csr_array((0, 2))
    kinds = [coo, unsorted, wide, coo.tocsc(), sp.lil_array(coo), sp.dok_array(coo)]
    return [*kinds, bad, empty][kind].copy()


def read_only(array):
    array.flags.writeable = False
    return array


def _strided(values):
    """The same values, not one beside the other."""
    wide = np.empty(2 * len(values), dtype=np.asarray(values).dtype)
    wide[::2] = values
    return wide[::2]


def _objects(values):
    return np.fromiter(values, dtype=object, count=len(values))


CONTAINERS = [
    list,
    tuple,
    _objects,
    lambda values: read_only(_objects(values)),
    lambda values: _strided(_objects(values)),
    np.array,
    lambda values: read_only(np.array(values)),
    lambda values: _strided(np.array(values)),
    lambda values: pd.Series(values, index=range(7, 7 + len(values))),
    lambda values: pd.Series(values, dtype="category"),
    lambda values: pd.Series(values).convert_dtypes(),
    lambda values: pd.Series(values, index=[0] * len(values)),
    pd.Index,
    pl.Series,
    lambda values: pl.Series(values).cast(pl.Categorical),
    pa.array,
    lambda values: pa.chunked_array([values]),
]
WRONG_COLUMNS = [
    lambda: (i for i in range(3)),
    lambda: iter([]),
    lambda: {1, 2},
    lambda: {"a": 1},
    lambda: [[1], [1, 2]],
    lambda: [[1, 2], [3, 4]],
    lambda: [{}, []],
    lambda: range(3),
    lambda: "abc",
    lambda: b"abc",
]


def contained(values):
    """One of `CONTAINERS` with these values, a list where it cannot hold them."""

    def put(container):
        try:
            return container(values)
        except (Exception, pl.exceptions.PanicException):  # what they will not hold
            return list(values)

    return st.sampled_from(CONTAINERS).map(put)


TEXTS = st.text(
    st.sampled_from(["a", "b", "é", "\u0301", "\ud800", "\x00", "\u202e", "𝄞", " "]),
    min_size=1,
    max_size=3,
)
GOOD_IDS = [
    st.integers(0, 5),
    st.integers(-3, 3),
    st.sampled_from([2**63 - 1, -(2**63), 0, 1]),
    st.sampled_from([2**63, 2**64, 2**200, -(2**200), 7]),
    st.sampled_from([0.0, -0.0, 0.5, 1e300, -1e300]),
    TEXTS,
    st.binary(min_size=1, max_size=2),
    st.booleans(),
    st.tuples(st.integers(0, 1), TEXTS),
    st.sampled_from(pd.date_range("2020", periods=3, tz="Asia/Kathmandu").tolist()),
    st.sampled_from([1, 1.5, "1", b"1", (1,), None.__class__, 2**70, np.int64(4)]),
    st.one_of(st.integers(0, 3), st.integers(0, 3).map(np.int64)),
]
BAD_IDS = [
    st.sampled_from([None, 1]),
    st.sampled_from([float("nan"), 1.0, 2.0]),
    st.sampled_from([float("inf"), 1.0]),
    st.sampled_from([pd.NA, "a", 1]),
    st.sampled_from([pd.NaT, pd.Timestamp("2020-01-01")]),
    st.sampled_from(["", "a"]),
    st.sampled_from([[1], [1, 2], 3]),
    st.sampled_from([{}, set(), "a"]),
    st.sampled_from(SCALARS),
]


@st.composite
def values(draw, n=None, good=None):
    """A list of ids of one kind, such as one meets; `good` ones alone, or bad ones."""
    n = draw(st.integers(0, 6)) if n is None else n
    good = draw(st.sampled_from([True, True, False])) if good is None else good
    kind = draw(st.sampled_from(GOOD_IDS if good else BAD_IDS))
    return draw(st.lists(kind, min_size=n, max_size=n))


@st.composite
def columns(draw, n=None, good=None):
    """Ids in some container, or what is no column at all."""
    if not good and draw(st.integers(0, 9)) == 0:
        return draw(st.sampled_from(WRONG_COLUMNS))()
    return draw(contained(draw(values(n, good))))


def numbers(n):
    """A column of numbers, mostly: ratings or times."""
    kinds = [
        st.integers(1, 5),
        st.floats(0.5, 5),
        st.integers(-2, 2),
        st.sampled_from([0, 0.0]),
        st.sampled_from([1e308, 1.0]),
        st.sampled_from([1e8, 1e-300, 1e-45]),
        st.sampled_from([float("nan"), float("inf"), 1.0]),
        st.sampled_from([2**63, 2**200, 1]),
        st.sampled_from(["5", "a", None, pd.NA]),
        st.sampled_from(pd.date_range("2020", periods=3, tz="UTC").tolist()),
        st.sampled_from([np.datetime64("2020-01-01"), np.datetime64("NaT")]),
        st.booleans(),
    ]
    return (
        st.sampled_from(kinds[:3] + kinds)
        .flatmap(lambda kind: st.lists(kind, min_size=n, max_size=n))
        .flatmap(contained)
    )


TABLES = [
    dict,
    dict,
    pd.DataFrame,
    lambda table: pd.DataFrame(table).set_index("user", drop=False),
    pl.DataFrame,
    pa.table,
]
WRONG_TABLES = [
    lambda table: pl.LazyFrame(table),
    lambda table: pd.concat([pd.DataFrame(table)] * 2, axis=1),
    lambda table: pd.DataFrame({("a", name): table[name] for name in table}),
    lambda table: pd.DataFrame({i: table[name] for i, name in enumerate(table)}),
    lambda table: [table],
    lambda table: list(table.values()),
    lambda table: {**table, "item": [1]},
    lambda table: {name: table[name] for name in table if name != "item"},
    lambda table: {**table, "item": 3},
    lambda table: {**table, 1: [1] * len(table["user"])},
    lambda table: None,
    lambda table: {},
    lambda table: "user,item",
    lambda table: pd.DataFrame(table).to_records(),
    lambda table: pd.DataFrame(table)["user"],
]


@st.composite
def tables(draw, good=None):
    """A table of events: user, item, rating and time, or what is like one."""
    n = draw(st.integers(0, 8))
    table = {
        "user": draw(columns(n, good)),
        "item": draw(columns(n, good)),
        "rating": draw(numbers(n)),
        "time": draw(numbers(n)),
    }
    wrong = not good and draw(st.integers(0, 4)) == 0
    form = draw(st.sampled_from(WRONG_TABLES if wrong else TABLES))
    try:
        return form(table)
    except (
        Exception,
        pl.exceptions.PanicException,
    ):  # what pandas, polars and Arrow will not hold
        return table


def world():
    """A few events, ratings and times, and content in two modalities with gaps."""
    rng = np.random.default_rng(0)
    user, item = np.nonzero(rng.random((7, 8)) < 0.5)
    events = {
        "user": user,
        "item": item,
        "rating": rng.integers(1, 6, len(user)),
        "time": np.arange(len(user)),
    }
    catalogue = {"item": np.arange(9)}
    X = Interactions(events, catalogue, rating="rating", time="time")
    text, image = rng.standard_normal((9, 3)), rng.standard_normal((9, 2))
    text[1], image[2] = np.nan, np.nan
    blocks = {"text": text, "image": image}
    return X.with_table("items", FeatureTable.from_blocks(blocks))


junk = st.one_of(
    st.sampled_from(SCALARS),
    st.sampled_from(SCALARS),
    st.sampled_from(WRONG_COLUMNS).map(lambda make: make()),
    st.sampled_from(_matrices()).map(lambda make: make()),
    st.integers(-2, 12),
    st.floats(),
    TEXTS,
    columns(),
)
matrices = st.sampled_from(_matrices()).map(lambda make: make())
