"""The noise that a stated privacy takes, judged by Google's accountant."""

import numpy as np
import pytest

from skmmrec.privacy import gaussian_epsilon, gaussian_noise_multiplier
from skmmrec.privacy._gaussian import gaussian_noise

EPSILONS, DELTAS = (0.01, 0.5, 1, 8, 100), (1e-9, 1e-5, 0.1)
STATED = [(epsilon, delta) for epsilon in EPSILONS for delta in DELTAS]


@pytest.mark.parametrize(("epsilon", "delta"), STATED)
def test_the_noise_is_that_of_googles_accountant(epsilon, delta):
    """To its own tolerance, and never less by more than rounding."""
    theirs = pytest.importorskip("dp_accounting")
    ours = gaussian_noise_multiplier(epsilon, delta)
    assert ours == pytest.approx(theirs.get_sigma_gaussian(epsilon, delta), rel=1e-5)
    assert theirs.get_epsilon_gaussian(ours, delta) == pytest.approx(epsilon, rel=1e-6)


def test_several_releases_come_to_what_a_numerical_accountant_says():
    """Its bound, by privacy loss distributions, is just above the exact figure."""
    accounting = pytest.importorskip("dp_accounting")
    from dp_accounting.pld import PLDAccountant

    noises = [2.0, 3.0, 5.0]
    theirs = PLDAccountant(value_discretization_interval=1e-3)
    for noise in noises:
        theirs.compose(accounting.GaussianDpEvent(noise))
    exact = gaussian_epsilon(noises, 1e-6)
    assert exact <= theirs.get_epsilon(1e-6) <= exact + 0.01


@pytest.mark.parametrize(("epsilon", "delta"), STATED)
def test_epsilon_of_the_noise_is_the_stated_one(epsilon, delta):
    """There and back."""
    noise = gaussian_noise_multiplier(epsilon, delta)
    assert gaussian_epsilon(noise, delta) == pytest.approx(epsilon, rel=1e-6)


def test_ends_of_the_scale():
    """No noise protects nobody; so much that delta alone covers it costs nothing."""
    assert gaussian_noise_multiplier(np.inf, 1e-5) == 0
    assert gaussian_epsilon([3.0, 0.0], 1e-5) == np.inf
    assert gaussian_epsilon(1e6, 1e-3) == 0


@pytest.mark.parametrize(
    ("ask", "match"),
    [
        (
            lambda: gaussian_noise_multiplier(1, 0),
            "delta must be between 0 and 1; got 0",
        ),
        (lambda: gaussian_noise_multiplier(0, 0.1), "epsilon must be above 0; got 0"),
        (lambda: gaussian_noise_multiplier(np.nan, 0.1), "epsilon must be above 0"),
        (lambda: gaussian_noise_multiplier(1e-9, 1e-12), "must leave something"),
        (lambda: gaussian_epsilon(1, np.nan), "delta must be"),
        (lambda: gaussian_epsilon([1, -1], 0.1), "noise_multipliers must be 0 or more"),
    ],
)
def test_what_is_no_privacy_is_refused(ask, match):
    """In one sentence."""
    with pytest.raises(ValueError, match=match):
        ask()


@pytest.mark.parametrize("epsilon", [1e6, 1e300])
def test_next_to_no_privacy_takes_next_to_no_noise(epsilon):
    """More than it takes, rather than an error of the solver."""
    noise = gaussian_noise_multiplier(epsilon, 1e-5)
    assert 0 < noise < 0.01
    assert gaussian_epsilon(noise, 1e-5) <= epsilon


def test_no_release_tells_nothing():
    """A sum over none."""
    assert gaussian_epsilon([], 1e-5) == 0


def test_no_seed_of_numpy_brings_the_noise_back():
    """`np.random.seed` in a script would else undo it; and it is standard normal."""
    draws = []
    for _ in range(2):
        np.random.seed(0)  # noqa: NPY002
        draws.append(gaussian_noise((300, 300), None))
    assert not np.isin(draws[0], draws[1]).any()
    draws = np.sort(np.ravel(draws))
    assert abs(draws.mean()) < 0.02
    assert np.mean(draws < 1.96) == pytest.approx(0.975, abs=0.003)
    assert 3.7 < draws[-1] < 7
