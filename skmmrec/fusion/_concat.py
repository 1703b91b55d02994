"""Early fusion by laying the blocks side by side."""

import numpy as np
from sklearn.base import OneToOneFeatureMixin

from skmmrec._sklearn import StrOptions
from skmmrec.data import FeatureTable
from skmmrec.data._feature_table import center
from skmmrec.fusion._base import BaseFusionMethod, check_weights


def _block_scale(values, scaling):
    """The factor of a block, or of each of its rows, that makes the length 1."""
    lengths = np.sqrt(np.einsum("ij,ij->i", values, values, dtype=np.float64))
    if scaling == "standard":
        lengths = np.sqrt(np.mean(lengths**2, keepdims=True))
    return np.divide(1.0, lengths, out=np.ones_like(lengths), where=lengths > 0)


class ConcatFusion(OneToOneFeatureMixin, BaseFusionMethod, auto_wrap_output_keys=None):
    """Blocks side by side, each brought to the same scale and weighted.

    Without scaling, a block of 1280 large numbers drowns one of 20 small ones. Each
    block is centred, so that the zero of a missing modality is its mean.

    Parameters
    ----------
    scaling : {"standard", "l2", None}, default="standard"
        - `"standard"`: the columns of a block are centred and the block divided by one
          number, so that its rows have a mean squared length of 1, whatever its width;
          distances inside a block keep their proportions;
        - `"l2"`: centred, then each row of a block has length 1;
        - None: as they come.
    weights : dict of {str: float} or sequence of float, default=None
        Factor of each block after scaling; None weighs all 1.

    Attributes
    ----------
    blocks_ : dict of {str: slice}
        Columns of each modality.
    mean_ : ndarray of float32 of shape (d,)
        What is subtracted.
    scale_ : dict of {str: float}
        What each block is multiplied with, weight included.

    See Also
    --------
    WeightedMeanFusion : One vector as wide as the narrowest block.

    References
    ----------
    Baltrusaitis, Ahuja, Morency. "Multimodal Machine Learning: A Survey and Taxonomy",
    TPAMI 2019, section 5.1 (early fusion).

    Examples
    --------
    >>> import numpy as np
    >>> from skmmrec.data import FeatureTable
    >>> from skmmrec.fusion import ConcatFusion
    >>> table = FeatureTable.from_blocks({
    ...     "text": np.array([[300.0, 0], [0, 300]]), "image": np.array([[0.1], [0.3]])
    ... })
    >>> ConcatFusion().fit_transform(table).values.round(2)
    array([[ 0.71, -0.71, -1.  ],
           [-0.71,  0.71,  1.  ]], dtype=float32)
    """

    _parameter_constraints = {
        "scaling": [StrOptions({"standard", "l2"}), None],
        "weights": [dict, "array-like", None],
    }

    def __init__(self, scaling="standard", weights=None):
        self.scaling = scaling
        self.weights = weights

    def _fit(self, table, events):
        weights = check_weights(self.weights, list(table.blocks))
        self.mean_ = center(table) if self.scaling else np.zeros(table.shape[1], "f4")
        self.scale_ = weights
        if self.scaling == "standard":
            for (name, columns), has in zip(table.blocks.items(), table.present.T):
                centred = table.block(name)[has] - self.mean_[columns]
                factor = _block_scale(centred, "standard")[0] if has.any() else 1.0
                self.scale_[name] *= float(factor)

    def _transform(self, table):
        values = table.values - self.mean_
        for (name, columns), has in zip(table.blocks.items(), table.present.T):
            block = values[:, columns]  # a view
            block[~has] = 0
            if self.scaling == "l2":
                block *= _block_scale(block, "l2")[:, None].astype(np.float32)
            block *= np.float32(self.scale_[name])
        # a modality that weighs nothing is switched off: no row has it any more
        on = np.array([self.scale_[name] > 0 for name in table.blocks])
        return FeatureTable(values, table.blocks, table.present & on)
