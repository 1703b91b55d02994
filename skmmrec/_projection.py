"""Fewer columns, one scale: the leading principal components of a block."""

import numpy as np
from sklearn.decomposition import PCA


class Projection:
    """Principal components, divided so that rows have a mean squared length of 1.

    One divisor for all columns: whitening would blow up the weakest directions.

    Parameters
    ----------
    rows : ndarray of shape (n, d)
    width : int
        Number of components, at most; fewer where the rows allow no more, none where
        they do not vary.
    """

    def __init__(self, rows, width):
        self.pca = None
        if len(rows) and np.ptp(rows, axis=0).any():
            width = min(width, *rows.shape)
            # solves the d x d problem: rows may be many, columns are some hundreds
            self.pca = PCA(width, svd_solver="covariance_eigh")
            self.pca.fit(rows.astype(np.float64))
            self.length = np.sqrt(self.pca.explained_variance_.sum())

    @property
    def width(self):
        """Number of columns of the result."""
        return 0 if self.pca is None else self.pca.n_components_

    def __call__(self, rows):
        """Project rows (n, d) to (n, width), float32."""
        if self.pca is None:
            return np.empty((len(rows), 0), dtype=np.float32)
        return (self.pca.transform(rows) / self.length).astype(np.float32)
