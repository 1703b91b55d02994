"""How much of the catalogue the lists reach."""

import numpy as np


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
        NaN if there is nothing to choose from.

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
    if not n_candidates:
        return float("nan")
    return len(np.unique(codes[codes >= 0])) / n_candidates
