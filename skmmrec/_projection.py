"""Fewer columns, one scale: the leading principal components of blocks."""

import numpy as np
from sklearn.decomposition import PCA

# This many rows settle the directions of some hundreds of columns.
MAX_ROWS = 50_000


class Projection:
    """Principal components, divided so that rows have a mean squared length of 1.

    One divisor for all columns: whitening would blow up the weakest directions.

    Parameters
    ----------
    rows : ndarray of shape (n, d)
        Where they are many, evenly spaced ones are learned from.
    width : int
        Number of components, at most; fewer where the rows allow no more, none where
        they do not vary.
    """

    def __init__(self, rows, width):
        rows = rows[:: max(1, len(rows) // MAX_ROWS)]
        if not len(rows) or not np.ptp(rows, axis=0).any():
            self.mean = np.zeros(rows.shape[1], dtype=np.float32)
            self.components = np.zeros((0, rows.shape[1]), dtype=np.float32)
            return
        # solves the d x d problem: rows may be many, columns are some hundreds
        pca = PCA(min(width, *rows.shape), svd_solver="covariance_eigh")
        pca.fit(rows.astype(np.float64))
        length = np.sqrt(pca.explained_variance_.sum())
        self.mean = pca.mean_.astype(np.float32)
        self.components = (pca.components_ / length).astype(np.float32)

    @property
    def width(self):
        """Number of columns of the result."""
        return len(self.components)

    def __call__(self, rows):
        """Project rows (n, d) to (n, width), float32."""
        if self.width == 1:
            # a matrix-vector product of BLAS depends on where a row lies in memory
            return np.einsum("ij,kj->ik", rows - self.mean, self.components)
        return (rows - self.mean) @ self.components.T


class BlockProjection:
    """The projection of each block of a `FeatureTable`, beside each other.

    Parameters
    ----------
    table : FeatureTable
        Each block is learned from the rows that have it.
    width : int
        Number of components of a block, at most.

    Attributes
    ----------
    projections : dict of {str: Projection}
    columns : list of slice
        Those of each block in the result.
    """

    def __init__(self, table, width):
        self.projections = {
            name: Projection(table.block(name)[has], width)
            for name, has in zip(table.blocks, table.present.T)
        }
        widths = [projection.width for projection in self.projections.values()]
        stops = np.cumsum(widths).tolist()
        self.columns = [slice(stop - w, stop) for stop, w in zip(stops, widths)]

    @property
    def width(self):
        """Number of columns of the result."""
        return self.columns[-1].stop if self.columns else 0

    def __call__(self, table):
        """Components (n, width), float32; 0 where a block is missing."""
        x = np.zeros((len(table), self.width), dtype=np.float32)
        for (name, projection), columns, has in zip(
            self.projections.items(), self.columns, table.present.T
        ):
            x[has, columns] = projection(table.block(name)[has])
        return x
