"""The one container: events as rows, the item and user tables by reference.

Why not a plain frame with the content repeated in every row: with a million events of
ten thousand items that costs gigabytes, and scikit-learn would copy it in every fold.
Here slicing copies two columns of codes and the narrow columns of the events; the
tables and the vocabularies are shared by every slice.
"""

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skmmrec._checks import check_choice, check_rows
from skmmrec._quote import quoted
from skmmrec.data._feature_table import FeatureTable
from skmmrec.data._tables import (
    are_unlike,
    as_array,
    check_column,
    check_table,
    column,
    column_names,
    id_column,
    is_missing,
    is_table,
    n_rows,
)
from skmmrec.data._vocabulary import Vocabulary, encode

# float32 holds whole numbers up to here about right, and squares of it without overflow
MAX_RATING = 1e9


def _index(ids, table, name, kind):
    """Codes of the ids of events and their vocabulary: rows of the table come first.

    The id in row `r` of the table has code `r`, so that a code leads straight to the
    content; ids that the table lacks come after them.
    """
    found, codes = encode(ids, f"{kind}s of the events")
    listed = [] if table is None else id_column(table, name, f"{kind}s")
    known = Vocabulary(listed, f"{kind}s")
    place = known.codes(found)
    new = place < 0
    if new.all() and are_unlike(found, known.ids):
        raise ValueError(
            f"The ids of {kind}s must be of one kind in the events and in the table; "
            f"got {found.tolist()[0]!r} there and {known.ids.tolist()[0]!r} here; "
            f"convert one of the columns."
        )
    place[new] = len(known) + np.arange(np.count_nonzero(new))
    return place[codes], known.extended(found[new]) if new.any() else known


def _check_name(name, role):
    """Refuse what is no name of a column; ratings and times may have none."""
    if not isinstance(name, str) and not (name is None and role in ("rating", "time")):
        raise TypeError(
            f"{role} must be the name of a column of the events; got {quoted(name)}; "
            f"pass it as a text."
        )


def _as_key(key):
    """What chooses rows as an array, where it can be one."""
    try:
        return np.asarray(as_array(key) if np.ndim(key) else key)
    except MemoryError:
        raise
    except Exception:  # lists of unequal length; what a Series says of its kind
        return np.empty((), dtype=object)


def _check_inside(key, n):
    """Refuse a mask of another length, and positions past the end."""
    mask = key.dtype.kind == "b"
    if len(key) != n if mask else key.size and not -n <= key.min() <= key.max() < n:
        got = f"a mask of {len(key)}" if mask else f"{key.min()} to {key.max()}"
        raise IndexError(
            f"Rows must be chosen among the {n} events; got {got}; take positions or a "
            f"mask of these."
        )


def _size(table):
    """Number of rows, also of a FeatureTable."""
    return len(table) if isinstance(table, FeatureTable) else n_rows(table)


class Interactions:
    """Events of users with items, beside the tables that describe both.

    To scikit-learn it is a thing of `shape` (n_events, n_columns) whose rows can be
    selected, so that `Pipeline`, `GridSearchCV` and `cross_validate` take it as `X`.

    Parameters
    ----------
    events : data frame or mapping
        One row for each event: who, what and, if known, how strongly and when. pandas,
        polars and Arrow frames, or a mapping of column name to values.
    items : data frame or mapping, default=None
        One row for each item of the catalogue, also those nobody has had yet. It must
        have a column of the name `item`. A mapping may hold 2-D arrays, such as
        precomputed embeddings. Held by reference: do not change it afterwards.
    users : data frame or mapping, default=None
        The same for users.
    user, item : str, default="user", "item"
        Columns of the ids, of any hashable kind.
    rating : str, default=None
        Column of the strength of an event: stars, a count, seconds watched. Models
        weigh an event by it, relative to the mean, so that its unit does not matter;
        zero and less says that the user did not like it: such an item is not offered
        again, and nothing is learned from it. Events of one user with one item add up
        first. Without it every event weighs 1.
    time : str, default=None
        Column of the time of an event, numbers or datetimes.

    Attributes
    ----------
    user_codes, item_codes : ndarray of int32 of shape (n_events,)
        Codes of the ids in the vocabularies. An item code below the number of rows of
        `items` is the row of that item.
    names : dict of {str: str or None}
        Names of the columns of `"user"`, `"item"`, `"rating"` and `"time"`.
    user_vocabulary, item_vocabulary : Vocabulary
        All ids of the tables and of the events, shared by all slices.

    Raises
    ------
    ValueError
        If a column is missing, an id is empty or NaN, a rating is NaN, or an id comes
        twice in a table.
    TypeError
        If `events`, `items` or `users` is not a table.

    Examples
    --------
    >>> from skmmrec import Interactions
    >>> X = Interactions(
    ...     {"who": ["ann", "bob", "ann"], "what": [7, 7, 9], "stars": [5, 3, 1]},
    ...     user="who", item="what", rating="stars",
    ... )
    >>> X
    Interactions of 3 events, 2 users, 2 items
    >>> likes = X[X.rating >= 3]
    >>> likes.item_ids.tolist()
    [7, 7]
    """

    def __init__(
        self,
        events: Any,
        items: Any = None,
        users: Any = None,
        *,
        user: str = "user",
        item: str = "item",
        rating: str | None = None,
        time: str | None = None,
    ) -> None:
        check_table(events, "events")
        self._n_rows = {
            on: 0 if table is None else n_rows(check_table(table, on))
            for on, table in (("items", items), ("users", users))
        }
        self.names = {"user": user, "item": item, "rating": rating, "time": time}
        for role, name in self.names.items():
            _check_name(name, role)
            if name is not None:
                check_column(events, name, "events")
        self._columns = {
            name: column(events, name, "events")
            for name in column_names(events)
            if name not in (user, item)
        }
        self.items, self.users = items, users
        self.user_codes, self.user_vocabulary = _index(
            id_column(events, user, "events"), users, user, "user"
        )
        self.item_codes, self.item_vocabulary = _index(
            id_column(events, item, "events"), items, item, "item"
        )
        self._check_numbers()

    def _check_numbers(self):
        """Ratings must be finite numbers, times present and in an order."""
        name = self.names["rating"]
        if name is not None:
            rating = self.rating
            bad = np.ones(rating.shape, dtype=bool)
            if rating.dtype.kind in "iufb":
                bad = ~(np.abs(rating.astype(np.float64)) < MAX_RATING)
            if np.any(bad):
                raise ValueError(
                    f"Ratings must be finite numbers below {MAX_RATING:g}; got "
                    f"{quoted(rating[bad].tolist()[0])} in the column {name!r}; "
                    f"convert or scale the column, drop rows without one."
                )
        name = self.names["time"]
        if name is not None:
            time = self.time
            ordered = time.dtype.kind in "iufM" or not len(time)
            if not ordered or is_missing(time).any():
                missing = f"{is_missing(time).sum()} missing"
                got = missing if ordered else quoted(time.tolist()[0])
                raise ValueError(
                    f"Times must be numbers or datetimes, all given; got {got} in the "
                    f"column {name!r}; convert it, as with pandas.to_datetime, or drop "
                    f"such rows."
                )

    # -- what scikit-learn asks for ------------------------------------------------

    @property
    def shape(self) -> tuple[int, int]:
        """(n_events, n_columns), the two columns of ids included."""
        return len(self.user_codes), 2 + len(self._columns)

    def __len__(self) -> int:
        return len(self.user_codes)

    def __getitem__(self, key):
        """Rows by mask, slice or positions; a column by its name.

        Parameters
        ----------
        key : str, slice, or array-like of bool or int

        Returns
        -------
        part : Interactions, or ndarray of shape (n_events,) for a name
        """
        if isinstance(key, str):
            return self._column(key)
        if isinstance(key, tuple) and len(key) == 2 and key[1] is Ellipsis:
            key = key[0]  # scikit-learn writes X[rows, ...]
        if not isinstance(key, slice):
            key = _as_key(key)
            if key.dtype == object and all(type(value) is bool for value in key.flat):
                key = key.astype(bool)  # pandas' nullable masks
            if key.ndim != 1 or (key.size and key.dtype.kind not in "biu"):
                raise TypeError(
                    f"Rows are chosen by a slice, a mask or positions; got "
                    f"{key.dtype} of shape {key.shape}; write X[[3]] for one row, "
                    f"X['name'] for one column."
                )
            key = key.astype(np.intp) if not key.size else key
            _check_inside(key, len(self))
        part = object.__new__(Interactions)
        part.__dict__.update(
            self.__dict__,
            user_codes=self.user_codes[key],
            item_codes=self.item_codes[key],
            _columns={name: values[key] for name, values in self._columns.items()},
        )
        return part

    __iter__ = None  # a loop over a million events is never what is meant

    def __repr__(self):
        n_users, n_items = (
            np.count_nonzero(np.bincount(codes))
            for codes in (self.user_codes, self.item_codes)
        )
        text = f"Interactions of {len(self)} events, {n_users} users, {n_items} items"
        for kind, table in (("items", self.items), ("users", self.users)):
            if isinstance(table, FeatureTable):
                text += f"; {kind}: {table!r}"
            elif table is not None:
                text += f"; table of {n_rows(table)} {kind}"
        return text

    # -- columns ------------------------------------------------------------------

    @property
    def columns(self) -> list[str]:
        """Names of the columns of the events, the two of ids first."""
        return [self.names["user"], self.names["item"], *self._columns]

    def _column(self, name):
        if name == self.names["user"]:
            return self.user_ids
        if name == self.names["item"]:
            return self.item_ids
        if name not in self._columns:
            raise ValueError(
                f"The events have no column {quoted(name)}; got the columns "
                f"{self.columns}; name one of these."
            )
        return self._columns[name]

    @property
    def user_ids(self) -> NDArray[Any]:
        """Id of the user of each event, ndarray of shape (n_events,)."""
        return self.user_vocabulary.decode(self.user_codes)

    @property
    def item_ids(self) -> NDArray[Any]:
        """Id of the item of each event, ndarray of shape (n_events,)."""
        return self.item_vocabulary.decode(self.item_codes)

    def _named_column(self, role):
        if self.names[role] is None:
            raise ValueError(
                f"The events must have a {role}; got none; pass {role}= to "
                f"Interactions, the name of its column."
            )
        return self._columns[self.names[role]]

    @property
    def rating(self):
        """Strength of each event, ndarray of shape (n_events,)."""
        return self._named_column("rating")

    @property
    def time(self):
        """Time of each event, ndarray of shape (n_events,)."""
        return self._named_column("time")

    @property
    def has_time(self):
        """Whether the times of the events are known."""
        return self.names["time"] is not None

    @property
    def weights(self) -> NDArray[np.float32]:
        """What each event weighs, float32 (n_events,): its rating, 1 without one."""
        if self.names["rating"] is None:
            return np.ones(len(self), dtype=np.float32)
        return self.rating.astype(np.float32)

    def table(self, on):
        """The table `"items"` or `"users"`, as given or encoded; None without one."""
        check_choice(on, ("items", "users"), "on")
        table = {"items": self.items, "users": self.users}[on]
        if table is not None and _size(table) != self._n_rows[on]:
            raise ValueError(
                f"The table of {on} must keep its {self._n_rows[on]} rows; got "
                f"{_size(table)}, it was changed in place; make a new Interactions."
            )
        return table

    def coded(self, on):
        """Vocabulary and codes (n_events,) of `"items"` or `"users"`."""
        check_choice(on, ("items", "users"), "on")
        return {
            "items": (self.item_vocabulary, self.item_codes),
            "users": (self.user_vocabulary, self.user_codes),
        }[on]

    def n_described(self, on):
        """Number of rows of the table `"items"` or `"users"`, 0 without one."""
        return self._n_rows[on]

    def with_table(self, on, table):
        """The same events with another table, whose rows are those of the old one.

        Parameters
        ----------
        on : {"items", "users"}
        table : FeatureTable or table

        Returns
        -------
        X : Interactions
        """
        check_choice(on, ("items", "users"), "on")
        if not isinstance(table, FeatureTable):
            check_table(table, "table")
        if self.table(on) is not None and _size(table) != self._n_rows[on]:
            raise ValueError(
                f"The table must have a row for each of the {self._n_rows[on]} {on} of "
                f"the old one; got {_size(table)}; keep the rows and their order."
            )
        other = object.__new__(Interactions)
        other.__dict__.update(self.__dict__, **{on: table})
        other._n_rows = self._n_rows | {on: _size(table)}
        return other


def check_interactions(X):
    """`X` as `Interactions`: itself, or a frame whose first columns are user and item.

    Parameters
    ----------
    X : Interactions, data frame or array of shape (n_events, 2 + n_features)
        Columns past the second are numbers, the content of that row's item.

    Returns
    -------
    X : Interactions
        From a frame, with a FeatureTable of one block, `"content"`, as `items`; the
        first row of an item counts.
    """
    if isinstance(X, Interactions):
        return X
    if is_table(X):
        names = column_names(check_table(X, "X"))
        if len(names) < 2:
            raise ValueError(
                f"X must have the columns of user and item; got {quoted(names)}; pass "
                f"both."
            )
        user, item = (id_column(X, name) for name in names[:2])
        content = [column(X, name) for name in names[2:]]
    else:
        check_rows(X, "X")
        names, X = None, np.asarray(X)
        if X.ndim != 2 or X.shape[1] < 2:
            raise TypeError(
                f"X must be an Interactions, a data frame, or an array of rows of user "
                f"and item; got {quoted(X)}; write Interactions(X) for other tables."
            )
        user, item, *content = (as_array(values) for values in X.T)
    pairs = Interactions({"user": user, "item": item})
    try:
        values = np.stack(content, axis=1) if content else np.empty((len(pairs), 0))
        if values.dtype.kind in "mM":
            raise TypeError("dates")
        with np.errstate(over="ignore"):  # what becomes infinite is refused as such
            values = values.astype(np.float32)
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"Columns past user and item must be numbers, the content of the item; got "
            f"one that is not ({quoted(str(error))}); encode it first, or pass an "
            f"Interactions whose item table holds it, through a MultimodalFusion."
        ) from error
    _, first = np.unique(pairs.item_codes, return_index=True)
    by_item = values[first][pairs.item_codes]
    if names is not None and not np.array_equal(values, by_item, equal_nan=True):
        warnings.warn(
            f"The columns past user and item, {names[2:]}, must describe the item; got "
            f"rows of one item that differ: the first counts; pass ratings and times "
            f"by name to Interactions.",
            stacklevel=2,
        )
    return pairs.with_table(
        "items", FeatureTable.from_blocks({"content": values[first]})
    )


def check_catalogue(items, names):
    """A table of items as an `Interactions` without events.

    Parameters
    ----------
    items : data frame, mapping or Interactions
        The last is taken as it is.
    names : dict of {str: str or None} or None
        Those of the Interactions of `fit`, None where that was a plain frame.
    """
    if isinstance(items, Interactions):
        return items
    if names is None:
        raise TypeError(
            f"items must be an Interactions for a model that was fitted on a plain "
            f"frame; got {type(items).__name__}; write Interactions({{'user': [], "
            f"'item': []}}, items=...)."
        )
    columns = {name: [] for name in (names["user"], names["item"])}
    return Interactions(columns, items, user=names["user"], item=names["item"])
