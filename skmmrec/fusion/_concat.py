"""Early fusion by laying the blocks side by side."""

import numpy as np
from sklearn.base import OneToOneFeatureMixin
from sklearn.covariance import ledoit_wolf

from skmmrec._projection import MAX_ROWS
from skmmrec._sklearn import StrOptions
from skmmrec._threads import one_blas_thread
from skmmrec.data import FeatureTable
from skmmrec.data._feature_table import center
from skmmrec.fusion._base import BaseFusionMethod, check_weights
from skmmrec.fusion._ranking_weights import ranking_weights


@one_blas_thread
def _whitening(centred):
    """C^-½ of the shrunken covariance C of centred rows, (d, d); symmetric.

    Of all whitenings the one that changes the columns least, so that they keep their
    names. A direction in which nothing varies stays zero.
    """
    rows = centred[:: max(1, len(centred) // MAX_ROWS)].astype(np.float64)
    if len(rows) < 2:
        return np.eye(centred.shape[1], dtype=np.float32)
    covariance, _ = ledoit_wolf(rows, assume_centered=True)
    variances, directions = np.linalg.eigh(np.atleast_2d(covariance))
    varies = variances > len(variances) * np.finfo(np.float32).eps * variances.max()
    factors = np.sqrt(np.divide(1, variances, out=0 * variances, where=varies))
    return ((directions * factors) @ directions.T).astype(np.float32)


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
    scaling : {"standard", "l2", "whiten", None}, default="standard"
        - `"standard"`: the columns of a block are centred and the block divided by one
          number, so that its rows have a mean squared length of 1, whatever its width;
          distances inside a block keep their proportions;
        - `"l2"`: centred, then each row of a block has length 1;
        - `"whiten"`: centred, its columns decorrelated and of one variance, with the
          covariance shrunken (Ledoit and Wolf) so that weak directions do not blow up,
          then divided as in `"standard"`: for blocks in which a few directions that
          all rows share drown the others, and not for noisy ones;
        - None: as they come.
    weights : dict of {str: float}, sequence of float, "learned" or None, default=None
        Factor of each block after scaling; None weighs all 1, `"learned"` by what each
        adds to the ranking of items without events, as in `AutoFusion`.
    random_state : int, RandomState instance or None, default=None
        Draws the folds from which weights are learned.

    Attributes
    ----------
    blocks_ : dict of {str: slice}
        Columns of each modality.
    mean_ : ndarray of float32 of shape (d,)
        What is subtracted.
    weights_ : dict of {str: float}
        Weight of each modality.
    scale_ : dict of {str: float}
        What each block is multiplied with, weight included.
    whitening_ : dict of {str: ndarray of float32 of shape (d_m, d_m)}
        What decorrelates the columns of each block; empty but for `"whiten"`.

    See Also
    --------
    WeightedMeanFusion : One vector as wide as the narrowest block.
    AutoFusion : Learned weights, and what each modality is worth.

    References
    ----------
    Baltrusaitis, Ahuja, Morency. "Multimodal Machine Learning: A Survey and Taxonomy",
    TPAMI 2019, section 5.1 (early fusion). Ledoit, Wolf. "A Well-Conditioned Estimator
    for Large-Dimensional Covariance Matrices", Journal of Multivariate Analysis 2004,
    equation 14. Kessy, Lewin, Strimmer. "Optimal Whitening and Decorrelation", The
    American Statistician 2018, section 2 (ZCA whitening).

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
        "scaling": [StrOptions({"standard", "l2", "whiten"}), None],
        "weights": [dict, "array-like", StrOptions({"learned"}), None],
        "random_state": ["random_state"],
    }

    def __init__(self, scaling="standard", weights=None, random_state=None) -> None:
        self.scaling = scaling
        self.weights = weights
        self.random_state = random_state

    def _fit(self, table, events):
        learned = isinstance(self.weights, str)
        weights = check_weights(None if learned else self.weights, list(table.blocks))
        self.mean_ = center(table) if self.scaling else np.zeros(table.shape[1], "f4")
        self.whitening_ = {}
        self.scale_ = dict.fromkeys(table.blocks, 1.0)
        # learned weights are those of blocks of one scale
        if self.scaling in ("standard", "whiten") or learned:
            for (name, columns), has in zip(table.blocks.items(), table.present.T):
                centred = table.block(name)[has] - self.mean_[columns]
                if self.scaling == "whiten":
                    self.whitening_[name] = _whitening(centred)
                    centred = centred @ self.whitening_[name]
                if has.any() and self.scaling != "l2":
                    self.scale_[name] = float(_block_scale(centred, "standard")[0])
        if learned:
            scaled = self._transform(table)
            weights = ranking_weights(scaled, events, self.random_state)
        self.weights_ = weights
        self.scale_ = {name: weights[name] * s for name, s in self.scale_.items()}

    def _transform(self, table):
        values = table.values - self.mean_
        for (name, columns), has in zip(table.blocks.items(), table.present.T):
            block = values[:, columns]  # a view
            block[~has] = 0
            if self.scaling == "whiten":
                block[:] = block @ self.whitening_[name]
            if self.scaling == "l2":
                block *= _block_scale(block, "l2")[:, None].astype(np.float32)
            block *= np.float32(self.scale_[name])
        # a modality that weighs nothing is switched off: no row has it any more
        on = np.array([self.scale_[name] > 0 for name in table.blocks])
        return FeatureTable(values, table.blocks, table.present & on)
