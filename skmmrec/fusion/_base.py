"""What fusion methods share: a table of blocks in, another table of blocks out."""

from collections.abc import Sequence
from numbers import Real

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from skmmrec._sklearn import ContainerOutputMixin
from skmmrec.data import FeatureTable


def check_weights(weights, names):
    """Weights of the modalities as a dict with an entry for each name.

    Parameters
    ----------
    weights : dict of {str: float}, sequence of float or None
        A name left out of a dict weighs 1.
    names : list of str

    Returns
    -------
    weights : dict of {str: float}

    Raises
    ------
    ValueError
        If a weight is negative or not finite, all are zero, a name is unknown, or a
        sequence has another length than `names`.
    """
    if weights is None:
        return dict.fromkeys(names, 1.0)
    if not isinstance(weights, dict):
        if not isinstance(weights, Sequence | np.ndarray) or isinstance(weights, str):
            raise TypeError(
                f"weights must be a dict of modality to number, or a list of numbers; "
                f"got {weights!r}; pass one for each of {names}."
            )
        if len(weights) != len(names):
            raise ValueError(
                f"weights must give one number for each of the modalities {names}; got "
                f"{list(weights)}; pass as many, or a dict of name to weight."
            )
        weights = dict(zip(names, weights))
    if unknown := sorted(set(weights) - set(names)):
        raise ValueError(
            f"weights must name modalities of {names}; got {unknown}; correct the name."
        )
    for name, weight in weights.items():
        if not isinstance(weight, Real) or not 0 <= weight < float("inf"):
            raise ValueError(
                f"Weights must be finite numbers of 0 or more; got {weight!r} for "
                f"{name!r}; use 0 to switch a modality off."
            )
    weights = {name: float(weights.get(name, 1.0)) for name in names}
    if not any(weights.values()):
        raise ValueError(
            f"The weights must not all be zero; got {weights}; give at least one "
            f"modality a positive weight."
        )
    return weights


class BaseFusionMethod(
    ContainerOutputMixin, TransformerMixin, BaseEstimator, auto_wrap_output_keys=None
):
    """Validation for fusion methods; they write `_fit` and `_transform`.

    A method works on a FeatureTable, inside `MultimodalFusion`; a plain matrix is taken
    for a table of one modality, `"features"`, and gives a matrix.
    """

    def _table(self, X, reset):
        if isinstance(X, FeatureTable):
            if not reset and X.blocks != self.blocks_:
                raise ValueError(
                    f"The blocks must be those of fit, {self.blocks_}; got {X.blocks}; "
                    f"encode with the same fitted encoders."
                )
            return X
        X = validate_data(self, X, reset=reset, dtype=np.float32)
        return FeatureTable.from_blocks({"features": X})

    def fit(self, X, y=None):
        """Learn the fusion.

        Parameters
        ----------
        X : FeatureTable, or array-like of shape (n, d)
        y : Interactions, default=None
            The events, for methods that learn from them.

        Returns
        -------
        self : estimator
        """
        self._validate_params()
        table = self._table(X, reset=True)
        self.blocks_ = table.blocks
        self.n_features_in_ = table.shape[1]
        self._fit(table, y)
        return self

    def transform(self, X):
        """Fuse the blocks.

        Parameters
        ----------
        X : FeatureTable, or array-like of shape (n, d)

        Returns
        -------
        fused : FeatureTable, or ndarray of float32 for a matrix
        """
        check_is_fitted(self, "blocks_")
        fused = self._transform(self._table(X, reset=False))
        if isinstance(X, FeatureTable):
            return fused
        return self._wrap_matrix(fused.values, X)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags
