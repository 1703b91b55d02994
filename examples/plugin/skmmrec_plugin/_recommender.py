"""Vectors of items from how often two of them are had by the same users."""

import numpy as np
from sklearn.linear_model import Ridge
from sklearn.utils.extmath import randomized_svd

from skmmrec import BaseRecommender


class CoOccurrenceRecommender(BaseRecommender):
    """Recommend what is near to the items of a user, by positive mutual information.

    The vectors of items are those of the largest singular values of
    max(0, log(n_ij n / (n_i n_j))), n_ij users with both, times their roots; a user is
    the mean of the items liked. New items are placed by a linear map of their content.

    Parameters
    ----------
    n_components : int, default=16
    random_state : int, RandomState instance or None, default=None

    References
    ----------
    Levy, Goldberg. "Neural Word Embedding as Implicit Matrix Factorization", NIPS 2014,
    section 5.
    """

    def __init__(self, n_components=16, random_state=None):
        self.n_components = n_components
        self.random_state = random_state

    def _fit(self, R, items, users):
        likes = (R > 0).astype(np.float64)
        both = (likes.T @ likes).tocoo()
        counts = likes.sum(axis=0)
        information = both.data * likes.shape[0] / counts[both.row] / counts[both.col]
        both.data = np.log(np.maximum(information, 1))
        k = min(self.n_components, R.shape[1])
        V, values, _ = randomized_svd(both.tocsr(), k, random_state=self.random_state)
        self.item_factors_ = (V * np.sqrt(values)).astype(np.float32)
        self.user_factors_ = self._fold_in(R)

    def _learn_maps(self, R, items, users):
        self.map_ = None
        if items is not None and items.shape[1]:
            liked = R.count_nonzero(axis=0) > 0
            self.map_ = Ridge().fit(items.values[liked], self.item_factors_[liked])

    def _fold_in(self, H):
        sizes = np.maximum(H.sum(axis=1), 1e-12)[:, None]
        return (H @ self.item_factors_ / sizes).astype(np.float32)

    def _item_vectors(self, items):
        if self.map_ is None:
            return super()._item_vectors(items)
        return self.map_.predict(items.values).astype(np.float32)
