"""Recommendation by content alone."""

import warnings

import numpy as np

from skmmrec._base import BaseRecommender, outer

METRICS = ("cosine", "euclidean")


def _squared_lengths(values, blocks):
    """Squared length of each block of each row, (n, n_modalities)."""
    squares = [np.square(values[:, columns]).sum(axis=1) for columns in blocks]
    return np.stack(squares, axis=1)


class ContentRecommender(BaseRecommender):
    """Recommend items whose content is near to what the user liked.

    A user is the mean of the liked items, weighted by their events; items are ranked by
    their nearness to it. Learns nothing from other users, so that it finds new items as
    easily as old ones.

    Modalities that user and item do not both have take no part: the similarity is over
    the blocks they share.

    Parameters
    ----------
    metric : {"cosine", "euclidean"}, default="cosine"
        - `"cosine"`: x·y / (‖x‖‖y‖), 0 where nothing is shared;
        - `"euclidean"`: -‖x - y‖, scaled up to all blocks where only some are shared;
          where none is, minus the root of twice the mean squared length of the items,
          the expected distance of strangers.

    Attributes
    ----------
    item_factors_ : ndarray of float32 of shape (n_items, d + n_modalities)
        Features of each item, then 1 for each modality it has, 0 for the others.
    user_factors_ : ndarray of float32 of shape (n_users, d + n_modalities)
        The same for the mean of what each user liked.
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

    def __init__(self, metric="cosine"):
        self.metric = metric

    def _fit(self, R, items, users):
        if self.metric not in METRICS:
            raise ValueError(
                f"metric must be one of {METRICS}; got {self.metric!r}; choose one."
            )
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
        self.item_factors_ = self._item_vectors(items)
        lengths = np.square(items.values).sum(axis=1)[items.present.any(axis=1)]
        self.stranger_ = 2.0 * float(lengths.mean()) if len(lengths) else 1.0
        self.mean_user_ = self._mean_user(R)
        self.user_factors_ = self._fold_in(R)

    def _item_vectors(self, items):
        return np.hstack([items.values, items.present.astype(np.float32)])

    def _blocks(self):
        return list(self.blocks_["items"].values())

    def _profile(self, H):
        """Mean of each block over the liked items that have it, and which there are."""
        blocks = self._blocks()
        sums = np.asarray(H @ self.item_factors_, dtype=np.float32)
        weights = sums[:, -len(blocks) :]
        for columns, weight in zip(blocks, weights.T):
            sums[:, columns] /= np.where(weight > 0, weight, 1)[:, None]
        sums[:, -len(blocks) :] = weights > 0
        return sums

    def _fold_in(self, H):
        profile = self._profile(H)
        unknown = ~profile[:, -len(self._blocks()) :].any(axis=1)
        profile[unknown] = self.mean_user_
        return profile

    def _mean_user(self, R):
        return self._profile(R.sum(axis=0)[None])[0]

    def _similarity(self, U, V, product):
        blocks = self._blocks()
        n = len(blocks)
        U, has_u, V, has_v = U[:, :-n], U[:, -n:], V[:, :-n], V[:, -n:]
        shared = product(has_u, has_v)
        # squared lengths over the shared blocks only; absent blocks are zero in U and V
        uu = product(_squared_lengths(U, blocks), has_v)
        vv = product(has_u, _squared_lengths(V, blocks))
        uv = product(U, V)
        if self.metric == "cosine":
            lengths = np.sqrt(uu * vv)
            return np.divide(uv, lengths, out=np.zeros_like(uv), where=lengths > 0)
        square = np.maximum(uu - 2 * uv + vv, 0) * (n / np.maximum(shared, 1))
        return -np.sqrt(np.where(shared > 0, square, self.stranger_))

    def _item_similarity(self, U, V):
        return self._similarity(U, V, outer)
