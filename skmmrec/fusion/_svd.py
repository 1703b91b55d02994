"""Early fusion by the singular value decomposition of the joined blocks."""

from numbers import Integral

import numpy as np
from sklearn.base import ClassNamePrefixFeaturesOutMixin

from skmmrec._sklearn import Interval
from skmmrec._threads import one_blas_thread
from skmmrec.data import FeatureTable
from skmmrec.fusion._base import BaseFusionMethod, check_weights
from skmmrec.fusion._moments import block_of, leading, moments, patterns

# Least noise of a column, relative to the mean variance: with as many components as
# columns nothing is left over to estimate it from.
LEAST_NOISE = 1e-3


class SVDFusion(
    ClassNamePrefixFeaturesOutMixin, BaseFusionMethod, auto_wrap_output_keys=None
):
    """Leading principal components of the joined blocks, from what each row has.

    The blocks are centred, brought to one scale as by `ConcatFusion`, weighted and
    joined; the components are the right singular vectors of the result. Narrow, and
    what modalities say alike is said once; directions of little variance are lost,
    whatever they mean to users.

    A row is placed by the posterior mean of probabilistic PCA given the columns that
    it has, which for a complete row is its score of PCA times 1 - σ²/λ: λ the variance
    of the component, σ² the mean variance of the directions left out. The less a row
    has, the nearer it is to the mean.

    Parameters
    ----------
    n_components : int, default=64
        Width of the result; at most that of the joined blocks.
    weights : dict of {str: float} or sequence of float, default=None
        Factor of each block after scaling; None weighs all 1.

    Attributes
    ----------
    components_ : ndarray of float64 of shape (n_components, d)
        Directions, in the scaled and weighted columns.
    explained_variance_ : ndarray of float64 of shape (n_components,)
    noise_variance_ : float
        σ²; no less than a thousandth of the mean variance of a column.
    weights_ : dict of {str: float}
        Factor of each block.
    n_components_ : int
        Width of the result.

    See Also
    --------
    NMFFusion : Parts that only add up.
    CCAFusion : What the modalities share, instead of what varies most.

    References
    ----------
    Tipping, Bishop. "Probabilistic Principal Component Analysis", Journal of the Royal
    Statistical Society B 1999, equations 7, 8 and section 3.3 (missing data).

    Examples
    --------
    >>> import numpy as np
    >>> from skmmrec.data import FeatureTable
    >>> from skmmrec.fusion import SVDFusion
    >>> taste = np.array([[-2.0], [2], [-2], [2]])
    >>> table = FeatureTable.from_blocks({
    ...     "text": np.hstack([taste, -taste]),
    ...     "image": np.array([[5.0], [-5], [np.nan], [np.nan]]),
    ... })
    >>> SVDFusion(n_components=1).fit_transform(table).values.round(1).ravel()
    array([ 1.4, -1.4,  1.4, -1.4], dtype=float32)
    """

    _parameter_constraints = {
        "n_components": [Interval(Integral, 1, None, closed="left")],
        "weights": [dict, "array-like", None],
    }

    def __init__(self, n_components=64, weights=None) -> None:
        self.n_components = n_components
        self.weights = weights

    def _fit(self, table, events):
        self.weights_ = check_weights(self.weights, list(table.blocks))
        self.moments_ = moments(table)
        weight = self._column_weights()
        covariance = self.moments_.covariance * weight[:, None] * weight
        d, k = len(weight), min(int(self.n_components), len(weight))
        variance, vectors = leading(covariance, k)
        total = covariance.trace()
        rest = (total - variance.sum()) / max(d - k, 1)
        self.noise_variance_ = max(rest, LEAST_NOISE * total / d)
        self.explained_variance_ = variance
        self.components_ = vectors.T
        self.n_components_ = self._n_features_out = k

    def _column_weights(self):
        return np.array([*self.weights_.values()])[block_of(self.blocks_)]

    @one_blas_thread
    def _posterior(self, columns):
        """Matrix (n columns, k) that maps what a row has to its place.

        With W = U (Λ - σ²)^½ of the columns, (Λ - σ²)^½ (W'W + σ²)⁻¹ W'.
        """
        signal = np.sqrt(np.maximum(self.explained_variance_ - self.noise_variance_, 0))
        W = self.components_.T[columns] * signal
        noise = self.noise_variance_ or 1.0  # nothing varies
        inverse = np.linalg.inv(W.T @ W + noise * np.eye(len(signal)))
        weight = self._column_weights()[columns, None]
        return weight * W @ inverse * signal

    def _transform(self, table):
        of = block_of(table.blocks)
        present = table.present & (np.array([*self.weights_.values()]) > 0)
        values = np.zeros((len(table), self.n_components_), dtype=np.float32)
        for pattern, rows in patterns(present):
            columns = np.flatnonzero(pattern[of])
            has = table.values[np.ix_(rows, columns)]
            values[rows] = self.moments_.project(has, columns, self._posterior(columns))
        blocks = {"svd": slice(0, self.n_components_)}
        return FeatureTable(values, blocks, present.any(axis=1, keepdims=True))
