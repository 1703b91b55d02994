"""Events of nothing rare: the k-core of users and items."""

from numbers import Integral

import numpy as np
import scipy.sparse as sp
from sklearn.base import BaseEstimator

from skmmrec._docs import DocLinkMixin
from skmmrec._sklearn import Interval
from skmmrec.data import Interactions
from skmmrec.data._interactions import check_interactions
from skmmrec.data._tables import column_names, is_table, select
from skmmrec.privacy._tables import rebuilt, tables_of, take_rows


def _pairs(X):
    """Events as Interactions, from the first two columns of what is none."""
    if isinstance(X, Interactions):
        return X
    if is_table(X):
        return check_interactions(select(X, column_names(X)[:2]))
    X = np.asarray(X)
    return check_interactions(X[:, :2] if X.ndim == 2 else X)


def _core(X, min_users, min_items):
    """Which users and items are left when none of them is rare, two masks."""
    shape = len(X.user_vocabulary), len(X.item_vocabulary)
    had = sp.csr_array((np.ones(len(X)), (X.user_codes, X.item_codes)), shape=shape)
    had.data[:] = 1  # once or often
    users, items = (np.ones(n, dtype=bool) for n in shape)
    while True:
        n_users = had.T @ users
        left = n_users >= min_users
        n_items = had @ left
        stay = n_items >= min_items
        if (left == items).all() and (stay == users).all():
            return users, items
        users, items = stay, left


class KAnonymousFilter(DocLinkMixin, BaseEstimator):
    """Drops rare items and users: each item that is left was had by k users or more.

    For events that are to be published or learned from: what one or two people had
    gives these away, in lists of similar items above all. Dropping an item may leave a
    user with too few, and the other way round: it goes on until nothing changes, at the
    k-core, which does not depend on the order. An event counts whatever its rating.

    This is not the k-anonymity of Sweeney (2002), by which k people share all that an
    attacker may know of each: the items are frequent, yet histories as a whole remain
    unique, and some of their events single a user out. For a bound on what a model
    tells of anyone, differential privacy is needed.

    Parameters
    ----------
    min_users : int, default=5
        Least number of users of an item, the k.
    min_items : int, default=1
        Least number of items of a user.

    Attributes
    ----------
    report_ : dict of {str: tuple of int}
        Numbers of `"events"`, `"users"` and `"items"` in the events before and after.

    See Also
    --------
    Pseudonymizer : Gives users other names.

    Notes
    -----
    It is no transformer, and `Pipeline` refuses it: `predict` would answer for fewer
    events than it is asked. Filter before the split, and filter all events together:
    parts of them are rare one by one.

    References
    ----------
    Sweeney (2002). k-anonymity: a model for protecting privacy. International Journal
    of Uncertainty, Fuzziness and Knowledge-Based Systems 10(5). Seidman (1983). Network
    structure and minimum degree. Social Networks 5(3) (the k-core). Narayanan and
    Shmatikov (2008). Robust de-anonymization of large sparse datasets. IEEE S&P (how
    few events single a user out).

    Examples
    --------
    >>> from skmmrec import Interactions
    >>> from skmmrec.privacy import KAnonymousFilter
    >>> items = ["tea", "jam", "tea", "jam", "gin"]
    >>> X = Interactions({"user": [1, 1, 2, 2, 3], "item": items})
    >>> keep = KAnonymousFilter(min_users=2)
    >>> keep.filter(X)
    Interactions of 4 events, 2 users, 2 items
    >>> keep.report_
    {'events': (5, 4), 'users': (3, 2), 'items': (3, 2)}
    """

    _parameter_constraints = {
        "min_users": [Interval(Integral, 1, None, closed="left")],
        "min_items": [Interval(Integral, 1, None, closed="left")],
    }

    def __init__(self, min_users=5, min_items=1) -> None:
        self.min_users = min_users
        self.min_items = min_items

    def filter(self, X):
        """The events of the users and items that are left.

        Parameters
        ----------
        X : Interactions, data frame, mapping or array
            Of what is no Interactions, the first two columns are user and item.

        Returns
        -------
        X : of the same kind
            Of an Interactions, a new one: users who were dropped, and those without
            events, are not in its table and vocabulary either. The table of items stays
            as it is: a dropped item that it lists is one of which nobody's events are
            known.

        Raises
        ------
        ValueError
            If nothing is left.
        """
        self._validate_params()
        events = _pairs(X)
        users, items = _core(events, self.min_users, self.min_items)
        kept = np.flatnonzero(users[events.user_codes] & items[events.item_codes])
        if not len(kept):
            raise ValueError(
                f"X must hold events of items with {self.min_users} users and of users "
                f"with {self.min_items} items; got none in {len(events)} events; lower "
                f"min_users or min_items."
            )
        self.report_ = {
            "events": (len(events), len(kept)),
            "users": (len(np.unique(events.user_codes)), int(users.sum())),
            "items": (len(np.unique(events.item_codes)), int(items.sum())),
        }
        if not isinstance(X, Interactions):
            return take_rows(X, kept) if is_table(X) else np.asarray(X)[kept]
        left, tables = X[kept], tables_of(X)
        if "users" in tables:
            rows = np.flatnonzero(users[: X.n_described("users")])
            ids, table = tables["users"]
            tables["users"] = ids[rows], take_rows(table, rows)
        return rebuilt(left, {"users": left.user_ids, "items": left.item_ids}, tables)
