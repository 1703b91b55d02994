"""Shapley values of a game, from the values of all its coalitions."""

from math import factorial

import numpy as np

# 2^12 coalitions are 4096 vectors of an item.
MAX_PLAYERS = 12


def coalitions(n_players):
    """Who is in each coalition: bool (2^n, n), row s by the bits of s."""
    return (np.arange(2**n_players)[:, None] >> np.arange(n_players) & 1).astype(bool)


def shapley_values(values):
    """What each player adds to a coalition, on average over all orders of joining.

    φ_m = Σ_S |S|! (M - |S| - 1)! / M! (v(S ∪ m) - v(S)), over the coalitions S without
    m. They sum to v(all) - v(none).

    Parameters
    ----------
    values : ndarray of shape (2^M,)
        v of each row of `coalitions(M)`.

    Returns
    -------
    phi : ndarray of float64 of shape (M,)
    """
    M = len(values).bit_length() - 1
    sizes = coalitions(M).sum(axis=1)
    share = [factorial(s) * factorial(M - s - 1) / factorial(M) for s in range(M)]
    phi = np.empty(M)
    for m in range(M):
        without = np.flatnonzero(~np.arange(len(values)) >> m & 1)
        gains = values[without | 1 << m] - values[without]
        phi[m] = np.take(share, sizes[without]) @ gains
    return phi
