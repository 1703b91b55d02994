"""BaseRecommender: everything a recommender is but its algorithm.

A recommender here is two matrices and a similarity: a vector for each user, a vector
for each item, the inner product between them unless the algorithm says otherwise. Add
how to get the vector of a new user from a history and that of a new item from its
content, and validation, prediction, ranking, the exclusion of seen items, cold start
and scoring follow for all of them. An algorithm writes

- `_fit(R, items, users)`: sets `user_factors_` (n_users, d) and `item_factors_`
  (n_items, d), dense or csr; a loop goes by `_iterations`, for the callbacks;
- `_learn_maps(R, items, users)`: what is learned from the factors;
- `_fold_in(H)`: vectors of users from the rows of a matrix of histories, or, where
  their order counts, `_fold_in_ordered(H, times)`;
- `_fold_in_items(C, items)`: vectors of items from those who had them;
- `_item_vectors(items)`: vectors of new items from their features;
- `_user_vectors(users)`: vectors of new users from their features;
- `_similarity(U, V, product)`: where it is not the inner product, and `_queries(U)`
  where an inner product ranks as it does.

Where a call that learns is interrupted, the model is as before: so what it holds is
replaced, never written into. `_atomic.py` and `_retrieval.py` say more.
"""

import copy
import warnings
from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_array, check_is_fitted, validate_data

from skmmrec._callbacks import CallbackMixin
from skmmrec._checks import check_flag, check_rows
from skmmrec._docs import DocLinkMixin
from skmmrec._finite import finite_numbers
from skmmrec._queries import QueryMixin
from skmmrec._retrieval import RetrievalMixin, as_retriever, drop_indexes
from skmmrec._sparse import (
    count_events,
    kept,
    last_times,
    merged,
    positions,
    rows_of,
)
from skmmrec._updates import FACTORS, VOCABULARIES, UpdateMixin, likes_by_user
from skmmrec._vectors import (
    for_products,
    outer,
    paired,
    put,
    repeat,
    take,
    unit_rows,
    width,
)
from skmmrec.data import FeatureTable, Interactions, Vocabulary
from skmmrec.data._feature_table import check_size, features_of
from skmmrec.data._interactions import check_interactions
from skmmrec.data._tables import (
    are_unlike,
    check_id_list,
    check_table,
    column_names,
    is_frame,
    is_table,
    select,
)
from skmmrec.data._vocabulary import encode
from skmmrec.ranking import blocks_of_rows, top_k_of_blocks
from skmmrec.ranking._topk import check_k


def _compact(vocabulary, codes, n_rows):
    """Vocabulary of the rows of the table and of `codes`, and old codes to new."""
    keep = np.zeros(len(vocabulary), dtype=bool)
    keep[:n_rows] = True
    keep[codes] = True
    return vocabulary.subset(keep)


def _aligned(features, n):
    """The feature table with an empty row for each item (user) it does not describe."""
    if features is None or len(features) == n:
        return features
    rows = np.arange(n)
    return features.take(np.where(rows < len(features), rows, -1))


def _features_of_all(X, shape):
    """Features of all users and items of a matrix of events, {on: table or None}."""
    sizes = zip(("users", "items"), shape)
    return {on: _aligned(check_size(features_of(X, on), on), n) for on, n in sizes}


class BaseRecommender(
    CallbackMixin,
    DocLinkMixin,
    QueryMixin,
    RetrievalMixin,
    UpdateMixin,
    BaseEstimator,
):
    """Base class of all recommenders; see the module for what an algorithm writes."""

    estimator_type = "recommender"
    _parameter_constraints = {}
    _why_not_additive = "whose factors mix them"
    _ordered = False  # whether the order of a history counts
    _keeps_users = True  # whether the model knows the users of `fit`

    # -- what an algorithm may replace ------------------------------------------------

    def _learn_maps(self, R, items, users):
        """Learn from the factors, once they are there: for new users and items."""

    def _fold_in(self, H):
        """Vectors of users (n, d) from their histories H, csr (n, n_items)."""
        return repeat(self.mean_user_, H.shape[0])

    def _fold_in_ordered(self, H, times):
        """The same where order counts: times of the last events, csr of H's places."""
        return self._fold_in(H)

    def _fold_in_items(self, C, items):
        """Vectors of items (n, d) from those who had them, csr (n, n_users).

        `items` is their FeatureTable, or None. None is: leave them where they are.
        """

    def _item_vectors(self, items):
        """Vectors of new items (n, d) from their FeatureTable."""
        return np.zeros((len(items), self.item_factors_.shape[1]), dtype=np.float32)

    def _user_vectors(self, users):
        """Vectors of new users (n, d) from their FeatureTable."""
        return repeat(self.mean_user_, len(users))

    def _similarity(self, U, V, product):
        """Scores of users against items; `product` is `outer` or `paired`."""
        return product(U, V)

    def _queries(self, U):
        """Vectors whose inner products with the items' rank as scores do, or None."""
        return U if type(self)._similarity is BaseRecommender._similarity else None

    def _item_similarity(self, U, V):
        """Similarity of items to items, (n, m): the cosine of their vectors."""
        return outer(self._item_directions(U), self._item_directions(V))

    def _item_directions(self, V):
        """Vectors of items of length 1, of what tells of their likeness."""
        return unit_rows(V)

    def _likeness(self, V):
        """Vectors whose inner products are the similarities of items, or None."""
        ours = type(self)._item_similarity is BaseRecommender._item_similarity
        return self._item_directions(V) if ours else None

    def _mean_user(self, R):
        """Vector (1, d) of a user of whom nothing is known."""
        return self.user_factors_[np.diff(R.indptr) > 0].mean(axis=0)[None]

    def _reweighted(self, U, weights):
        """Vectors of users (n, d) under other weights of the modalities."""
        raise ValueError(
            f"modality_weights must be asked of a model whose score is a sum over the "
            f"modalities, such as ContentRecommender('cosine'); got "
            f"{type(self).__name__}, {self._why_not_additive}; set the weights of the "
            f"fusion before it, and fit again."
        )

    # -- fit --------------------------------------------------------------------------

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn from events.

        Parameters
        ----------
        X : Interactions, or data frame or array of shape (n_events, 2 + n_features)
            Of a frame, the first two columns are user and item, further ones numbers
            that describe the item of that row.
        y : ignored
            Present for the conventions of scikit-learn.

        Returns
        -------
        self : estimator

        Raises
        ------
        ValueError
            If there are no events, or none with a positive rating.
        """
        self._validate_params()
        drop_indexes(self)
        X = self._check(X, reset=True)
        if len(X) == 0:
            raise ValueError(
                "X must hold at least one event; got 0 of them (0 sample(s)); "
                "check the filter or the split that made it."
            )
        seen = self._index(X)
        likes = self._likes(seen)
        if likes.nnz == 0:
            raise ValueError(
                f"X must hold an event with a rating above 0; got {len(X)} events with "
                f"none; ratings of 0 and less mean that the item was not liked."
            )
        if self._ordered:
            self._has_times, self._end = X.has_time, 0.0
            times = self._times_of(X)
            self.times_ = last_times(*self._codes_of(X), times, seen.shape)
            self.likes_times_, self._end = kept(self.times_, seen.data > 0), times.max()
        with self._fit_task(X, X.weights):
            with finite_numbers(self):
                self._learn(X, likes)
            vars(self).pop("likes_times_", None)
            self.seen_ = seen
        return self

    def _learn(self, X, likes):
        """Set the factors, from events and from what the tables say of the rest."""
        features = _features_of_all(X, likes.shape)
        self.blocks_ = {on: getattr(f, "blocks", {}) for on, f in features.items()}
        if self.closed_form:
            self._features = features  # for another fit, see `forget`
        self._fit(likes, features["items"], features["users"])
        self._complete(likes, features)

    def _complete(self, likes, features):
        """Set what follows from the factors of the users and items with likes."""
        self._learn_maps(likes, features["items"], features["users"])
        self.mean_user_ = self._mean_user(likes)
        self._place_cold(likes, features)

    def _ended(self, attributes):
        model, X = copy.copy(self), self._told["X"]
        vars(model).update(super()._ended(attributes))
        for name in FACTORS.values():  # vectors of the cold are written into them
            setattr(model, name, getattr(model, name).copy())
        model.seen_ = model._index(X)
        likes = model._likes(model.seen_)
        model._complete(likes, _features_of_all(X, likes.shape))
        return vars(model)

    def _index(self, X):
        """Learn the ids of users and items; events as csr (n_users, n_items)."""
        self.user_vocabulary_, users = _compact(
            X.user_vocabulary, X.user_codes, X.n_described("users")
        )
        self.item_vocabulary_, items = _compact(
            X.item_vocabulary, X.item_codes, X.n_described("items")
        )
        weights = X.weights
        # the unit of ratings does not matter: an average event weighs 1
        positive = weights[weights > 0].astype(np.float64)
        self.mean_weight_ = positive.mean() if len(positive) else 1.0
        shape = (len(self.user_vocabulary_), len(self.item_vocabulary_))
        self._likes_by_user = likes_by_user(users[X.user_codes], weights, shape[0])
        self._removed = []  # ids of items, see `remove_items`
        self._listed = np.zeros(shape[1], dtype=bool)
        if self.columns_ is not None:  # the content of a frame stands in its events
            self._listed[: X.n_described("items")] = True
        return count_events(users[X.user_codes], items[X.item_codes], weights, shape)

    def _likes(self, seen):
        """Entries above zero, relative to the mean: a dislike teaches no taste."""
        likes = kept(seen, seen.data > 0)
        likes.data = likes.data / np.float32(self.mean_weight_)
        return likes

    def _times_of(self, X):
        """Times of events as float64; where unknown, in order after those of `fit`."""
        if not (X.has_time and self._has_times):
            return self._end + 1 + np.arange(len(X), dtype=np.float64)
        times = X.time
        if times.dtype.kind == "M":
            times = times.astype("datetime64[us]").astype(np.int64)
        return times.astype(np.float64)

    def _codes_of(self, X):
        """Codes of the users and items of events, by the vocabularies of the model."""
        return (
            self.user_vocabulary_.recode(X.user_vocabulary, X.user_codes),
            self.item_vocabulary_.recode(X.item_vocabulary, X.item_codes),
        )

    def _place_cold(self, R, features):
        """Give the users and items without a liking the vectors of new ones."""
        for on, axis in (("users", 1), ("items", 0)):
            cold = np.flatnonzero(R.count_nonzero(axis=axis) == 0)
            if len(cold):
                self._put(on, cold, self._new_vectors(features[on], cold, on))

    def _put(self, on, rows, vectors):
        factors = getattr(self, FACTORS[on])
        if isinstance(factors, np.ndarray):
            factors = factors.copy()  # see `_atomic.py` and `_retrieval.py`
        setattr(self, FACTORS[on], put(factors, rows, vectors))

    def _check(self, X, reset):
        """`X` as Interactions; a frame or array goes through scikit-learn's checks."""
        if isinstance(X, Interactions):
            if reset:
                self.n_features_in_, self.columns_ = X.shape[1], X.names
                vars(self).pop("feature_names_in_", None)  # of an earlier frame
            return X
        if reset:
            self.columns_ = None
        elif self.columns_ is not None:
            return self._check_pairs(X)
        if is_frame(X):
            check_table(X, "X")
        elif is_table(X):
            raise TypeError(
                f"X must be an Interactions, a data frame or an array; got "
                f"{type(X).__name__}; write Interactions(X)."
            )
        else:
            check_rows(X, "X")
        X = validate_data(
            self,
            X,
            reset=reset,
            dtype=None,
            ensure_min_features=2 if reset else 1,
            skip_check_array=is_frame(X),
        )
        return check_interactions(X)

    def _columns_in(self, X):
        """Names of the columns of the Interactions of `fit`; two are optional."""
        known = column_names(X)
        return {
            role: name
            for role, name in self.columns_.items()
            if role in ("user", "item") or name in known
        }

    def _check_pairs(self, X):
        """Events from what holds pairs: by the names of `fit`, or the first two."""
        if isinstance(X, Interactions):
            return X
        if is_table(X):
            check_table(X, "the events")
        else:
            check_rows(X, "The events")
            if np.ndim(X) != 2:
                raise TypeError(
                    f"Events must be a table of user and item; got {type(X).__name__} "
                    f"of {np.ndim(X)} dimensions; write {{'user': [...], 'item': "
                    f"[...]}} with the names of fit."
                )
            return check_interactions(check_array(X, dtype=None)[:, :2])
        if self.columns_ is not None:
            return Interactions(X, **self._columns_in(X))
        return check_interactions(select(X, column_names(X)[:2]))

    # -- predict ----------------------------------------------------------------------

    def predict(self, X: Any) -> NDArray[np.float64]:
        """Score of the user and the item of each event.

        Parameters
        ----------
        X : Interactions, data frame or array
            An item that `fit` has not seen is scored by its content in `X`, a user by
            its features in `X`; without any, as the mean user, or an item of which
            nothing is known.

        Returns
        -------
        scores : ndarray of float64 of shape (n_events,)
            Higher is better; comparable for one user, not between models.
        """
        check_is_fitted(self)
        X = self._check(X, reset=False)
        (U, users), (V, items) = self._sides(X)
        scores = np.empty(len(X))
        for rows in blocks_of_rows(len(X), width(U) + width(V)):
            scores[rows] = self._similarity(U[users[rows]], V[items[rows]], paired)
        return scores

    def _sides(self, X):
        """Vectors (n, d) of the users in events, each once, and the row of each event.

        Returns
        -------
        users, items : tuple of (vectors, rows)
        """
        return self._side(X, "users"), self._side(X, "items")

    def _side(self, X, on):
        codes, known, rows = self._distinct(X, on)
        vectors = take(getattr(self, FACTORS[on]), known)
        new = known < 0
        if new.any():
            fresh = self._new_vectors(features_of(X, on), codes[new], on)
            vectors = put(vectors, new, fresh)
        return vectors, rows

    def _distinct(self, X, on):
        """Distinct codes of events, those of fit for them or -1, each event's row."""
        vocabulary, codes = X.coded(on)
        codes, rows = np.unique(codes, return_inverse=True)
        return codes, getattr(self, VOCABULARIES[on]).recode(vocabulary, codes), rows

    def _new_vectors(self, features, codes, on):
        """Vectors of rows of features that `fit` has no events of."""
        features = self._new_features(features, codes, on)
        if on == "items":
            return self._item_vectors(features)
        unknown = ~features.present.any(axis=1)
        return put(self._user_vectors(features), unknown, self.mean_user_)

    def _new_features(self, features, codes, on):
        """Features of what `fit` has not seen, in the blocks that it saw."""
        blocks = self.blocks_[on]
        check_size(features, on)
        if not blocks or features is None:
            return FeatureTable.missing(len(codes), blocks)
        if features.blocks != blocks:
            raise ValueError(
                f"The features of {on} must be those of fit, {blocks}; got "
                f"{features.blocks}; transform both with the same fitted fusion."
            )
        return features.take(np.where(codes < len(features), codes, -1))

    # -- recommend --------------------------------------------------------------------

    def recommend(
        self,
        users: ArrayLike,
        k: int = 10,
        *,
        history: Any = None,
        candidates: ArrayLike | None = None,
        exclude_seen: bool = True,
        modality_weights: Mapping[str, float] | None = None,
        retriever: Any = "exact",
        return_scores: bool = False,
    ) -> Any:
        """The k items that suit each user best.

        Parameters
        ----------
        users : array-like of shape (n_users,)
            Ids. Those that `fit` has not seen are served from `history`, and without
            one as the mean user.
        k : int, default=10
            Length of the lists.
        history : Interactions, data frame or array, default=None
            Events since `fit`, also of new users; the users in it are folded in. Of a
            frame, the columns that have the names of `fit` count; after a fit on a
            frame, the first two.
            Items that `fit` has not seen are passed over.
        candidates : array-like of shape (n_candidates,), default=None
            Ids of the items to choose from, such as those in stock; None is all.
        exclude_seen : bool, default=True
            Leave out what the user has already had.
        modality_weights : dict of {str: float}, default=None
            Factors of the modalities in the score, without another fit, such as
            ``{"image": 2, "text": 0}``; one left out counts as it does. Only where the
            score is a sum over the modalities.
        retriever : str or retriever, default="exact"
            How the best items are found among many: by all products, or by an index
            that misses some, ``"faiss"``, ``"usearch"``, that of another package or
            such as ``FaissRetriever("IVF1024,Flat")``. It is built at the first call,
            kept beside the model, and brought up to date after changes. `candidates`
            are always ranked exactly.
        return_scores : bool, default=False
            Return the scores too.

        Returns
        -------
        items : ndarray of shape (n_users, k)
            Ids, best first. Where a user has fewer than k items left, the row ends
            with None in an array of objects.
        scores : ndarray of float32 of shape (n_users, k)
            Only if `return_scores`; NaN where there is no item.

        Raises
        ------
        ValueError
            If k is not between 1 and the size of the catalogue, a candidate is not in
            the catalogue, the model cannot weigh modalities anew, or its score is no
            inner product and `retriever` not exact.
        TypeError
            If `users` is a single id.

        See Also
        --------
        skmmrec.retrieval_recall : What an index misses.

        Examples
        --------
        >>> from skmmrec import Interactions, PopularityRecommender
        >>> X = Interactions({"user": [1, 1, 2, 2, 3], "item": list("abbcb")})
        >>> PopularityRecommender().fit(X).recommend([1, 3], k=1).tolist()
        [['c'], ['a']]
        """
        check_is_fitted(self)
        users = check_id_list(users, "users")
        check_flag(exclude_seen, "exclude_seen")
        known = self.user_vocabulary_.ids
        if history is None and are_unlike(users, known):
            warnings.warn(
                f"users must be ids as in fit, such as {known.tolist()[0]!r}; got "
                f"{users.tolist()[0]!r}: served as new users; convert the ids.",
                stacklevel=2,
            )
        codes, scores = self._rank(
            users,
            k,
            history,
            self._candidate_codes(candidates),
            exclude_seen,
            modality_weights,
            retriever,
        )
        items = self.item_vocabulary_.decode(codes)
        return (items, scores) if return_scores else items

    def _candidate_codes(self, candidates):
        if candidates is None:
            return None
        candidates = check_id_list(candidates, "candidates")
        codes = self.item_vocabulary_.codes(candidates)
        if (codes < 0).any():
            raise ValueError(
                f"candidates must be items of the catalogue; got "
                f"{candidates[codes < 0].tolist()[0]!r} "
                f"({(codes < 0).sum()} unknown); "
                f"leave these out, or fit with them in the item table."
            )
        return np.unique(codes)

    def _rank(
        self,
        users,
        k,
        history,
        candidates,
        exclude_seen,
        modality_weights=None,
        retriever="exact",
    ):
        """Codes and scores (n_users, k) of the best items of users given by id."""
        retriever = as_retriever(retriever)
        n_items = len(self.item_vocabulary_)
        check_k(k, n_items)
        if candidates is not None and not len(candidates):  # nothing is in stock
            return np.full((len(users), k), -1), np.full((len(users), k), np.nan, "f4")
        U, seen = self._tastes(users, history, modality_weights)
        seen = seen if exclude_seen else []
        if retriever is None or candidates is not None:
            return self._top(U, k, seen, candidates)
        return self._top_found(retriever, U, k, seen)

    def _tastes(self, users, history=None, modality_weights=None):
        """Vectors of users given by id, and what they have seen: [csr (n, n_items)]."""
        codes = self.user_vocabulary_.codes(users)
        seen = [rows_of(self.seen_, codes)]
        U = self._users(codes)
        if history is not None:
            news, times = self._history_matrix(users, history)
            moved = np.flatnonzero(np.diff(self._likes(news).indptr))
            if len(moved):
                H = merged(seen[0][moved], news[moved])
                if self._ordered:
                    known = rows_of(self.times_, codes[moved])
                    times = merged(known, times[moved], last_times)
                U = put(U, moved, self._vectors_of_histories(H, times))
            seen.append(news)
        if modality_weights is not None:
            U = self._reweighted(U, modality_weights)
        return U, seen

    def _users(self, codes):
        """Vectors of users by code, those of the mean user for -1."""
        return put(take(self.user_factors_, codes), codes < 0, self.mean_user_)

    def _vectors_of_histories(self, seen, times):
        """Vectors (n, d) of users folded in from events, and their times, both csr."""
        likes = self._likes(seen)
        if not self._ordered:
            return self._fold_in(likes)
        return self._fold_in_ordered(likes, kept(times, seen.data > 0))

    def _history_matrix(self, users, history):
        """Events of users with known items, and their times: csr (n_users, n_items)."""
        X = self._check_pairs(history)
        rating = (self.columns_ or {}).get("rating")
        if rating and X.names["rating"] is None and X.shape[1] > 2:
            warnings.warn(
                f"history must have the column {rating!r} of fit; got "
                f"{list(X.columns)}: every event counts as an average like.",
                stacklevel=5,
            )
        asked = Vocabulary(encode(users, "users")[0], "users")
        rows = asked.recode(X.user_vocabulary, X.user_codes)
        items = self.item_vocabulary_.recode(X.item_vocabulary, X.item_codes)
        use = (rows >= 0) & (items >= 0)
        shape = (len(asked), len(self.item_vocabulary_))
        weights = X.weights[use]
        if X.names["rating"] is None:
            weights = weights * np.float32(self.mean_weight_)  # each an average event
        pairs, order = (rows[use], items[use]), asked.codes(users)
        matrix = count_events(*pairs, weights, shape)[order]
        if not self._ordered:
            return matrix, None
        return matrix, last_times(*pairs, self._times_of(X)[use], shape)[order]

    def _top(self, U, k, seen, candidates):
        """Blocked exact ranking for vectors of users, without the entries of `seen`."""
        V = self.item_factors_ if candidates is None else self.item_factors_[candidates]
        V = for_products(V)
        if candidates is not None:
            seen = [matrix[:, candidates] for matrix in seen]
        cut = isinstance(V, np.ndarray)

        def score(rows, columns):
            had = [matrix[rows, columns] for matrix in seen]
            return self._scores(U[rows], V[columns] if cut else V, had)

        codes, scores = top_k_of_blocks(
            score, U.shape[0], V.shape[0], k, cut_columns=cut
        )
        if candidates is not None:
            codes = np.where(codes < 0, -1, candidates[codes])
        return codes, scores

    def _scores(self, U, V, seen):
        """Scores (n, m) of users against items, -inf for what was seen."""
        block = self._similarity(U, V, outer)
        for matrix in seen:
            block[positions(matrix)] = -np.inf
        return block

    def similar_items(
        self,
        items: ArrayLike,
        k: int = 10,
        *,
        retriever: Any = "exact",
        return_scores: bool = False,
    ) -> Any:
        """The k items most similar to each given one, itself left out.

        Parameters
        ----------
        items : array-like of shape (n,)
            Ids of items of the catalogue.
        k : int, default=10
        retriever : str or retriever, default="exact"
            As in `recommend`, with an index of its own.
        return_scores : bool, default=False

        Returns
        -------
        similar : ndarray of shape (n, k)
            Ids, most similar first.
        scores : ndarray of float32 of shape (n, k)
            Only if `return_scores`.

        Raises
        ------
        ValueError
            If an item is not in the catalogue, k not between 1 and the number of other
            items, or similarity no inner product and `retriever` not exact.
        """
        check_is_fitted(self)
        items = check_id_list(items, "items")
        codes = self.item_vocabulary_.codes(items)
        if (codes < 0).any():
            raise ValueError(
                f"items must be in the catalogue; got "
                f"{items[codes < 0].tolist()[0]!r}; add it, with add_items."
            )
        check_k(k, len(self.item_vocabulary_) - 1)
        retriever = as_retriever(retriever)
        if retriever is None:
            similar, scores = self._similar(codes, k)
        else:
            similar, scores = self._similar_found(retriever, codes, k)
        similar = self.item_vocabulary_.decode(similar)
        return (similar, scores) if return_scores else similar

    def _similar(self, codes, k):
        """Codes and scores (n, k) of the items most similar to others, exactly."""
        V = self.item_factors_
        return self._most_similar(V[codes], V, k, codes)

    def _most_similar(self, asked, V, k, without=None):
        """Rows of V and scores (n, k) for vectors of items, each `without` one row."""
        V = for_products(V)
        cut = isinstance(V, np.ndarray)

        def score(rows, columns):
            block = self._item_similarity(asked[rows], V[columns] if cut else V)
            if without is not None:
                places = without[rows] - columns.start
                mine = np.flatnonzero((places >= 0) & (places < block.shape[1]))
                block[mine, places[mine]] = -np.inf
            return block

        return top_k_of_blocks(score, asked.shape[0], V.shape[0], k, cut_columns=cut)

    def score(self, X: Any, y: Any = None) -> float:
        """NDCG@10 of the users in `X`: the whole catalogue ranked, seen items left out.

        Parameters
        ----------
        X : Interactions, data frame or array
            Held-out events.
        y : ignored

        Returns
        -------
        score : float in [0, 1]
        """
        from skmmrec.metrics import get_scorer  # metrics build upon recommenders

        return get_scorer("ndcg@10")(self, X)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.estimator_type = "recommender"
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        return tags
