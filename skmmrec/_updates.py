"""What happens after `fit`: further events and items, and what is to be let go of."""

import copy
from typing import Any, Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike
from sklearn.utils.validation import check_is_fitted

from skmmrec._finite import finite_numbers
from skmmrec._sparse import count_events, kept, last_times, merged, resized
from skmmrec._vectors import stack
from skmmrec.data._feature_table import FeatureTable, features_of
from skmmrec.data._interactions import check_catalogue
from skmmrec.data._tables import as_object_array, check_id_list

VOCABULARIES = {"users": "user_vocabulary_", "items": "item_vocabulary_"}
FACTORS = {"users": "user_factors_", "items": "item_factors_"}


def likes_by_user(users, weights, n_users):
    """Sum and number of the weights above 0 of each user's events, (n_users, 2)."""
    likes = weights > 0
    parts = [
        np.bincount(users[likes], values, n_users)
        for values in (weights[likes].astype(np.float64), None)
    ]
    return np.column_stack(parts).astype(np.float64)


def _below(first, second):
    """Rows of two FeatureTables of the same blocks, one below the other."""
    pairs = (first.values, second.values), (first.present, second.present)
    values, present = map(np.concatenate, pairs)
    return FeatureTable(values, first.blocks, present)


class UpdateMixin:
    """Fold-in of further events, and leave-taking, for recommenders.

    Attributes
    ----------
    closed_form : bool
        Whether `fit` solves for the model at one go, so that it is fitted again on what
        `forget` and `remove_items` leave: for this it keeps the features.
    """

    closed_form = False

    # whether `_fold_in_items` finds what a fit would; else what was fitted is better as
    # long as most of an item's likes were there
    _folds_items_exactly = True

    def partial_fit(self, X: Any, y: Any = None) -> Self:
        """Learn from further events, without another fit.

        Users with new events are folded in from all that they have had; items with new
        events from all who had them, where the model can and, if it learned from
        content, X has theirs; where it can only guess, if their likes have doubled.
        What was learned of others stays: fit again from time to time.

        Parameters
        ----------
        X : Interactions, data frame or array
            As in `fit`. Users and items of its events and tables that the model does
            not know are added; items without events are placed by their content. Late
            events of an item that was removed are passed over, unless its table lists
            it again. Without the ratings of `fit`, each event is an average like.
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
        news = self._news(self._still_offered(self._check(X, reset=False)))
        model = copy.copy(self)  # what fails has changed nothing
        with finite_numbers(model):
            model._learn_news(news)
        vars(self).update(vars(model))
        return self

    def _still_offered(self, X):
        """Events without those of removed items that the table does not list again."""
        removed = as_object_array(self._removed)
        removed = removed[self.item_vocabulary_.codes(removed) < 0]
        gone = X.item_vocabulary.codes(removed)
        late = np.isin(X.item_codes, gone[gone >= X.n_described("items")])
        return X[~late] if late.any() else X

    def _news(self, X):
        """Events as `_learn_news` takes them, once their features are checked."""
        for on in VOCABULARIES:
            self._new_features(features_of(X, on), np.empty(0, dtype=int), on)
        return X

    def _learn_news(self, X):
        """Learn from events; only what may not fail may write into arrays."""
        n_known, before = len(self.item_vocabulary_), self.seen_
        for on in VOCABULARIES:
            self._add_new(X, on)
        self._record(X)
        if len(X):
            self._move(X, n_known, before)

    def add_items(self, items: Any) -> Self:
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
            features = self._new_features(features, codes, on)
            if on == "items":
                self._added_items(features)
            if self.closed_form and self._features[on] is not None:
                extended = _below(self._features[on], features)
                self._features = self._features | {on: extended}
            setattr(self, VOCABULARIES[on], mine.extended(theirs.decode(codes)))
        if on == "items":
            self._listed = self._listed_with(X)

    def _listed_with(self, X):
        """Which items a table lists, that of X included."""
        listed = np.zeros(len(self.item_vocabulary_), dtype=bool)
        listed[: len(self._listed)] = self._listed
        if self.columns_ is not None:
            theirs = np.arange(X.n_described("items"))
            listed[self.item_vocabulary_.recode(X.item_vocabulary, theirs)] = True
        return listed

    def _added_items(self, features):
        """What else an algorithm keeps of items: for those with these features."""

    def _record(self, X):
        """Add events, of users and items that are known by now, to those seen."""
        shape = len(self.user_vocabulary_), len(self.item_vocabulary_)
        users, items = self._codes_of(X)
        weights = X.weights
        if X.names["rating"] is None:
            weights = weights * np.float32(self.mean_weight_)
        news = count_events(users, items, weights, shape)
        self.seen_ = merged(self.seen_, news)
        likes = likes_by_user(users, weights, shape[0])
        likes[: len(self._likes_by_user)] += self._likes_by_user
        self._likes_by_user = likes
        if self._ordered:
            times = last_times(users, items, self._times_of(X), shape)
            self.times_ = merged(self.times_, times, last_times)
            self._end = max(self._end, times.data.max(initial=self._end))

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

    # -- leave-taking -----------------------------------------------------------------

    def remove_items(self, items: ArrayLike) -> Self:
        """Take items out of the catalogue for good.

        They are never recommended again, and their events, vectors and content leave
        the model. Where `closed_form` is True, it is fitted again on what is left,
        which takes as long as a fit. In other models nothing else moves: the tastes
        that users' vectors have learned from them stay, until the next fit. Late events
        do not bring them back, but `add_items` does. For what is out of stock for a
        while, see `candidates` of `recommend`.

        Parameters
        ----------
        items : array-like of shape (n,)
            Ids of items of the catalogue.

        Returns
        -------
        self : estimator

        Raises
        ------
        ValueError
            If an item is not in the catalogue, or no event with a positive rating would
            be left; nothing has changed then.

        Examples
        --------
        >>> from skmmrec import Interactions, PopularityRecommender
        >>> X = Interactions({"user": [1, 1, 2], "item": ["tea", "jam", "tea"]})
        >>> model = PopularityRecommender().fit(X)
        >>> model.remove_items(["tea"]).recommend([3], k=1).tolist()
        [['jam']]
        """
        check_is_fitted(self)
        return self._leave("items", items)

    def forget(self, users: ArrayLike) -> Self:
        """Let go of users: their events, vectors, features and ids.

        Items that nobody else had leave with them, unless a table lists them. Where
        `closed_form` is True, the model is fitted again on what is left, which takes as
        long as a fit: with an int as `random_state`, everybody is served as by a fit
        without these users. In other models, what the vectors of items, and the maps
        that place new users and items, have learned from them in `fit` stays: fit
        again, without their events, where that is too much.

        What the steps before it in a pipeline have learned stays too: encoders of a
        table of users, and fusions that learned from events; as do embedding stores,
        callbacks' logs, and copies of the data and the model. Delete these, and fit
        again.

        Parameters
        ----------
        users : array-like of shape (n,)
            Ids.

        Returns
        -------
        self : estimator

        Raises
        ------
        ValueError
            If a user is unknown, or no event with a positive rating would be left;
            nothing has changed then.

        Examples
        --------
        >>> from skmmrec import Interactions, PopularityRecommender
        >>> X = Interactions({"user": [1, 1, 2], "item": ["tea", "jam", "jam"]})
        >>> model = PopularityRecommender().fit(X).forget([1])
        >>> model.user_vocabulary_.ids.tolist(), model.item_vocabulary_.ids.tolist()
        ([2], ['jam'])
        """
        check_is_fitted(self)
        return self._leave("users", users)

    def _leave(self, on, ids):
        ids = check_id_list(ids, on)
        masks = self._without(on, ids)
        if not all(mask.all() for mask in masks.values()):
            vars(self).update(vars(self._reduced(masks)))
        if on == "items":
            self._removed = [*self._removed, *ids.tolist()]
        return self

    def _without(self, on, ids):
        """Which users and items are left without some, {"users", "items": mask}."""
        codes = getattr(self, VOCABULARIES[on]).codes(ids)
        if (codes < 0).any():
            raise ValueError(
                f"{on} must be known to the model; got {ids[codes < 0].tolist()[0]!r} "
                f"({(codes < 0).sum()} unknown); leave these out."
            )
        masks = {
            on: np.ones(n, dtype=bool) for on, n in zip(VOCABULARIES, self.seen_.shape)
        }
        masks[on][codes] = False
        left = self.seen_[np.flatnonzero(masks["users"])]
        if on == "users":
            only = np.setdiff1d(self.seen_[codes].indices, left.indices)
            masks["items"][only] = self._listed[only]
        liked = (left.data > 0)[masks["items"][left.indices]]
        if self._keeps_users and self.seen_.nnz and not liked.any():
            raise ValueError(
                f"An event with a rating above 0 must be left; got none without these "
                f"{len(np.unique(codes))} {on}; delete the model, or fit another."
            )
        return masks

    def _reduced(self, masks):
        """The model of nothing but the users and items under the masks: a copy."""
        model = copy.copy(self)
        users, items = map(np.flatnonzero, masks.values())
        for on, mask in masks.items():
            ids, _ = getattr(self, VOCABULARIES[on]).subset(mask)
            setattr(model, VOCABULARIES[on], ids)
        model.seen_ = self.seen_[users][:, items]
        model._listed = self._listed[items]
        model._likes_by_user = self._likes_by_user[users]
        if len(users) < len(masks["users"]):
            total, number = model._likes_by_user.sum(axis=0)
            model.mean_weight_ = total / number if number else 1.0
        if self._ordered:
            model.times_ = self.times_[users][:, items]
            model._end = model.times_.data.max()
        model._settle(masks)
        return model

    def _settle(self, masks):
        """Bring what was learned into line with the users and items that are left.

        It must not write into arrays, which are those of the model before.
        """
        rows = {on: np.flatnonzero(mask) for on, mask in masks.items()}
        if self.closed_form:
            self._features = {
                on: table if table is None else table.take(rows[on])
                for on, table in self._features.items()
            }
            return self._fit_again()
        for on, name in FACTORS.items():
            setattr(self, name, getattr(self, name)[rows[on]])
        if not masks["users"].all():
            self.mean_user_ = self._mean_user(self._likes(self.seen_))

    def _fit_again(self):
        """`fit`, on the events and features that the model has kept."""
        likes = self._likes(self.seen_)
        if self._ordered:
            self.likes_times_ = kept(self.times_, self.seen_.data > 0)
        self._fit(likes, self._features["items"], self._features["users"])
        vars(self).pop("likes_times_", None)
        self._complete(likes, self._features)
