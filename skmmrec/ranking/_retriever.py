"""BaseRetriever: rows of a matrix by inner product, and how an index follows it.

Rows are added, changed and removed as those of an array would be. The index below is
only ever appended to, as most can't do more: what is in it has numbers, in order, and
`rows_` says which row of the matrix each number is, -1 if it is none any more. So an
algorithm writes

- `_build(vectors)`: a new index of float32 (n, d), with the numbers from 0;
- `_append(vectors)`: further vectors, with the numbers that follow;
- `_find(queries, k)`: numbers (n, k) of those of the largest inner products, best
  first, -1 where it finds no more, and the products, as far as it knows them.
"""

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted, validate_data

from skmmrec._checks import as_places, check_count, check_rows
from skmmrec._docs import DocLinkMixin
from skmmrec._quote import quoted
from skmmrec.ranking._topk import padded

# Outdated vectors may crowd out others: a search is widened at most so many times.
WIDEST = 16


class BaseRetriever(DocLinkMixin, BaseEstimator):
    """Base class of retrievers; see the module for what an algorithm writes.

    A subclass whose name stands in the entry-point group ``skmmrec.retrievers`` can be
    asked for by it.

    See Also
    --------
    ExactRetriever, FaissRetriever, UsearchRetriever : The ones here.
    """

    _parameter_constraints = {}

    def fit(self, vectors, y=None):
        """Build the index.

        Parameters
        ----------
        vectors : array-like of shape (n_rows, n_features)
        y : ignored
            Present for the conventions of scikit-learn.

        Returns
        -------
        self : retriever
        """
        self._validate_params()
        vectors = self._check(vectors, reset=True)
        self._build(vectors)
        self.n_rows_, self.rows_ = len(vectors), np.arange(len(vectors))
        return self

    def add(self, vectors):
        """Append rows.

        Parameters
        ----------
        vectors : array-like of shape (n, n_features)

        Returns
        -------
        self : retriever
        """
        check_is_fitted(self)
        vectors = self._check(vectors, reset=False)
        self._number(self.n_rows_ + np.arange(len(vectors)), vectors)
        self.n_rows_ += len(vectors)
        return self

    def update(self, rows, vectors):
        """Replace rows.

        Parameters
        ----------
        rows : array-like of int of shape (n,)
            Distinct ones.
        vectors : array-like of shape (n, n_features)

        Returns
        -------
        self : retriever
        """
        check_is_fitted(self)
        rows = as_places(rows, self.n_rows_, "rows", least=0)
        vectors = self._check(vectors, reset=False)
        if not len(np.unique(rows)) == len(rows) == len(vectors):
            raise ValueError(
                f"rows must be distinct, and as many as vectors; got {quoted(rows)} "
                f"for {len(vectors)}; give each row one vector."
            )
        self.rows_[np.isin(self.rows_, rows)] = -1
        self._number(rows, vectors)
        return self

    def remove(self, rows):
        """Take out rows; those below move up, as in `numpy.delete`.

        Parameters
        ----------
        rows : array-like of int of shape (n,)

        Returns
        -------
        self : retriever
        """
        check_is_fitted(self)
        stays = np.ones(self.n_rows_ + 1, dtype=bool)  # the last one stands for -1
        stays[as_places(rows, self.n_rows_, "rows", least=0)] = False
        places = np.where(stays, np.cumsum(stays) - 1, -1)
        places[-1] = -1
        self.rows_ = places[self.rows_]
        self.n_rows_ = np.count_nonzero(stays) - 1
        return self

    def search(self, queries, k):
        """The rows whose inner products with each query are largest.

        Parameters
        ----------
        queries : array-like of shape (n, n_features)
        k : int

        Returns
        -------
        rows : ndarray of int of shape (n, k)
            Best first, -1 where no more are found.
        products : ndarray of float32 of shape (n, k)
            As the index knows them, which may be rounded; NaN where there is no row.
        """
        check_is_fitted(self)
        check_count(k, "k", 1)
        queries = self._check(queries, reset=False)
        width, enough = k, min(k, self.n_rows_)
        while True:
            rows, products = self._rows_of(queries, int(min(width, len(self.rows_))))
            n_found = np.count_nonzero(rows >= 0, axis=1).min(initial=enough)
            if n_found >= enough or width >= min(WIDEST * k, len(self.rows_)):
                break
            width *= 4
        first = np.argsort(rows < 0, axis=1, kind="stable")[:, :k]
        rows = np.take_along_axis(rows, first, axis=1)
        products = np.take_along_axis(products, first, axis=1)
        return padded(rows, k, -1), padded(products, k, np.nan)

    def _check(self, vectors, reset):
        checks = {"dtype": np.float32, "order": "C", "ensure_min_samples": int(reset)}
        check_rows(vectors, "vectors")
        if hasattr(vectors, "to_numpy") and np.ndim(vectors) == 1:
            vectors = vectors.to_numpy()  # a Series, which scikit-learn then refuses
        with np.errstate(over="ignore"):  # what becomes infinite is refused as such
            return validate_data(self, vectors, reset=reset, **checks)

    def _number(self, rows, vectors):
        """Append vectors, and note which rows they are."""
        if len(vectors):
            self._append(vectors)
            self.rows_ = np.append(self.rows_, rows)

    def _rows_of(self, queries, k):
        numbers, products = self._find(queries, k)
        rows = np.append(self.rows_, -1)[numbers]
        return rows, np.where(rows < 0, np.float32(np.nan), products)
