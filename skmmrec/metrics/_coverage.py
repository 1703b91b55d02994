"""How much of the catalogue the lists reach, and how evenly."""

import numpy as np

from skmmrec.metrics._checks import checked


@checked
def coverage(codes, n_candidates):
    """Share of the items to choose from that are in at least one list.

    Parameters
    ----------
    codes : ndarray of int of shape (n_users, k)
        Codes of the recommended items, -1 where there is none.
    n_candidates : int
        Number of items to choose from.

    Returns
    -------
    value : float in [0, 1]
        NaN if there are no lists, or nothing to choose from.

    References
    ----------
    Ge, Delgado-Battenfeld, Jannach. "Beyond Accuracy: Evaluating Recommender Systems by
    Coverage and Serendipity", RecSys 2010, section 2 (catalogue coverage).

    Examples
    --------
    >>> import numpy as np
    >>> from skmmrec.metrics import coverage
    >>> coverage(np.array([[0, 1], [1, -1]]), 4)
    0.5
    """
    if not n_candidates or not len(codes):
        return float("nan")
    return len(np.unique(codes[codes >= 0])) / n_candidates


@checked
def gini(codes, n_candidates):
    """How unevenly the places of all lists are spread over the items.

        Σ_i (2i - N - 1) x_i / (N · Σ_i x_i)

    for the numbers of lists x_1 ≤ ... ≤ x_N that each of the N items is in.

    Parameters
    ----------
    codes : ndarray of int of shape (n_users, k)
        Codes of the recommended items, -1 where there is none.
    n_candidates : int
        Number of items to choose from, N.

    Returns
    -------
    value : float in [0, 1)
        0 if all items are in equally many lists, 1 - 1 / N if all lists hold one item
        alone; NaN if no list has an item.

    References
    ----------
    Fleder, Hosanagar. "Blockbuster Culture's Next Rise or Fall: The Impact of
    Recommender Systems on Sales Diversity", Management Science 2009.

    Examples
    --------
    >>> import numpy as np
    >>> from skmmrec.metrics import gini
    >>> gini(np.array([[0], [0]]), 4), gini(np.array([[0, 1], [2, 3]]), 4)
    (0.75, 0.0)
    """
    # those never offered are the first ranks, and add nothing
    x = np.sort(np.unique(codes[codes >= 0], return_counts=True)[1])
    if not len(x):
        return float("nan")
    ranks = np.arange(n_candidates - len(x), n_candidates) + 1
    return float((2 * ranks - n_candidates - 1) @ x / (n_candidates * x.sum()))
