"""Events held out of `fit`, for combinations that learn from how their members do."""

import numpy as np
from sklearn.utils import check_random_state

from skmmrec._sparse import count_events

SHARE = 0.2


def hold_out(X, n_splits, random_state):
    """Events to learn from, and some of known items and all of some items.

    A fifth of the items is taken for new ones, others in each split, and of the other
    events a fifth of each user's, so that members are judged with items that they know
    and with such as they have never seen. Which items are new matters most: a result
    of one split is a matter of luck.

    Yields
    ------
    train, test : ndarray of int
        Rows of `X`; `test` may be empty.
    """
    from skmmrec.model_selection import RandomHoldout  # built upon recommenders

    rng = check_random_state(random_state)
    had = np.unique(X.item_codes)
    had = rng.permutation(had)
    n_cold = int(SHARE * len(had))
    for split in range(n_splits):
        cold = np.take(had, np.arange(n_cold) + split * n_cold, mode="wrap")
        is_cold = np.isin(X.item_codes, cold)
        rest = np.flatnonzero(~is_cold)
        holdout = RandomHoldout(SHARE, random_state=rng)
        _, known = next(holdout._masks(X[rest]))
        test = np.union1d(np.flatnonzero(is_cold), rest[known])
        yield np.setdiff1d(np.arange(len(X)), test), test


def has_likes(X):
    """Whether there is anything to learn from: a pair whose events sum to above 0."""
    if not len(X):
        return False
    shape = len(X.user_vocabulary), len(X.item_vocabulary)
    return count_events(X.user_codes, X.item_codes, X.weights, shape).max() > 0


def to_find(model, X):
    """Codes of the users and items of the liked events that `model` has not seen.

    Each pair once, sorted by user; a user that it does not know is -1.
    """
    X = X[X.weights > 0]
    users = model.user_vocabulary_.recode(X.user_vocabulary, X.user_codes)
    items = model.item_vocabulary_.recode(X.item_vocabulary, X.item_codes)
    users, items = np.unique(np.stack([users, items])[:, items >= 0], axis=1)
    new = (users < 0) | ~stored(model.seen_, users, items)
    return users[new], items[new]


def stored(matrix, rows, columns):
    """Whether a csr matrix stores an entry at each place."""
    marks = matrix.astype(bool)
    marks.data[:] = True
    if not len(rows):
        return np.zeros(0, dtype=bool)
    return np.asarray(marks[rows, columns]).ravel()
