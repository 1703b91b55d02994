"""What happens after `fit`: further events, further items, without another fit."""

import numpy as np
import scipy.sparse as sp
from sklearn.utils.validation import check_is_fitted

from skmmrec._sparse import count_events, last_times, merged, resized
from skmmrec._vectors import stack
from skmmrec.data._feature_table import features_of
from skmmrec.data._interactions import check_catalogue

VOCABULARIES = {"users": "user_vocabulary_", "items": "item_vocabulary_"}
FACTORS = {"users": "user_factors_", "items": "item_factors_"}


class UpdateMixin:
    """Fold-in of further events, for recommenders."""

    # whether `_fold_in_items` finds what a fit would; else what was fitted is better as
    # long as most of an item's likes were there
    _folds_items_exactly = True

    def partial_fit(self, X, y=None):
        """Learn from further events, without another fit.

        Users with new events are folded in from all that they have had; items with new
        events from all who had them, where the model can and, if it learned from
        content, X has theirs; where it can only guess, if their likes have doubled.
        What was learned of others stays: fit again from time to time.

        Parameters
        ----------
        X : Interactions, data frame or array
            As in `fit`. Users and items of its events and tables that the model does
            not know are added; items without events are placed by their content.
        y : ignored

        Returns
        -------
        self : estimator

        Examples
        --------
        >>> from skmmrec import Interactions, PopularityRecommender
        >>> X = Interactions({"user": [1], "item": [7]})
        >>> model = PopularityRecommender().fit(X)
        >>> news = Interactions({"user": [2, 3], "item": [8, 8]})
        >>> model.partial_fit(news).recommend([4], k=2).tolist()
        [[8, 7]]
        """
        if not hasattr(self, "seen_"):
            return self.fit(X)
        X = self._check(X, reset=False)
        n_known, before = len(self.item_vocabulary_), self.seen_
        for on in ("users", "items"):
            self._add_new(X, on)
        self._record(X)
        if len(X):
            self._move(X, n_known, before)
        return self

    def add_items(self, items):
        """Put further items into the catalogue, placed by their content.

        Parameters
        ----------
        items : data frame, mapping or Interactions
            A table of items like that of `fit`, or an Interactions with one. Items that
            the model knows stay as they are.

        Returns
        -------
        self : estimator
        """
        check_is_fitted(self)
        return self.partial_fit(check_catalogue(items, self.columns_))

    def _add_new(self, X, on):
        """Add the users or items of X that the model does not know."""
        theirs, codes = X.coded(on)
        mine = getattr(self, VOCABULARIES[on])
        codes = np.union1d(np.arange(X.n_described(on)), codes)
        codes = codes[mine.recode(theirs, codes) < 0]
        if len(codes):
            features = features_of(X, on)
            added = self._new_vectors(features, codes, on)
            setattr(self, FACTORS[on], stack([getattr(self, FACTORS[on]), added]))
            if on == "items":
                self._added_items(self._new_features(features, codes, on))
            setattr(self, VOCABULARIES[on], mine.extended(theirs.decode(codes)))

    def _added_items(self, features):
        """What else an algorithm keeps of items: for those with these features."""

    def _record(self, X):
        """Add events, of users and items that are known by now, to those seen."""
        shape = len(self.user_vocabulary_), len(self.item_vocabulary_)
        users, items = self._codes_of(X)
        news = count_events(users, items, X.weights, shape)
        self.seen_ = merged(self.seen_, news)
        if self._ordered:
            times = last_times(users, items, self._times_of(X), shape)
            self.times_ = merged(self.times_, times, last_times)

    def _move(self, X, n_known, before):
        """Move the users and items of events; `before` is what was seen until then."""
        users, items = map(np.unique, self._codes_of(X))
        self._move_users(users)
        if not self._folds_items_exactly:
            then = self._likes(resized(before, self.seen_.shape)).count_nonzero(axis=0)
            now = self._likes(self.seen_).count_nonzero(axis=0)
            items = items[now[items] >= 2 * then[items]]
        self._move_items(items, X, n_known)

    def _move_users(self, users):
        likes = self._likes(self.seen_[users]).count_nonzero(axis=1)
        users = users[likes > 0]
        if len(users):
            times = self.times_[users] if self._ordered else None
            vectors = self._vectors_of_histories(self.seen_[users], times)
            self._put("users", users, vectors)

    def _move_items(self, items, X, n_known):
        C = self._likes(sp.csr_array(self.seen_.T)[items])
        liked = C.count_nonzero(axis=1) > 0
        items, C = items[liked], C[liked]
        codes = X.item_vocabulary.recode(self.item_vocabulary_, items)
        features = self._new_features(features_of(X, "items"), codes, "items")
        if self.blocks_["items"]:  # what was placed with its content keeps that place
            moved = features.present.any(axis=1) | (items >= n_known)
            moved = np.flatnonzero(moved)
            items, C, features = items[moved], C[moved], features.take(moved)
        if len(items):
            vectors = self._fold_in_items(C, features)
            if vectors is not None:
                self._put("items", items, vectors)
