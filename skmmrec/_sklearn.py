"""The only file that imports private names of scikit-learn.

What they are for: `callback_management_context` ends what callbacks began, whatever
becomes of a fit; `_BaseComposition` gives nested parameters (``fusion__text__model``)
to estimators that hold others; `_BaseScorer` lets several metrics share one prediction;
`Interval` and `StrOptions` say which parameters are valid, with scikit-learn's errors;
`Tree` is what a fitted tree holds;
the output adapters make `set_output` work on transformers that, unlike scikit-learn's,
return a matrix for a matrix and a container for a container.
"""

from sklearn.callback._callback_support import (
    callback_management_context as callback_management,
)
from sklearn.metrics._scorer import _BaseScorer as BaseScorer
from sklearn.tree._tree import Tree
from sklearn.utils import _safe_indexing as safe_indexing
from sklearn.utils._param_validation import Interval, StrOptions, validate_params
from sklearn.utils._set_output import ADAPTERS_MANAGER, _get_output_config
from sklearn.utils.metaestimators import _BaseComposition as BaseComposition

__all__ = [
    "BaseComposition",
    "BaseScorer",
    "ContainerOutputMixin",
    "Interval",
    "StrOptions",
    "Tree",
    "callback_management",
    "safe_indexing",
    "validate_params",
]


class ContainerOutputMixin:
    """`set_output` for transformers that wrap matrices, and only these.

    Such a class is declared with ``auto_wrap_output_keys=None``, or scikit-learn would
    try to turn containers into data frames as well.
    """

    def set_output(self, *, transform=None):
        """Choose the container of matrices that `transform` returns.

        Parameters
        ----------
        transform : {"default", "pandas", "polars"}, default=None
            None leaves the choice as it is.

        Returns
        -------
        self : estimator
        """
        if transform is not None:
            self._sklearn_output_config = {"transform": transform}
        return self

    def _wrap_matrix(self, matrix, X):
        """`matrix` in the container that was chosen, with the index of `X`."""
        container = _get_output_config("transform", self)["dense"]
        if container == "default":
            return matrix
        adapter = ADAPTERS_MANAGER.adapters[container]
        return adapter.create_container(matrix, X, columns=self.get_feature_names_out)
