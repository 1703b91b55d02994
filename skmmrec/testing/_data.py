"""Small worlds whose right answers are known."""

import numpy as np

from skmmrec.data import FeatureTable, Interactions


def checkerboard(n_users=40, n_items=30, share=0.7, random_state=0):
    """Events of users who have items of their own colour only.

    Users and items are numbered from 0, and of one colour where both are even or both
    are odd: what is to be recommended is known of each pair.

    Parameters
    ----------
    n_users, n_items : int, default=40, 30
    share : float, default=0.7
        Share of the pairs of one colour that are learned from.
    random_state : int, default=0

    Returns
    -------
    train, test : Interactions
        What to learn from, and what was held out: together, all pairs of one colour.

    See Also
    --------
    painted : The same with content.

    Examples
    --------
    >>> from skmmrec import ALSRecommender
    >>> from skmmrec.testing import checkerboard
    >>> train, test = checkerboard()
    >>> model = ALSRecommender(8, random_state=0).fit(train)
    >>> model.recommend([0, 1], k=3) % 2
    array([[0, 0, 0], [1, 1, 1]])
    """
    user, item = np.divmod(np.arange(n_users * n_items), n_items)
    white = (user + item) % 2 == 0
    user, item = user[white], item[white]
    known = np.random.default_rng(random_state).random(len(user)) < share
    return tuple(
        Interactions({"user": user[part], "item": item[part]})
        for part in (known, ~known)
    )


def colours(n_items=30, missing=()):
    """Content that tells the colours of a checkerboard, with a little noise.

    Parameters
    ----------
    n_items : int, default=30
    missing : sequence of int, default=()
        Items without content.

    Returns
    -------
    table : FeatureTable of shape (n_items, 3)
        One modality, "colour", around a mean of 0.

    Examples
    --------
    >>> from skmmrec.testing import colours
    >>> (colours(4).values[:, 0] > 0).tolist()
    [True, False, True, False]
    """
    rng = np.random.default_rng(0)
    values = np.eye(2)[np.arange(n_items) % 2] + 0.1 * rng.standard_normal((n_items, 2))
    values = np.column_stack([values, 0.1 * rng.standard_normal(n_items)])
    values[list(missing)] = np.nan
    return FeatureTable.from_blocks({"colour": values - np.nanmean(values, axis=0)})


def painted(missing=()):
    """The checkerboard with its colours as content; nobody has had items 28 and 29.

    Parameters
    ----------
    missing : sequence of int, default=()
        Items without content.

    Returns
    -------
    train, test : Interactions
        As of `checkerboard`; the table of items of `train` are the colours.

    Examples
    --------
    >>> from skmmrec.testing import painted
    >>> train, test = painted()
    >>> train.table("items").blocks
    {'colour': slice(0, 3, None)}
    """
    train, test = checkerboard()
    train = Interactions(
        {"user": train.user_ids, "item": train.item_ids},
        items={"item": np.arange(30)},
    )
    table = colours(missing=missing)
    return train[train.item_codes < 28].with_table("items", table), test
