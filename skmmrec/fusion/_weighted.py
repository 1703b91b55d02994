"""Weighted sums of blocks, once they have one width."""

from numbers import Integral

import numpy as np
from sklearn.base import ClassNamePrefixFeaturesOutMixin

from skmmrec._projection import Projection
from skmmrec._sklearn import Interval, StrOptions
from skmmrec.data import FeatureTable
from skmmrec.fusion._base import BaseFusionMethod, check_weights
from skmmrec.fusion._ranking_weights import ranking_weights

# A price is one number, and no reason to bring a text down to one.
LEAST_WIDTH = 16


class BaseWeightedFusion(
    ClassNamePrefixFeaturesOutMixin, BaseFusionMethod, auto_wrap_output_keys=None
):
    """Sums the weighted projections of the blocks; a subclass says what comes of it.

    It writes `_block`, the name of the block that comes out, and `_combined`.
    """

    _parameter_constraints = {
        "n_components": [Interval(Integral, 1, None, closed="left"), None],
        "weights": [dict, "array-like", StrOptions({"learned"}), None],
        "random_state": ["random_state"],
    }

    def __init__(self, n_components=None, weights=None, random_state=None) -> None:
        self.n_components = n_components
        self.weights = weights
        self.random_state = random_state

    def _fit(self, table, events):
        learned = isinstance(self.weights, str)
        weights = check_weights(None if learned else self.weights, list(table.blocks))
        widths = [columns.stop - columns.start for columns in table.blocks.values()]
        width = self.n_components or max(min(widths), LEAST_WIDTH)
        self.n_components_ = min(width, max(widths))
        self.projections_ = {
            name: Projection(table.block(name)[has], self.n_components_)
            for name, has in zip(table.blocks, table.present.T)
        }
        if learned:
            projected = self._projected(table)
            weights = ranking_weights(projected, events, self.random_state)
        self.weights_ = weights
        self._n_features_out = self.n_components_

    def _projected(self, table):
        """The blocks brought to one width and scale, side by side."""
        blocks = {}
        for (name, projection), has in zip(self.projections_.items(), table.present.T):
            block = np.full((len(table), projection.width), np.nan, dtype=np.float32)
            block[has] = projection(table.block(name)[has])
            blocks[name] = block
        return FeatureTable.from_blocks(blocks)

    def _transform(self, table):
        total = np.zeros((len(table), self.n_components_), dtype=np.float32)
        weight = np.zeros((len(table), 1), dtype=np.float32)
        for (name, projection), has in zip(self.projections_.items(), table.present.T):
            if has.any():
                rows = projection(table.block(name)[has])
                total[has, : projection.width] += self.weights_[name] * rows
                weight[has] += self.weights_[name]
        values = self._combined(total, weight)
        blocks = {self._block: slice(0, self.n_components_)}
        return FeatureTable(values, blocks, weight > 0)
