"""How events are divided into those to learn from and those to be judged by.

The splitters read users, items and times from `X` itself, so that nothing but the
events is passed to `GridSearchCV`.
"""

from itertools import chain

import numpy as np
from sklearn.model_selection import BaseCrossValidator, check_cv
from sklearn.utils import check_random_state

from skmmrec._checks import check_count, check_share
from skmmrec._quote import quoted
from skmmrec.data._interactions import check_interactions


def check_folds(cv, X):
    """The splits of a splitter, or of an iterable of them, as arrays of indices.

    Parameters
    ----------
    cv : splitter, int, or iterable of (train, test)
    X : Interactions, data frame or array

    Returns
    -------
    folds : list of (ndarray of int, ndarray of int)

    Raises
    ------
    ValueError
        If there is no split, or one has a part without events, or not of indices.
    """
    n = len(check_interactions(X))
    of_text = isinstance(cv, (str, bytes))  # whose split is another
    folds = [] if of_text else check_cv(cv).split(X)
    folds = [tuple(map(np.atleast_1d, fold)) for fold in folds]
    if not folds:
        raise ValueError(
            f"cv must have a split; got none of {quoted(cv)}; pass a splitter such as "
            f"LeaveLastOut()."
        )
    for name, rows in chain.from_iterable(zip(("train", "test"), f) for f in folds):
        inside = rows.dtype.kind in "iu" and len(rows) and -n <= rows.min()
        if not inside or rows.max() >= n:
            raise ValueError(
                f"Each part of a split must be indices of the {n} events, one or more; "
                f"got {len(rows)} of {rows.dtype} for {name}; pass a splitter such as "
                f"LeaveLastOut()."
            )
    return folds


def _place_from_end(groups, order):
    """Place of each event among those of its group, counted from the last (0).

    Parameters
    ----------
    groups : ndarray of int of shape (n,)
    order : ndarray of shape (n,)
        What the events are put in order by; of equals the earlier row is the earlier.
    """
    rows = np.lexsort((np.arange(len(groups)), order, groups))
    counts = np.bincount(groups[rows])
    last = np.cumsum(counts) - 1
    place = np.empty(len(groups), dtype=np.int64)
    place[rows] = last[groups[rows]] - np.arange(len(groups))
    return place


class _Splitter(BaseCrossValidator):
    """A splitter with `n_splits`, whose `_masks` yields boolean (train, test) pairs."""

    def split(self, X, y=None, groups=None):
        """Indices of the events of each split.

        Parameters
        ----------
        X : Interactions, data frame or array
        y, groups : ignored

        Yields
        ------
        train, test : ndarray of int
        """
        X = check_interactions(X)
        nothing = np.zeros(0, dtype=bool)
        for train, test in self._masks(X) if len(X) else [(nothing, nothing)]:
            if not train.any() or not test.any():
                raise ValueError(
                    f"{quoted(self)} must leave events on both sides; got "
                    f"{train.sum()} to learn from and {test.sum()} to be judged by; "
                    f"use more data or another split."
                )
            yield np.flatnonzero(train), np.flatnonzero(test)

    def get_n_splits(self, X=None, y=None, groups=None):
        """Number of splits.

        Parameters
        ----------
        X, y, groups : ignored

        Returns
        -------
        n_splits : int
        """
        return self.n_splits


class LeaveLastOut(_Splitter):
    """The last event of each user is held out; earlier ones are learned from.

    The order is that of `time`, and that of the rows where events have none. Users with
    no earlier event are learned from only.

    Parameters
    ----------
    n_splits : int, default=1
        With more, the second split holds out the last event but one and learns from
        those before it, and so on.

    Examples
    --------
    >>> from skmmrec import Interactions, LeaveLastOut
    >>> X = Interactions({"user": [1, 1, 1, 2, 2], "item": list("abcab")})
    >>> next(LeaveLastOut().split(X))
    (array([0, 1, 3]), array([2, 4]))
    """

    def __init__(self, n_splits=1) -> None:
        check_count(n_splits, "n_splits", 1)
        self.n_splits = n_splits

    def _masks(self, X):
        order = X.time if X.has_time else np.zeros(len(X))
        place = _place_from_end(X.user_codes, order)
        counts = np.bincount(X.user_codes)[X.user_codes]
        for last in range(self.n_splits):
            test = (place == last) & (counts > last + 1)
            yield (place > last) | ((place == last) & ~test), test


class TemporalSplit(_Splitter):
    """One moment divides all events: what comes later is held out.

    The split that is nearest to use: nothing from the future is known. Events of one
    time stay together.

    Parameters
    ----------
    test_size : float, default=0.2
        Share of the events that are held out, the latest ones.

    Examples
    --------
    >>> from skmmrec import Interactions, TemporalSplit
    >>> events = {"user": [1, 2, 1, 2], "item": list("abba"), "year": [4, 1, 2, 3]}
    >>> X = Interactions(events, time="year")
    >>> next(TemporalSplit(test_size=0.25).split(X))
    (array([1, 2, 3]), array([0]))
    """

    n_splits = 1

    def __init__(self, test_size=0.2) -> None:
        check_share(test_size, "test_size")
        self.test_size = test_size

    def _masks(self, X):
        time = X.time
        n_train = min(int(np.ceil(len(X) * (1 - self.test_size))), len(X) - 1)
        train = time < np.sort(time)[n_train]
        yield train, ~train


class RollingTemporalSplit(_Splitter):
    """Windows of time follow one another: each is held out, all before is learned from.

    What a service meets that fits anew now and then: each window is judged by a model
    of its past, so that more than one moment speaks. Events of one time stay together.

    Parameters
    ----------
    n_splits : int, default=5
        Number of windows, the last of which ends with the last event.
    test_size : float, default=0.1
        Share of all events in each window; ``n_splits * test_size`` must be below 1.

    See Also
    --------
    TemporalSplit : One moment alone.

    References
    ----------
    Tashman. "Out-of-sample Tests of Forecasting Accuracy: An Analysis and Review",
    International Journal of Forecasting 2000 (rolling origin).

    Meng, McCreadie, Macdonald, Ounis. "Exploring Data Splitting Strategies for the
    Evaluation of Recommendation Models", RecSys 2020.

    Examples
    --------
    >>> from skmmrec import Interactions, RollingTemporalSplit
    >>> events = {"user": [1, 2, 1, 2], "item": list("abba"), "year": [4, 1, 2, 3]}
    >>> X = Interactions(events, time="year")
    >>> for train, test in RollingTemporalSplit(2, test_size=0.25).split(X):
    ...     print(X["year"][train], X["year"][test])
    [1 2] [3]
    [1 2 3] [4]
    """

    def __init__(self, n_splits=5, test_size=0.1) -> None:
        check_count(n_splits, "n_splits", 1)
        check_share(test_size, "test_size")
        if n_splits * test_size >= 1:
            raise ValueError(
                f"n_splits * test_size must be below 1, so that something is left to "
                f"learn from; got {n_splits} * {test_size}; lower one of them."
            )
        self.n_splits = n_splits
        self.test_size = test_size

    def _masks(self, X):
        time = X.time
        share = 1 - self.test_size * np.arange(self.n_splits, 0, -1)
        first = np.minimum(np.ceil(len(X) * share.round(12)), len(X) - 1).astype(int)
        starts = np.sort(time)[first]
        for i, start in enumerate(starts):
            train = time < start
            later = time >= starts[i + 1] if i + 1 < len(starts) else False
            yield train, ~train & ~later


class RandomHoldout(_Splitter):
    """A random share of the events of each user is held out.

    Parameters
    ----------
    test_size : float, default=0.2
        Share of each user's events, rounded down with a chance for the rest, so that it
        holds on average; one event of a user is always learned from.
    n_splits : int, default=1
        Number of independent draws.
    random_state : int, RandomState instance or None, default=None

    Examples
    --------
    >>> from skmmrec import Interactions, RandomHoldout
    >>> X = Interactions({"user": [1, 1, 2, 2], "item": list("abab")})
    >>> train, test = next(RandomHoldout(test_size=0.5, random_state=0).split(X))
    >>> X[test].user_ids.tolist()
    [1, 2]
    """

    def __init__(self, test_size=0.2, n_splits=1, random_state=None) -> None:
        check_share(test_size, "test_size")
        check_count(n_splits, "n_splits", 1)
        self.test_size = test_size
        self.n_splits = n_splits
        self.random_state = random_state

    def _masks(self, X):
        random = check_random_state(self.random_state)
        counts = np.bincount(X.user_codes)
        for _ in range(self.n_splits):
            wanted = np.floor(
                counts * self.test_size + random.uniform(size=len(counts))
            )
            wanted = np.minimum(wanted, counts - 1)
            place = _place_from_end(X.user_codes, random.uniform(size=len(X)))
            test = place < wanted[X.user_codes]
            yield ~test, test


class _ColdKFold(_Splitter):
    """Ids on one side of the events, `_on`, are divided into folds."""

    def __init__(self, n_splits=5, shuffle=True, random_state=None) -> None:
        check_count(n_splits, "n_splits", 2)
        self.n_splits = n_splits
        self.shuffle = shuffle
        self.random_state = random_state

    def _masks(self, X):
        codes = {"items": X.item_codes, "users": X.user_codes}[self._on]
        had = np.unique(codes)
        if len(had) < self.n_splits:
            raise ValueError(
                f"{type(self).__name__} must have as many {self._on} as folds, or "
                f"more; got {len(had)} {self._on} for {self.n_splits} folds; lower "
                f"n_splits."
            )
        if self.shuffle:
            check_random_state(self.random_state).shuffle(had)
        for held_out in np.array_split(had, self.n_splits):
            test = np.isin(codes, held_out)
            yield ~test, test


class ColdItemKFold(_ColdKFold):
    """Items are divided into folds; all events of a fold's items are held out.

    Judges what is done with items that nobody has had yet.

    Parameters
    ----------
    n_splits : int, default=5
        Number of folds, at least 2.
    shuffle : bool, default=True
        Divide at random; else in the order of the catalogue.
    random_state : int, RandomState instance or None, default=None

    Examples
    --------
    >>> from skmmrec import ColdItemKFold, Interactions
    >>> X = Interactions({"user": [1, 1, 2, 2], "item": list("abab")})
    >>> for train, test in ColdItemKFold(n_splits=2, shuffle=False).split(X):
    ...     print(X[train].item_ids, X[test].item_ids)
    ['b' 'b'] ['a' 'a']
    ['a' 'a'] ['b' 'b']
    """

    _on = "items"


class ColdUserKFold(_ColdKFold):
    """Users are divided into folds; all events of a fold's users are held out.

    Judges what is offered to users of whom no event is known, which without a table of
    users is one list for all of them. How well a model serves new users from their
    history is another question: give it by ``recommend(users, history=...)``.

    Parameters
    ----------
    n_splits : int, default=5
        Number of folds, at least 2.
    shuffle : bool, default=True
        Divide at random; else in the order of the table of users.
    random_state : int, RandomState instance or None, default=None

    References
    ----------
    Meng, McCreadie, Macdonald, Ounis. "Exploring Data Splitting Strategies for the
    Evaluation of Recommendation Models", RecSys 2020 (user split).

    Examples
    --------
    >>> from skmmrec import ColdUserKFold, Interactions
    >>> X = Interactions({"user": [1, 1, 2, 2], "item": list("abab")})
    >>> for train, test in ColdUserKFold(n_splits=2, shuffle=False).split(X):
    ...     print(X[train].user_ids, X[test].user_ids)
    [2 2] [1 1]
    [1 1] [2 2]
    """

    _on = "users"
