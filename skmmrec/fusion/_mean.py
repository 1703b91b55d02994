"""Early fusion by averaging the blocks, once they have one width."""

from numbers import Integral

import numpy as np
from sklearn.base import ClassNamePrefixFeaturesOutMixin

from skmmrec._projection import Projection
from skmmrec._sklearn import Interval
from skmmrec.data import FeatureTable
from skmmrec.fusion._base import BaseFusionMethod, check_weights


class WeightedMeanFusion(
    ClassNamePrefixFeaturesOutMixin, BaseFusionMethod, auto_wrap_output_keys=None
):
    """Weighted mean of the blocks, F = Σ_t w_t X_t / Σ_t w_t over those present.

    The blocks are first brought to one width and one scale: the leading principal
    components of each, divided so that rows have a mean squared length of 1. A row's
    mean is taken over the modalities it has.

    Parameters
    ----------
    n_components : int, default=None
        Width of the result; None takes that of the narrowest block.
    weights : dict of {str: float} or sequence of float, default=None
        Weight of each modality; None weighs all the same.

    Attributes
    ----------
    n_components_ : int
        Width of the result.
    projections_ : dict of {str: Projection}
        How each block is brought to that width; one that does not vary is zero.

    See Also
    --------
    ConcatFusion : Keeps the blocks apart, at the price of width.

    Notes
    -----
    The first component of one modality is averaged with the first of another, though
    nothing says that they mean the same: cheap and narrow, seldom the most accurate.

    Examples
    --------
    >>> import numpy as np
    >>> from skmmrec.data import FeatureTable
    >>> from skmmrec.fusion import WeightedMeanFusion
    >>> table = FeatureTable.from_blocks({
    ...     "text": np.array([[3.0, 0], [0, 3], [1, 1]]),
    ...     "image": np.array([[0.1], [0.3], [np.nan]]),
    ... })
    >>> WeightedMeanFusion(weights=[3, 1]).fit_transform(table).shape
    (3, 1)
    """

    _parameter_constraints = {
        "n_components": [Interval(Integral, 1, None, closed="left"), None],
        "weights": [dict, "array-like", None],
    }

    def __init__(self, n_components=None, weights=None):
        self.n_components = n_components
        self.weights = weights

    def _fit(self, table, events):
        self.weights_ = check_weights(self.weights, list(table.blocks))
        widths = [columns.stop - columns.start for columns in table.blocks.values()]
        self.n_components_ = self.n_components or min(widths)
        self.projections_ = {
            name: Projection(table.block(name)[has], self.n_components_)
            for name, has in zip(table.blocks, table.present.T)
        }
        self._n_features_out = self.n_components_

    def _transform(self, table):
        total = np.zeros((len(table), self.n_components_), dtype=np.float32)
        weight = np.zeros((len(table), 1), dtype=np.float32)
        for (name, projection), has in zip(self.projections_.items(), table.present.T):
            if has.any():
                rows = projection(table.block(name)[has])
                total[has, : projection.width] += self.weights_[name] * rows
                weight[has] += self.weights_[name]
        present = weight > 0
        values = np.divide(total, weight, out=total, where=present)
        return FeatureTable(values, {"mean": slice(0, self.n_components_)}, present)
