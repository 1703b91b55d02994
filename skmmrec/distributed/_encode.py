"""Encoders over the partitions of a DataFrame of Spark."""

import numpy as np
from sklearn.utils.validation import check_is_fitted

from skmmrec._config import get_config, set_config
from skmmrec._optional import optional_import
from skmmrec.distributed._session import with_this_python


def _as_lists(vectors):
    """Rows (n, d) as an Arrow array of lists, null where all of a row is NaN."""
    pa = optional_import("pyarrow", extra="spark")
    n, d = vectors.shape
    values = pa.array(np.ascontiguousarray(vectors, dtype=np.float32).ravel())
    offsets = pa.array(np.arange(0, n * d + 1, d, dtype=np.int32))
    missing = pa.array(np.isnan(vectors).all(axis=1))
    return pa.ListArray.from_arrays(offsets, values, mask=missing)


def _column_of(batch, column):
    """What an encoder is given: the values of a column, or a table of several."""
    if isinstance(column, str):
        return batch[column].to_pylist()
    pa = optional_import("pyarrow", extra="spark")
    return pa.Table.from_batches([batch.select(column)])


def spark_encode(df, encoder, column, output="vector"):
    """Encode a column of a DataFrame of Spark, on the machines of the cluster.

    Each partition is encoded where it lies, batch by batch, with the settings of
    `set_config` that hold here. The store of the encoder is on the disk of each
    machine: what was encoded there once is not encoded there again, neither by another
    partition nor by a task that is run again after a failure.

    Parameters
    ----------
    df : pyspark.sql.DataFrame
    encoder : fitted transformer
        Any of our encoders, or another whose output is a row for each value. Models are
        loaded on the machines by name or path, as everywhere.
    column : str or list of str
        Column of texts, paths or bytes; several for a `TabularEncoder`.
    output : str, default="vector"
        Name of the new column.

    Returns
    -------
    encoded : pyspark.sql.DataFrame
        `df` and a column of ``array<float>``, null where the value is missing.

    Raises
    ------
    ValueError
        If `df` lacks the column, or has `output` already.

    Notes
    -----
    A model is loaded once by each Python process of Spark. The batch is that of
    ``spark.sql.execution.arrow.maxRecordsPerBatch``, 10,000 rows at first: fewer for
    media that is large.

    Examples
    --------
    >>> from skmmrec import SparseTextEncoder
    >>> from skmmrec.distributed import spark_encode
    >>> encoder = SparseTextEncoder().fit(some_texts)  # doctest: +SKIP
    >>> spark_encode(df, encoder, "plot").write.parquet("vectors")  # doctest: +SKIP
    """
    check_is_fitted(encoder)
    types = optional_import("pyspark.sql.types", extra="spark")
    columns = [column] if isinstance(column, str) else list(column)
    lacking = [name for name in columns if name not in df.columns]
    if lacking or output in df.columns:
        raise ValueError(
            f"df must have the columns {columns} and none of the name {output!r}; got "
            f"{df.columns}; correct column, or pass another name as output."
        )
    settings = get_config()
    with_this_python(df.sparkSession)

    def encoded(batches):
        set_config(**settings)
        for batch in batches:
            vectors = _as_lists(encoder.transform(_column_of(batch, column)))
            yield batch.append_column(output, vectors)

    vector = types.StructField(output, types.ArrayType(types.FloatType()))
    return df.mapInArrow(encoded, types.StructType([*df.schema.fields, vector]))
