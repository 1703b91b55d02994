"""Reading columns of a table, whatever library it comes from.

A table is a data frame of any library that narwhals knows (pandas, polars, Arrow),
or a mapping of column name to a 1-D column or to a 2-D block of numbers.
"""

from collections.abc import Mapping

import narwhals.stable.v2 as nw
import numpy as np
from scipy.sparse import issparse


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
                    f"{values!r}; give one value for each row."
                )
        lengths = {name: len(values) for name, values in table.items()}
        if len(set(lengths.values())) > 1:
            raise ValueError(
                f"All columns of {what} must have one length; got {lengths}; "
                f"give one value for each row."
            )
        return table
    if is_frame(table):
        _check_distinct_names(table, what)
        return table
    hint = "call .collect() first" if hasattr(table, "collect") else "pass one of these"
    raise TypeError(
        f"{what} must be a data frame (pandas, polars, Arrow) or a mapping of column "
        f"name to values; got {type(table).__name__}; {hint}."
    )


def _check_distinct_names(table, what):
    names = list(getattr(table, "columns", ()))  # Arrow's are columns, not names
    if all(isinstance(name, str) for name in names) and len(set(names)) < len(names):
        twice = sorted({name for name in names if names.count(name) > 1})
        raise ValueError(
            f"The columns of {what} must have distinct names; got {twice} more than "
            f"once; rename or drop the repeated ones."
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
            f"{what} must have a column {name!r}; got the columns {names}; "
            f"name one of these."
        )


def column(table, name, what="the table"):
    """One column as an array: 1-D, or 2-D for a block of numbers in a mapping."""
    check_column(table, name, what)
    if isinstance(table, Mapping):
        return as_array(table[name])
    return nw.from_native(table).get_column(name).to_numpy()


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


def as_array(values):
    """A Series, a list or an array as an array; mixed kinds stay the objects they are.

    ``np.asarray`` would turn the number of ``["a", 1]`` into a text, a list of lists
    into a matrix, and drop the zero bytes at the end of a text; here the result of a
    list is 1-D unless its elements are arrays, and holds its very elements.
    """
    if isinstance(values, np.ndarray):
        return values
    if nw.dependencies.is_into_series(values):
        return nw.from_native(values, series_only=True).to_numpy()
    if hasattr(values, "to_numpy"):  # an index of pandas
        return values.to_numpy()
    values = list(values)
    if values and all(isinstance(value, np.ndarray) for value in values):
        one_shape = len({value.shape for value in values}) == 1
        return np.asarray(values) if one_shape else as_object_array(values)
    kinds = {type(value) for value in values}
    if kinds <= {int, float} or (
        len(kinds) == 1 and issubclass(*kinds, (bool, np.number, np.datetime64))
    ):
        return np.asarray(values)
    return as_object_array(values)


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
        one = "pass one" if ids is None else f"write [{ids!r}] for one"
        raise TypeError(f"{what} must be a list of ids; got {ids!r}; {one}.")
    if not is_frame(ids):
        ids = as_array(ids)
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
