"""Early fusion by what the modalities have in common."""

from numbers import Integral, Real

import numpy as np
from scipy.linalg import eigh
from sklearn.base import ClassNamePrefixFeaturesOutMixin

from skmmrec._sklearn import Interval
from skmmrec._threads import one_blas_thread
from skmmrec.data import FeatureTable
from skmmrec.fusion._base import BaseFusionMethod, check_weights
from skmmrec.fusion._moments import leading, moments


@one_blas_thread
def _whitening(covariance, regularization):
    """Principal directions over (λ + r)^½, strongest first; r relative to mean λ."""
    variance, vectors = eigh(covariance)
    ridge = regularization * variance.mean() or 1.0  # a block that does not vary
    return (vectors / np.sqrt(variance.clip(0) + ridge))[:, ::-1]


def canonical_maps(covariance, blocks, n_components, regularization):
    """Maps of the blocks to canonical variates, by generalised CCA (MAXVAR).

    The leading eigenvectors of I + Σ_(m≠l) C_mm^-½ C_ml C_ll^-½, each C_mm with its
    ridge.

    Parameters
    ----------
    covariance : ndarray of shape (d, d)
    blocks : dict of {str: slice}
        Those that take part.
    n_components : int
        At most; no more than the widest block leaves.
    regularization : float
        Ridge, relative to the mean variance of a column of the block.

    Returns
    -------
    maps : dict of {str: ndarray of shape (d_m, k)}
        Of each block, to variates of unit variance where all agree.
    correlations : ndarray of shape (k,)
        For two blocks the canonical correlations, for m blocks (λ - 1) / (m - 1), λ the
        eigenvalue; 1 for a single block.
    """
    whiten = {
        name: _whitening(covariance[columns, columns], regularization)
        for name, columns in blocks.items()
    }
    widths = [len(W) for W in whiten.values()]
    stops = np.cumsum(widths)
    at = {name: slice(s - w, s) for name, s, w in zip(blocks, stops, widths)}
    M = np.eye(stops[-1])
    for a in blocks:
        for b in blocks:
            if a != b:
                C = covariance[blocks[a], blocks[b]]
                M[at[a], at[b]] = whiten[a].T @ C @ whiten[b]
    if len(blocks) == 1:  # nothing to correlate with: its strongest directions
        k = min(n_components, len(M))
        correlations, V = np.ones(k), M[:, :k]
    else:
        # M has no more eigenvalues above 1: one block is the identity
        k = min(n_components, max(len(M) - max(widths), 1))
        values, V = leading(M, k)
        correlations = (values - 1) / (len(blocks) - 1)
    V = V * np.sqrt(len(blocks))
    return {name: whiten[name] @ V[at[name]] for name in blocks}, correlations


class CCAFusion(
    ClassNamePrefixFeaturesOutMixin, BaseFusionMethod, auto_wrap_output_keys=None
):
    """Mean of the canonical variates of the modalities that a row has.

    Canonical correlation analysis of two and more modalities finds the directions in
    which they agree. For items whose modalities show the same thing in several ways;
    what only one of them shows is dropped, so that it is the wrong method where
    modalities complement one another.

    Parameters
    ----------
    n_components : int, default=64
        Width of the result; at most that of all blocks but the widest, since nothing
        more can be shared. A single modality gives its leading principal components,
        whitened.
    regularization : float, default=10.0
        Ridge that is added to the covariance of each block, relative to the mean
        variance of its columns. A small one makes the most of weak directions, and
        wants many items that have several modalities; a large one turns correlation
        into covariance.
    weights : dict of {str: float} or sequence of float, default=None
        Weight of each modality in the mean; one of 0 takes no part at all. None weighs
        all the same.

    Attributes
    ----------
    correlations_ : ndarray of float64 of shape (n_components,)
        Canonical correlations (with the ridge); (λ - 1) / (m - 1) for m modalities.
    maps_ : dict of {str: ndarray of float64 of shape (d_m, n_components)}
        From the centred and scaled block to its variates.
    weights_ : dict of {str: float}
        Weight of each modality.
    n_components_ : int
        Width of the result.

    See Also
    --------
    SVDFusion : What varies most, shared or not.
    ModalityAligner : The variates of the modalities, kept apart.

    Notes
    -----
    MAXVAR: with D the block diagonal of the covariance C plus its ridge, the leading
    eigenvectors of I + D^-½ (C - diag C) D^-½. For two modalities these are the
    canonical variates of the textbook. The covariance of two modalities is taken over
    the items that have both, in place of the row masks of Rastogi et al.

    References
    ----------
    Horst. "Generalized Canonical Correlations and their Applications to Experimental
    Data", Journal of Clinical Psychology 1961.

    Kettenring. "Canonical Analysis of Several Sets of Variables", Biometrika 1971,
    section 3 (MAXVAR).

    Rastogi, Van Durme, Arora. "Multiview LSA: Representation Learning via Generalized
    CCA", NAACL 2015, section 3 (ridge, missing rows).

    Examples
    --------
    >>> import numpy as np
    >>> from skmmrec.data import FeatureTable
    >>> from skmmrec.fusion import CCAFusion
    >>> taste, noise = np.array([-3.0, -1, 1, 3]), np.array([5.0, -5, -5, 5])
    >>> table = FeatureTable.from_blocks({
    ...     "text": np.column_stack([taste, noise]), "image": -2 * taste[:, None],
    ... })
    >>> CCAFusion(regularization=1e-3).fit_transform(table).values.round(1).ravel()
    array([ 1.3,  0.4, -0.4, -1.3], dtype=float32)
    """

    _parameter_constraints = {
        "n_components": [Interval(Integral, 1, None, closed="left")],
        "regularization": [Interval(Real, 0, None, closed="neither")],
        "weights": [dict, "array-like", None],
    }

    def __init__(self, n_components=64, regularization=10.0, weights=None) -> None:
        self.n_components = n_components
        self.regularization = regularization
        self.weights = weights

    def _fit(self, table, events):
        self.weights_ = check_weights(self.weights, list(table.blocks))
        on = {name: cols for name, cols in table.blocks.items() if self.weights_[name]}
        self.moments_ = moments(table)
        self.maps_, self.correlations_ = canonical_maps(
            self.moments_.covariance, on, self.n_components, self.regularization
        )
        self.n_components_ = self._n_features_out = len(self.correlations_)

    def _transform(self, table):
        total = np.zeros((len(table), self.n_components_), dtype=np.float32)
        weight = np.zeros((len(table), 1), dtype=np.float32)
        for (name, columns), has in zip(table.blocks.items(), table.present.T):
            if name in self.maps_:
                rows = table.block(name)[has]
                variates = self.moments_.project(rows, columns, self.maps_[name])
                total[has] += self.weights_[name] * variates
                weight[has] += self.weights_[name]
        present = weight > 0
        values = np.divide(total, weight, out=total, where=present)
        return FeatureTable(values, {"cca": slice(0, self.n_components_)}, present)
