"""Collaborative filtering by the nearest users."""

from numbers import Integral

import numpy as np
import scipy.sparse as sp

from skmmrec._base import BaseRecommender
from skmmrec._sklearn import Interval, StrOptions
from skmmrec.recommenders._content_space import ContentNeighbors
from skmmrec.recommenders._item_item import N_NEIGHBORS, rows_summing_to_one
from skmmrec.recommenders._neighbor_weights import METRICS, NeighborWeights


class UserKNNRecommender(BaseRecommender):
    """Recommend what users with a similar history had.

    score(u, i) = Σ_v s(u, v) r_vi over the `n_neighbors` nearest users v. A user is
    compared with those of `fit`; new events of these count without another fit. An item
    that nobody has had is placed by its content: those who had the nearest items count
    as having had it.

    Parameters
    ----------
    n_neighbors : int, default=100
        Number of nearest users that count for each user.
    metric : {"cosine", "tfidf", "bm25", "euclidean"}, default="cosine"
        How users are compared by what they had: the cosine of their histories; the same
        after popular items were weighed down (TF-IDF); inner products with the weights
        of BM25; or 1 / (1 + d) for the Euclidean distance d among users with common
        items, which favours short histories.
    n_jobs : int, default=None
        Number of threads; the result does not depend on it.

    Attributes
    ----------
    item_factors_ : csr_array of float32 of shape (n_items, n_users)
        Who had each item.
    user_factors_ : csr_array of float32 of shape (n_users, n_users)
        Similarity of each user to the nearest ones.
    item_vocabulary_, user_vocabulary_ : Vocabulary
        Ids of the rows of these matrices.
    seen_ : csr_array of shape (n_users, n_items)
        Summed weights of the events of `fit`.

    See Also
    --------
    ItemKNNRecommender : By the nearest items; faster where there are more users.

    References
    ----------
    Herlocker, Konstan, Borchers, Riedl. "An Algorithmic Framework for Performing
    Collaborative Filtering", SIGIR 1999, equation 1 (without the means, which events
    without ratings do not have).

    Examples
    --------
    >>> from skmmrec import Interactions, UserKNNRecommender
    >>> X = Interactions({"user": [1, 1, 2, 2, 3], "item": list("abab") + ["a"]})
    >>> UserKNNRecommender().fit(X).recommend([3], k=1).tolist()
    [['b']]
    """

    closed_form = True
    _why_not_additive = "which compares users by events"
    _parameter_constraints = {
        "n_neighbors": [Interval(Integral, 1, None, closed="left")],
        "metric": [StrOptions(set(METRICS))],
        "n_jobs": [Integral, None],
    }

    def __init__(self, n_neighbors=100, metric="cosine", *, n_jobs=None) -> None:
        self.n_neighbors = n_neighbors
        self.metric = metric
        self.n_jobs = n_jobs

    def _fit(self, R, items, users):
        self.weights_ = NeighborWeights(self.metric, R)
        self.user_factors_ = self.weights_.nearest(R, self.n_neighbors, self.n_jobs)
        self.item_factors_ = sp.csr_array(R.T)
        self.histories_ = self.weights_(R)
        warm_items, warm_users = (R.count_nonzero(axis=axis) > 0 for axis in (0, 1))
        self.item_neighbors_ = ContentNeighbors(items, warm_items, N_NEIGHBORS)
        self.user_neighbors_ = ContentNeighbors(users, warm_users, N_NEIGHBORS)

    def _fold_in(self, H):
        H = H[:, : self.histories_.shape[1]]
        return self.weights_.to(H, self.histories_, self.n_neighbors)

    def _fold_in_items(self, C, items):
        return C[:, : self.item_factors_.shape[1]]

    def _mean_user(self, R):
        """Everybody is as near: the score of an item is its popularity."""
        return sp.csr_array(np.full((1, R.shape[0]), 1 / R.shape[0], dtype=np.float32))

    def _item_vectors(self, items):
        N = rows_summing_to_one(self.item_neighbors_(items))
        return sp.csr_array(N @ self.item_factors_[: N.shape[1]]).astype(np.float32)

    def _user_vectors(self, users):
        return self.user_neighbors_(users)
