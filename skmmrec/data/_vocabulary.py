"""Ids and the codes that stand for them inside the models.

Models want small whole numbers, people have order numbers, e-mail addresses and
barcodes. A vocabulary is the one place where the two meet.
"""

from contextlib import suppress
from functools import cached_property

import numpy as np

from skmmrec.data._tables import as_array, is_missing


def check_ids(ids, what):
    """Ids as a 1-D array without missing or empty ones.

    Parameters
    ----------
    ids : array-like of shape (n,)
    what : str
        What they are the ids of, for the error.

    Returns
    -------
    ids : ndarray of shape (n,)

    Raises
    ------
    ValueError
        If an id is missing (None, NaN) or an empty text, or `ids` is not 1-D.
    TypeError
        If an id is not hashable.
    """
    ids = as_array(ids)
    if ids.ndim != 1:
        raise ValueError(
            f"The ids of {what} must be one column; got an array of shape "
            f"{ids.shape}; pass one id for each row."
        )
    if ids.dtype.kind == "f" and not np.all(np.isfinite(ids)):
        bad = ~np.isfinite(ids)
    else:
        bad = is_missing(ids)
        if ids.dtype.kind in "OU":  # pandas' NA cannot be compared with a text
            bad[~bad] = ids[~bad] == ""
    if bad.any():
        rows = np.flatnonzero(bad)
        raise ValueError(
            f"Every id of {what} must be given; got {ids[rows].tolist()[0]!r} in row "
            f"{rows[0]} ({len(rows)} such rows); drop these rows or fill in the ids."
        )
    return ids


def distinct(ids):
    """Distinct ids: sorted where they can be, else in order of appearance."""
    if ids.dtype.kind != "O":
        return np.unique(ids)
    try:
        seen = list(dict.fromkeys(ids.tolist()))
    except TypeError as error:
        raise TypeError(
            f"Ids must be hashable, such as numbers or texts; got an id that is not "
            f"({error}); turn it into a text or a tuple."
        ) from None
    with suppress(TypeError):  # mixed kinds have no order
        seen.sort()
    return as_object_array(seen)


def as_object_array(values):
    """A 1-D array of the very objects in a list, tuples included."""
    array = np.empty(len(values), dtype=object)
    for position, value in enumerate(values):
        array[position] = value
    return array


class Vocabulary:
    """Two-way map between ids and codes.

    Parameters
    ----------
    ids : array-like of shape (n,)
        Distinct ids of any hashable kind; the id in place `c` has code `c`.

    Attributes
    ----------
    ids : ndarray of shape (n,)
        The ids, of the type they came in.

    Raises
    ------
    ValueError
        If an id is missing, or comes twice.

    Examples
    --------
    >>> from skmmrec.data import Vocabulary
    >>> vocabulary = Vocabulary(["tea", "coffee"])
    >>> vocabulary.codes(["coffee", "cocoa"])
    array([ 1, -1], dtype=int32)
    >>> vocabulary.decode([1, 0]).tolist()
    ['coffee', 'tea']
    """

    def __init__(self, ids, what="items"):
        self.ids = check_ids(ids, what)
        if len(distinct(self.ids)) < len(self.ids):
            first = np.flatnonzero(self.codes(self.ids) != np.arange(len(self.ids)))[0]
            twice = self.ids.tolist()[first]
            raise ValueError(
                f"The ids of {what} must be distinct; got {twice!r} more "
                f"than once, again in row {first}; drop the repeated rows."
            )

    def __len__(self):
        return len(self.ids)

    def __eq__(self, other):
        if not isinstance(other, Vocabulary):
            return NotImplemented
        return self is other or (
            len(self) == len(other) and np.array_equal(self.ids, other.ids)
        )

    __hash__ = None

    def __repr__(self):
        return f"Vocabulary of {len(self)} ids"

    def __getstate__(self):
        return {"ids": self.ids}  # the lookups are made again where they are needed

    @cached_property
    def _order(self):
        return np.argsort(self.ids, kind="stable")

    @cached_property
    def _dict(self):
        codes = range(len(self.ids) - 1, -1, -1)  # backwards: the first of equals wins
        return dict(zip(self.ids[::-1].tolist(), codes))

    def codes(self, ids):
        """Codes of ids.

        Parameters
        ----------
        ids : array-like of shape (n,)

        Returns
        -------
        codes : ndarray of int32 of shape (n,)
            The code of each id, -1 where it is unknown.
        """
        ids = as_array(ids)
        if len(self.ids) == 0:
            return np.full(len(ids), -1, dtype=np.int32)
        if self.ids.dtype.kind in "iufM" and ids.dtype.kind == self.ids.dtype.kind:
            return self._codes_by_search(ids)
        lookup = self._dict.get
        return np.fromiter((lookup(i, -1) for i in ids.tolist()), np.int32, len(ids))

    def _codes_by_search(self, ids):
        """Binary search: numbers need no dictionary, whatever their count."""
        ordered = self.ids[self._order]
        place = np.searchsorted(ordered, ids).clip(max=len(ordered) - 1)
        found = ordered[place] == ids
        return np.where(found, self._order[place], -1).astype(np.int32)

    def recode(self, other, codes):
        """Codes here of codes of another vocabulary.

        Parameters
        ----------
        other : Vocabulary
        codes : ndarray of int of shape (n,)
            Codes in `other`; only their ids are looked up.

        Returns
        -------
        codes : ndarray of int32 of shape (n,)
            -1 where an id is unknown here.
        """
        if other is self:
            return codes
        used = np.zeros(len(other), dtype=bool)
        used[codes] = True
        lookup = np.full(len(other), -1, dtype=np.int32)
        lookup[used] = self.codes(other.ids[used])
        return lookup[codes]

    def decode(self, codes):
        """Ids of codes.

        Parameters
        ----------
        codes : array-like of int, any shape

        Returns
        -------
        ids : ndarray of the same shape
            Of the type the ids came in; where a code is -1, None in an array of
            objects.
        """
        codes = np.asarray(codes)
        unknown = codes < 0
        if not unknown.any():
            return self.ids[codes]
        ids = np.full(codes.shape, None, dtype=object)
        ids[~unknown] = self.ids[codes[~unknown]]
        return ids

    def subset(self, keep):
        """The vocabulary of the ids under a boolean mask, and old codes to new.

        Parameters
        ----------
        keep : ndarray of bool of shape (n,)

        Returns
        -------
        vocabulary : Vocabulary
        recode : ndarray of int32 of shape (n,)
            New code of each old one, -1 where it was left out.
        """
        recode = np.where(keep, np.cumsum(keep) - 1, -1).astype(np.int32)
        if keep.all():
            return self, recode
        smaller = object.__new__(Vocabulary)  # a subset of distinct ids is distinct
        smaller.ids = self.ids[keep]
        return smaller, recode
