"""How items of different groups are shown, and users of different groups are served.

These functions return a value for each group. As a score, this is the least of them
over the largest: 1 if all groups fare alike, 0 if one has nothing.
"""

import numpy as np

from skmmrec.data._tables import is_missing
from skmmrec.data._vocabulary import encode_objects
from skmmrec.metrics._checks import checked
from skmmrec.metrics._ranking import ndcg


def _grouped(groups):
    """Names of the groups, and the number of each member's; -1 for None and NaN."""
    known = ~is_missing(groups)
    names, number = encode_objects(groups[known].astype(object), "the groups")
    numbers = np.full(len(groups), -1)
    numbers[known] = number
    return names.tolist(), numbers


@checked
def exposure_by_group(codes, item_groups):
    """Mean exposure of an item of each group, per list.

    An item in place j of a list is exposed by 1 / log2(j + 1), an item that is in no
    list by 0. What is compared is the mean over the items of a group: a group of twice
    as many items is expected to get twice the exposure.

    Parameters
    ----------
    codes : ndarray of int of shape (n_users, k)
        Codes of the recommended items, -1 where there is none.
    item_groups : array-like of shape (n_items,)
        Group of each item; those of None or NaN are left out.

    Returns
    -------
    values : dict of {group: float}
        The score ``exposure_ratio`` is the least over the largest; NaN if no list has
        an item.

    References
    ----------
    Singh, Joachims. "Fairness of Exposure in Rankings", KDD 2018, section 4.1
    (demographic parity).

    Examples
    --------
    >>> import numpy as np
    >>> from skmmrec.metrics import exposure_by_group
    >>> exposure_by_group(np.array([[0], [0], [1], [2]]), ["a", "b", "b"])
    {'a': 0.5, 'b': 0.25}
    """
    names, group = _grouped(item_groups)
    weights = 1 / np.log2(np.arange(2, codes.shape[1] + 2))
    filled = codes >= 0
    weights = np.broadcast_to(weights, codes.shape)[filled]
    exposure = np.bincount(codes[filled], weights, minlength=len(group))
    total = np.bincount(group[group >= 0], exposure[group >= 0])
    size = np.bincount(group[group >= 0])
    return dict(zip(names, (total / size / max(1, len(codes))).tolist()))


@checked
def mean_by_group(values, user_groups):
    """Mean of a metric over the users of each group.

    Parameters
    ----------
    values : ndarray of float of shape (n_users,)
        Value of each user; NaN is left out.
    user_groups : array-like of shape (n_users,)
        Group of each user; those of None or NaN are left out.

    Returns
    -------
    values : dict of {group: float}
        NaN for a group without a value.

    Examples
    --------
    >>> import numpy as np
    >>> from skmmrec.metrics import mean_by_group
    >>> mean_by_group(np.array([1.0, 0.0, 0.5]), ["a", "a", None])
    {'a': 0.5}
    """
    names, group = _grouped(user_groups)
    use = (group >= 0) & ~np.isnan(values)
    total = np.bincount(group[use], values[use], minlength=len(names))
    size = np.bincount(group[use], minlength=len(names))
    means = np.divide(total, size, out=np.full(len(names), np.nan), where=size > 0)
    return dict(zip(names, means.tolist()))


@checked
def ndcg_by_group(hits, n_relevant, user_groups):
    """Mean NDCG of the users of each group.

    Parameters
    ----------
    hits : ndarray of bool of shape (n_users, k)
        Whether the item in each place was to be found.
    n_relevant : ndarray of int of shape (n_users,)
        How many items were to be found, at least 1.
    user_groups : array-like of shape (n_users,)
        Group of each user; those of None or NaN are left out.

    Returns
    -------
    values : dict of {group: float}
        The score ``ndcg_ratio`` is the least over the largest; NaN if all are 0.

    References
    ----------
    Ekstrand et al. "All The Cool Kids, How Do They Fit In?: Popularity and Demographic
    Biases in Recommender Evaluation and Effectiveness", FAT* 2018.

    Examples
    --------
    >>> import numpy as np
    >>> from skmmrec.metrics import ndcg_by_group
    >>> ndcg_by_group(np.array([[True], [False]]), np.array([1, 1]), ["a", "b"])
    {'a': 1.0, 'b': 0.0}
    """
    return mean_by_group(ndcg(hits, n_relevant), user_groups)


def least_over_largest(by_group):
    """The least value of a group over the largest one; NaN if none is above 0."""
    values = np.array([v for v in by_group.values() if not np.isnan(v)])
    if values.max(initial=0) <= 0:
        return float("nan")
    return float(values.min() / values.max())
