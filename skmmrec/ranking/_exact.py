"""Retrieval without an index: every product is computed."""

import numpy as np

from skmmrec.ranking._retriever import BaseRetriever
from skmmrec.ranking._topk import top_k_of_blocks


class ExactRetriever(BaseRetriever):
    """The exact rows of the largest inner products, by products block by block.

    Nothing is built, and nothing is missed. A million rows of 128 numbers take a few
    milliseconds a query and core where queries come together; one alone waits for
    memory. For less, take an index, and measure what it misses.

    Attributes
    ----------
    vectors_ : ndarray of float32 of shape (n, n_features)
    n_rows_ : int
        Number of rows.
    rows_ : ndarray of int of shape (n,)
        Row of each vector, -1 if it is outdated.

    See Also
    --------
    FaissRetriever, UsearchRetriever : Approximate, and faster for many rows.
    retrieval_recall : What these miss.

    Examples
    --------
    >>> from skmmrec import ExactRetriever
    >>> retriever = ExactRetriever().fit([[1.0, 0.0], [0.0, 1.0], [2.0, 2.0]])
    >>> retriever.search([[1.0, 0.0]], k=2)
    (array([[2, 0]]), array([[2., 1.]], dtype=float32))
    """

    def _build(self, vectors):
        self.vectors_ = vectors

    def _append(self, vectors):
        self.vectors_ = np.concatenate([self.vectors_, vectors])

    def _find(self, queries, k):
        def score(rows, columns):
            products = queries[rows] @ self.vectors_[columns].T
            products[:, self.rows_[columns] < 0] = -np.inf
            return products

        return top_k_of_blocks(
            score, len(queries), len(self.vectors_), k, cut_columns=True
        )
