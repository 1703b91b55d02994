"""All checks of an estimator: scikit-learn's, and ours for its kind."""

import warnings
from functools import partial
from inspect import getmembers, isfunction

from sklearn import clone
from sklearn.exceptions import SkipTestWarning
from sklearn.utils import get_tags
from sklearn.utils.estimator_checks import estimator_checks_generator

from skmmrec._base import BaseRecommender
from skmmrec.fusion import BaseFusionMethod
from skmmrec.ranking import BaseRetriever
from skmmrec.testing import (
    _encoder_checks,
    _fusion_checks,
    _recommender_checks,
    _retriever_checks,
)

TEXTS = ("A ghost ship. At sea!", "red tea", "ships")


def _checks_in(module, **settings):
    """The checks of a module, in order."""
    found = [check for name, check in getmembers(module, isfunction) if _is_check(name)]
    for check in sorted(found, key=lambda check: check.__code__.co_firstlineno):
        yield partial(check, **settings) if settings else check


def _is_check(name):
    return name.startswith("check_")


def _theirs(estimator):
    """Scikit-learn's checks, one alone where it has no data of the kind."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SkipTestWarning)
        return [c for _, c in estimator_checks_generator(estimator, mark=None)]


def _ours(estimator, column):
    """Our checks for an estimator, by its kind."""
    if isinstance(estimator, BaseRecommender):
        return _checks_in(_recommender_checks)
    if isinstance(estimator, BaseFusionMethod):
        return _checks_in(_fusion_checks)
    if isinstance(estimator, BaseRetriever):
        return _checks_in(_retriever_checks)
    if get_tags(estimator).input_tags.one_d_array:
        return _checks_in(_encoder_checks, column=list(column))
    return ()


def _on_clone(check, name, estimator):
    check(name, clone(estimator))


def estimator_checks(estimator, *, column=TEXTS, sklearn=True, without=()):
    """The checks that an estimator has to pass, one after another.

    Parameters
    ----------
    estimator : encoder, fusion method, recommender or retriever
        With parameters for a small world: few components and iterations, and a
        `random_state` where chance plays a part.
    column : sequence of length 3 or more, default=TEXTS
        Distinct values of the kind that an encoder of one column takes, for which
        scikit-learn has no data.
    sklearn : bool, default=True
        Whether those of scikit-learn are among them.
    without : sequence of str, default=()
        Names of checks to leave out, such as ``"check_save_and_load"`` for an encoder
        that is given its weights as an object.

    Yields
    ------
    name : str
        Of the check.
    check : callable
        Called with the estimator, it raises an error if that fails.

    See Also
    --------
    parametrize_with_checks : As tests of pytest.

    Examples
    --------
    >>> from skmmrec import PopularityRecommender
    >>> from skmmrec.testing import estimator_checks
    >>> for name, check in estimator_checks(PopularityRecommender(), sklearn=False):
    ...     check(PopularityRecommender())
    """
    kind = type(estimator).__name__
    for check in _theirs(estimator) if sklearn else ():
        if check.func.__name__ not in without:
            yield check.func.__name__, check
    for check in _ours(estimator, column):
        name = getattr(check, "func", check).__name__
        if name not in without:
            yield name, partial(_on_clone, check, kind)


def parametrize_with_checks(estimators, *, column=TEXTS, sklearn=True, without=()):
    """Decorator of pytest: a test for each estimator and each check it has to pass.

    Parameters
    ----------
    estimators : list of estimators
        Instances, as for `estimator_checks`.
    column : sequence of length 3 or more, default=TEXTS
        Distinct values of the kind that encoders of one column take.
    sklearn : bool, default=True
        Whether scikit-learn's checks are among them.
    without : sequence of str, default=()
        Names of checks to leave out.

    Returns
    -------
    decorator : pytest.mark.parametrize

    See Also
    --------
    sklearn.utils.estimator_checks.parametrize_with_checks : Scikit-learn's alone.

    Examples
    --------
    >>> from skmmrec import ContentRecommender, SparseTextEncoder
    >>> from skmmrec.testing import parametrize_with_checks
    >>> @parametrize_with_checks([SparseTextEncoder(min_df=1), ContentRecommender()])
    ... def test_contract(estimator, check):
    ...     check(estimator)
    """
    import pytest

    settings = {"column": column, "sklearn": sklearn, "without": without}
    cases = [
        pytest.param(estimator, check, id=f"{estimator}-{name}")
        for estimator in estimators
        for name, check in estimator_checks(estimator, **settings)
    ]
    return pytest.mark.parametrize(("estimator", "check"), cases)
