"""Weights of events before rows are compared: cosine, TF-IDF, BM25, as implicit's."""

import numpy as np
import scipy.sparse as sp
from implicit.nearest_neighbours import all_pairs_knn
from joblib import effective_n_jobs
from sklearn.preprocessing import normalize
from threadpoolctl import threadpool_limits

from skmmrec._sparse import kept, largest_of_rows, positions
from skmmrec.ranking import blocks_of_rows

METRICS = ("cosine", "tfidf", "bm25", "euclidean")

# Saturation and length normalisation of BM25, as Robertson & Zaragoza (2009) advise.
K1, B = 1.2, 0.75


class NeighborWeights:
    """How alike rows of events are, for one metric; learned from all rows.

    Parameters
    ----------
    metric : {"cosine", "tfidf", "bm25", "euclidean"}
    rows : csr_array of shape (n, m)
        The rows to be compared; those of items have a column for each user.
    """

    def __init__(self, metric, rows):
        self.metric = metric
        n_with = np.bincount(rows.indices, minlength=rows.shape[1])
        # what everybody had tells nothing, and never less than nothing
        self.idf = np.maximum(np.log(max(rows.shape[0], 1)) - np.log1p(n_with), 1e-6)
        self.mean_length = max(float(rows.sum()) / max(rows.shape[0], 1), 1e-9)

    def __call__(self, rows):
        """Rows (n, m) whose inner products are the similarities, float64."""
        weighted = rows.astype(np.float64)
        idf = self.idf[rows.indices]
        if self.metric == "bm25":
            lengths = np.asarray(weighted.sum(axis=1)) / self.mean_length
            norm = (K1 * (1 - B + B * lengths))[positions(rows)[0]]
            weighted.data = weighted.data * (K1 + 1) / (norm + weighted.data) * idf
            return weighted
        if self.metric == "tfidf":
            weighted.data = np.sqrt(weighted.data) * idf
        return weighted if self._is_distance else normalize(weighted)

    def nearest(self, rows, n_neighbors, n_jobs):
        """Similarity of each row to its nearest others, csr (n, n), float32."""
        k = min(n_neighbors + 1, rows.shape[0])  # itself is one of them
        weighted = self(rows)
        if self._is_distance:
            found = self.to(rows, weighted, k)
        else:
            with threadpool_limits(1, "blas"):
                n_threads = effective_n_jobs(n_jobs)
                # of the columns; the result forgets the last ones if they are empty
                columns = sp.csr_matrix(weighted.T)
                found = all_pairs_knn(columns, k, n_threads, show_progress=False)
            shape = rows.shape[0], rows.shape[0]
            places = found.row, found.col
            found = sp.csr_array((found.data.astype(np.float32), places), shape=shape)
        row, column = positions(found)
        return kept(found, (row != column) & (found.data > 0))

    def to(self, asked, weighted, n_neighbors):
        """Similarity of rows (q, m) to the nearest of weighted rows, csr (q, n).

        Only rows that share an event with them count.
        """
        asked, transposed = self(asked), sp.csr_array(weighted.T)
        lengths = weighted.multiply(weighted).sum(axis=1) if self._is_distance else None
        parts = [
            largest_of_rows(
                self._similarity(asked[block], transposed, lengths), n_neighbors
            )
            for block in blocks_of_rows(asked.shape[0], weighted.shape[0])
        ]
        return sp.csr_array(sp.vstack(parts, "csr")).astype(np.float32)

    @property
    def _is_distance(self):
        return self.metric == "euclidean"

    def _similarity(self, rows, transposed, lengths):
        """Inner products, or 1 / (1 + d) from them for the Euclidean distance d."""
        products = sp.csr_array(rows @ transposed)
        if self._is_distance:
            row, column = positions(products)
            mine = np.ravel(rows.multiply(rows).sum(axis=1))[row]
            squared = mine + np.ravel(lengths)[column] - 2 * products.data
            products.data = 1 / (1 + np.sqrt(np.maximum(squared, 0)))
        products.sort_indices()
        return products
