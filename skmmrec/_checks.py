"""Checks of what users pass that several sub-packages share."""

import os
from numbers import Integral, Real

import numpy as np

from skmmrec._quote import quoted


def check_choice(value, choices, what):
    """Refuse what is none of some texts, an unhashable thing included."""
    if not isinstance(value, str) or value not in choices:
        raise ValueError(
            f"{what} must be one of {list(choices)}; got {quoted(value)}; choose one."
        )


def check_flag(value, what):
    """Refuse what is neither True nor False, such as an array."""
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(
            f"{what} must be True or False; got {quoted(value)}; pass one of them."
        )


def check_path(path, what="path"):
    """Refuse what is no path of a file or folder."""
    if not isinstance(path, (str, os.PathLike)):
        raise TypeError(
            f"{what} must be a text or a pathlib.Path; got {quoted(path)}; pass one."
        )


def check_estimator(estimator, what):
    """Refuse what cannot be cloned and fitted, a class included."""
    methods = all(hasattr(estimator, name) for name in ("fit", "get_params"))
    if isinstance(estimator, type) or not methods:
        raise TypeError(
            f"{what} must be an estimator; got {quoted(estimator)}; pass one, such as "
            f"ALSRecommender()."
        )


def check_count(value, name, least):
    """Refuse what is no whole number of at least so much."""
    if not isinstance(value, Integral) or value < least:
        raise ValueError(
            f"{name} must be a whole number of {least} or more; got {quoted(value)}; "
            f"choose one."
        )


def check_share(value, name):
    """Refuse what is no number between 0 and 1."""
    if not isinstance(value, Real) or not 0 < value < 1:
        raise ValueError(
            f"{name} must be a share between 0 and 1; got {quoted(value)}; use 0.2 for "
            f"a fifth of the events."
        )


def check_distinct_names(table, what):
    """Refuse a frame two columns of which have one name."""
    names = list(getattr(table, "columns", ()))  # Arrow's are columns, not names
    if all(isinstance(name, str) for name in names) and len(set(names)) < len(names):
        twice = sorted({name for name in names if names.count(name) > 1})
        raise ValueError(
            f"The columns of {what} must have distinct names; got {twice} more than "
            f"once; rename or drop the repeated ones."
        )


def check_rows(X, what):
    """Refuse rows of unequal length, and arrays of named fields."""
    try:
        fields = np.ndim(X) and getattr(getattr(X, "dtype", None), "names", None)
    except MemoryError:
        raise
    except Exception:  # lists of unequal length; what a Series says of its kind
        fields = "of another kind"
    if fields:
        raise ValueError(
            f"{what} must have rows of one length and kind; got {quoted(X)}; pass a "
            f"table, or rows of numbers."
        )
    if hasattr(X, "shape"):  # a lazy frame would have to look for its names
        check_distinct_names(X, what)


def as_numbers(values, what, ndim, kinds="biuf"):
    """Values as an array of real numbers, which is returned as it is where it is one.

    Parameters
    ----------
    values : array-like
    what : str
        What it is, for the error.
    ndim : int or None
        None is any number of dimensions.
    kinds : str, default="biuf"
        Kinds of dtype that will do.

    Raises
    ------
    TypeError
        If it is none of numbers, or of another number of dimensions.
    """
    try:
        array = np.asarray(values)
        if array.dtype.kind == "O":
            array = array.astype(np.float64)
    except MemoryError:
        raise
    except Exception:  # whatever a foreign container says
        array = None
    if (
        array is None
        or array.ndim != (array.ndim if ndim is None else ndim)
        or (array.size and array.dtype.kind not in kinds)
    ):
        number = {"b": "bools", "iu": "whole numbers"}.get(kinds, "numbers")
        shape = "" if ndim is None else f" in {ndim} dimension(s)"
        got = quoted(values) if array is None else f"{array.dtype} of {array.shape}"
        raise TypeError(
            f"{what} must be an array of {number}{shape}; got {got}; convert it with "
            f"numpy.asarray."
        )
    if array.dtype.kind not in kinds:  # an empty list has no kind of its own
        array = array.astype({"b": bool, "iu": np.intp}.get(kinds, np.float64))
    return array


def as_places(values, n, what, least=-1, ndim=1):
    """Values as whole numbers from `least` to n - 1, which are places among n.

    Raises
    ------
    TypeError
        If they are no whole numbers.
    ValueError
        If one is outside.
    """
    places = as_numbers(values, what, ndim, "iu")
    if places.size == 0:
        return places
    if places.min() < least or places.max() >= n:
        raise ValueError(
            f"{what} must be from {least} to {n - 1}; got {places.min()} to "
            f"{places.max()}; leave out the others."
        )
    return places
