"""Recommendation by content alone."""

import warnings

import numpy as np
import scipy.sparse as sp

from skmmrec._base import BaseRecommender
from skmmrec._sklearn import StrOptions
from skmmrec._vectors import outer, unit_rows
from skmmrec.recommenders._content_space import ContentSpace, reweighted, squares


class ContentRecommender(BaseRecommender):
    """Recommend items whose content is near to what the user liked.

    A user is the mean of the liked items, weighted by their events; items are ranked by
    their nearness to it. Learns nothing from other users, so that it finds new items as
    easily as old ones.

    A modality that an item lacks says nothing of it: it counts as that of an average
    item, which neither resembles the user nor differs. Its inner product with others is
    0, its squared length the mean one of that modality.

    Parameters
    ----------
    metric : {"cosine", "euclidean"}, default="cosine"
        x·y / (‖x‖‖y‖), or -‖x - y‖.

    Attributes
    ----------
    item_factors_ : ndarray of float32 of shape (n_items, d) or (n_items, d + 2)
        Features of each item, y / ‖y‖ for the cosine; (-2y, 1, ‖y‖²) for the distance,
        so that a product with a user's is the squared distance.
    user_factors_ : ndarray of float32 of the same width, for n_users
        x / ‖x‖ or (x, ‖x‖², 1), x the mean of what the user liked.
    item_vocabulary_, user_vocabulary_ : Vocabulary
        Ids of the rows of these matrices.
    seen_ : csr_array of shape (n_users, n_items)
        Summed weights of the events of `fit`.

    Raises
    ------
    ValueError
        In fit, if the items have no features.

    See Also
    --------
    ALSRecommender : Learns which content goes with which taste.

    References
    ----------
    Lops, de Gemmis, Semeraro. "Content-based Recommender Systems: State of the Art and
    Trends", Recommender Systems Handbook 2011, section 3.3.

    Examples
    --------
    >>> from skmmrec import ContentRecommender, Interactions, MultimodalFusion
    >>> items = {"item": ["tea", "jam", "bread"], "sweet": [0.1, 0.9, 0.8],
    ...          "drink": [0.9, 0.1, 0.0]}
    >>> X = Interactions({"user": [1], "item": ["jam"]}, items=items)
    >>> fusion = MultimodalFusion([("taste", "passthrough", ["sweet", "drink"])])
    >>> ContentRecommender().fit(fusion.fit_transform(X)).recommend([1], k=2).tolist()
    [['bread', 'tea']]
    """

    closed_form = True
    _why_not_additive = "whose distance is a root of a sum"
    _parameter_constraints = {"metric": [StrOptions({"cosine", "euclidean"})]}

    def __init__(self, metric="cosine") -> None:
        self.metric = metric

    def _fit(self, R, items, users):
        if items is None:
            raise ValueError(
                "ContentRecommender must have features of the items; got none; put a "
                "MultimodalFusion before it in the pipeline, or pass a frame with "
                "columns of numbers after user and item."
            )
        if items.shape[1] == 0:
            warnings.warn(
                "X must have columns of content after user and item; got none: every "
                "score is 0; add columns of numbers, or pass an Interactions.",
                stacklevel=3,
            )
        # distances do not change around the centre, and round off less
        self.space_ = ContentSpace(items, centered=self.metric == "euclidean")
        self.present_ = items.present
        self.lengths_ = self._lengths(items)
        self.item_factors_ = self._item_vectors(items)
        self.mean_user_ = self._mean_user(R)
        self.user_factors_ = self._fold_in(R)

    def _lengths(self, items):
        return np.sqrt(self.space_.values_and_squares(items)[1])

    def _item_vectors(self, items):
        """Vectors of items whose product with a user's is the score, or d²."""
        if self.metric == "cosine":
            return self.space_.directions(items)
        values, lengths = self.space_.values_and_squares(items)
        ones = np.ones(len(values))
        return np.column_stack([-2 * values, ones, lengths]).astype(np.float32)

    def _added_items(self, items):
        self.present_ = np.concatenate([self.present_, items.present])
        self.lengths_ = np.concatenate([self.lengths_, self._lengths(items)])

    def _liked(self, H):
        """Weighted sums of the features of each history, (n, d)."""
        if self.metric == "euclidean":
            return (H @ self.item_factors_[:, :-2]) / -2
        weights = H.data * self.lengths_[H.indices]
        scaled = sp.csr_array((weights, H.indices, H.indptr), H.shape)
        return scaled @ self.item_factors_

    def _profile(self, H):
        """Vectors (n, width) of users from histories, and whether there is any content.

        A block is averaged over the liked items that have it.
        """
        x = np.asarray(self._liked(H), dtype=np.float32)
        weights = H @ self.present_.astype(np.float32)
        for columns, weight in zip(self.blocks_["items"].values(), weights.T):
            x[:, columns] /= np.where(weight > 0, weight, 1)[:, None]
        if self.metric == "euclidean":
            vectors = np.column_stack([x, squares(x), np.ones(len(x), dtype=x.dtype)])
        else:
            vectors = unit_rows(x)
        return vectors, weights.any(axis=1)

    def _fold_in(self, H):
        vectors, known = self._profile(H)
        vectors[~known] = self.mean_user_
        return vectors

    def _mean_user(self, R):
        everything = sp.csr_array(R.sum(axis=0)[None])
        return self._profile(everything)[0]

    def _reweighted(self, U, weights):
        if self.metric == "euclidean":
            return super()._reweighted(U, weights)
        blocks = self.blocks_["items"]
        if isinstance(weights, dict) and not set(weights) & set(blocks) and weights:
            raise ValueError(
                f"modality_weights must name modalities that fusion has kept apart, "
                f"{list(blocks)}; got {list(weights)}; use method='concat' to keep all."
            )
        return reweighted(U, blocks, weights)

    def _similarity(self, U, V, product):
        if self.metric == "cosine":
            return product(U, V)
        return -np.sqrt(np.maximum(product(U, V), 0))

    def _queries(self, U):
        # a distance is an inner product too, but one by which a graph finds nothing
        return U if self.metric == "cosine" else None

    def _likeness(self, V):
        return V if self.metric == "cosine" else None

    def _item_similarity(self, U, V):
        if self.metric == "cosine":
            return outer(U, V)
        x = U[:, :-2] / -2
        return self._similarity(np.column_stack([x, U[:, -1], U[:, -2]]), V, outer)
