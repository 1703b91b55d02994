"""Events from Spark and back: ids, columns and tables as they were."""

import numpy as np
import pytest

from skmmrec import Interactions
from skmmrec.distributed import read_interactions, write_interactions

pytestmark = pytest.mark.usefixtures("spark")


def shop():
    """Ids of text and of numbers, times, and an item that nobody has had."""
    day = np.datetime64("2024-05-01", "us")
    return Interactions(
        {
            "who": ["bob", "ann", "bob", "zoë"],
            "what": [9, 7, 7, 8],
            "stars": [5.0, 3.5, 1.0, 4.0],
            "day": day + np.arange(4) * np.timedelta64(1, "D"),
            "shop": ["a", "b", "b", "a"],
        },
        items={"what": [7, 8, 9, 10], "title": ["tea", "jam", "bun", "mug"]},
        **{"user": "who", "item": "what", "rating": "stars", "time": "day"},
    )


def rows(X):
    return sorted(zip(*(X[name].tolist() for name in sorted(X.columns))))


def test_what_is_written_is_read(tmp_path):
    """Ids, ratings, times and further columns, of their types."""
    X = shop()
    write_interactions(X, tmp_path / "events")
    again = read_interactions(str(tmp_path / "events"), items=X.items, **X.names)
    assert rows(again) == rows(X)
    assert again.names == X.names
    assert again.time.dtype.kind == "M"
    for name in ("user", "item"):
        ids, codes = again.coded(f"{name}s")
        assert ids == X.coded(f"{name}s")[0]
        assert codes.dtype == np.int32


def test_more_can_be_added(tmp_path):
    """A day after the other, and never by mistake."""
    X, path = shop(), tmp_path / "events"
    write_interactions(X[:3], path)
    write_interactions(X[3:], path, mode="append")
    assert rows(read_interactions(path, **X.names)) == rows(X)
    with pytest.raises(Exception, match="already exists"):
        write_interactions(X, path)


def test_the_table_of_items_may_be_of_spark(spark):
    """It lists the whole catalogue, the mug included."""
    events = spark.createDataFrame(
        [("ann", "tea"), ("bob", "jam")], "user string, item string"
    )
    items = spark.createDataFrame(
        [("jam", 4.0), ("mug", 9.0), ("tea", 3.0)], "item string, price double"
    )
    X = read_interactions(events, items)
    assert X.item_vocabulary.ids.tolist() == ["jam", "mug", "tea"]
    assert sorted(zip(X.user_ids, X.item_ids)) == [("ann", "tea"), ("bob", "jam")]
    assert X.item_codes.max() < X.n_described("items") == 3


def test_bad_events_are_refused_in_a_sentence(spark):
    """As by Interactions."""
    events = spark.createDataFrame(
        [("ann", None), ("bob", "jam")], "user string, item string"
    )
    with pytest.raises(
        ValueError, match="Every id of items of the events must be given"
    ):
        read_interactions(events)
    with pytest.raises(
        ValueError, match=r"source must have a column 'stars'; got .*'user'"
    ):
        read_interactions(events, rating="stars")
    events = spark.createDataFrame(
        [("a", "b", float("nan"))], "user string, item string, r double"
    )
    with pytest.raises(ValueError, match="Ratings must be finite"):
        read_interactions(events, rating="r")
