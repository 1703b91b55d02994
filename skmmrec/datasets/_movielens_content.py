"""Content of movies that lies beside a MovieLens release, in a file content.csv."""

import os

import numpy as np

from skmmrec.data._tables import as_object_array
from skmmrec.datasets._lines import named_fields, whole_number

_TEXTS = ("plot", "director", "cast", "language", "country", "certificate")
_NUMBERS = ("year", "runtime")


def _number(fields, name, path, line):
    """1995 or "81 min" as a number, None where there is none."""
    text = fields[name].removesuffix(" min")
    return whole_number({name: text}, name, path, line) if text else None


def _poster(text, folder):
    poster = folder / text
    return str(poster) if text and os.path.isfile(poster) else None


def _values(fields, path, line):
    """The known columns of one line, as they go into the item table."""
    values = {name: fields[name] or None for name in _TEXTS if name in fields}
    for name in _NUMBERS:
        if name in fields:
            values[name] = _number(fields, name, path, line)
    if "poster" in fields:
        values["poster"] = _poster(fields["poster"], path.parent)
    return values


def join_content(items, path):
    """The item table with the columns of content.csv.

    Parameters
    ----------
    items : dict of str to ndarray of shape (n_items,)
        With the columns movieId and year.
    path : Path

    Returns
    -------
    items : dict of str to ndarray of shape (n_items,)

    Raises
    ------
    ValueError
        If a line is malformed.
    """
    content = {
        whole_number(fields, "movieId", path, line): _values(fields, path, line)
        for line, fields in named_fields(path, ",", ["movieId"])
    }
    rows = [content.get(movie, {}) for movie in items["movieId"].tolist()]
    joined = dict(items)
    for name in dict.fromkeys(name for row in rows for name in row):
        values = [row.get(name) for row in rows]
        if name in _NUMBERS:
            joined[name] = np.array(values, dtype=np.float64)  # None becomes NaN
        else:
            joined[name] = as_object_array(values)
    unknown = np.isnan(joined["year"])
    joined["year"] = np.where(unknown, items["year"], joined["year"])
    return joined
