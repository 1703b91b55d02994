"""Events as sparse matrices: a pair that was seen stays stored, whatever its weight."""

import numpy as np
import scipy.sparse as sp


def count_events(users, items, weights, shape):
    """Summed weights of events, csr of float32; a pair that was seen stays stored."""
    matrix = sp.csr_array((weights, (users, items)), shape=shape)
    matrix.sum_duplicates()
    return matrix


def rows_of(matrix, codes):
    """Rows of a csr matrix; a code of -1 is an empty row."""
    known = codes >= 0
    rows = matrix[codes[known]]
    counts = np.zeros(len(codes), dtype=rows.indptr.dtype)
    counts[known] = np.diff(rows.indptr)
    indptr = np.concatenate([[0], np.cumsum(counts)])
    shape = (len(codes), matrix.shape[1])
    return sp.csr_array((rows.data, rows.indices, indptr), shape=shape)


def positions(matrix):
    """Row and column of every stored entry of a csr matrix."""
    return np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr)), matrix.indices
