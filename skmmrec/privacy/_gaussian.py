"""The Gaussian mechanism: how much noise a stated privacy takes, exactly.

Releases of sums, to each of which a person adds a vector of length 1 at most, with
noise of standard deviations s_1, s_2, ... are together as private as one with s,
1/s² = 1/s_1² + 1/s_2² + ..., also where what is summed hangs on what was released
before: so no accountant is needed that bounds a composition.
"""

import secrets
from numbers import Real

import numpy as np
from scipy.optimize import brentq
from scipy.special import log_ndtr, ndtri
from sklearn.utils import check_random_state

from skmmrec._checks import as_numbers
from skmmrec._quote import quoted

# Between what protects nobody and what leaves nothing to learn.
SMALLEST, LARGEST = 1e-3, 1e8


def _log_delta(noise_multiplier, epsilon):
    """Logarithm of the least delta: Balle and Wang, theorem 8, for sensitivity 1."""
    half, shift = 0.5 / noise_multiplier, epsilon * noise_multiplier
    first, second = log_ndtr(half - shift), epsilon + log_ndtr(-half - shift)
    return first + np.log1p(-np.exp(min(second - first, -1e-16)))


def _check_delta(delta):
    if not isinstance(delta, Real) or not 0 < delta < 1:
        raise ValueError(
            f"delta must be between 0 and 1; got {quoted(delta)}; choose one far below "
            f"1 / n_users, such as 1e-5."
        )


def gaussian_noise_multiplier(epsilon, delta):
    """Noise that makes a release of sums (epsilon, delta)-differentially private.

    Parameters
    ----------
    epsilon : float
        Above 0; infinity takes no noise.
    delta : float
        Between 0 and 1.

    Returns
    -------
    noise_multiplier : float
        Standard deviation of the noise, over the length of what one person may add.

    Raises
    ------
    ValueError
        If epsilon or delta is out of these bounds.

    See Also
    --------
    gaussian_epsilon : The way back, for several releases.

    References
    ----------
    Balle, Wang. "Improving the Gaussian Mechanism for Differential Privacy: Analytical
    Calibration and Optimal Denoising", ICML 2018, theorem 8.

    Examples
    --------
    >>> from skmmrec.privacy import gaussian_noise_multiplier
    >>> round(gaussian_noise_multiplier(1, 1e-5), 2)
    3.73
    """
    _check_delta(delta)
    if not isinstance(epsilon, Real) or not epsilon > 0:
        raise ValueError(
            f"epsilon must be above 0; got {quoted(epsilon)}; where events may not "
            f"count at all, use a ContentRecommender."
        )
    if np.isinf(epsilon):
        return 0.0
    epsilon, goal = min(epsilon, 1 / SMALLEST**2), np.log(delta)
    if _log_delta(SMALLEST, epsilon) <= goal:
        return SMALLEST
    if _log_delta(LARGEST, epsilon) > goal:
        raise ValueError(
            f"epsilon and delta must leave something to learn; got {epsilon:g} and "
            f"{delta:g}, which take {LARGEST:g} times as much noise as one person "
            f"adds, or more; raise one of them."
        )
    return brentq(lambda s: _log_delta(s, epsilon) - goal, SMALLEST, LARGEST)


def gaussian_epsilon(noise_multipliers, delta):
    """The epsilon of several releases from the same people, taken together.

    Parameters
    ----------
    noise_multipliers : float or array-like of float
        Standard deviation of the noise of each release, over the length of what one
        person may add; 0 is none.
    delta : float
        Between 0 and 1.

    Returns
    -------
    epsilon : float
        Infinity where there is next to no noise.

    Raises
    ------
    ValueError
        If delta is not between 0 and 1, or a noise multiplier below 0.

    See Also
    --------
    gaussian_noise_multiplier : The noise of a stated epsilon.

    References
    ----------
    Dong, Roth, Su. "Gaussian Differential Privacy", JRSS B 2022, corollary 2 of
    theorem 4 (composition).

    Examples
    --------
    Four fits take as much as one with half the noise.

    >>> from skmmrec.privacy import gaussian_epsilon
    >>> [round(gaussian_epsilon(noise, 1e-5), 2) for noise in (4.0, [8.0] * 4)]
    [0.93, 0.93]
    """
    _check_delta(delta)
    noise = as_numbers(noise_multipliers, "noise_multipliers", None)
    noise = np.ravel(noise).astype(np.float64)
    if not (noise >= 0).all():
        raise ValueError(
            f"noise_multipliers must be 0 or more; got {quoted(noise_multipliers)}; "
            f"give the standard deviations of the noise."
        )
    with np.errstate(divide="ignore"):
        s, goal = 1 / np.hypot.reduce(1 / noise), np.log(delta)
    if s < SMALLEST:
        return np.inf
    if s > LARGEST or _log_delta(s, 0.0) <= goal:
        return 0.0
    largest = 0.5 / s**2 + 40 / s  # Gaussian tails: far beyond any delta of use
    return brentq(lambda epsilon: _log_delta(s, epsilon) - goal, 0.0, largest)


def gaussian_noise(shape, random_state):
    """Standard normal noise; for None from the operating system, which none can guess.

    Never from numpy's global generator, whose seed may stand in a script.
    """
    if random_state is not None:
        return check_random_state(random_state).standard_normal(shape)
    n = int(np.prod(shape))
    bits = np.frombuffer(secrets.token_bytes(8 * n), dtype=np.uint64) >> np.uint64(11)
    return ndtri((bits + 0.5) * 2.0**-53).reshape(shape)
