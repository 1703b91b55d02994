"""Exact top-k of a block of scores, and the size of a block."""

import numpy as np

# A block of scores of this many bytes fits the caches of today's machines well enough
# and bounds the memory of a ranking, whatever the number of users and items.
BLOCK_BYTES = 2**25


def check_k(k, n_items):
    """Refuse a length of list that is not between 1 and the size of the catalogue."""
    whole = isinstance(k, (int, np.integer)) and not isinstance(k, bool)
    if not whole or not 1 <= k <= n_items:
        raise ValueError(
            f"k must be a whole number from 1 to the number of items to choose from, "
            f"{n_items}; got {k!r}; ask for a list of a length in between."
        )


def blocks_of_rows(n_rows, n_columns, itemsize=4):
    """Slices of rows such that a block of scores stays within `BLOCK_BYTES`.

    Parameters
    ----------
    n_rows, n_columns : int
        Shape of the whole matrix, which is never made.
    itemsize : int, default=4
        Bytes of one score.

    Yields
    ------
    rows : slice
    """
    step = max(1, BLOCK_BYTES // max(1, n_columns * itemsize))
    for start in range(0, n_rows, step):
        yield slice(start, min(start + step, n_rows))


def top_k_of_blocks(score, n_rows, n_columns, k):
    """`top_k` of a matrix that is scored block by block.

    Parameters
    ----------
    score : callable
        Scores (n, n_columns) of a slice of rows; the result may be overwritten.
    n_rows, n_columns, k : int

    Returns
    -------
    columns : ndarray of int32 of shape (n_rows, k)
    best : ndarray of float32 of shape (n_rows, k)
    """
    columns = np.empty((n_rows, k), dtype=np.int32)
    best = np.empty((n_rows, k), dtype=np.float32)
    for rows in blocks_of_rows(n_rows, n_columns):
        columns[rows], best[rows] = top_k(score(rows), k)
    return columns, best


def top_k(scores, k):
    """The k best columns of each row, best first; of equal ones the first.

    Parameters
    ----------
    scores : ndarray of float32 of shape (n, m)
        -inf excludes a column.
    k : int

    Returns
    -------
    columns : ndarray of int32 of shape (n, k)
        -1 past the end where a row has fewer than k columns to offer.
    best : ndarray of float32 of shape (n, k)
        Their scores, NaN past the end.
    """
    n_columns = scores.shape[1]
    if k < n_columns:
        columns = _best(scores, k)
    else:
        columns = np.broadcast_to(np.arange(n_columns), scores.shape)
    best = np.take_along_axis(scores, columns, axis=1)
    order = np.lexsort((columns, -best), axis=1)
    columns = np.take_along_axis(columns, order, axis=1).astype(np.int32)
    best = np.take_along_axis(best, order, axis=1).astype(np.float32)
    empty = np.isneginf(best)
    columns[empty], best[empty] = -1, np.nan
    padding = ((0, 0), (0, max(0, k - n_columns)))
    return (
        np.pad(columns, padding, constant_values=-1),
        np.pad(best, padding, constant_values=np.nan),
    )


def _settle_ties(scores, columns, k):
    """Where several columns share the last place, keep the first of them, in place.

    A partition keeps any of them, which would make a result depend on the size of the
    block it was computed in.
    """
    last = np.take_along_axis(scores, columns, axis=1).min(axis=1)
    for row in np.flatnonzero(_is_tied(scores, columns, k) & np.isfinite(last)):
        better = np.flatnonzero(scores[row] > last[row])
        equal = np.flatnonzero(scores[row] == last[row])
        columns[row] = np.concatenate([better, equal[: k - len(better)]])


def _partition(scores, k):
    """The k best columns of each row, in any order; of equal ones any."""
    return np.argpartition(-scores, k - 1, axis=1)[:, :k]


def _best(scores, k):
    """The k best columns of each row, in any order; of equal ones the first.

    Among the maxima of groups of columns, the k-th largest is no larger than the k-th
    best score: so the k groups of the largest maxima hold the k best, and these alone
    are searched. √(m / k) columns a group make both searches equally long.
    """
    n, m = scores.shape
    size = int(np.sqrt(m / k))
    n_groups = m // size
    if n_groups < 4 * k:
        columns = _partition(scores, k)
        _settle_ties(scores, columns, k)
        return columns
    best = scores[:, : size * n_groups].reshape(n, size, n_groups).max(axis=1)
    groups = _partition(best, k)
    columns = groups[:, None] + n_groups * np.arange(size)[:, None]
    tail = np.broadcast_to(np.arange(size * n_groups, m), (n, m - size * n_groups))
    columns = np.hstack([columns.reshape(n, -1), tail])
    few = np.take_along_axis(scores, columns, axis=1)
    chosen = _partition(few, k)
    tied = _is_tied(few, chosen, k) | _is_tied(best, groups, k)
    columns = np.take_along_axis(columns, chosen, axis=1)
    settled = columns[tied]
    _settle_ties(scores[tied], settled, k)
    columns[tied] = settled
    return columns


def _is_tied(scores, columns, k):
    """Whether more columns than k share the last place of the k best, (n,)."""
    last = np.take_along_axis(scores, columns, axis=1).min(axis=1)
    return np.count_nonzero(scores >= last[:, None], axis=1) > k
