"""Events between Spark and `Interactions`."""

import numpy as np

from skmmrec._optional import optional_import
from skmmrec.data import Interactions
from skmmrec.data._interactions import _index
from skmmrec.data._tables import check_column, column
from skmmrec.distributed._session import is_spark_frame, spark_session


def as_spark_frame(source):
    """A DataFrame of Spark as it is; of a path, its Parquet files."""
    if is_spark_frame(source):
        return source
    return spark_session().read.parquet(str(source))


def _table(source):
    """A table of entities that fits here: a DataFrame of Spark as Arrow."""
    return source.toArrow() if is_spark_frame(source) else source


def _coded(events, name, table, kind):
    """Events with codes in the place of ids, and the vocabulary of these."""
    pa = optional_import("pyarrow", extra="spark")
    ids = events.select(name).distinct().toArrow()
    found = column(ids, name)
    codes, vocabulary = _index(found, table, name, kind)
    ids = ids.append_column(f"code of {name}", pa.array(codes.astype(np.int32)))
    known = events.sparkSession.createDataFrame(ids)
    return events.join(known, name).drop(name), vocabulary


def read_interactions(
    source,
    items=None,
    users=None,
    *,
    user="user",
    item="item",
    rating=None,
    time=None,
):
    """Events of a DataFrame of Spark, or of Parquet files, as `Interactions`.

    The cluster turns ids into codes, so that this machine gets 8 bytes of each event
    for user and item, whatever the ids. Their order is not kept: pass `time` where it
    counts.

    Parameters
    ----------
    source : pyspark.sql.DataFrame or str
        A path is one of Parquet files on any file system that Spark reads, such as
        ``"s3a://bucket/events"``. All columns are kept: select those that are needed.
    items, users : table or pyspark.sql.DataFrame, default=None
        As in `Interactions`.
    user, item, rating, time : str
        Names of columns, as in `Interactions`.

    Returns
    -------
    X : Interactions

    See Also
    --------
    write_interactions : The way back.

    Examples
    --------
    >>> from skmmrec.distributed import read_interactions
    >>> read_interactions("s3a://shop/events", rating="stars")  # doctest: +SKIP
    Interactions of 6 events, 3 users, 3 items
    """
    events = as_spark_frame(source)
    names = {"user": user, "item": item, "rating": rating, "time": time}
    for name in filter(None, names.values()):
        check_column(dict.fromkeys(events.columns, ()), name, "source")
    tables = {"user": _table(users), "item": _table(items)}
    read = {}
    for kind, name in (("user", user), ("item", item)):
        events, vocabulary = _coded(events, name, tables[kind], kind)
        read[f"{kind}_vocabulary"] = vocabulary
    events = events.toArrow()
    columns = {name: column(events, name) for name in events.column_names}
    for kind, name in (("user", user), ("item", item)):
        read[f"{kind}_codes"] = columns.pop(f"code of {name}")
    none = {name: [] for name in (user, item, *columns)}
    X = Interactions(none, tables["item"], tables["user"], **names)
    vars(X).update(read, _columns=columns)
    X._check_numbers()
    return X


def write_interactions(X, path, *, mode="error"):
    """Write events as Parquet files, on any file system that Spark writes to.

    Ids and all columns of the events are written; tables of items and users are not.

    Parameters
    ----------
    X : Interactions
    path : str
        A folder, such as ``"hdfs://shop/events"``.
    mode : {"error", "append", "overwrite", "ignore"}, default="error"
        What to do where there is something already.

    See Also
    --------
    read_interactions : The way back.

    Examples
    --------
    >>> from skmmrec import Interactions
    >>> from skmmrec.distributed import write_interactions
    >>> X = Interactions({"user": ["ann"], "item": ["tea"]})
    >>> write_interactions(X, "s3a://shop/events", mode="append")  # doctest: +SKIP
    """
    pa = optional_import("pyarrow", extra="spark")
    events = pa.table({name: pa.array(X[name]) for name in X.columns})
    frame = spark_session().createDataFrame(events)
    frame.write.mode(mode).parquet(str(path))
