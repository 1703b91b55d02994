"""Sparse graphs over items: which have been had together, which have like content."""

from copy import copy

import numpy as np
import scipy.sparse as sp

from skmmrec._sparse import count_events, largest_of_rows, positions
from skmmrec.data import FeatureTable
from skmmrec.ranking import blocks_of_rows
from skmmrec.recommenders._content_space import ContentNeighbors


def power(degrees, exponent):
    """degrees ** exponent, and 0 where the degree is 0; float32."""
    degrees = np.asarray(degrees, dtype=np.float64)
    result = np.zeros(len(degrees))
    np.power(degrees, exponent, out=result, where=degrees > 0)
    return result.astype(np.float32)


def scaled(matrix, rows, columns):
    """diag(rows) · matrix · diag(columns), csr."""
    row, column = positions(matrix)
    data = matrix.data * rows[row] * columns[column]
    return sp.csr_array((data, matrix.indices, matrix.indptr), shape=matrix.shape)


def pruned_product(A, B, n_edges):
    """The `n_edges` largest entries of each row of A·B, csr; made block by block."""
    parts = [
        largest_of_rows(sp.csr_array(A[rows] @ B), n_edges)
        for rows in blocks_of_rows(A.shape[0], B.shape[1])
    ]
    product = sp.csr_array(sp.vstack(parts, "csr")).astype(np.float32)
    product.sort_indices()
    return product


def ranks_back(H, times):
    """How many events of the same row came after each entry of H, (nnz,)."""
    row = positions(H)[0]
    order = np.lexsort((times.data, row))
    ranks = np.empty(len(row), dtype=np.int64)
    ranks[order] = H.indptr[row + 1] - 1 - np.arange(len(row))
    return ranks


class CoConsumption:
    """Edges between items that the same users had: P = B'B, B = D_u^-a R D_i^-b.

    D are the degrees of users and items, a and b exponents of theirs. With both 1/2 the
    eigenvalues of P lie between 0 and 1.

    Parameters
    ----------
    R : csr_array of shape (n_users, n_items)
    user_exponent, item_exponent : float
    """

    def __init__(self, R, user_exponent=0.5, item_exponent=0.5):
        users, items = R.sum(axis=1), R.sum(axis=0)
        self.B = scaled(R, power(users, -user_exponent), power(items, -item_exponent))

    def step(self, x):
        """x·P of dense rows (n, n_items), without P."""
        return (x @ self.B.T) @ self.B

    def edges(self, n_edges):
        """The largest edges out of each item, csr (n_items, n_items)."""
        return pruned_product(sp.csr_array(self.B.T), self.B, n_edges)


class Successions:
    """Edges from items to those that came soon after them in a history.

    An item that came g events later adds decay^(g - 1) to the edge there, and
    `backward` times that to the edge back, g = 1, ..., window. Edges are divided by the
    sums of those out of the one item and into the other, to the power of the exponent.

    Parameters
    ----------
    R, times : csr_array of shape (n_users, n_items)
    window : int
    decay, backward, item_exponent : float
    """

    def __init__(self, R, times, window, decay, backward, item_exponent=0.5):
        row, items = positions(R)
        order = np.lexsort((times.data, row))
        items, weights = items[order], np.sqrt(R.data[order])
        P = sp.csr_array((R.shape[1],) * 2, dtype=np.float32)
        for gap in range(1, window + 1):
            same = row[gap:] == row[:-gap]  # sorted by row already
            first, then = items[:-gap][same], items[gap:][same]
            value = (weights[:-gap] * weights[gap:])[same] * np.float32(
                decay ** (gap - 1)
            )
            P += count_events(first, then, value, P.shape)
        P = sp.csr_array(P + np.float32(backward) * P.T)
        out, into = (power(P.sum(axis=axis), -item_exponent) for axis in (1, 0))
        self.P = scaled(P, out, into)

    def step(self, x):
        """x·P of dense rows (n, n_items)."""
        return x @ self.P

    def edges(self, n_edges):
        """The largest edges out of each item, csr (n_items, n_items)."""
        return largest_of_rows(self.P, n_edges)


class LearnedEdges:
    """Edges that are given, dense: of a ridge regression."""

    def __init__(self, P):
        self.P = P

    def step(self, x):
        """x·P of dense rows (n, n_items)."""
        return x @ self.P

    def edges(self, n_edges):
        """The largest edges out of each item, above 0, csr (n_items, n_items)."""
        parts = [
            largest_of_rows(sp.csr_array(np.maximum(self.P[rows], 0)), n_edges)
            for rows in blocks_of_rows(*self.P.shape)
        ]
        return sp.csr_array(sp.vstack(parts, "csr"))


class ContentGraph:
    """Edges of one modality: to each item from the known ones nearest to it.

    An edge is the cosine, divided by the mean sum of the edges of an item. An item that
    lacks the modality has none.

    Parameters
    ----------
    items : FeatureTable
    name : str
        Modality.
    known : ndarray of bool of shape (n_items,)
        Items from which edges may come.
    n_neighbors : int

    Attributes
    ----------
    edges : csr_array of float32 of shape (n_items, n_items)
        Row i holds the neighbours of item i, itself left out.
    """

    def __init__(self, items, name, known, n_neighbors):
        self.name, self.place = name, list(items.blocks).index(name)
        table = self._modality(items)
        # itself is among the nearest
        near = ContentNeighbors(table, known, n_neighbors + 1)(table)
        row, column = positions(near)
        near.data[row == column] = 0
        near.eliminate_zeros()
        near = largest_of_rows(near, n_neighbors)
        sums = near.sum(axis=1)
        self.scale = np.float32(1 / sums[sums > 0].mean() if near.nnz else 1)
        self.edges = near * self.scale
        self.neighbors = ContentNeighbors(table, known, n_neighbors)

    def _modality(self, items):
        values = items.block(self.name)
        present = items.present[:, [self.place]]
        return FeatureTable(values, {self.name: slice(0, values.shape[1])}, present)

    def kept(self, mask):
        """The graph of the items under a mask alone."""
        graph = copy(self)
        graph.edges = self.edges[mask][:, mask]
        graph.neighbors = self.neighbors.kept(mask)
        return graph

    def __call__(self, items):
        """Edges of new items, csr (n, n_items)."""
        return self.neighbors(self._modality(items)) * self.scale
