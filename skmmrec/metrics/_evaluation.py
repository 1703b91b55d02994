"""The ranked lists of the users of a test set, computed once for all metrics."""

from copy import copy

import numpy as np
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

CANDIDATES = ("all", "warm", "cold")


def find_recommender(estimator):
    """The recommender inside: itself, the last step, or that of the best candidate.

    Raises
    ------
    TypeError
        If there is none.
    """
    if hasattr(estimator, "best_estimator_"):
        estimator = estimator.best_estimator_
    if isinstance(estimator, Pipeline):
        estimator = estimator[-1]
    if not hasattr(estimator, "_rank"):
        raise TypeError(
            f"The estimator must be a recommender, or a pipeline that ends in one; got "
            f"{type(estimator).__name__}; end the pipeline in a recommender of skmmrec."
        )
    return estimator


class Evaluation:
    """Ranked lists of a recommender for the users of held-out events.

    An item is to be found if the user has an event with it in `X` and none in the
    events of `fit`; items that are not in the catalogue of the recommender cannot be
    found, and count. Users with nothing to be found are left out. If the events of `X`
    are those of `fit`, nothing is excluded: a training score, as scikit-learn's
    searches ask for.

    Parameters
    ----------
    estimator : recommender, or pipeline or search that holds one
    X : Interactions, data frame or array
        Held-out events. Events with a rating of 0 or less are not to be found.
    candidates : {"all", "warm", "cold"}
        Which items compete: the whole catalogue, or only those with, or without, events
        in `fit`. Only such items are to be found then.
    depth : int
        Length of the lists that are made, the largest k that will be asked for.
    """

    def __init__(self, estimator, X, candidates, depth):
        self.depth = depth
        self.recommender = find_recommender(estimator)
        check_is_fitted(self.recommender)
        self.n_items = len(self.recommender.item_vocabulary_)
        self.pool = self._pool(candidates)
        X = self.recommender._check(X, reset=False)
        X = X[X.weights > 0]
        user, item = self._relevant(X)
        counts = np.bincount(user, minlength=len(X.user_vocabulary))
        users = np.flatnonzero(counts)
        self.n_relevant = counts[users]
        self.user_ids = X.user_vocabulary.decode(users)
        # a pair of list and item as one number, sorted, for fast look-up
        row = np.cumsum(counts > 0) - 1
        known = item < self.n_items
        self._wanted = row[user[known]] * self.n_items + item[known]
        self._ranked = np.empty((len(users), 0), dtype=np.int32)
        self._hits = {}

    def _pool(self, candidates):
        """Codes of the items that compete, None for all."""
        if candidates == "all":
            return None
        warm = np.zeros(self.n_items, dtype=bool)
        warm[self.recommender.seen_.indices] = True
        return np.flatnonzero(warm if candidates == "warm" else ~warm)

    @property
    def n_candidates(self):
        """Number of items that compete."""
        return self.n_items if self.pool is None else len(self.pool)

    def _relevant(self, X):
        """Users (codes of X) and items (codes of fit) to be found, each pair once.

        An item outside the catalogue has a code of its own, beyond all others.
        """
        model = self.recommender
        fitted_item = np.arange(len(X.item_vocabulary))
        fitted_item = model.item_vocabulary_.recode(X.item_vocabulary, fitted_item)
        outside = self.n_items + np.arange(len(fitted_item))
        fitted_item = np.where(fitted_item < 0, outside, fitted_item)
        span = self.n_items + len(fitted_item)
        pairs = np.sort(
            X.user_codes.astype(np.int64) * span + fitted_item[X.item_codes]
        )
        first = np.diff(pairs, prepend=-1) > 0
        user, item = np.divmod(pairs[first], span)
        fitted_user = model.user_vocabulary_.recode(X.user_vocabulary, user)
        keep = ~_stored(model.seen_, fitted_user, item)
        n_liked = np.count_nonzero(model.seen_.data > 0)
        self._exclude_seen = bool(keep.any()) or len(keep) < n_liked
        if not self._exclude_seen:  # X is what was learned from: a training score
            keep[:] = True
        if self.pool is not None:
            keep &= np.isin(item, self.pool)
        return user[keep], item[keep]

    def codes(self, k):
        """Codes (n_users, k) of the recommended items, -1 where there are no more."""
        if len(self.user_ids) == 0:
            return np.empty((0, k), dtype=np.int32)
        if self._ranked.shape[1] < k:
            depth = max(k, self.depth)
            length = min(depth, self.n_candidates)
            ranked, _ = self.recommender._rank(
                self.user_ids, length, None, self.pool, self._exclude_seen
            )
            padding = ((0, 0), (0, depth - length))
            self._ranked = np.pad(ranked, padding, constant_values=-1)
        return self._ranked[:, :k]

    def hits(self, k):
        """Whether each recommended item was to be found, bool (n_users, k)."""
        if k not in self._hits:
            codes = self.codes(k)
            offered = np.arange(len(codes))[:, None] * self.n_items + codes
            self._hits[k] = _contains(self._wanted, offered) & (codes >= 0)
        return self._hits[k]

    def finding(self, items):
        """The same lists, judged by some of the items alone.

        Parameters
        ----------
        items : ndarray of bool of shape (n_items,)
            Which are to be found; users without one are left out.

        Returns
        -------
        part : Evaluation
        """
        row, item = np.divmod(self._wanted, self.n_items)
        row, item = row[items[item]], item[items[item]]
        counts = np.bincount(row, minlength=len(self.user_ids))
        users = np.flatnonzero(counts)
        part = copy(self)
        part.user_ids, part.n_relevant = self.user_ids[users], counts[users]
        part._ranked, part._hits = self.codes(self.depth)[users], {}
        part._wanted = (np.cumsum(counts > 0) - 1)[row] * self.n_items + item
        return part


def _contains(ordered, values):
    """Whether each value is among the ordered ones."""
    if len(ordered) == 0:
        return np.zeros(np.shape(values), dtype=bool)
    place = np.minimum(np.searchsorted(ordered, values), len(ordered) - 1)
    return ordered[place] == values


def _stored(matrix, rows, columns):
    """Whether a csr matrix stores an entry at each place; -1 is no row."""
    n_columns = matrix.shape[1]
    stored = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    stored = stored * n_columns + matrix.indices  # ordered, as csr is
    inside = (rows >= 0) & (columns < n_columns)
    return inside & _contains(stored, rows * np.int64(n_columns) + columns)
