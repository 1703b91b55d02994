"""Plain data in JSON, and what is not plain."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skmmrec.persistence._plain import NotPlainError, from_json, to_json

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(st.characters()),  # lone surrogates too
    st.binary(),
    st.floats(width=32, allow_nan=False).map(np.float32),
    st.integers(-(2**63), 2**63 - 1).map(np.int64),
)
KEYS = st.one_of(st.integers(), st.text(), st.tuples(st.integers(), st.text()))
PLAIN = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner),
        st.lists(inner).map(tuple),
        st.dictionaries(KEYS, inner),
        st.dictionaries(st.sampled_from(["tuple", "dict", "numpy", "bytes"]), inner),
    ),
    max_leaves=8,
)


def kinds(value):
    """Types of a value and of all in it."""
    if isinstance(value, dict):
        return [dict, *map(kinds, value), *map(kinds, value.values())]
    inner = map(kinds, value) if isinstance(value, (list, tuple)) else []
    return [type(value), *inner]


@settings(max_examples=200, deadline=None)
@given(PLAIN)
def test_it_comes_back_as_it_was(value):
    back = from_json(to_json(value))
    assert back == value
    assert kinds(back) == kinds(value)


@pytest.mark.parametrize(
    "value", [{1, 2}, object(), np.zeros(2), np.longdouble(1), range(3), 1j]
)
def test_what_has_no_place_in_json(value):
    with pytest.raises(NotPlainError):
        to_json([1, value])


@pytest.mark.parametrize("note", ['{"a": 1}', "{}", '{"numpy": ["O", 1]}', "[1"])
def test_other_notes_are_refused(note):
    with pytest.raises(ValueError):  # noqa: PT011
        from_json(note)
