"""Early fusion by adding the blocks, once they have one width."""

from skmmrec.fusion._weighted import BaseWeightedFusion


class WeightedSumFusion(BaseWeightedFusion, auto_wrap_output_keys=None):
    """Weighted sum of the blocks, F = Σ_t w_t X_t; a missing one adds nothing.

    The blocks are first brought to one width and one scale, as in `WeightedMeanFusion`.
    A row that has more modalities comes out longer: more is known of it. Where rows
    differ in what they have, and length is no evidence, take the mean.

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
    WeightedMeanFusion : Divided by the weights of the modalities a row has.
    ConcatFusion : Keeps the blocks apart, at the price of width.

    References
    ----------
    Baltrusaitis, Ahuja, Morency. "Multimodal Machine Learning: A Survey and Taxonomy",
    TPAMI 2019, section 5.1 (early fusion).

    Examples
    --------
    >>> import numpy as np
    >>> from skmmrec.data import FeatureTable
    >>> from skmmrec.fusion import WeightedSumFusion
    >>> table = FeatureTable.from_blocks({
    ...     "text": np.array([[-1.0], [1.0]]), "image": np.array([[0.1], [np.nan]])
    ... })
    >>> WeightedSumFusion(weights=[2, 1]).fit_transform(table).present.tolist()
    [[True], [True]]
    """

    _block = "sum"

    def _combined(self, total, weight):
        return total
