"""Ids in, codes out, and the very same ids back."""

import datetime
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skmmrec import Vocabulary

IDS = st.one_of(
    st.lists(st.integers(-(2**62), 2**62), unique=True),
    st.lists(st.text(min_size=1), unique=True),
    st.lists(st.one_of(st.text(min_size=1), st.integers(2, 99)), unique=True),
    st.lists(st.tuples(st.integers(), st.text()), unique=True),
    st.lists(st.dates(), unique=True),
)


@given(IDS)
def test_every_id_comes_back_as_it_was(ids):
    """Numbers, texts, mixtures, tuples, dates."""
    vocabulary = Vocabulary(ids)
    codes = vocabulary.codes(ids)
    assert codes.tolist() == list(range(len(ids)))
    assert vocabulary.decode(codes).tolist() == ids


@pytest.mark.parametrize(
    ("ids", "strangers"),
    [
        ([3, 1, 2], [9, "3", None]),
        (["a", "b"], ["c", 1]),
        ([1, "1"], [2, "2"]),
        ([], [1, "a"]),
        (np.array(["2020-01-01"], "M8[D]"), np.array(["2021-01-01"], "M8[D]")),
    ],
)
def test_unknown_ids_have_code_minus_one(ids, strangers):
    """Also ids of another kind than the known ones."""
    assert set(Vocabulary(ids).codes(strangers).tolist()) == {-1}


def test_number_and_text_of_one_look_are_two_ids():
    """1 is not "1"."""
    assert Vocabulary([1, "1"]).codes(["1", 1]).tolist() == [1, 0]


def test_decode_gives_none_for_no_item():
    """The end of a list that is too short."""
    assert Vocabulary([5, 6]).decode([[1, -1]]).tolist() == [[6, None]]


@pytest.mark.parametrize("ids", [["b", "a"], [4, 2], [1, "x"]])
def test_pickle_and_equality(ids):
    """A vocabulary that travelled to a worker is the same one."""
    vocabulary = Vocabulary(ids)
    vocabulary.codes(ids)
    assert pickle.loads(pickle.dumps(vocabulary)) == vocabulary
    assert vocabulary != Vocabulary(ids[::-1])


@pytest.mark.parametrize(
    ("ids", "match"),
    [
        (["a", "b", "a"], r"must be distinct; got 'a' more than once, again in row 2"),
        ([1, 1], r"must be distinct; got .*1.* more than once"),
        (["a", None], r"must be given; got None in row 1"),
        (["a", ""], r"must be given; got '' in row 1"),
        ([1.0, float("nan")], r"must be given; got .*nan.* in row 1"),
        (np.zeros((2, 2)), r"must be one column; got an array of shape \(2, 2\)"),
    ],
)
def test_bad_ids_are_named(ids, match):
    """What is wrong, where, and what to do."""
    with pytest.raises(ValueError, match=match):
        Vocabulary(ids)


@pytest.mark.parametrize("dtype", ["string", "Int64", object])
def test_missing_ids_of_pandas_are_named(dtype):
    """Its NA cannot be compared with anything."""
    pandas = pytest.importorskip("pandas")
    ids = pandas.Series(
        [1, pandas.NA] if dtype == "Int64" else ["a", pandas.NA], dtype=dtype
    )
    with pytest.raises(ValueError, match="must be given; got .* in row 1"):
        Vocabulary(ids)


def test_unhashable_ids_are_named():
    """A list cannot be an id."""
    with pytest.raises(TypeError, match="must be hashable.*turn it into a text"):
        Vocabulary([["a"], ["b"]])


def test_dates_of_python_are_ids():
    """Any hashable kind."""
    day = datetime.date(2026, 1, 2)
    assert Vocabulary([day]).codes([day]).tolist() == [0]
