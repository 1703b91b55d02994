"""What reports share: rows as columns, and means with their standard errors."""

import numpy as np


def as_columns(names, rows):
    """Rows as a dict of lists, of which any kind of data frame is made."""
    return {name: [row[i] for row in rows] for i, name in enumerate(names)}


def mean_and_error(values):
    """Mean over the last axis, NaN left out, and its standard error; NaN if unknown."""
    known = ~np.isnan(values)
    n = known.sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.sum(values, axis=-1, where=known) / n
        squares = np.square(values - mean[..., None])
        variance = np.sum(squares, axis=-1, where=known) / (n - 1)
        return mean, np.sqrt(variance / n)
