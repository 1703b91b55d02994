"""Events as sparse matrices: a pair that was seen stays stored, whatever its weight."""

import numpy as np
import scipy.sparse as sp


def count_events(users, items, weights, shape):
    """Summed weights of events, csr of float32; a pair that was seen stays stored."""
    # implicit takes int32 alone, and scipy keeps what comes
    places = (np.asarray(users, np.int32), np.asarray(items, np.int32))
    matrix = sp.csr_array((weights, places), shape=shape)
    matrix.sum_duplicates()
    return matrix


def last_times(users, items, times, shape):
    """Time of the last event of each pair, csr; its places are those of the counts."""
    order = np.lexsort((times, items, users))
    users, items = users[order], items[order]
    is_last = np.append((np.diff(users) != 0) | (np.diff(items) != 0), True)
    is_last = is_last[: len(users)]
    columns = items[is_last]
    counts = np.bincount(users[is_last], minlength=shape[0])
    indptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    return sp.csr_array((times[order][is_last], columns, indptr), shape=shape)


def merged(first, second, reduce=count_events):
    """Two csr matrices as one, of the larger shape; `reduce` settles common places."""
    shape = tuple(map(max, first.shape, second.shape))
    places = zip(positions(first), positions(second))
    rows, columns = (np.concatenate(pair) for pair in places)
    return reduce(rows, columns, np.concatenate([first.data, second.data]), shape)


def kept(matrix, mask):
    """A csr matrix of the stored entries under a mask alone."""
    # implicit takes int32 alone, and scipy makes both index arrays as wide as one
    before = np.concatenate([[0], np.cumsum(mask)]).astype(matrix.indptr.dtype)
    places = (matrix.data[mask], matrix.indices[mask], before[matrix.indptr])
    return sp.csr_array(places, shape=matrix.shape)


def largest_of_rows(matrix, k):
    """The k largest entries of each row of a csr matrix; of equal ones the first."""
    mask = np.ones(matrix.nnz, dtype=bool)
    # a partition of each long row: a sort of all entries takes ten times as long
    for row in np.flatnonzero(np.diff(matrix.indptr) > k):
        place = slice(matrix.indptr[row], matrix.indptr[row + 1])
        values = matrix.data[place]
        last = np.partition(values, -k)[-k]
        mask[place] = values > last
        ties = matrix.indptr[row] + np.flatnonzero(values == last)
        mask[ties[: k - np.count_nonzero(mask[place])]] = True
    return kept(matrix, mask)


def resized(matrix, shape):
    """The csr matrix with empty rows and columns after its own."""
    added = np.repeat(matrix.indptr[-1:], shape[0] - matrix.shape[0])
    indptr = np.concatenate([matrix.indptr, added])
    return sp.csr_array((matrix.data, matrix.indices, indptr), shape=shape)


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
