"""Accuracy of rankings, one value for each user.

Every function but one takes the first k places of the lists and how many items were to
be found. With r_j = 1 if the item in place j was (0 otherwise), and n the number of
items to be found:

==================  ==========================================================
precision@k         Σ_j r_j / k
recall@k            Σ_j r_j / n
hit_rate@k          1 if any r_j = 1
mrr@k               1 / (first j with r_j = 1), 0 if there is none
map@k               Σ_j r_j · (Σ_{l≤j} r_l / j) / min(n, k)
ndcg@k              Σ_j r_j / log2(j + 1)  /  Σ_{j≤min(n, k)} 1 / log2(j + 1)
auc                 share of the pairs of an item that was to be found and one
                    that was not in which the first has the higher score
==================  ==========================================================

Manning, Raghavan, Schütze. "Introduction to Information Retrieval", 2008, chapter 8;
for NDCG, Järvelin, Kekäläinen. "Cumulated Gain-based Evaluation of IR Techniques",
TOIS 2002; for AUC, Rendle et al. "BPR: Bayesian Personalized Ranking from Implicit
Feedback", UAI 2009, section 6.2.

Items of equal score are in lists in the order of the catalogue: to the metrics of lists
there are no ties.
"""

import numpy as np

from skmmrec.metrics._checks import checked


@checked
def precision(hits, n_relevant):
    """Share of the list that was to be found.

    Parameters
    ----------
    hits : ndarray of bool of shape (n_users, k)
        Whether the item in each place was to be found.
    n_relevant : ndarray of int of shape (n_users,)
        How many items were to be found, at least 1.

    Returns
    -------
    values : ndarray of float of shape (n_users,)

    Examples
    --------
    >>> import numpy as np
    >>> from skmmrec.metrics import precision
    >>> precision(np.array([[True, False]]), np.array([3]))
    array([0.5])
    """
    return hits.mean(axis=1)


@checked
def recall(hits, n_relevant):
    """Share of what was to be found that is in the list.

    Parameters
    ----------
    hits : ndarray of bool of shape (n_users, k)
    n_relevant : ndarray of int of shape (n_users,)

    Returns
    -------
    values : ndarray of float of shape (n_users,)

    Examples
    --------
    >>> import numpy as np
    >>> from skmmrec.metrics import recall
    >>> recall(np.array([[True, False]]), np.array([4]))
    array([0.25])
    """
    return hits.sum(axis=1) / n_relevant


@checked
def hit_rate(hits, n_relevant):
    """1 where anything in the list was to be found, else 0.

    Parameters
    ----------
    hits : ndarray of bool of shape (n_users, k)
    n_relevant : ndarray of int of shape (n_users,)

    Returns
    -------
    values : ndarray of float of shape (n_users,)

    Examples
    --------
    >>> import numpy as np
    >>> from skmmrec.metrics import hit_rate
    >>> hit_rate(np.array([[True, False], [False, False]]), np.array([4, 1]))
    array([1., 0.])
    """
    return hits.any(axis=1).astype(float)


@checked
def reciprocal_rank(hits, n_relevant):
    """One over the place of the first hit, 0 where there is none.

    Parameters
    ----------
    hits : ndarray of bool of shape (n_users, k)
    n_relevant : ndarray of int of shape (n_users,)

    Returns
    -------
    values : ndarray of float of shape (n_users,)

    Examples
    --------
    >>> import numpy as np
    >>> from skmmrec.metrics import reciprocal_rank
    >>> reciprocal_rank(np.array([[False, True], [False, False]]), np.array([4, 1]))
    array([0.5, 0. ])
    """
    return hits.any(axis=1) / (hits.argmax(axis=1) + 1)


@checked
def average_precision(hits, n_relevant):
    """Mean of the precision at each hit, over the hits that k places could hold.

    Parameters
    ----------
    hits : ndarray of bool of shape (n_users, k)
    n_relevant : ndarray of int of shape (n_users,)

    Returns
    -------
    values : ndarray of float of shape (n_users,)

    Examples
    --------
    >>> import numpy as np
    >>> from skmmrec.metrics import average_precision
    >>> average_precision(np.array([[False, True]]), np.array([1]))
    array([0.5])
    """
    places = np.arange(1, hits.shape[1] + 1)
    at_hits = hits * np.cumsum(hits, axis=1) / places
    return at_hits.sum(axis=1) / np.minimum(n_relevant, hits.shape[1])


@checked
def ndcg(hits, n_relevant):
    """Discounted gain of the list, over that of the best possible one.

    Parameters
    ----------
    hits : ndarray of bool of shape (n_users, k)
    n_relevant : ndarray of int of shape (n_users,)

    Returns
    -------
    values : ndarray of float of shape (n_users,)

    Examples
    --------
    >>> import numpy as np
    >>> from skmmrec.metrics import ndcg
    >>> ndcg(np.array([[True, False], [False, True]]), np.array([1, 1])).round(3)
    array([1.   , 0.631])
    """
    discounts = 1 / np.log2(np.arange(2, hits.shape[1] + 2))
    ideal = np.cumsum(discounts)[np.minimum(n_relevant, hits.shape[1]) - 1]
    return hits @ discounts / ideal


@checked
def auc(scores, relevant, n_relevant):
    """Share of the pairs of one relevant and one other item that are in order.

    Looks at whole rankings, so that the last places count as much as the first: for
    what is shown to people, see `ndcg`. A pair of equal scores counts half.

    Parameters
    ----------
    scores : ndarray of shape (n_users, n_items)
        -inf where an item does not compete.
    relevant : ndarray of bool of shape (n_users, n_items)
        Whether each item was to be found.
    n_relevant : ndarray of int of shape (n_users,)
        How many items were to be found, at least 1: those that have no column are
        behind all others.

    Returns
    -------
    values : ndarray of float of shape (n_users,)
        0.5 for a ranking at random; NaN where no other item competes.

    Examples
    --------
    >>> import numpy as np
    >>> from skmmrec.metrics import auc
    >>> scores = np.array([[3.0, 2.0, 1.0, 1.0, -np.inf]])
    >>> auc(scores, np.array([[False, True, True, False, False]]), np.array([2]))
    array([0.375])
    """
    relevant = relevant & (scores > -np.inf)
    values = np.full(len(scores), np.nan)
    for user, row in enumerate(np.sort(scores, axis=1)):
        mine = scores[user, relevant[user]]
        n_out = np.searchsorted(row, -np.inf, "right")
        n, n_others = len(mine), len(row) - n_out - len(mine)
        if n_others:
            below = np.searchsorted(row, mine).sum() - n * n_out
            not_above = np.searchsorted(row, mine, "right").sum() - n * n_out
            # among themselves, n² / 2 pairs are in order, a tie and itself a half
            in_order = (below + not_above - n**2) / 2
            values[user] = in_order / (n_relevant[user] * n_others)
    return values
