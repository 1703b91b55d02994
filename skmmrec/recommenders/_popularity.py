"""The same list for everybody: the baseline that every other recommender must beat."""

import numpy as np

from skmmrec._base import BaseRecommender
from skmmrec.ranking import blocks_of_rows, top_k


class PopularityRecommender(BaseRecommender):
    """Recommend what most users had, less what this one has had already.

    The score of an item is the sum of the weights of its events, their number without
    ratings. An item that nobody
    has had scores 0, so that this baseline never finds a new item.

    Attributes
    ----------
    item_factors_ : ndarray of float32 of shape (n_items, 1)
        Popularity of each item.
    user_factors_ : ndarray of float32 of shape (n_users, 1)
        Ones.
    item_vocabulary_, user_vocabulary_ : Vocabulary
        Ids of the rows of these matrices.
    seen_ : csr_array of shape (n_users, n_items)
        Summed weights of the events of `fit`.

    See Also
    --------
    ContentRecommender : Finds new items by their content.

    References
    ----------
    Cremonesi, Koren, Turrin. "Performance of Recommender Algorithms on Top-N
    Recommendation Tasks", RecSys 2010 (TopPop).

    Examples
    --------
    >>> from skmmrec import Interactions, PopularityRecommender
    >>> X = Interactions({"user": [1, 1, 2, 3], "item": ["tea", "jam", "tea", "jam"]})
    >>> PopularityRecommender().fit(X).recommend([2], k=1).tolist()
    [['jam']]
    """

    closed_form = True
    _why_not_additive = "which looks at no content"

    def _fit(self, R, items, users):
        self.item_factors_ = np.asarray(R.sum(axis=0), dtype=np.float32)[:, None]
        self.user_factors_ = np.ones((R.shape[0], 1), dtype=np.float32)

    def _fold_in_items(self, C, items):
        return np.asarray(C.sum(axis=1), dtype=np.float32)[:, None]

    def _queries(self, U):
        return None  # `_top` is an index already

    def _item_similarity(self, U, V):
        # popularity knows nothing of likeness: the most popular others
        return np.repeat(V.T, len(U), axis=0)

    def _top(self, U, k, seen, candidates):
        """One ranking for all: a user's list is its head, without what was seen.

        Only as many places are looked at as a user can have seen, and k more.
        """
        popularity = self.item_factors_[:, 0]
        pool = np.arange(len(popularity)) if candidates is None else candidates
        n_seen = sum((np.diff(matrix.indptr) for matrix in seen), np.zeros(len(U), int))
        depth = min(len(pool), k + int(n_seen.max(initial=0)))
        head = pool[top_k(popularity[None, pool], depth)[0][0]]
        codes = np.full((len(U), k), -1, dtype=np.int32)
        scores = np.full((len(U), k), np.nan, dtype=np.float32)
        place = np.full(len(popularity), depth)
        place[head] = np.arange(depth)
        for rows in blocks_of_rows(len(U), depth + 1):
            block = np.tile(popularity[head], (rows.stop - rows.start, 1))
            block = np.pad(block, ((0, 0), (0, 1)), constant_values=-np.inf)
            for matrix in seen:
                part = matrix[rows]
                user = np.repeat(np.arange(len(block)), np.diff(part.indptr))
                block[user, place[part.indices]] = -np.inf
            first = np.argsort(np.isneginf(block), axis=1, kind="stable")[:, :k]
            best = np.take_along_axis(block, first, axis=1)
            gone = np.isneginf(best)
            found = head[np.minimum(first, depth - 1)]
            filled = found.shape[1]  # fewer than k where the pool is small
            codes[rows, :filled] = np.where(gone, -1, found)
            scores[rows, :filled] = np.where(gone, np.nan, best)
        return codes, scores
