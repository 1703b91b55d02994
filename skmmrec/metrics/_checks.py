"""What a metric is given must be of the role that the name of the parameter stands for.

The names are those of `RankingScorer`, so that one check serves all metrics.
"""

from functools import wraps
from inspect import signature

import numpy as np
import scipy.sparse as sp

from skmmrec._checks import as_numbers
from skmmrec._quote import quoted
from skmmrec.data._tables import check_id_list

ROLES = {  # (dimensions, kinds of dtype, least value)
    "hits": (2, "b", None),
    "relevant": (2, "b", None),
    "lists": (2, "iu", -1),
    "codes": (2, "iu", -1),
    "scores": (2, "iuf", None),
    "y_true": (1, "biuf", None),
    "y_pred": (1, "biuf", None),
    "values": (1, "biuf", None),
    "n_relevant": (1, "iu", 1),
    "counts": (1, "iu", 0),
    "features": (2, "biuf", None),
    "n_candidates": (0, "iu", 0),
    "n_users": (0, "iu", 0),
}
OF_USERS = {"hits", "lists", "scores", "relevant", "histories"}
OF_USERS |= {"n_relevant", "values", "user_groups"}
FINITE = {"y_true", "y_pred", "features"}
OF_EVENTS = {"y_true", "y_pred"}
OF_ITEMS = {"counts", "features", "item_groups"}
OF_CANDIDATES = {"scores", "relevant"}
OF_PLACES = {"hits", "lists"}


def _checked(name, value):
    """A value of the role of `name`, refused with a sentence if it is not."""
    if name == "histories":
        if not sp.issparse(value) or value.format != "csr":
            raise TypeError(
                f"histories must be a csr matrix (n_users, n_items); got "
                f"{quoted(value)}; convert it with scipy.sparse.csr_array."
            )
        return value
    if name.endswith("_groups"):
        return check_id_list(value, name)
    ndim, kinds, least = ROLES[name]
    array = as_numbers(value, name, ndim, kinds)
    if name in FINITE and not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite; got others; leave these out.")
    if name == "scores" and np.isnan(array).any():
        raise ValueError("scores must hold no NaN; got one or more; write -inf there.")
    if name in ("hits", "lists", "codes") and not array.shape[1]:
        raise ValueError(f"{name} must have a place or more; got {array.shape}; rank.")
    if least is not None and array.size and array.min() < least:
        raise ValueError(
            f"{name} must be {least} or more; got {array.min()}; correct it."
        )
    return array if ndim else array.item()


def _check_lengths(given):
    """Refuse arrays of users, events or places of different lengths."""
    axes = ((OF_USERS, 0), (OF_EVENTS, 0), (OF_PLACES, 1), (OF_CANDIDATES, 1))
    for names, axis in axes:
        sizes = {
            name: value.shape[axis] for name, value in given.items() if name in names
        }
        if len(set(sizes.values())) > 1:
            raise ValueError(
                f"{', '.join(sizes)} must be of one length; got {sizes}; pass them for "
                f"the same users, events and places."
            )


def _check_codes(given):
    """Refuse codes of items past the end of what is known of items."""
    known = {name: len(value) for name, value in given.items() if name in OF_ITEMS}
    if "histories" in given and given["histories"].shape[1] != known["counts"]:
        raise ValueError(
            f"counts must have one for each column of histories; got {known['counts']} "
            f"for {given['histories'].shape[1]}; pass those of the catalogue."
        )
    for lists in (given[name] for name in ("lists", "codes") if name in given):
        for name, n_items in known.items():
            if lists.size and lists.max() >= n_items:
                raise ValueError(
                    f"{name} must have a row for each item of the lists; got {n_items} "
                    f"for the code {lists.max()}; pass those of the catalogue."
                )


def checked(metric):
    """A metric that says in a sentence what is wrong with what it is given."""
    names = list(signature(metric).parameters)

    @wraps(metric)
    def call(*args, **kwargs):
        given = dict(zip(names, args)) | kwargs
        given = {name: _checked(name, value) for name, value in given.items()}
        _check_lengths(given)
        _check_codes(given)
        return metric(**given)

    return call
