"""Reading columns of a table, whatever library it comes from.

A table is a data frame of any library that narwhals knows (pandas, polars, Arrow),
or a mapping of column name to a 1-D column or to a 2-D block of numbers.
"""

from collections.abc import Mapping
from contextlib import suppress

import narwhals.stable.v2 as nw
import numpy as np
from scipy.sparse import issparse

from skmmrec._checks import check_distinct_names
from skmmrec._quote import quoted

NUMBERS = (int, float, np.integer, np.floating)


def is_frame(table):
    """Whether this is a data frame of a library that narwhals knows."""
    return nw.dependencies.is_into_dataframe(table)


def is_table(table):
    """Whether this is a frame, or a mapping that is no sparse matrix (a dok is)."""
    return is_frame(table) or (isinstance(table, Mapping) and not issparse(table))


def check_table(table, what):
    """Refuse what is not a table, or has columns of different lengths."""
    if isinstance(table, Mapping):
        for name, values in table.items():
            if not hasattr(values, "__len__") or isinstance(values, str):
                raise TypeError(
                    f"Column {name!r} of {what} must be a list or an array; got "
                    f"{quoted(values)}; give one value for each row."
                )
        lengths = {name: len(values) for name, values in table.items()}
        if len(set(lengths.values())) > 1:
            raise ValueError(
                f"All columns of {what} must have one length; got {lengths}; "
                f"give one value for each row."
            )
        return table
    if is_frame(table):
        check_distinct_names(table, what)
        return table
    hint = "call .collect() first" if hasattr(table, "collect") else "pass one of these"
    raise TypeError(
        f"{what} must be a data frame (pandas, polars, Arrow) or a mapping of column "
        f"name to values; got {type(table).__name__}; {hint}."
    )


def column_names(table):
    """Names of the columns, in order."""
    if isinstance(table, Mapping):
        return list(table)
    return list(nw.from_native(table).columns)


def n_rows(table):
    """Number of rows."""
    if isinstance(table, Mapping):
        return len(next(iter(table.values()), ()))
    return len(nw.from_native(table))


def check_column(table, name, what):
    """Refuse a column that is not there, naming those that are."""
    names = column_names(table)
    if name not in names:
        raise ValueError(
            f"{what} must have a column {quoted(name)}; got the columns "
            f"{quoted(names, 200)}; name one of these."
        )


def column(table, name, what="the table"):
    """One column as an array: 1-D, or 2-D for a block of numbers in a mapping."""
    check_column(table, name, what)
    if isinstance(table, Mapping):
        return as_array(table[name])
    return _as_numpy(nw.from_native(table).get_column(name))


def id_column(table, name, what="the table"):
    """One column as ids, which times are with their zone."""
    check_column(table, name, what)
    if isinstance(table, Mapping):
        return as_ids(table[name])
    return as_ids(nw.from_native(table).get_column(name).to_native())


def select(table, names, what="the table"):
    """The named columns as a table of the same kind."""
    for name in names:
        check_column(table, name, what)
    if isinstance(table, Mapping):
        return {name: table[name] for name in names}
    return nw.from_native(table).select(*names).to_native()


def with_missing(table, names):
    """The table with further columns, without a value in any row."""
    if isinstance(table, Mapping):
        return {**table, **{name: [None] * n_rows(table) for name in names}}
    nothing = (nw.lit(None).alias(name) for name in names)
    return nw.from_native(table).with_columns(*nothing).to_native()


def _as_numpy(series):
    """A Series as an array, of objects where numpy has no such type."""
    try:
        return series.to_numpy()
    except MemoryError:
        raise
    except Exception:  # polars' own, for 128 bits; what is no list either says so
        return as_object_array(series.to_list())


def _as_series(values):
    """An array of Arrow as what narwhals takes for a Series; all else as it is."""
    arrow = nw.dependencies.get_pyarrow()
    if arrow and isinstance(values, arrow.Array):
        return arrow.chunked_array([values])
    return values


def as_array(values):
    """A Series, a list or an array as an array; mixed kinds stay the objects they are.

    ``np.asarray`` would turn the number of ``["a", 1]`` into a text, a list of lists
    into a matrix, and drop the zero bytes at the end of a text; here the result of a
    list is 1-D unless its elements are arrays, and holds its very elements.
    """
    if isinstance(values, np.ndarray):
        return values
    values = _as_series(values)
    if nw.dependencies.is_into_series(values):
        return _as_numpy(nw.from_native(values, series_only=True))
    if hasattr(values, "to_numpy"):  # an index of pandas
        return values.to_numpy()
    values = list(values)
    if values and all(isinstance(value, np.ndarray) for value in values):
        one_shape = len({value.shape for value in values}) == 1
        return np.asarray(values) if one_shape else as_object_array(values)
    kinds = {type(value) for value in values}
    if all(issubclass(kind, NUMBERS) and kind is not bool for kind in kinds):
        return _as_number_array(values)
    if len(kinds) == 1 and issubclass(*kinds, (bool, np.bool_, np.datetime64)):
        return np.asarray(values)
    return as_object_array(values)


def _as_number_array(values):
    """An array of numbers, of objects where a float would not hold a whole one."""
    with suppress(OverflowError):
        array = np.asarray(values)
        whole = array.dtype.kind != "f" or all(
            isinstance(value, (float, np.floating)) or abs(int(value)) <= 2**53
            for value in values
        )
        if whole:
            return array
    return as_object_array(values)


def as_ids(values):
    """`as_array`, but times keep their zone, without which they are other ids."""
    values = _as_series(values)
    if nw.dependencies.is_into_series(values):
        series = nw.from_native(values, series_only=True)
        if getattr(series.dtype, "time_zone", None):
            return as_object_array(series.to_list())
    return as_array(values)


def as_object_array(values):
    """A 1-D array of the very objects in a list, tuples included."""
    return np.fromiter(values, dtype=object, count=len(values))


def check_id_list(ids, what):
    """A list of ids as a 1-D array; one id alone, or a table, is refused.

    Raises
    ------
    TypeError
        If `ids` is not one list of ids.
    """
    several = callable(getattr(ids, "__iter__", None))
    if isinstance(ids, (str, bytes)) or not several:
        one = "pass one" if ids is None else f"write [{quoted(ids)}] for one"
        raise TypeError(f"{what} must be a list of ids; got {quoted(ids)}; {one}.")
    if not is_frame(ids):
        ids = as_ids(ids)
    if is_frame(ids) or ids.ndim != 1:
        raise TypeError(
            f"{what} must be a list of ids; got a table of shape {np.shape(ids)}; "
            f"pass one of its columns."
        )
    try:
        set(ids.tolist() if ids.dtype.kind == "O" else ())  # numbers are hashable
    except TypeError as error:
        raise TypeError(
            f"{what} must be a list of ids; got one that is none ({error}); pass a "
            f"flat list."
        ) from None
    return ids


def are_unlike(first, second):
    """Whether one array holds texts and the other holds none: 7 is not "7".

    Parameters
    ----------
    first, second : ndarray of shape (n,), (m,)
        Where one is empty, they are not unlike.
    """
    texts = [
        {isinstance(value, str) for value in values[:100].tolist()}
        for values in (first, second)
    ]
    return texts in ([{True}, {False}], [{False}, {True}])


def is_missing(values):
    """Which entries of a 1-D array are missing: None, NaN, NaT or pandas' NA.

    Parameters
    ----------
    values : ndarray of shape (n,)

    Returns
    -------
    missing : ndarray of bool of shape (n,)
    """
    if values.dtype.kind in "fcmM":
        return np.isnan(values) if values.dtype.kind in "fc" else np.isnat(values)
    if values.dtype.kind != "O":
        return np.zeros(len(values), dtype=bool)
    # NaN and NaT are the values that differ from themselves; pandas' NA answers any
    # comparison with itself, so that it is known by its type
    return np.fromiter(
        (
            value is None
            or type(value).__name__ == "NAType"
            or (isinstance(value, (float, np.generic)) and bool(value != value))
            or type(value).__name__ == "NaTType"
            for value in values
        ),
        dtype=bool,
        count=len(values),
    )
