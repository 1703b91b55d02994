"""Ids and the codes that stand for them inside the models.

Models want small whole numbers, people have order numbers, e-mail addresses and
barcodes. A vocabulary is the one place where the two meet.
"""

from collections import defaultdict
from contextlib import suppress
from functools import cached_property

import numpy as np

from skmmrec._checks import as_places
from skmmrec.data._tables import as_ids, as_object_array, check_id_list, is_missing


def encode(ids, what):
    """Distinct ids, and which of them each entry is.

    Parameters
    ----------
    ids : array-like of shape (n,)
    what : str
        What they are the ids of, for errors.

    Returns
    -------
    found : ndarray of shape (n_distinct,)
        Sorted where they can be, else in order of appearance.
    codes : ndarray of int of shape (n,)
        Position in `found`.

    Raises
    ------
    ValueError
        If an id is missing (None, NaN) or an empty text, or `ids` is not 1-D.
    TypeError
        If an id is not hashable.
    """
    ids = as_ids(ids)
    if ids.ndim != 1:
        raise ValueError(
            f"The ids of {what} must be one column; got an array of shape "
            f"{ids.shape}; pass one id for each row."
        )
    if ids.dtype.kind == "O":
        found, codes = encode_objects(ids, what)
    else:
        found, codes = np.unique(ids, return_inverse=True)
    _check_given(found, codes, what)
    return found, codes


def encode_objects(ids, what):
    """`encode` by one pass through a dictionary that numbers what it has not seen."""
    numbers = defaultdict()
    numbers.default_factory = numbers.__len__
    try:
        codes = np.fromiter(map(numbers.__getitem__, ids.tolist()), np.intp, len(ids))
    except TypeError as error:
        raise TypeError(
            f"The ids of {what} must be hashable, such as numbers or texts; got one "
            f"that is not ({error}); turn it into a text or a tuple."
        ) from None
    found = as_object_array(numbers)
    with suppress(TypeError, ValueError, ArithmeticError):  # kinds without an order
        order = sorted(range(len(found)), key=found.tolist().__getitem__)
        place = np.empty(len(found), dtype=np.intp)
        place[order] = np.arange(len(found))
        return found[order], place[codes]
    return found, codes


def _check_given(found, codes, what):
    """Refuse missing, infinite and empty ids, naming the first row."""
    bad = is_missing(found)
    if found.dtype.kind == "f":
        bad |= np.isinf(found)
    elif found.dtype.kind in "OU":  # pandas' NA cannot be compared with a text
        bad[~bad] = found[~bad] == ""
    if bad.any():
        rows = np.flatnonzero(bad[codes])
        raise ValueError(
            f"Every id of {what} must be given; got "
            f"{found.tolist()[codes[rows[0]]]!r} in row {rows[0]} ({len(rows)} such "
            f"rows); drop these rows or fill in the ids."
        )


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

    def __init__(self, ids, what="items") -> None:
        found, codes = encode(ids, what)
        if len(found) < len(codes):
            _, first = np.unique(codes, return_index=True)
            again = np.setdiff1d(np.arange(len(codes)), first)[0]
            raise ValueError(
                f"The ids of {what} must be distinct; got "
                f"{found.tolist()[codes[again]]!r} more than once, again in row "
                f"{again}; drop the repeated rows."
            )
        self.ids = as_ids(ids)

    @classmethod
    def _of_distinct(cls, ids):
        """A vocabulary of ids that need no checks."""
        vocabulary = object.__new__(cls)
        vocabulary.ids = ids
        return vocabulary

    def extended(self, ids):
        """The vocabulary with further ids, distinct and new, after its own.

        Parameters
        ----------
        ids : ndarray of shape (n,)

        Returns
        -------
        vocabulary : Vocabulary
        """
        if not len(self):
            return self._of_distinct(ids)
        parts = [self.ids, ids]
        if self.ids.dtype.kind != ids.dtype.kind:  # each id stays what it is
            parts = [part.astype(object) for part in parts]
        return self._of_distinct(np.concatenate(parts))

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
        return dict(zip(self.ids.tolist(), range(len(self.ids))))

    def codes(self, ids):
        """Codes of ids.

        Parameters
        ----------
        ids : array-like of shape (n,)

        Returns
        -------
        codes : ndarray of int32 of shape (n,)
            The code of each id, -1 where it is unknown.

        Raises
        ------
        TypeError
            If `ids` is not one list of ids.
        """
        return self._codes(check_id_list(ids, "ids"))

    def _codes(self, ids):
        if len(self.ids) == 0:
            return np.full(len(ids), -1, dtype=np.int32)
        if self.ids.dtype.kind in "iufM" and ids.dtype.kind == self.ids.dtype.kind:
            return self._codes_by_search(ids)
        lookup = self._dict.get
        return np.fromiter((lookup(i, -1) for i in ids.tolist()), np.int32, len(ids))

    def _codes_by_search(self, ids):
        """Binary search: numbers need no dictionary, whatever their count."""
        place = np.searchsorted(self.ids, ids, sorter=self._order)
        codes = self._order[place.clip(max=len(self) - 1)]
        return np.where(self.ids[codes] == ids, codes, -1).astype(np.int32)

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
        lookup[used] = self._codes(other.ids[used])
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

        Raises
        ------
        TypeError, ValueError
            If they are no whole numbers below the number of ids.
        """
        codes = as_places(codes, len(self), "codes", ndim=None)
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
        return self._of_distinct(self.ids[keep]), recode
