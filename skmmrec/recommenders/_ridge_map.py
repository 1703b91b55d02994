"""From what is known of an item or a user to its factors: the cold start."""

import numpy as np
from sklearn.linear_model import RidgeCV

# The map learns from one row for each item (or user). Those with the most events have
# the most reliable factors, and this many of them settle it.
MAX_ROWS = 50_000

# Inputs have unit scale: from nearly free to nearly the mean.
ALPHAS = np.logspace(-1, 4, 11)


class RidgeMap:
    """Ridge regression from inputs to factors, alpha by leave-one-out.

    Every row counts the same: weighted by their events, new items would all get the
    factors of popular ones.

    Parameters
    ----------
    inputs : ndarray of shape (n, d_in)
    factors : ndarray of shape (n, d)
    counts : ndarray of shape (n,)
        Number of events of each row; 0 leaves it out.

    References
    ----------
    Gantner et al. "Learning Attribute-to-Feature Mappings for Cold-Start
    Recommendations", ICDM 2010.
    """

    def __init__(self, inputs, factors, counts):
        rows = np.argsort(-counts, kind="stable")[:MAX_ROWS]
        rows = rows[counts[rows] > 0]
        self.ridge_ = None
        self.mean_ = (
            factors[rows].mean(axis=0) if len(rows) else np.zeros_like(factors[0])
        )
        if len(rows) > 1:
            self.ridge_ = RidgeCV(alphas=ALPHAS).fit(
                inputs[rows].astype(np.float64), factors[rows].astype(np.float64)
            )

    def __call__(self, inputs, known=None):
        """Factors (m, d) of inputs (m, d_in), float32; the mean where not `known`."""
        factors = np.tile(self.mean_.astype(np.float32), (len(inputs), 1))
        known = np.ones(len(inputs), dtype=bool) if known is None else known
        if self.ridge_ is not None and known.any():
            factors[known] = self.ridge_.predict(inputs[known]).reshape(known.sum(), -1)
        return factors
