"""What item-item models share: a user is a history, an item its weights.

score(u, i) = Σ_j h_uj w_ji over the history h_u. So the vector of a user is the history
itself, and that of item i the column w_·i: neither hangs on who else is served.
"""

import numpy as np
import scipy.sparse as sp

from skmmrec._base import BaseRecommender
from skmmrec._vectors import stack
from skmmrec.recommenders._content_space import ContentNeighbors

# Items that a stranger is taken to have had: the most popular ones.
MEAN_HISTORY = 100

# Neighbours by content that place what is new.
N_NEIGHBORS = 20


def rows_summing_to_one(matrix):
    """Rows of a non-negative csr matrix divided by their sum; empty ones stay."""
    totals = np.asarray(matrix.sum(axis=1)).ravel()
    totals[totals == 0] = 1
    return sp.csr_array(sp.diags_array(1 / totals) @ matrix)


def _mean_largest(factors, rows):
    """Mean of the largest weight of each of the rows."""
    largest = factors[rows].max(axis=1)
    largest = largest.toarray() if sp.issparse(largest) else largest
    return max(float(largest.mean()), np.finfo(np.float32).tiny)


class ItemItemRecommender(BaseRecommender):
    """score(u, i) = Σ_j h_uj w_ji; a subclass writes `_weights(R, items)`.

    That returns the w_ji, (n_items, n_items), csr or dense. What is new is placed by
    content: an item has the mean weights of the known items nearest to it, to which
    these items are added, with the weight of a strong neighbour, and in a history they
    stand in for it; a user has the mean history of the nearest users.
    """

    _why_not_additive = "whose weights come from events"

    def _fit(self, R, items, users):
        W = self._weights(R, items)
        self.item_factors_ = sp.csr_array(W.T) if sp.issparse(W) else W.T
        self.user_factors_ = self.histories_ = R
        warm_items, warm_users = (R.count_nonzero(axis=axis) > 0 for axis in (0, 1))
        self.strong_ = _mean_largest(self.item_factors_, np.flatnonzero(warm_items))
        self.item_neighbors_ = ContentNeighbors(items, warm_items, N_NEIGHBORS)
        self.user_neighbors_ = ContentNeighbors(users, warm_users, N_NEIGHBORS)
        self.stand_ins_ = sp.diags_array(warm_items.astype(np.float32), format="csr")
        if items is not None and not warm_items.all():
            cold = items.take(np.where(warm_items, -1, np.arange(len(items))))
            self.stand_ins_ += self._nearest_items(cold)

    def _nearest_items(self, items):
        return rows_summing_to_one(self.item_neighbors_(items))

    def _fold_in(self, H):
        return H @ self.stand_ins_

    def _mean_user(self, R):
        popularity = np.asarray(R.sum(axis=0), dtype=np.float32) / R.shape[0]
        head = np.sort(np.argsort(-popularity, kind="stable")[:MEAN_HISTORY])
        places = np.zeros(len(head), dtype=int), head
        return sp.csr_array((popularity[head], places), shape=(1, R.shape[1]))

    def _item_vectors(self, items):
        N = self._nearest_items(items)
        vectors = N @ self.item_factors_[: N.shape[1]] + N * np.float32(self.strong_)
        return vectors.astype(np.float32)

    def _added_items(self, items):
        self.stand_ins_ = stack([self.stand_ins_, self._nearest_items(items)])

    def _user_vectors(self, users):
        N = rows_summing_to_one(self.user_neighbors_(users))
        return sp.csr_array(N @ self.histories_).astype(np.float32)
