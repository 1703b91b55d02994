"""Asked on the spot: what suits an unknown session, and what is like some content."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils.validation import check_is_fitted

from skmmrec.data import FeatureTable, Interactions
from skmmrec.data._feature_table import features_of
from skmmrec.data._tables import as_object_array, check_id_list, check_table
from skmmrec.ranking._topk import check_k

NAMES = {"user": "user", "item": "item"}  # for a model that was fitted on a frame


def as_queries(content, names):
    """A table of content as the item table of an `Interactions` without events."""
    if isinstance(content, Interactions):
        return content
    if not isinstance(content, FeatureTable):
        check_table(content, "content")
    user, item = ((names or NAMES)[role] for role in NAMES)
    nobody = Interactions({user: [], item: []}, user=user, item=item)
    return nobody.with_table("items", content)


class QueryMixin:
    """Recommendations for what is not in the model, for recommenders."""

    def recommend_for(self, items: ArrayLike, k: int = 10, **params: Any) -> Any:
        """The k items that suit a session, given by what is in it.

        For a visitor of whom nothing else is known, by whatever name: what `recommend`
        gives a new user with this `history`.

        Parameters
        ----------
        items : array-like of shape (n,)
            Ids, the latest last. Those that the model does not know are passed over;
            without any, it serves the mean user.
        k : int, default=10
            Length of the list.
        **params : dict
            `candidates`, `exclude_seen`, `modality_weights`, `return_scores` of
            `recommend`.

        Returns
        -------
        items : ndarray of shape (k,)
            Ids, best first.
        scores : ndarray of float32 of shape (k,)
            Only if `return_scores`.

        Examples
        --------
        >>> from skmmrec import Interactions, ItemKNNRecommender
        >>> items = ["tea", "mug", "jam", "bun"]
        >>> X = Interactions({"user": [1, 1, 2, 2], "item": items})
        >>> ItemKNNRecommender().fit(X).recommend_for(["jam"], k=1).tolist()
        ['bun']
        """
        check_is_fitted(self)
        items = check_id_list(items, "items")
        user, item = ((self.columns_ or NAMES)[role] for role in NAMES)
        visitor = object()  # no user has this id
        session = {user: as_object_array([visitor] * len(items)), item: items}
        history = Interactions(session, user=user, item=item)
        found = self.recommend([visitor], k, history=history, **params)
        return tuple(f[0] for f in found) if isinstance(found, tuple) else found[0]

    def similar_items_to(
        self,
        content: Any,
        k: int = 10,
        *,
        candidates: ArrayLike | None = None,
        return_scores: bool = False,
    ) -> Any:
        """The k items most like some content, such as "more like this photo".

        The content is placed as a new item's would be, and compared as in
        `similar_items`: a factorisation finds what the same users like, a
        `ContentRecommender` what looks and reads alike. Asked of a pipeline, which
        encodes it.

        Parameters
        ----------
        content : data frame, mapping, FeatureTable or Interactions
            A row for each question, with any of the columns that the fusion reads from
            the table of items; what is not given is missing. For a recommender without
            a fusion, the encoded features. Of an Interactions the item table counts.
        k : int, default=10
            Length of the lists.
        candidates : array-like of shape (n_candidates,), default=None
            Ids of the items to choose from; None is all.
        return_scores : bool, default=False
            Return the similarities too.

        Returns
        -------
        items : ndarray of shape (n, k)
            Ids, most similar first.
        scores : ndarray of float32 of shape (n, k)
            Only if `return_scores`.

        Raises
        ------
        ValueError
            If a row has no content that the model has learned from, a candidate is not
            in the catalogue, or k not between 1 and its size.

        Examples
        --------
        >>> from skmmrec import (
        ...     ContentRecommender, Interactions, MultimodalFusion, SparseTextEncoder,
        ...     make_pipeline
        ... )
        >>> items = {"item": [7, 8, 9], "title": ["red dress", "red tie", "tall mug"]}
        >>> X = Interactions({"user": ["ann"], "item": [7]}, items=items)
        >>> text = SparseTextEncoder(n_components=2, random_state=0)
        >>> fusion = MultimodalFusion([("text", text, "title")])
        >>> pipe = make_pipeline(fusion, ContentRecommender()).fit(X)
        >>> pipe.similar_items_to({"title": ["a big mug"]}, k=1)
        array([[9]])
        """
        check_is_fitted(self)
        X = as_queries(content, self.columns_)
        asked, described = self._placed(X)
        self._check_described(described)
        check_k(k, len(self.item_vocabulary_))
        among = self._candidate_codes(candidates)
        V = self.item_factors_ if among is None else self.item_factors_[among]
        codes, scores = self._most_similar(asked, V, k)
        if among is not None:
            codes = np.where(codes < 0, -1, among[codes])
        items = self.item_vocabulary_.decode(codes)
        return (items, scores) if return_scores else items

    def _placed(self, X):
        """Vectors of all rows of an item table, and which have content, (n,)."""
        rows = np.arange(X.n_described("items"))
        features = self._new_features(features_of(X, "items"), rows, "items")
        return self._item_vectors(features), features.present.any(axis=1)

    def _check_described(self, described):
        if not len(described):
            raise ValueError(
                "content must have a row for each question; got none; give the "
                "columns a value."
            )
        if not described.all():
            raise ValueError(
                f"content must hold in each row what {type(self).__name__} learned "
                f"from; got nothing of it in row {np.argmin(described)}; ask a "
                f"pipeline with a fusion, by columns that this one reads."
            )
