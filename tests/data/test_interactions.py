"""The container: any table in, rows out, tables never copied."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.utils import _safe_indexing

from skmmrec import Interactions
from skmmrec.data._interactions import check_interactions

EVENTS = {
    "who": ["ann", "bob", "ann", "cid"],
    "what": [3, 1, 1, 9],
    "stars": [5.0, 3.0, 4.0, 1.0],
    "when": [10, 11, 12, 13],
}
ITEMS = {"what": [1, 2, 3], "title": ["one", "two", "three"]}
NAMES = {"user": "who", "item": "what", "rating": "stars", "time": "when"}


def make(frame=dict, **changes):
    return Interactions(frame(EVENTS | changes), items=frame(ITEMS), **NAMES)


def test_all_kinds_of_tables_are_the_same(frame):
    """pandas, polars, Arrow and mappings."""
    X = make(frame)
    assert X.shape == (4, 4)
    assert X.user_ids.tolist() == EVENTS["who"]
    assert X.item_ids.tolist() == EVENTS["what"]
    assert X.rating.tolist() == EVENTS["stars"]
    assert X.time.tolist() == EVENTS["when"]


def test_item_codes_are_rows_of_the_table():
    """An item outside the table is legal, and comes after its rows."""
    X = make()
    assert X.item_codes.tolist() == [2, 0, 0, 3]
    assert X.item_vocabulary.ids.tolist() == [1, 2, 3, 9]


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (slice(1, 3), [1, 2]),
        ([3, 0, 0], [3, 0, 0]),
        ([], []),
        (np.array([True, False, False, True]), [0, 3]),
        ([True, False, False, True], [0, 3]),
        ((np.array([2, 1]), Ellipsis), [2, 1]),
    ],
)
def test_rows_are_selected(key, expected):
    """All forms that scikit-learn uses."""
    X = make()
    part = X[key]
    assert part.time.tolist() == [EVENTS["when"][row] for row in expected]
    assert part.user_ids.tolist() == [EVENTS["who"][row] for row in expected]
    assert part.items is X.items
    assert part.item_vocabulary is X.item_vocabulary


@given(st.lists(st.integers(0, 3)), st.lists(st.booleans(), min_size=4, max_size=4))
def test_scikit_learn_selects_rows(rows, mask):
    """_safe_indexing is what every splitter and search uses."""
    X = make()
    for key in (np.array(rows, dtype=int), np.array(mask)):
        part = _safe_indexing(X, key)
        assert part.time.tolist() == np.array(EVENTS["when"])[key].tolist()


def test_columns_by_name():
    """Ids under the names they came with."""
    X = make()
    assert X["who"].tolist() == EVENTS["who"]
    assert X["stars"].tolist() == EVENTS["stars"]
    assert len(X[X["stars"] >= 4]) == 2


@pytest.mark.parametrize(
    "ids", [["a", "b"], [7, 8], [1, "b"], [(1, 2), "x"], [1.5, 2.5]]
)
def test_ids_come_back_as_they_were(ids):
    """Text, numbers, mixtures."""
    X = Interactions({"user": ids, "item": ids}, items={"item": ids})
    assert X.item_ids.tolist() == ids
    assert pickle.loads(pickle.dumps(X)).user_ids.tolist() == ids


def test_items_of_table_and_events_may_differ_in_kind():
    """A table of numbers, and an event of a text."""
    X = Interactions({"user": [1, 2], "item": [5, "x"]}, items={"item": [5, 6]})
    assert X.item_vocabulary.ids.tolist() == [5, 6, "x"]
    with pytest.raises(ValueError, match="of one kind in .* got '5' there and 5 here"):
        Interactions({"user": [1], "item": ["5"]}, items={"item": [5, 6]})


@pytest.mark.parametrize(
    ("changes", "error", "match"),
    [
        (
            {"who": ["a", None, "b", "c"]},
            ValueError,
            "users of the events.*None in row 1",
        ),
        ({"who": ["a", "", "b", "c"]}, ValueError, "users of the events.*'' in row 1"),
        (
            {"what": [1.0, np.nan, 1, 1]},
            ValueError,
            "items of the events.*nan.* in row 1",
        ),
        ({"stars": [1.0, np.nan, 1, 1]}, ValueError, "Ratings must be finite.*nan"),
        (
            {"stars": [1e30, 1, 1, 1]},
            ValueError,
            "finite numbers below 1e.09; got .*1e.30",
        ),
        (
            {"stars": list("abcd")},
            ValueError,
            "Ratings must be finite numbers .* got 'a'",
        ),
        ({"when": list("abcd")}, ValueError, "Times must be numbers or datetimes"),
        ({"when": [1.0, 2, 3, np.nan]}, ValueError, "Times must .* got 1 missing"),
        ({"when": [1, 2]}, ValueError, "must have one length; got .*'when': 2"),
    ],
)
def test_bad_events_are_named(changes, error, match):
    """What must be, what was got, how to mend it."""
    with pytest.raises(error, match=match):
        make(**changes)


def test_bad_tables_are_named():
    """Unknown columns, repeated ids, things that are no tables."""
    with pytest.raises(ValueError, match=r"must have a column 'user'; got .*'who'"):
        Interactions(EVENTS, item="what")
    with pytest.raises(ValueError, match="items must be distinct; got .*1.*row 1"):
        Interactions(EVENTS, items={"what": [1, 1]}, user="who", item="what")
    with pytest.raises(ValueError, match="items must have a column 'what'"):
        Interactions(EVENTS, items={"id": [1, 1]}, user="who", item="what")
    with pytest.raises(TypeError, match="events must be a data frame.*got ndarray"):
        Interactions(np.zeros((3, 2)))
    with pytest.raises(ValueError, match="no column 'stras'; got the columns"):
        make()["stras"]
    with pytest.raises(TypeError, match=r"write X\[\[3\]\]"):
        make()[3]
    with pytest.raises(TypeError, match="Column 'user' of events must be a list"):
        Interactions({"user": 1, "item": [2]})
    with pytest.raises(ValueError, match="events must have a rating; got none; pass"):
        _ = Interactions({"user": [1], "item": [2]}).rating


def test_repeated_columns_are_named():
    """A frame after a join."""
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame([[1, 2, 3]], columns=["user", "item", "item"])
    with pytest.raises(ValueError, match=r"distinct names; got \['item'\] more than"):
        Interactions(table)


def test_an_index_of_pandas_is_a_column():
    """What pd.to_datetime makes of a list."""
    pandas = pytest.importorskip("pandas")
    days = pandas.to_datetime(["2026-01-02", "2026-01-01"])
    X = Interactions({"user": [1, 2], "item": [1, 2], "day": days}, time="day")
    assert X.time.dtype.kind == "M"
    with pytest.raises(ValueError, match="got '2026-01-02' in .* pandas.to_datetime"):
        Interactions({"user": [1], "item": [1], "d": ["2026-01-02"]}, time="d")


def test_a_frame_of_events_with_dates_is_refused():
    """Dates are no content of an item."""
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame({"user": [1], "item": ["a"], "stars": [5]})
    table["day"] = pandas.to_datetime(["2026-01-02"])
    with pytest.raises(TypeError, match="must be numbers.*pass an Interactions"):
        check_interactions(table)


def test_nullable_masks_select_rows():
    """As pandas' own frames take them."""
    pandas = pytest.importorskip("pandas")
    mask = pandas.array([True, False, False, True], dtype="boolean")
    assert make()[pandas.Series(mask)].time.tolist() == [10, 13]


def test_lazy_frame_is_refused_with_the_remedy():
    """Polars' lazy frames have no rows yet."""
    polars = pytest.importorskip("polars")
    with pytest.raises(TypeError, match=r"got LazyFrame; call .collect\(\)"):
        Interactions(polars.DataFrame(EVENTS).lazy())


def test_plain_frames_hold_user_item_and_content(frame):
    """What code that knows nothing of the container passes."""
    table = frame({"u": ["a", "b", "a"], "i": ["y", "x", "x"], "f": [0.5, 2.0, 2.0]})
    if isinstance(table, dict):
        table = np.array([["a", "y", 0.5], ["b", "x", 2.0], ["a", "x", 2.0]], object)
    X = check_interactions(table)
    assert X.item_ids.tolist() == ["y", "x", "x"]
    assert X.items.values.tolist() == [[2.0], [0.5]]  # x, y: the first row of each


def test_plain_frame_with_text_content_is_refused():
    """Text needs an encoder."""
    with pytest.raises(TypeError, match="must be numbers.*MultimodalFusion"):
        check_interactions(np.array([["a", "x", "some words"]], dtype=object))


def test_repr_tells_what_is_there():
    """Sizes at a glance."""
    assert repr(make()) == (
        "Interactions of 4 events, 3 users, 3 items; table of 3 items"
    )


def test_tables_do_not_travel_into_the_rows():
    """A slice of a thousand rows pickles without a copy of each row's content."""
    block = np.zeros((100, 1000))
    X = Interactions(
        {"user": np.arange(100), "item": np.arange(100)},
        items={"item": np.arange(100), "vector": block},
    )
    assert X[np.repeat(np.arange(100), 10)].items["vector"] is block
