"""Early fusion by averaging the blocks, once they have one width."""

import numpy as np

from skmmrec.fusion._weighted import BaseWeightedFusion


class WeightedMeanFusion(BaseWeightedFusion, auto_wrap_output_keys=None):
    """Weighted mean of the blocks, F = Σ_t w_t X_t / Σ_t w_t over those present.

    The blocks are first brought to one width and one scale: the leading principal
    components of each, divided so that rows have a mean squared length of 1. A row's
    mean is taken over the modalities it has.

    Parameters
    ----------
    n_components : int, default=None
        Width of the result, at most that of the widest block; None takes that of the
        narrowest, but at least 16. Narrower blocks end in zeros.
    weights : dict of {str: float}, sequence of float, "learned" or None, default=None
        Weight of each modality; None weighs all 1, `"learned"` by what each adds to the
        ranking of items without events, as in `AutoFusion`.
    random_state : int, RandomState instance or None, default=None
        Draws the folds from which weights are learned.

    Attributes
    ----------
    n_components_ : int
        Width of the result.
    projections_ : dict of {str: Projection}
        How each block is brought to that width; one that does not vary is zero.
    weights_ : dict of {str: float}
        Weight of each modality.

    See Also
    --------
    WeightedSumFusion : Without the division.
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
    (3, 2)
    """

    _block = "mean"

    def _combined(self, total, weight):
        return np.divide(total, weight, out=total, where=weight > 0)
