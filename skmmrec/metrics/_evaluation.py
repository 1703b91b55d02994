"""The ranked lists of the users of a test set, computed once for all metrics."""

import warnings
from collections.abc import Mapping
from copy import copy
from functools import cached_property

import numpy as np
from sklearn.utils.validation import check_is_fitted

from skmmrec._quote import quoted
from skmmrec._sparse import kept, rows_of
from skmmrec._vectors import for_products
from skmmrec.data import FeatureTable
from skmmrec.data._feature_table import features_of
from skmmrec.data._tables import are_unlike, as_array, column, column_names
from skmmrec.ranking import blocks_of_rows
from skmmrec.recommenders._meta import (
    known_events,
    known_ids,
    last_step,
    through_steps,
)

CANDIDATES = ("all", "warm", "cold")

# What a metric may ask for by the names of its parameters. First whole rankings, which
# are made block by block; then lists of the first k.
OF_RANKINGS = ("scores", "relevant")
OF_LISTS = ("hits", "lists", "codes")
OF_RATINGS = ("y_true", "y_pred")
OF_GROUPS = ("item_groups", "user_groups")
OF_ALL = ("n_relevant", "n_candidates", "counts", "n_users", "histories", "features")


def find_recommender(estimator):
    """The recommender inside: itself, the last step, or that of the best candidate.

    Raises
    ------
    TypeError
        If there is none.
    """
    estimator = last_step(estimator)
    if not hasattr(estimator, "_rank"):
        raise TypeError(
            f"The estimator must be a recommender, or a pipeline that ends in one; got "
            f"{type(estimator).__name__}; end the pipeline in a recommender of skmmrec."
        )
    return estimator


def _with_content(estimator, X):
    """Events as they reach the first recommender that gets content, or None."""
    X = through_steps(estimator, X)
    if features_of(X, "items") is not None:
        return X
    for member in getattr(last_step(estimator), "estimators_", ()):
        found = _with_content(member, X)
        if found is not None:
            return found


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

    Attributes
    ----------
    is_of_training : bool
        Whether the events of `X` are those of `fit`.
    """

    def __init__(self, estimator, X, candidates, depth):
        self.depth = depth
        self.candidates = candidates
        self.estimator = getattr(estimator, "best_estimator_", estimator)
        self.recommender = find_recommender(estimator)
        check_is_fitted(self.recommender)
        self.n_items = len(self.recommender.item_vocabulary_)
        self.pool = self._pool(candidates)
        self._as_given = X
        self._checked = self.recommender._check(X, reset=False)
        self.X = X = known_events(estimator, self._checked)
        X = X[X.weights > 0]
        user, item = self._relevant(X)
        counts = np.bincount(user, minlength=len(X.user_vocabulary))
        users = np.flatnonzero(counts)
        self.n_relevant = counts[users]
        self.user_ids = X.user_vocabulary.decode(users)
        # a pair of list and item as one number, sorted, for fast look-up
        row = np.cumsum(counts > 0) - 1
        known = item < self.n_items
        ids, ours = X.item_vocabulary.ids, self.recommender.item_vocabulary_.ids
        if are_unlike(ids, ours):
            warnings.warn(
                f"X must hold ids of items as in fit, such as {ours.tolist()[0]!r}; "
                f"got {ids.tolist()[0]!r}, which is another one; convert the ids.",
                stacklevel=4,
            )
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
        self.is_of_training = not keep.any() and len(keep) >= n_liked
        if self.is_of_training:
            keep[:] = True
        if self.pool is not None:
            new = (item >= self.n_items) & (self.candidates == "cold")
            keep &= np.isin(item, self.pool) | new
        return user[keep], item[keep]

    def given_ids(self, users):
        """Ids of users as the events had them that were given."""
        if self.X is self._checked:
            return users
        codes, first = np.unique(self.X.user_codes, return_index=True)
        places = np.searchsorted(codes, self.X.user_vocabulary.codes(users))
        return self._checked.user_ids[first[places]]

    def why_nothing(self, of_ratings=False):
        """Why there is no score, where there is none, in one sentence."""
        if of_ratings:
            return (
                f"X must hold two events or more whose ratings, and their predictions, "
                f"differ; got {len(self.X)}; hold out others."
            )
        if len(self.user_ids):
            return (
                f"none of {len(self.user_ids)} users has a value; use another metric."
            )
        return (
            f"X must hold events that can be found: new to their users, with items "
            f"among the {self.candidates!r} candidates; got none; hold out others."
        )

    def codes(self, k):
        """Codes (n_users, k) of the recommended items, -1 where there are no more."""
        if len(self.user_ids) == 0:
            return np.empty((0, k), dtype=np.int32)
        if self._ranked.shape[1] < k:
            depth = max(k, self.depth)
            length = min(depth, self.n_candidates)
            ranked, _ = self.recommender._rank(
                self.user_ids, length, None, self.pool, not self.is_of_training
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

    def blocks(self):
        """Whole rankings, block by block: what `OF_RANKINGS` and `n_relevant` name.

        Yields
        ------
        block : dict of {str: ndarray}
        """
        model, pool = self.recommender, slice(None) if self.pool is None else self.pool
        codes = model.user_vocabulary_.codes(self.user_ids)
        U, V = model._users(codes), for_products(model.item_factors_[pool])
        seen = [rows_of(model.seen_, codes)[:, pool]] if not self.is_of_training else []
        for rows in blocks_of_rows(len(codes), V.shape[0]):
            yield {
                "scores": model._scores(U[rows], V, [matrix[rows] for matrix in seen]),
                "relevant": self._relevance(rows)[:, pool],
                "n_relevant": self.n_relevant[rows],
            }

    def _relevance(self, rows):
        """Whether each item of the catalogue is to be found, bool (n, n_items)."""
        first, last = rows.start * self.n_items, rows.stop * self.n_items
        wanted = self._wanted[slice(*np.searchsorted(self._wanted, [first, last]))]
        relevant = np.zeros((rows.stop - rows.start, self.n_items), dtype=bool)
        relevant.flat[wanted - first] = True
        return relevant

    # -- what is known besides --------------------------------------------------------

    @cached_property
    def _likes(self):
        return kept(self.recommender.seen_, self.recommender.seen_.data > 0)

    @cached_property
    def counts(self):
        """Number of users who liked each item in `fit`, (n_items,)."""
        return np.bincount(self._likes.indices, minlength=self.n_items)

    @cached_property
    def n_users(self):
        """Number of users who liked anything in `fit`."""
        return np.count_nonzero(np.diff(self._likes.indptr))

    @property
    def histories(self):
        """What each user liked in `fit`, csr (n_users, n_items)."""
        codes = self.recommender.user_vocabulary_.codes(self.user_ids)
        return rows_of(self._likes, codes)

    @cached_property
    def features(self):
        """Content of the catalogue as the recommender gets it, 0 for none: (n, d)."""
        X = _with_content(self.estimator, self._checked)
        if X is None:
            raise ValueError(
                f"X must hold the content of the items; got none for "
                f"{type(self.recommender).__name__}; put a MultimodalFusion before "
                f"the recommender, and pass an Interactions with an item table."
            )
        table = features_of(X, "items")
        mine = self.recommender.item_vocabulary_
        rows = X.item_vocabulary.recode(mine, np.arange(self.n_items))
        return table.take(np.where(rows < len(table), rows, -1)).values

    @cached_property
    def y_true(self):
        """Ratings of all held-out events, (n_events,)."""
        return self.X.rating.astype(np.float64)

    @cached_property
    def y_pred(self):
        """Predictions for them, (n_events,)."""
        return np.asarray(self.estimator.predict(self._as_given), dtype=np.float64)

    def ratings_by_user(self):
        """Users with held-out events, their true and their predicted ratings.

        Returns
        -------
        users : ndarray of shape (n,)
        y_true, y_pred : list of n ndarray
        """
        users, place = np.unique(self.X.user_codes, return_inverse=True)
        order, ends = np.argsort(place, kind="stable"), np.cumsum(np.bincount(place))
        y_true, y_pred = (
            np.split(values[order], ends[:-1]) for values in (self.y_true, self.y_pred)
        )
        return self.X.user_vocabulary.decode(users), y_true, y_pred

    def item_groups(self, groups):
        """Group of each item of the catalogue, (n_items,); None where in none."""
        found = self._groups(groups, "items", self.recommender.item_vocabulary_.ids)
        if self.pool is not None:
            found[np.setdiff1d(np.arange(self.n_items), self.pool)] = None
        return found

    def user_groups(self, groups):
        """Group of each user, (n_users,); None where in none."""
        return self._groups(groups, "users", self.user_ids)

    def _groups(self, groups, on, ids):
        """Groups by id, from a mapping or a column of the table of the events."""
        if isinstance(groups, Mapping):
            names = known_ids(self.estimator, list(groups), on)
            groups = dict(zip(names, groups.values()))
            found = as_array([groups.get(key) for key in ids.tolist()])
            if len(ids) and not any(key in groups for key in ids.tolist()):
                raise ValueError(
                    f"The groups of {on} must be by the ids of {on}, such as "
                    f"{ids.tolist()[0]!r}; got {list(groups)[:1]}, and no group of any "
                    f"of these; convert the ids."
                )
            return found.astype(object)
        table = self.X.table(on)
        plain = table is not None and not isinstance(table, FeatureTable)
        if not plain or groups not in column_names(table):
            got = column_names(table) if plain else "no table, or one without names"
            raise ValueError(
                f"The groups of {on} must be a column of the table of {on}, or a "
                f"mapping of id to group; got {quoted(groups)} for {got}; pass a "
                f"mapping."
            )
        labels = column(table, groups).astype(object)
        rows = self.X.coded(on)[0].codes(ids)
        known = (rows >= 0) & (rows < len(labels))
        found = np.full(len(ids), None, dtype=object)
        found[known] = labels[rows[known]]
        return found

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
