"""Numbers, dates, categories and labels of a table as one matrix."""

from collections.abc import Mapping
from typing import Self

import narwhals.stable.v2 as nw
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from skmmrec._callbacks import CallbackMixin
from skmmrec._docs import DocLinkMixin
from skmmrec.data._tables import check_table, is_frame, n_rows
from skmmrec.encoders._checks import check_count
from skmmrec.encoders._tabular_columns import fit_column, read_column


def _as_table(X):
    """A data frame, a dict of columns, or what scikit-learn is to make an array of.

    A single column becomes a table. As a 1-D array it may hold anything but numbers,
    which could be meant as one row, and are left to scikit-learn to refuse.
    """
    if issparse(X):  # before mappings, as a dok_array is one
        raise TypeError(
            "X must be dense; got a sparse matrix, which is not supported; it is "
            "numbers already: pass it on as it is."
        )
    if isinstance(X, Mapping) or is_frame(X):
        if not n_rows(check_table(X, "X")):
            raise ValueError("X must have at least one row; got none; pass some.")
        return dict(X) if isinstance(X, Mapping) else X
    if nw.dependencies.is_into_series(X):
        return nw.from_native(X, series_only=True).to_frame().to_native()
    if isinstance(X, (list, tuple)):
        # else numbers beside text would become text
        X = np.array(X, dtype=object)
    if getattr(X, "ndim", None) == 1 and read_column(X, "x0")[0] != "number":
        return X.reshape(-1, 1)
    return X


def _check_separator(separator):
    if separator is not None and not isinstance(separator, str):
        raise TypeError(
            f"separator must be a text or None; got {type(separator).__name__}; pass "
            f"what stands between labels."
        )
    if separator == "":
        raise ValueError(
            "separator must not be empty; got ''; pass what stands between labels, or "
            "None if nothing does."
        )


def _block(name, fitted, kind, values, present):
    """The features of one column, of shape (n, n_features_of_the_column)."""
    if not present.any():
        return np.zeros((len(values), len(fitted.names(name))), dtype=np.float32)
    if kind not in fitted.accepts:
        raise TypeError(
            f"Column {name!r} must hold {' or '.join(fitted.accepts)}, as in fit; got "
            f"{kind}; convert it."
        )
    return fitted.transform(values, present)


class TabularEncoder(
    OneToOneFeatureMixin, TransformerMixin, CallbackMixin, DocLinkMixin, BaseEstimator
):
    """Columns of a table as numbers: what an item costs, when it came out, its genres.

    What a column holds is seen from its content, and decides what becomes of it:

    - numbers and booleans are standardised; a missing one is the mean, zero;
    - dates, also as text such as "2026-01-31", become their year, standardised, and the
      sines and cosines of the time of the year and of the day of the week;
    - text becomes one indicator for each category, the rare ones together in one;
    - text in which the separator occurs, such as "Comedy|Drama", and lists become one
      indicator for each of the most frequent labels.

    For free text, use a text encoder. Numbers that are names, such as postal codes, are
    taken as categories if they come as text or in a categorical column.

    Parameters
    ----------
    separator : str or None, default="|"
        What stands between labels. None takes all text as categories.
    max_categories : int or None, default=50
        Most indicators for one column. Rarer categories share one of these; rarer
        labels are left out. None sets no limit.

    Attributes
    ----------
    columns_ : dict of {str: object}
        The fitted encoder of each column, by the name of the column.
    n_features_in_ : int
        Number of columns.
    feature_names_in_ : ndarray of str objects of shape (n_columns,)
        Names of the columns, where they have names.

    See Also
    --------
    SparseTextEncoder : For free text.

    Notes
    -----
    A row in which every column is missing becomes a row of NaN, as in all encoders; a
    gap in another row becomes zeros in the features of its column. Categories that were
    not seen in `fit` count as rare ones, labels as none.

    Examples
    --------
    >>> from skmmrec.encoders import TabularEncoder
    >>> encoder = TabularEncoder()
    >>> encoder.fit_transform(
    ...     {"year": [1990, 2010, None], "genres": ["Comedy|Drama", "Drama", None]}
    ... )
    array([[-1.,  1.,  1.],
           [ 1.,  0.,  1.],
           [nan, nan, nan]], dtype=float32)
    >>> encoder.get_feature_names_out().tolist()
    ['year', 'genres_Comedy', 'genres_Drama']
    """

    def __init__(self, separator="|", max_categories=50) -> None:
        self.separator = separator
        self.max_categories = max_categories

    def fit(self, X, y=None) -> Self:
        """Learn means, categories and labels.

        Parameters
        ----------
        X : data frame, mapping of name to 1-D column, Series, or array-like of shape \
                (n, n_columns)
        y : None
            Ignored.

        Returns
        -------
        self : TabularEncoder
        """
        if self.max_categories is not None:
            check_count("max_categories", self.max_categories)
        _check_separator(self.separator)
        columns = self._read(X, reset=True)
        with self._fit_task(X):
            self.columns_ = {
                name: fit_column(
                    *column,
                    separator=self.separator,
                    max_categories=self.max_categories,
                )
                for name, column in columns.items()
            }
        return self

    def transform(self, X) -> NDArray[np.float32]:
        """Turn a table into numbers.

        Parameters
        ----------
        X : table
            With the columns of `fit`, in the same order.

        Returns
        -------
        features : ndarray of float32 of shape (n, n_features_out), C-contiguous
            A row of NaN where every column is missing.
        """
        check_is_fitted(self)
        columns = self._read(X, reset=False)
        blocks = [
            _block(name, fitted, *columns[name])
            for name, fitted in self.columns_.items()
        ]
        features = np.hstack(blocks, dtype=np.float32, casting="same_kind")
        present = np.any([present for _, _, present in columns.values()], axis=0)
        features[~present] = np.nan
        return np.ascontiguousarray(features)

    def _read(self, X, reset):
        """The columns by name, as `read_column` returns them."""
        table = _as_table(X)
        if isinstance(table, dict):
            self._check_names(table, reset)
            columns = table.values()
        elif is_frame(table):
            validate_data(self, table, reset=reset, skip_check_array=True)
            frame = nw.from_native(table)
            columns = [column.to_native() for column in frame.iter_columns()]
        else:
            columns = validate_data(
                self, table, reset=reset, dtype=None, ensure_all_finite=False
            ).T
        names = super().get_feature_names_out().tolist()
        return {name: read_column(part, name) for part, name in zip(columns, names)}

    def _check_names(self, table, reset):
        """What scikit-learn does for the columns of a data frame, for a mapping."""
        names = list(map(str, table))
        if reset:
            self.feature_names_in_ = np.array(names, dtype=object)
            self.n_features_in_ = len(names)
        expected = getattr(self, "feature_names_in_", names)
        if names != list(expected) or len(names) != self.n_features_in_:
            raise ValueError(
                f"X must have the {self.n_features_in_} columns of fit, "
                f"{list(expected)}; got {names}; select these, in this order."
            )

    def get_feature_names_out(self, input_features=None):
        """Names of the features: a column's own, or with the category or part added.

        Parameters
        ----------
        input_features : array-like of str, default=None
            Names of the columns, if `fit` has not seen any.

        Returns
        -------
        names : ndarray of str objects of shape (n_features_out,)
        """
        names_in = super().get_feature_names_out(input_features)
        names_out = [
            name_out
            for name, fitted in zip(names_in, self.columns_.values())
            for name_out in fitted.names(name)
        ]
        return np.array(names_out, dtype=object)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        tags.input_tags.dict = True
        tags.input_tags.allow_nan = True
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags
