"""A missing modality is a mask, never another row's vector."""

import numpy as np
import pytest

from skmmrec import FeatureTable

NAN = np.nan


def test_rows_with_nan_lack_the_modality():
    """Zero in the values, False in the mask; the other modality is untouched."""
    table = FeatureTable.from_blocks(
        {"text": [[1.0, 2], [NAN, 3]], "image": [[NAN], [4]]}
    )
    assert table.values.tolist() == [[1, 2, 0], [0, 0, 4]]
    assert table.present.tolist() == [[True, False], [False, True]]
    assert table.values.dtype == np.float32
    assert table.values.flags.c_contiguous
    assert table.block("image").tolist() == [[0], [4]]


def test_take_gives_an_empty_row_for_minus_one():
    """An item that is not in the table has no modality at all."""
    table = FeatureTable.from_blocks({"text": [[1.0], [2.0]]})
    part = table.take([1, -1])
    assert part.values.tolist() == [[2], [0]]
    assert part.present.tolist() == [[True], [False]]
    assert table.values.tolist() == [[1], [2]]  # the source is unharmed


def test_bad_blocks_are_named():
    """Unequal lengths and infinities."""
    with pytest.raises(ValueError, match="one row for each item; got {'a': 1, 'b': 2}"):
        FeatureTable.from_blocks({"a": [[1.0]], "b": [[1.0], [2.0]]})
    with pytest.raises(ValueError, match="'a' must be finite.*row 1"):
        FeatureTable.from_blocks({"a": [[1.0], [np.inf]]})


def test_repr_tells_what_is_there():
    """Rows, widths and shares."""
    table = FeatureTable.from_blocks({"text": [[1.0, 2], [NAN, NAN]]})
    assert repr(table) == "FeatureTable of 2 rows (text: 2 columns, 50% of rows)"
