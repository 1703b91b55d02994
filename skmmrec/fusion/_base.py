"""What fusion methods share: a table of blocks in, another table of blocks out."""

from collections.abc import Sequence
from numbers import Real
from typing import Self

import numpy as np
from scipy.sparse import issparse
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from skmmrec._callbacks import CallbackMixin
from skmmrec._docs import DocLinkMixin
from skmmrec._quote import quoted
from skmmrec._sklearn import ContainerOutputMixin
from skmmrec._sparse import count_events
from skmmrec.data import FeatureTable, Interactions
from skmmrec.data._tables import check_table, is_frame


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
        is_array = isinstance(weights, np.ndarray) and weights.ndim == 1
        is_list = isinstance(weights, Sequence) and not isinstance(weights, str)
        if not is_array and not is_list:
            raise TypeError(
                f"weights must be a dict of modality to number, or a list of numbers; "
                f"got {quoted(weights)}; pass one for each of {names}."
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
                f"Weights must be finite numbers of 0 or more; got {quoted(weight)} "
                f"for {name!r}; use 0 to switch a modality off."
            )
    weights = {name: float(weights.get(name, 1.0)) for name in names}
    if not any(weights.values()):
        raise ValueError(
            f"The weights must not all be zero; got {weights}; give at least one "
            f"modality a positive weight."
        )
    return weights


def had_by(X, on="items"):
    """Who had each row of a table: what fusion methods learn from.

    Parameters
    ----------
    X : Interactions
    on : {"items", "users"}, default="items"
        The table; of users it says what each of them had.

    Returns
    -------
    events : csr_array of float32 of shape (n, n_others)
        Summed weights of the events above 0 of each row of the table.
    """
    codes = {"items": X.item_codes, "users": X.user_codes}
    n_others = {"items": len(X.user_vocabulary), "users": len(X.item_vocabulary)}[on]
    rows = codes.pop(on)
    (others,) = codes.values()
    use = rows < X.n_described(on)
    shape = X.n_described(on), n_others
    events = count_events(rows[use], others[use], X.weights[use], shape).maximum(0)
    events = events.tocsr()
    events.eliminate_zeros()
    return events


class BaseFusionMethod(
    ContainerOutputMixin,
    TransformerMixin,
    CallbackMixin,
    DocLinkMixin,
    BaseEstimator,
    auto_wrap_output_keys=None,
):
    """Validation for fusion methods; they write `_fit` and `_transform`.

    A method turns a FeatureTable into another: inside `MultimodalFusion`, or as a step
    after it, on the encoded item table of an Interactions. A plain matrix is taken for
    a table of one modality, `"features"`, and gives a matrix.

    `_fit(table, events)` gets the events as a csr_array (n, n_others), who had each row
    of the table, or None where they are not known.
    """

    def _table(self, X, reset):
        if isinstance(X, Interactions):
            X = self._encoded(X)
        if isinstance(X, FeatureTable):
            if not reset and X.blocks != self.blocks_:
                raise ValueError(
                    f"The blocks must be those of fit, {self.blocks_}; got {X.blocks}; "
                    f"encode with the same fitted encoders."
                )
            return X
        if is_frame(X):
            check_table(X, "X")
        X = validate_data(self, X, reset=reset, dtype=np.float32)
        return FeatureTable.from_blocks({"features": X})

    def _encoded(self, X):
        """The encoded item table of an Interactions."""
        table = X.table("items")
        if not isinstance(table, FeatureTable):
            got = "none" if table is None else "one that is not encoded"
            raise ValueError(
                f"{type(self).__name__} must find an encoded item table; got {got}; "
                f"put a MultimodalFusion before it."
            )
        return table

    def fit(self, X, y=None) -> Self:
        """Learn the fusion.

        Parameters
        ----------
        X : FeatureTable, Interactions, or array-like of shape (n, d)
            Of an Interactions, the encoded item table.
        y : csr_array of shape (n, n_others), default=None
            Who had each row, for methods that learn from events; for an Interactions
            it comes from there. Anything else, such as a target, is ignored.

        Returns
        -------
        self : estimator
        """
        self._validate_params()
        if isinstance(X, Interactions):
            y = had_by(X)
        table = self._table(X, reset=True)
        self.blocks_ = table.blocks
        self.n_features_in_ = table.shape[1]
        events = y if issparse(y) else None
        with self._fit_task(table, events):
            self._fit(table, events)
        return self

    def transform(self, X):
        """Fuse the blocks.

        Parameters
        ----------
        X : FeatureTable, Interactions, or array-like of shape (n, d)

        Returns
        -------
        fused : FeatureTable, Interactions, or ndarray of float32 for a matrix
            What was given, fused: the same events with another item table.
        """
        check_is_fitted(self, "blocks_")
        if isinstance(X, Interactions) and X.table("items") is None:
            return X  # events of known items need no content
        fused = self._transform(self._table(X, reset=False))
        return self._result(fused, X)

    def _result(self, fused, X):
        """What was fused, as what it came as."""
        if isinstance(X, FeatureTable):
            return fused
        if isinstance(X, Interactions):
            return X.with_table("items", fused)
        return self._wrap_matrix(fused.values, X)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags
