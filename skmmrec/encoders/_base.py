"""What every encoder of one column shares: reading it, its gaps, and encoding once.

A missing value becomes a row of NaN here and nowhere else, so that no encoder can hand
an item without content a zero, or the vector of another item.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import PurePath

import narwhals.stable.v2 as nw
import numpy as np
from sklearn.base import (
    BaseEstimator,
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
)
from sklearn.utils.validation import check_is_fitted

from skmmrec.data._tables import as_object_array, column_names, is_missing


def as_column(X):
    """The values of one column as a list, whatever holds them.

    Parameters
    ----------
    X : Series, list, 1-D array, or anything of shape (n, 1)
        An array of three and more dimensions counts as a column of pictures.

    Returns
    -------
    values : list of length n

    Raises
    ------
    ValueError
        If there are several columns, or none.
    TypeError
        If `X` is not a column at all.
    """
    if isinstance(X, Mapping) or nw.dependencies.is_into_dataframe(X):
        X = _only_column(X)
    if nw.dependencies.is_into_series(X):
        return nw.from_native(X, series_only=True).to_list()
    if isinstance(X, (list, tuple)):
        # [["a"], ["b"]] is of shape (n, 1) as well
        nested = X and all(isinstance(v, (list, tuple)) and len(v) == 1 for v in X)
        return [value for (value,) in X] if nested else list(X)
    if hasattr(X, "__array__"):
        return _from_array(np.asarray(X))
    raise TypeError(
        f"X must be a column of values; got {type(X).__name__}; pass a Series, a list "
        f"or an array, also for a single value."
    )


def _only_column(table):
    """The one column of a table."""
    names = column_names(table)
    if len(names) != 1:
        raise ValueError(
            f"X must be one column; got {len(names)} columns, {names}; select the one "
            f"that this encoder is for."
        )
    if isinstance(table, Mapping):
        return table[names[0]]
    return nw.from_native(table).get_column(names[0]).to_native()


def _from_array(array):
    """The entries of an array along its first axis."""
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim in (0, 2):
        raise ValueError(
            f"X must be one column; got an array of shape {array.shape}; pass the "
            f"column that this encoder is for."
        )
    return list(array)


def distinct(values):
    """Where each distinct value comes first, and which of them each row holds.

    Text, bytes and paths are compared by value, anything else (arrays, pictures) by
    identity: comparing those would cost as much as encoding them.

    Parameters
    ----------
    values : list of length n

    Returns
    -------
    first_rows : list of int of length n_distinct
    codes : ndarray of int of shape (n,)
        Position in `first_rows` of the value of each row; -1 where it is missing:
        None, NaN, NA, or text that is empty or only white space.
    """
    codes = np.full(len(values), -1, dtype=np.intp)
    first_rows, known = [], {}
    missing = is_missing(as_object_array(values))
    for row in np.flatnonzero(~missing).tolist():
        value = values[row]
        by_value = isinstance(value, (str, bytes, PurePath))
        if isinstance(value, (str, bytes)) and not value.strip():
            continue
        key = value if by_value else id(value)
        if key not in known:
            known[key] = len(first_rows)
            first_rows.append(row)
        codes[row] = known[key]
    return first_rows, codes


def check_texts(values, rows):
    """Refuse what is not text, naming its row.

    Parameters
    ----------
    values : list
    rows : list of int
        Row of each value.

    Raises
    ------
    TypeError
    """
    for value, row in zip(values, rows):
        if not isinstance(value, str):
            raise TypeError(
                f"Texts must be str; got {type(value).__name__} in row {row}; convert "
                f"the column to text, and leave out what is missing as None."
            )


class BaseEncoder(
    ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator, ABC
):
    """Base of the encoders of one column: text, pictures, and what plug-ins add.

    A subclass writes `_fit(values, rows)`, which learns what there is to learn and
    returns the number of features, and `_encode(values, rows)`, which returns one row
    of numbers for each value. Both get the distinct values that are present, and the
    row at which each comes first, for messages. Everything else is done here: reading
    the column, the rows of NaN for missing values, encoding equal values once.

    Parameters
    ----------
    None of its own; those of a subclass are listed there.

    Attributes
    ----------
    n_features_in_ : int
        Always 1, the column.

    See Also
    --------
    TabularEncoder : For several columns of numbers, dates and categories.

    Examples
    --------
    >>> from skmmrec.encoders import BaseEncoder
    >>> class LengthEncoder(BaseEncoder):
    ...     def _fit(self, values, rows):
    ...         return 1
    ...     def _encode(self, values, rows):
    ...         return [[len(value)] for value in values]
    >>> LengthEncoder().fit_transform(["four", None, "three"])
    array([[ 4.],
           [nan],
           [ 5.]], dtype=float32)
    """

    def fit(self, X, y=None):
        """Learn what the encoder needs from a column.

        Parameters
        ----------
        X : Series, list, 1-D array, or anything of shape (n, 1)
        y : None
            Ignored.

        Returns
        -------
        self : object
        """
        values = as_column(X)
        rows, _ = distinct(values)
        self._n_features_out = self._fit([values[row] for row in rows], rows)
        self.n_features_in_ = 1
        return self

    def transform(self, X):
        """Encode a column, equal values once.

        Parameters
        ----------
        X : Series, list, 1-D array, or anything of shape (n, 1)

        Returns
        -------
        features : ndarray of float32 of shape (n, n_features_out), C-contiguous
            A row of NaN where the value is missing.
        """
        check_is_fitted(self)
        values = as_column(X)
        rows, codes = distinct(values)
        features = np.full((len(values), self._n_features_out), np.nan, np.float32)
        if rows:
            encoded = self._encode([values[row] for row in rows], rows)
            present = codes >= 0
            features[present] = np.asarray(encoded, dtype=np.float32)[codes[present]]
        return features

    @abstractmethod
    def _fit(self, values, rows):
        """Check the parameters, learn from the values; return n_features_out."""

    @abstractmethod
    def _encode(self, values, rows):
        """One row of numbers for each value, of shape (len(values), n_features_out)."""

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.one_d_array = True
        # several columns are refused, (n, 1) is not: as in IsotonicRegression
        tags.input_tags.two_d_array = False
        tags.input_tags.string = True
        tags.input_tags.allow_nan = True
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags
