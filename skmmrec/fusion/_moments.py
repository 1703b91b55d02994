"""Mean and covariance of a table over what is present, and rows by what they have."""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import eigh

from skmmrec._threads import one_blas_thread

# Rows that are held in float64 at a time.
CHUNK = 4096


def block_of(blocks):
    """Number of the block of each column, (d,)."""
    numbers = np.empty(max(columns.stop for columns in blocks.values()), dtype=int)
    for number, columns in enumerate(blocks.values()):
        numbers[columns] = number
    return numbers


def patterns(present):
    """Each pattern of presence, (n_modalities,) bool, and the rows that have it."""
    distinct, number = np.unique(present, axis=0, return_inverse=True)
    number = number.ravel()
    for i, pattern in enumerate(distinct):
        yield pattern, np.flatnonzero(number == i)


@one_blas_thread
def leading(matrix, n):
    """The n largest eigenvalues of a symmetric matrix, descending, and vectors (d, n).

    The largest entry of a vector is positive, so that its sign is no accident.
    """
    d = len(matrix)
    values, vectors = eigh(matrix, subset_by_index=(d - n, d - 1))
    if len(values) < n:  # where many are equal, LAPACK may miss some of a subset
        values, vectors = (part[..., -n:] for part in eigh(matrix))
    values, vectors = values[::-1], vectors[:, ::-1]
    largest = np.abs(vectors).argmax(axis=0)
    return values, vectors * np.where(vectors[largest, np.arange(n)] < 0, -1, 1)


def _positive(covariance):
    """The nearest positive semi-definite matrix: negative eigenvalues become 0."""
    values, vectors = eigh(covariance)
    if values[0] >= 0:
        return covariance
    return (vectors * values.clip(0)) @ vectors.T


@dataclass(frozen=True, eq=False)
class Moments:
    """What `moments` found.

    Parameters
    ----------
    mean : ndarray of float64 of shape (d,)
        Over the rows that have the block.
    scale : ndarray of float64 of shape (d,)
        What brings the centred rows of a block to a mean squared length of 1, one
        number a block; 0 for a block that does not vary.
    covariance : ndarray of float64 of shape (d, d)
        Of the scaled blocks; positive semi-definite.
    """

    mean: np.ndarray
    scale: np.ndarray
    covariance: np.ndarray

    def standardize(self, table):
        """Centred and scaled rows, float32, 0 where a block is missing."""
        has = table.present[:, block_of(table.blocks)]
        Z = (table.values - self.mean.astype(np.float32)) * has
        return Z * self.scale.astype(np.float32)

    def project(self, values, columns, matrix):
        """Centred and scaled rows of the given columns times a matrix, float32.

        The product is taken in float64, so that a row does not depend on the others by
        the order of additions.
        """
        matrix = self.scale[columns, None] * matrix
        projected = np.empty((len(values), matrix.shape[1]), dtype=np.float32)
        for start in range(0, len(values), CHUNK):
            rows = slice(start, start + CHUNK)
            projected[rows] = (values[rows] - self.mean[columns]) @ matrix
        return projected


def moments(table):
    """Mean and covariance of the blocks on one scale, over what is present.

    An entry of the covariance is taken over the rows that have both blocks, and is 0
    where none has. Of entries over different rows the whole need not be positive
    semi-definite: it is brought to the nearest matrix that is.

    Two passes over the rows, of which few are held in float64; memory O(d²).

    Parameters
    ----------
    table : FeatureTable of shape (n, d)

    Returns
    -------
    moments : Moments
    """
    of, present = block_of(table.blocks), table.present
    together = present.T.astype(np.int64) @ present
    counts = np.maximum(together, 1)
    # missing blocks are zeros, which add nothing
    mean = table.values.sum(axis=0, dtype=np.float64) / counts.diagonal()[of]
    covariance = np.zeros((len(of), len(of)))
    for start in range(0, len(table), CHUNK):
        rows = slice(start, start + CHUNK)
        Z = (table.values[rows] - mean) * present[rows][:, of]
        covariance += Z.T @ Z
    covariance /= counts[of][:, of]
    variance = np.bincount(of, covariance.diagonal())
    # what is left of a constant after rounding is no variance
    varies = variance > 1e-13 * np.bincount(of, mean**2)
    scale = np.where(varies, 1 / np.sqrt(np.where(varies, variance, 1)), 0)[of]
    covariance *= scale[:, None] * scale
    if not present.all():
        covariance = _positive(covariance)
        covariance[scale == 0] = covariance[:, scale == 0] = 0  # not even rounding
    return Moments(mean, scale, covariance)
