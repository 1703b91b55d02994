"""The lists of all users, as a job of Spark.

A task has some users: their vectors, and what they had. The items lie in a file that
Spark copies once to each machine, and that all tasks there map into memory: there is
one copy for all its cores, and what does not fit into memory is read from the disk. A
broadcast variable, in contrast, is a copy in every Python process.
"""

import copy
import pickle
from functools import lru_cache
from pathlib import Path

import joblib
import numpy as np
from sklearn.utils.validation import check_is_fitted

from skmmrec._base import BaseRecommender, check_k
from skmmrec._optional import optional_import
from skmmrec._sparse import rows_of
from skmmrec._updates import FACTORS, VOCABULARIES
from skmmrec._vectors import width
from skmmrec.data import Vocabulary
from skmmrec.data._tables import check_id_list, column
from skmmrec.distributed._session import is_spark_frame, spark_session
from skmmrec.recommenders._meta import last_step, refuse_renaming

TASK_BYTES = 2**25  # a quarter of what Spark sends as one message by default
ITEMS_IN_BLOCK = 2**17  # 64 dimensions of so many are 32 MB


def item_side(model):
    """A model that knows no users: what is needed to rank for given vectors."""
    side = copy.copy(model)
    for name in (FACTORS["users"], VOCABULARIES["users"], "seen_", "times_"):
        vars(side).pop(name, None)
    return side


def user_side(model, ids):
    """What `item_side` needs of some users, as attributes of a model."""
    codes = model.user_vocabulary_.codes(ids)
    return {
        "user_factors_": model._users(codes),
        "user_vocabulary_": Vocabulary(ids, "users"),
        "seen_": rows_of(model.seen_, codes),
    }


def _first(codes, scores, k):
    """The k best of each row, of equal ones the first; NaN is no item."""
    order = np.lexsort((codes, -np.nan_to_num(scores, nan=-np.inf)), axis=1)[:, :k]
    return (np.take_along_axis(values, order, axis=1) for values in (codes, scores))


def best_items(side, users, k, exclude_seen, n_in_block=ITEMS_IN_BLOCK):
    """Codes (-1 past the end) and scores (n, k), from one block of items at a time."""
    model = copy.copy(side)
    vars(model).update(users)
    ids, n_items = model.user_vocabulary_.ids, len(model.item_vocabulary_)
    if type(model)._scores is not BaseRecommender._scores:
        n_in_block = n_items  # ranks are among the whole catalogue
    codes, scores = np.empty((len(ids), 0), np.int32), np.empty((len(ids), 0), "f4")
    for start in range(0, n_items, n_in_block):
        block = np.arange(start, min(start + n_in_block, n_items))
        found = model._rank(ids, k, None, block, exclude_seen)
        pairs = zip((codes, scores), found)
        codes, scores = _first(*map(np.hstack, pairs), k)
    return codes, scores


@lru_cache(maxsize=1)
def _items_here(name):
    """The items on this machine, in memory that its processes share."""
    files = optional_import("pyspark", extra="spark").SparkFiles
    return joblib.load(files.get(name), mmap_mode="r")


def _sent(model, spark):
    """Send the items to all machines; the name of the file there."""
    side = item_side(model)
    name = f"items-{joblib.hash(vars(side))}"  # the same items are sent once
    # Spark serves it from here until the session ends, and then removes the folder
    folder = Path(optional_import("pyspark", extra="spark").SparkFiles.get("sent"))
    folder.mkdir(exist_ok=True)
    if not any(sent.endswith(name) for sent in spark.sparkContext.listFiles):
        joblib.dump(side, folder / name)
        spark.sparkContext.addFile(str(folder / name))
    return name


def _lists(values, kept):
    """Rows of an Arrow array of values (n, k), as lists of those that are kept."""
    pa = optional_import("pyarrow", extra="spark")
    ends = np.concatenate([[0], np.cumsum(kept.sum(axis=1))]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(ends), pa.array(values[kept]))


def _as_batch(ids, items, scores):
    """Users, and their lists as long as they are, as an Arrow batch."""
    pa = optional_import("pyarrow", extra="spark")
    kept = ~np.isnan(scores)
    arrays = [pa.array(ids), _lists(items, kept), _lists(scores, kept)]
    return pa.RecordBatch.from_arrays(arrays, ["user", "items", "scores"])


def _ids(users):
    """Distinct ids of a list, or of the first column of a DataFrame of Spark."""
    if is_spark_frame(users):
        users = column(users.toArrow(), users.columns[0])
    return np.unique(check_id_list(users, "users"))


def _schema(users, items):
    """Columns of the lists, for Spark, by the first id of each kind."""
    types = optional_import("pyspark.sql.pandas.types", extra="spark")
    example = _as_batch(users[:1], items[:1, None], np.zeros((1, 1), np.float32))
    return types.from_arrow_schema(example.schema)


def _n_tasks(model, n_users, cores):
    """So many that each is of a size that Spark sends, and all cores have work."""
    n_seen = model.seen_.nnz / len(model.user_vocabulary_)
    n_bytes = n_users * (4 * width(model.user_factors_) + 8 * n_seen)
    return max(1, min(max(2 * cores, int(n_bytes / TASK_BYTES)), n_users))


def recommend_all(model, path, users=None, k=10, *, exclude_seen=True, mode="error"):
    """The k best items of all users, written as Parquet by a job of Spark.

    The lists are those of ``model.recommend``: exact, in memory that does not grow with
    the catalogue. A task whose machine fails is run again by Spark, and writes the
    same.

    Parameters
    ----------
    model : fitted recommender, or a pipeline that ends in one
    path : str
        A folder on any file system that Spark writes to.
    users : array-like or pyspark.sql.DataFrame, default=None
        Ids, each counts once; of a DataFrame the first column. None is all of `fit`.
        Where the vectors of all do not fit into the memory of the driver a second time,
        ask for some after the other, with ``mode="append"``.
    k : int, default=10
    exclude_seen : bool, default=True
        Leave out what the user has already had.
    mode : {"error", "append", "overwrite", "ignore"}, default="error"
        What to do where there is something already.

    Returns
    -------
    lists : pyspark.sql.DataFrame
        What was written: ``user``, ``items`` and ``scores``, the last two lists of at
        most k, best first.

    Notes
    -----
    The items are copied to the disk of each machine, where they stay until the session
    of Spark ends.

    Examples
    --------
    >>> from skmmrec.distributed import recommend_all
    >>> recommend_all(model, "s3a://shop/lists", k=20)  # doctest: +SKIP
    DataFrame[user: bigint, items: array<bigint>, scores: array<float>]
    """
    refuse_renaming(model)
    model = last_step(model)
    check_is_fitted(model)
    check_k(k, len(model.item_vocabulary_))
    spark = spark_session()
    known = model.user_vocabulary_.ids
    ids = known if users is None else _ids(users)
    name = _sent(model, spark)

    def listed(batches):
        side = _items_here(name)
        for batch in batches:
            for part in batch["users"].to_pylist():
                asked = pickle.loads(part)  # noqa: S301  written by this job
                codes, scores = best_items(side, asked, k, exclude_seen)
                items = side.item_vocabulary_.ids[codes]
                yield _as_batch(asked["user_vocabulary_"].ids, items, scores)

    n_tasks = _n_tasks(model, len(ids), spark.sparkContext.defaultParallelism)
    parts = [(pickle.dumps(user_side(model, p)),) for p in np.array_split(ids, n_tasks)]
    tasks = spark.sparkContext.parallelize(parts, n_tasks)
    schema = _schema(ids if len(ids) else known, model.item_vocabulary_.ids)
    lists = spark.createDataFrame(tasks, "users binary").mapInArrow(listed, schema)
    lists.write.mode(mode).parquet(str(path))
    return spark.read.parquet(str(path))
