"""What the fusion networks share: inputs, start, training, and use without torch."""

import warnings
from numbers import Integral, Real

import numpy as np
from sklearn.base import ClassNamePrefixFeaturesOutMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from skmmrec._projection import BlockProjection
from skmmrec._sklearn import Interval
from skmmrec._vectors import unit_rows
from skmmrec.data import FeatureTable
from skmmrec.fusion._base import BaseFusionMethod
from skmmrec.fusion._contrastive import train
from skmmrec.fusion._moments import leading

# Principal components of each block that the network sees.
MAX_WIDTH = 128

# Rows that are fused at a time, in float64.
CHUNK = 4096


def masked_softmax(xp, logits, present):
    """Softmax over the modalities present (n, n_modalities); zeros where none is."""
    logits = logits - 1e9 * (1 - present)
    weights = xp.exp(logits - xp.amax(logits, 1)[:, None]) * present
    total = weights.sum(1)
    return weights / (total + (total == 0))[:, None]


class NetworkFusion(
    ClassNamePrefixFeaturesOutMixin, BaseFusionMethod, auto_wrap_output_keys=None
):
    """z = Σ_m a_m h_m with item-wise weights a_m; a network says what a and h are.

    It writes `_start(d, k, rng)`, the weights beside those of h that the training
    starts from, such that all a_m are equal, `_hidden(xp, weights, x, columns, m)`, the
    h_m of modality m from its columns of x, and `_logits(xp, weights, x, present)`.
    """

    _parameter_constraints = {
        "n_components": [Interval(Integral, 1, None, closed="left")],
        "learning_rate": [Interval(Real, 0, None, closed="neither")],
        "weight_decay": [Interval(Real, 0, None, closed="left")],
        "modality_dropout": [Interval(Real, 0, 1, closed="left")],
        "batch_size": [Interval(Integral, 2, None, closed="left")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "device": [str, None],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        n_components=64,
        *,
        learning_rate=3e-3,
        weight_decay=0.01,
        modality_dropout=0.2,
        batch_size=512,
        max_iter=100,
        device=None,
        random_state=None,
    ) -> None:
        self.n_components = n_components
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.modality_dropout = modality_dropout
        self.batch_size = batch_size
        self.max_iter = max_iter
        self.device = device
        self.random_state = random_state

    def _fit(self, table, events):
        rng = check_random_state(self.random_state)
        self._inputs = BlockProjection(table, MAX_WIDTH)
        self.projections_ = self._inputs.projections
        self._columns = self._inputs.columns
        x, d = self._inputs(table), self._inputs.width
        k = self._n_features_out = max(1, min(self.n_components, d))
        # the joint principal directions: z·z' is at first that of the joined blocks
        map_ = np.zeros((d, k), dtype=np.float32)
        map_[:, : min(k, d)] = leading(x.T @ x, min(k, d))[1] if d else 0
        bias = np.zeros((len(self._columns), k), dtype=np.float32)
        start = {"map": map_, "bias": bias} | self._start(d, k, rng)
        self.weights_, self.losses_ = start, []
        if events is not None:
            self.weights_, self.losses_ = train(
                self._forward,
                start,
                x,
                table.present,
                events,
                rng,
                learning_rate=self.learning_rate,
                weight_decay=self.weight_decay,
                modality_dropout=self.modality_dropout,
                batch_size=self.batch_size,
                epochs=self._epochs,
                device=self.device,
            )
        self.n_iter_ = max(1, len(self.losses_) - 1)  # as scikit-learn wants it
        if not self.losses_ and len(self._columns) > 1:
            warnings.warn(
                f"{type(self).__name__} must see users who had several of the rows; "
                f"got none: all modalities weigh the same; fit on an Interactions.",
                stacklevel=3,
            )

    def _epochs(self, learned, until):
        def attributes():
            return dict(zip(("weights_", "losses_"), learned()))

        return self._iterations(self.max_iter, attributes, until=until)

    def _linear(self, weights, x, columns, m):
        return x[:, columns] @ weights["map"][columns] + weights["bias"][m]

    def _forward(self, xp, weights, x, present):
        a = masked_softmax(xp, self._logits(xp, weights, x, present), present)
        return sum(
            a[:, m, None] * self._hidden(xp, weights, x, columns, m)
            for m, columns in enumerate(self._columns)
        )

    def _transform(self, table):
        values = np.empty((len(table), self._n_features_out), dtype=np.float32)
        for rows, x, present in self._chunks(table):
            values[rows] = unit_rows(self._forward(np, self.weights_, x, present))
        name = type(self).__name__.removesuffix("Fusion").lower()
        present = table.present.any(axis=1, keepdims=True)
        return FeatureTable(values, {name: slice(0, values.shape[1])}, present)

    def _chunks(self, table):
        """Rows, their inputs and what they have, in float64: no row hangs on others."""
        for start in range(0, len(table), CHUNK):
            rows = slice(start, start + CHUNK)
            part = FeatureTable(table.values[rows], table.blocks, table.present[rows])
            yield (
                rows,
                self._inputs(part).astype(np.float64),
                part.present.astype(float),
            )

    def modality_weights(self, X):
        """How much each modality counts in each row: the a_m of z = Σ_m a_m h_m.

        Parameters
        ----------
        X : FeatureTable, Interactions, or array-like of shape (n, d)

        Returns
        -------
        weights : ndarray of float32 of shape (n, n_modalities)
            In the order of `blocks_`. Rows sum to 1 over what is present, and are zero
            where nothing is.
        """
        check_is_fitted(self, "blocks_")
        table = self._table(X, reset=False)
        weights = np.empty(table.present.shape, dtype=np.float32)
        for rows, x, present in self._chunks(table):
            logits = self._logits(np, self.weights_, x, present)
            weights[rows] = masked_softmax(np, logits, present)
        return weights
