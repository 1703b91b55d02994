"""Exact top-k of scores that are never all there at once, and the size of a block."""

import numpy as np

from skmmrec._checks import as_numbers, check_count
from skmmrec._quote import quoted

# A block of scores of this many bytes fits the caches of today's machines well enough
# and bounds the memory of a ranking, whatever the number of users and items.
BLOCK_BYTES = 2**25
# Rows of a block that is cut by columns too: with fewer, a product waits for memory.
BLOCK_ROWS = 512


def _slices(n, step):
    return [slice(start, min(start + step, n)) for start in range(0, n, step)]


def check_k(k, n_items):
    """Refuse a length of list that is not between 1 and the size of the catalogue."""
    whole = isinstance(k, (int, np.integer)) and not isinstance(k, bool)
    if not whole or not 1 <= k <= n_items:
        raise ValueError(
            f"k must be a whole number from 1 to the number of items to choose from, "
            f"{n_items}; got {quoted(k)}; ask for a list of a length in between."
        )


def blocks_of_rows(n_rows, n_columns, itemsize=4):
    """Slices of rows such that a block of scores stays within `BLOCK_BYTES`.

    Parameters
    ----------
    n_rows, n_columns : int
        Shape of the whole matrix, which is never made.
    itemsize : int, default=4
        Bytes of one score.

    Returns
    -------
    rows : list of slice

    Examples
    --------
    >>> from skmmrec.ranking import blocks_of_rows
    >>> blocks_of_rows(3, 10)
    [slice(0, 3, None)]
    >>> len(blocks_of_rows(1000, 1_000_000))
    125
    """
    sizes = {"n_rows": n_rows, "n_columns": n_columns, "itemsize": itemsize}
    for name, size in sizes.items():
        check_count(size, name, 0)
    return _slices(n_rows, max(1, BLOCK_BYTES // max(1, n_columns * itemsize)))


def _blocks(n_rows, n_columns):
    """Slices of rows and of columns such that blocks are small and high enough."""
    n_scores = BLOCK_BYTES // 4
    width = n_scores // max(1, min(n_rows, BLOCK_ROWS))
    if n_columns <= width:
        return blocks_of_rows(n_rows, n_columns), [slice(0, n_columns)]
    # of one size: a product with a column too few for the others rounds differently
    width = -(-n_columns // -(-n_columns // width))
    return _slices(n_rows, BLOCK_ROWS), _slices(n_columns, width)


def top_k_of_blocks(score, n_rows, n_columns, k, *, cut_columns=False):
    """`top_k` of a matrix that is scored block by block.

    Parameters
    ----------
    score : callable
        Scores (n, m) of a slice of rows and a slice of columns; the result may be
        overwritten.
    n_rows, n_columns, k : int
    cut_columns : bool, default=False
        Whether some columns can be scored without the others. Where there are many,
        the products then have enough rows to keep a processor busy.

    Returns
    -------
    columns : ndarray of int32 of shape (n_rows, k)
    best : ndarray of float32 of shape (n_rows, k)

    Examples
    --------
    >>> import numpy as np
    >>> from skmmrec.ranking import top_k_of_blocks
    >>> P = np.float32([[1, 0], [0, 1]])  # (n_users, d)
    >>> Q = np.float32([[1, 2], [3, 0], [2, 1]])  # (n_items, d)
    >>> columns, best = top_k_of_blocks(lambda u, i: P[u] @ Q[i].T, 2, 3, k=2)
    >>> columns
    array([[1, 2], [0, 2]], dtype=int32)
    """
    for name, size in {"n_rows": n_rows, "n_columns": n_columns, "k": k}.items():
        check_count(size, name, 0)
    if not callable(score):
        raise TypeError(
            f"score must be a function of a slice of rows and one of columns; got "
            f"{quoted(score)}; for a matrix, call top_k."
        )
    columns = np.empty((n_rows, k), dtype=np.int32)
    best = np.empty((n_rows, k), dtype=np.float32)
    if cut_columns:
        blocks, parts = _blocks(n_rows, n_columns)
    else:
        blocks, parts = blocks_of_rows(n_rows, n_columns), [slice(0, n_columns)]
    for rows in blocks:
        lists = _best_of(score(rows, parts[0]), k)
        for part in parts[1:]:
            lists = _merged(*lists, score(rows, part), part.start, k)
        columns[rows], best[rows] = _filled(*lists, k)
    return columns, best


def _merged(columns, best, scores, first, k):
    """The k best of sorted lists and of the scores of the columns from `first` on."""
    bar = best[:, -1:] if best.shape[1] == k else -np.inf
    better = scores > bar
    if np.count_nonzero(better) > better.size // 16:
        news, scores = _best_of(scores, k)
    else:  # nearly always
        news, scores = _under(better, scores)
    columns = np.hstack([columns, news + first])
    places, best = _best_of(np.hstack([best, scores]), k)
    return np.take_along_axis(columns, places, axis=1), best


def _under(mask, scores):
    """Columns and scores under a mask, each row's at its left, then -inf."""
    row, column = np.divmod(np.flatnonzero(mask), scores.shape[1])
    counts = np.bincount(row, minlength=len(scores))
    place = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
    columns = np.zeros((len(scores), counts.max(initial=0)), dtype=np.intp)
    values = np.full(columns.shape, -np.inf, dtype=scores.dtype)
    columns[row, place], values[row, place] = column, scores[row, column]
    return columns, values


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

    Examples
    --------
    >>> import numpy as np
    >>> from skmmrec.ranking import top_k
    >>> columns, best = top_k(np.float32([[0.1, 0.7, 0.4]]), 2)
    >>> columns, best
    (array([[1, 2]], dtype=int32), array([[0.7, 0.4]], dtype=float32))
    """
    scores = as_numbers(scores, "scores", 2, "iuf")
    if np.isnan(scores).any():
        raise ValueError("scores must hold no NaN; got one or more; write -inf there.")
    check_count(k, "k", 1)
    return _filled(*_best_of(scores.astype(np.float32, copy=False), k), k)


def _best_of(scores, k):
    """`top_k`, but as short as the rows, and with excluded columns at the end."""
    n_columns = scores.shape[1]
    if k < n_columns:
        columns = _best(scores, k)
    else:
        columns = np.broadcast_to(np.arange(n_columns), scores.shape)
    best = np.take_along_axis(scores, columns, axis=1)
    order = np.lexsort((columns, -best), axis=1)
    columns = np.take_along_axis(columns, order, axis=1)
    return columns, np.take_along_axis(best, order, axis=1)


def padded(lists, k, value):
    """Rows of length k, filled up with a value."""
    missing = k - lists.shape[1]
    if not missing:  # numpy's takes a while to find out
        return lists
    return np.pad(lists, ((0, 0), (0, missing)), constant_values=value)


def _filled(columns, best, k):
    """Lists of length k, without what is excluded."""
    columns, best = columns.astype(np.int32), best.astype(np.float32)
    empty = np.isneginf(best)
    columns[empty], best[empty] = -1, np.nan
    return padded(columns, k, -1), padded(best, k, np.nan)


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
