"""Features of items as vectors that can be compared, also with modalities missing."""

from copy import copy

import numpy as np
import scipy.sparse as sp

from skmmrec.data._feature_table import center
from skmmrec.fusion._base import check_weights
from skmmrec.ranking import top_k_of_blocks


def squares(rows):
    """Squared length of each row, (n,)."""
    return np.einsum("ij,ij->i", rows, rows)


def reweighted(U, blocks, weights):
    """Vectors (n, d) with the columns of each block times its weight, checked."""
    weights = check_weights(weights, list(blocks))
    U = U.copy()
    for name, columns in blocks.items():
        U[:, columns] *= weights[name]
    return U


class ContentSpace:
    """What a modality that is missing counts as: that of an average row.

    Its inner product with others is 0, its squared length the mean one of the modality:
    so that to be close over a few columns is not easier than over all.

    Parameters
    ----------
    table : FeatureTable
    centered : bool
        Move the features around their mean. The zeros of an average row say nothing of
        it only around the mean.

    Attributes
    ----------
    center_ : ndarray of float32 of shape (d,)
    typical_ : ndarray of float of shape (n_modalities,)
        Mean squared length of each block, over the rows that have it.
    """

    def __init__(self, table, centered):
        self.center_ = np.zeros(table.shape[1], dtype=np.float32)
        if centered:
            self.center_ = center(table)
        values = self.values(table)
        self.typical_ = np.array(
            [
                squares(values[has, columns]).mean() if has.any() else 0.0
                for columns, has in zip(table.blocks.values(), table.present.T)
            ]
        )

    def values(self, table):
        """Features (n, d) around the centre, 0 where a block is missing."""
        if not self.center_.any():
            return table.values
        values = table.values - self.center_
        for columns, has in zip(table.blocks.values(), table.present.T):
            values[~has, columns] = 0
        return values

    def values_and_squares(self, table):
        """Features, and squared length of each row, typical for missing blocks."""
        values = self.values(table)
        return values, squares(values) + ~table.present @ self.typical_

    def directions(self, table):
        """Features divided by the length of the row, (n, d); rows of zeros stay."""
        values, lengths = self.values_and_squares(table)
        lengths = np.sqrt(lengths)[:, None].astype(np.float32)
        return np.divide(values, lengths, out=np.zeros_like(values), where=lengths > 0)


class ContentNeighbors:
    """The nearest of known rows by content, for rows of which nothing else is known.

    Parameters
    ----------
    table : FeatureTable of n rows, or None
    known : ndarray of bool of shape (n,)
        Which rows may be neighbours.
    n_neighbors : int
    """

    def __init__(self, table, known, n_neighbors):
        self.n_rows, self.n_neighbors = len(known), n_neighbors
        self.space, self.rows = None, np.empty(0, dtype=int)
        if table is not None and table.shape[1]:
            self.rows = np.flatnonzero(known & table.present.any(axis=1))
        if len(self.rows):
            table = table.take(self.rows)
            self.space = ContentSpace(table, centered=True)
            self.vectors = self.space.directions(table)

    def kept(self, mask):
        """The same of the rows under a mask alone."""
        other = copy(self)
        other.n_rows, inside = np.count_nonzero(mask), mask[self.rows]
        other.rows = (np.cumsum(mask) - 1)[self.rows[inside]]
        if inside.any():
            other.vectors = self.vectors[inside]
        else:
            other.space = None
        return other

    def __call__(self, table):
        """Cosines to the nearest known rows, csr (m, n); only those above 0."""
        if self.space is None:
            return sp.csr_array((len(table), self.n_rows), dtype=np.float32)
        asked, V = self.space.directions(table), self.vectors
        k = min(self.n_neighbors, len(V))
        near, cosines = top_k_of_blocks(
            lambda rows, columns: asked[rows] @ V[columns].T,
            len(asked),
            len(V),
            k,
            cut_columns=True,
        )
        row = np.repeat(np.arange(len(asked)), k)
        close = cosines.ravel() > 0
        places = row[close], self.rows[near.ravel()[close]]
        shape = len(asked), self.n_rows
        return sp.csr_array((cosines.ravel()[close], places), shape=shape)
