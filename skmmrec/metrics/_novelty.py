"""How little known the recommended items are.

Popularity c_i is the number of users who liked item i in `fit`, out of n.
"""

import numpy as np
from scipy.stats import rankdata

from skmmrec.metrics._checks import checked


def _mean_of_lists(values, lists):
    """Mean of the values of the items in each list, NaN for an empty one."""
    filled = lists >= 0
    m = filled.sum(axis=1)
    total = np.where(filled, values[lists], 0.0).sum(axis=1)
    return np.divide(total, m, out=np.full(len(lists), np.nan), where=m > 0)


@checked
def novelty(lists, counts, n_users):
    """Mean self-information of the recommended items, in bits.

        Σ_i -log2(c_i / n) / m    over the m items of a list

    An item that nobody had counts as had by one user.

    Parameters
    ----------
    lists : ndarray of int of shape (n_users, k)
        Codes of the recommended items, -1 where there is none.
    counts : ndarray of int of shape (n_items,)
        How many users had each item, c.
    n_users : int
        How many users there were, n.

    Returns
    -------
    values : ndarray of float of shape (n_users,)
        0 where everybody had all of the list; NaN for an empty list.

    References
    ----------
    Zhou et al. "Solving the Apparent Diversity-Accuracy Dilemma of Recommender
    Systems", PNAS 2010 (surprisal).

    Examples
    --------
    >>> import numpy as np
    >>> from skmmrec.metrics import novelty
    >>> novelty(np.array([[0, 1], [1, -1]]), np.array([4, 1]), 4)
    array([1., 2.])
    """
    return _mean_of_lists(np.log2(n_users / np.maximum(counts, 1)), lists)


@checked
def serendipity(hits, lists, counts):
    """How far ahead of their place by popularity the hits are, per place of the list.

        Σ_j r_j · max(0, q_j - j) / (N · k)

    for a catalogue of N items, r_j = 1 if the item in place j was to be found, and q_j
    its place in the order of popularity: the mean place of items equally popular, N + 1
    for one that nobody had.

    Parameters
    ----------
    hits : ndarray of bool of shape (n_users, k)
        Whether the item in each place was to be found.
    lists : ndarray of int of shape (n_users, k)
        Codes of the recommended items, -1 where there is none.
    counts : ndarray of int of shape (n_items,)
        How many users had each item.

    Returns
    -------
    values : ndarray of float of shape (n_users,)
        From 0, nothing right that was not popular, up to 1.

    References
    ----------
    Murakami, Mori, Orihara. "Metrics for Evaluating the Serendipity of Recommendation
    Lists", JSAI 2007, with a ranking by popularity as the primitive method and
    (N + 1 - place) / N as the probability of both.

    Examples
    --------
    >>> import numpy as np
    >>> from skmmrec.metrics import serendipity
    >>> lists = np.array([[2], [0]])
    >>> serendipity(np.array([[True], [True]]), lists, np.array([9, 5, 1, 0]))
    array([0.5, 0. ])
    """
    n_items, k = len(counts), lists.shape[1]
    place = np.where(counts > 0, rankdata(-counts), n_items + 1)
    ahead = np.maximum(0, place[lists] - np.arange(1, k + 1))
    return (hits * ahead).sum(axis=1) / (n_items * k)


@checked
def popularity_lift(lists, histories, counts):
    """How much more popular a list is than what its user had.

        mean(c_i of the list) / mean(c_i of the history) - 1

    Parameters
    ----------
    lists : ndarray of int of shape (n_users, k)
        Codes of the recommended items, -1 where there is none.
    histories : csr_array of shape (n_users, n_items)
        What each user had.
    counts : ndarray of int of shape (n_items,)
        How many users had each item, c.

    Returns
    -------
    values : ndarray of float of shape (n_users,)
        0 where the list is as popular as the history, -1 where nobody had its items;
        NaN for an empty list, and a user without history.

    References
    ----------
    Abdollahpouri, Mansoury, Burke, Mobasher. "The Connection Between Popularity Bias,
    Calibration, and Fairness in Recommendation", RecSys 2020, each user a group.

    Examples
    --------
    >>> import numpy as np
    >>> from scipy.sparse import csr_array
    >>> from skmmrec.metrics import popularity_lift
    >>> histories = csr_array([[0, 1, 1]])
    >>> popularity_lift(np.array([[0]]), histories, np.array([6, 3, 1]))
    array([2.])
    """
    had = histories.astype(bool).astype(np.float64)
    usual = np.full(len(lists), np.nan)
    total, m = had @ counts, had.sum(axis=1)
    np.divide(total, m, out=usual, where=total > 0)
    return _mean_of_lists(counts, lists) / usual - 1
