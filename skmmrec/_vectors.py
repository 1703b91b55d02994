"""Vectors of users and items: a matrix that is dense, sparse, or several side by side.

A factorisation has dense vectors of some dozens of numbers. The vector of a user in an
item-item model is the history itself, as long as the catalogue and nearly all zeros:
a csr_array. A combination of recommenders has those of its members side by side, each
as it is. What `BaseRecommender` does with vectors goes through the functions here.
"""

import warnings

import numpy as np
import scipy.sparse as sp
from sklearn.preprocessing import normalize


class Blocks:
    """Matrices of the same rows side by side, each kept as it is.

    Parameters
    ----------
    parts : sequence of ndarray, csr_array or Blocks
        Of shape (n, d_1), (n, d_2), ...

    Attributes
    ----------
    parts : list
    shape : tuple of int
        (n, d_1 + d_2 + ...)
    """

    def __init__(self, parts):
        self.parts = list(parts)

    @property
    def shape(self):
        return self.parts[0].shape[0], sum(part.shape[1] for part in self.parts)

    def __len__(self):
        return self.shape[0]

    def __getitem__(self, rows):
        return Blocks(part[rows] for part in self.parts)

    def __array__(self, dtype=None, copy=None):
        parts = [p.toarray() if sp.issparse(p) else np.asarray(p) for p in self.parts]
        return np.hstack(parts).astype(dtype, copy=False)


def take(vectors, rows):
    """A copy of some rows, as float32; a row of -1 is any, and to be replaced."""
    if isinstance(vectors, Blocks):
        return Blocks(take(part, rows) for part in vectors.parts)
    if isinstance(vectors, np.ndarray) and not len(vectors):  # nobody is known
        return np.zeros((len(rows), vectors.shape[1]), dtype=np.float32)
    return vectors[rows].astype(np.float32, copy=False)


def put(vectors, rows, others):
    """The vectors with those of `rows` replaced, dense ones in place.

    `rows` is a mask or positions; `others` has a row for each, or one for all.
    """
    if isinstance(vectors, Blocks):
        pairs = zip(vectors.parts, others.parts)
        return Blocks(put(part, rows, other) for part, other in pairs)
    if not sp.issparse(vectors):
        vectors[rows] = others
        return vectors
    source = np.arange(vectors.shape[0])
    n_others = others.shape[0]
    source[rows] = vectors.shape[0] + (np.arange(n_others) if n_others > 1 else 0)
    return stack([vectors, others])[source]


def stack(parts):
    """Vectors one below the other, all of one kind."""
    if isinstance(parts[0], Blocks):
        return Blocks(map(stack, zip(*(part.parts for part in parts))))
    if sp.issparse(parts[0]):
        return sp.csr_array(sp.vstack([sp.csr_array(part) for part in parts], "csr"))
    return np.concatenate(parts)


def repeat(vector, n):
    """A matrix of one row, n times below itself."""
    return vector[np.zeros(n, dtype=int)]


def width(vectors):
    """How many numbers a row holds, on average."""
    if isinstance(vectors, Blocks):
        return sum(map(width, vectors.parts))
    if sp.issparse(vectors):
        return 1 + vectors.nnz // max(1, vectors.shape[0])
    return vectors.shape[1]


def for_products(vectors):
    """The same vectors, such that many products with their transpose are fast."""
    if isinstance(vectors, Blocks):
        return Blocks(map(for_products, vectors.parts))
    return vectors.tocsc() if sp.issparse(vectors) else vectors


def outer(U, V):
    """Inner products of all rows of U (n, d) with all rows of V (m, d): (n, m)."""
    if isinstance(U, Blocks):
        return sum(map(outer, U.parts, V.parts))
    products = U @ V.T
    return products.toarray() if sp.issparse(products) else products


def paired(U, V):
    """Inner products of the rows of U (n, d) with the same rows of V (n, d): (n,)."""
    if isinstance(U, Blocks):
        return sum(map(paired, U.parts, V.parts))
    if sp.issparse(U):
        return U.multiply(V).sum(axis=1, dtype=np.float64)
    if sp.issparse(V):
        return V.multiply(U).sum(axis=1, dtype=np.float64)
    return np.einsum("ij,ij->i", U, V, dtype=np.float64)


def unit_rows(vectors):
    """Rows divided by their length; a row of zeros stays."""
    if isinstance(vectors, Blocks):
        lengths = np.sqrt(paired(vectors, vectors))
        scale = np.divide(1, lengths, out=np.zeros_like(lengths), where=lengths > 0)
        scale = sp.diags_array(scale.astype(np.float32), format="csr")
        return Blocks(scale @ part for part in vectors.parts)
    if sp.issparse(vectors):
        return sp.csr_array(normalize(vectors))
    lengths = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))[:, None]
    return np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)


def warn_if_zero(factors, regularization):
    """Say that a penalty has left nothing of the factors of a fit, where it has."""
    if np.abs(factors).max(initial=0) < 1e-6:
        warnings.warn(
            f"All factors are zero: regularization={regularization} is too strong for "
            f"so few events; lower it.",
            stacklevel=5,
        )
