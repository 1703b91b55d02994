"""Tests that plug-ins get for nothing, and small worlds to write others with."""

from skmmrec.testing._checks import TEXTS, estimator_checks, parametrize_with_checks
from skmmrec.testing._data import checkerboard, colours, painted
from skmmrec.testing._modules import hidden_modules

__all__ = [
    "TEXTS",
    "checkerboard",
    "colours",
    "estimator_checks",
    "hidden_modules",
    "painted",
    "parametrize_with_checks",
]
