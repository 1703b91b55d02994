"""What content leads to expect of factors, learned while they are."""

import numpy as np

from skmmrec._threads import one_blas_thread
from skmmrec.recommenders._content_space import ContentSpace

# Penalties that are tried, in units of the mean eigenvalue of the Gram matrix, and the
# number of rows that they are tried on.
PENALTIES = np.logspace(-2, 3, 16)
MAX_ROWS = 10_000


class ContentPrior:
    """Ridge regression from features to factors, to be fitted after every sweep.

    A row that lacks a modality is expected to be as the mean one in that respect. The
    eigenvectors of the Gram matrix are found once; then a fit costs little more than
    the product of features and factors.

    Parameters
    ----------
    features : FeatureTable of n rows
    rows : ndarray of int of shape (m,)
        Those to learn from. Every row counts the same: weighted by their events, new
        items would all get the factors of popular ones.
    """

    @one_blas_thread
    def __init__(self, features, rows):
        features = features.take(rows)
        self.space = ContentSpace(features, centered=True)
        self._F = self.space.values(features)  # (m, p), every column of mean 0
        self._S, self._V = np.linalg.eigh((self._F.T @ self._F).astype(np.float64))
        self._S = np.maximum(self._S, 0)

    def fit(self, factors, penalty=None):
        """Learn from factors (m, d) of the rows; returns what it expects of them.

        The penalty is by default the one of least error on rows left out.
        """
        self.mean = factors.mean(axis=0)
        Y = factors - self.mean
        Z = self._V.T @ (self._F.T @ Y)  # (p, d)
        self.penalty = self._best_penalty(Y, Z) if penalty is None else penalty
        weights = Z / (self._S + self.penalty)[:, None]
        self.coef = (self._V @ weights).astype(np.float32)  # (p, d)
        return self._F @ self.coef + self.mean

    def _best_penalty(self, Y, Z):
        """By leave-one-out, in closed form: residual / (1 - leverage) of each row.

        Generalised cross-validation would take the mean leverage for all, and is too
        trustful of features that few rows have.
        """
        some = slice(None, None, max(1, len(Y) // MAX_ROWS))
        Y, F = Y[some], self._F[some] @ self._V.astype(np.float32)
        squares = F**2

        def error(penalty):
            shrunk = self._S + penalty
            leverage = 1 / len(self._F) + squares @ (1 / shrunk)
            residual = Y - F @ (Z / shrunk[:, None]).astype(np.float32)
            return np.square(residual / np.maximum(1 - leverage, 1e-6)[:, None]).sum()

        floor = 1e-6 * self._S.max()
        real = self._S[floor < self._S]
        scale = real.mean() if len(real) else 1.0
        return min(scale * PENALTIES, key=error)

    def forget_rows(self):
        """Drop what only another fit needs."""
        del self._F, self._S, self._V

    def __call__(self, features):
        """Factors (k, d) expected of rows of a FeatureTable."""
        return self.space.values(features) @ self.coef + self.mean


def learn_prior(features, factors, rows, penalty=None):
    """What features lead to expect of factors (n, d); None without features."""
    if features is None or not features.shape[1]:
        return None
    prior = ContentPrior(features, rows)
    prior.fit(factors[rows], penalty)
    prior.forget_rows()
    return prior
