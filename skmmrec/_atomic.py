"""A call that learns is all or nothing, whatever ends it and wherever.

Ctrl-C, a full memory or a wrong row in the midst of a fit would leave half of a model:
attributes of this fit beside those of the last. So what a call sets is taken back when
it fails. Only references are kept, so that this costs nothing; therefore arrays and
other objects that an estimator holds are replaced, never written into, and estimators
are cloned before they are fitted.
"""

from functools import wraps

from sklearn.base import BaseEstimator

METHODS = "fit", "fit_transform", "partial_fit", "remove_items", "forget"


def _with_nested(estimator):
    """An estimator and those among its parameters, which a pipeline fits themselves."""
    try:
        nested = estimator.get_params().values()
    except TypeError:  # a class among them, which the fit will refuse
        nested = ()
    return [estimator, *(e for e in nested if isinstance(e, BaseEstimator))]


def all_or_nothing(method):
    """A method that, where it raises, leaves all attributes as they were."""

    @wraps(method)
    def whole(self, *args, **kwargs):
        before = [(e, vars(e).copy()) for e in _with_nested(self)]
        try:
            return method(self, *args, **kwargs)
        except BaseException:
            for estimator, attributes in before:
                estimator.__dict__ = attributes
            raise

    whole.is_whole = True
    return whole


class AllOrNothingMixin:
    """Makes `METHODS` of all subclasses all or nothing, plug-ins' own included."""

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        for name in METHODS:
            method = getattr(cls, name, None)
            if method is not None and not hasattr(method, "is_whole"):
                setattr(cls, name, all_or_nothing(method))
