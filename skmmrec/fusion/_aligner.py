"""Modalities brought into one space, and kept apart."""

import warnings
from numbers import Integral, Real

import numpy as np
from sklearn.base import ClassNamePrefixFeaturesOutMixin
from sklearn.utils.validation import check_array, check_is_fitted

from skmmrec._sklearn import Interval, StrOptions
from skmmrec._threads import one_blas_thread
from skmmrec.data import FeatureTable
from skmmrec.fusion._base import BaseFusionMethod
from skmmrec.fusion._cca import canonical_maps
from skmmrec.fusion._moments import leading, moments

# Sweeps of generalised Procrustes, and the change of the fit at which they end.
SWEEPS, TOL = 100, 1e-7


def _principal_maps(covariance, blocks, n_components):
    """Leading principal directions of each block, (d_m, k), zeros beyond its width."""
    maps = {}
    for name, columns in blocks.items():
        C = covariance[columns, columns]
        maps[name] = np.zeros((len(C), n_components))
        k = min(len(C), n_components)
        maps[name][:, :k] = leading(C, k)[1]
    return maps


@one_blas_thread
def procrustes_maps(covariance, blocks, n_components):
    """Principal directions of each block, turned onto the sum of the other blocks.

    The orthogonal Q_m that maximise Σ_(m≠l) tr(Q_m' S_ml Q_l), S_ml the covariance of
    the principal components of two blocks, one after another, until they stay: what
    rows are missing matters only to S.
    """
    maps = _principal_maps(covariance, blocks, n_components)
    turned, before = {}, -np.inf
    for _ in range(SWEEPS):
        fit = 0.0
        for name, P in maps.items():
            others = [other for other in turned if other != name]
            target = np.zeros_like(P)
            for other in others:
                target += covariance[blocks[name], blocks[other]] @ turned[other]
            U, singular, Vt = np.linalg.svd(P.T @ target)
            turned[name] = P @ (U @ Vt) if others else P
            fit += singular.sum()
        if fit <= before + TOL:
            break
        before = fit
    return turned


class ModalityAligner(
    ClassNamePrefixFeaturesOutMixin, BaseFusionMethod, auto_wrap_output_keys=None
):
    """One space for all modalities, in which text finds pictures.

    Each block is mapped linearly so that the vectors of one row point the same way,
    whatever the modality; the blocks stay apart. Cosines between blocks then mean
    something. The maps need rows that have several modalities, the more the better.

    Parameters
    ----------
    n_components : int, default=64
        Width of the space; at most that of the widest block, and for `"cca"` of all but
        the widest.
    method : {"cca", "procrustes"}, default="cca"
        - `"cca"`: canonical variates, as of `CCAFusion`, each times its correlation;
          finds what is shared in any mixture;
        - `"procrustes"`: the principal components of each block, turned; keeps the
          distances within a modality. For encoders whose spaces are alike but for a
          rotation.
    regularization : float, default=1.0
        For `"cca"`: ridge relative to the mean variance of the columns of a block.

    Attributes
    ----------
    maps_ : dict of {str: ndarray of float64 of shape (d_m, n_components)}
        From the centred and scaled block to the space.
    n_components_ : int
        Width of the space.

    See Also
    --------
    CCAFusion : One vector for each row.

    References
    ----------
    Gower. "Generalized Procrustes Analysis", Psychometrika 1975.

    Schönemann. "A Generalized Solution of the Orthogonal Procrustes Problem",
    Psychometrika 1966.

    Gong, Ke, Isard, Lazebnik. "A Multi-View Embedding Space for Modeling Internet
    Images, Tags, and their Semantics", IJCV 2014, section 3 (variates scaled by their
    eigenvalues).

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.metrics.pairwise import cosine_similarity
    >>> from skmmrec.data import FeatureTable
    >>> from skmmrec.fusion import ModalityAligner
    >>> taste = np.random.default_rng(0).standard_normal((50, 2))
    >>> image = taste @ [[0, 1], [5, 0]]
    >>> table = FeatureTable.from_blocks({"text": taste, "image": image})
    >>> aligner = ModalityAligner(2, regularization=1e-3).fit(table)
    >>> query = aligner.project("text", taste[[7]])
    >>> images = aligner.transform(table).block("image")
    >>> int(cosine_similarity(query, images).argmax())
    7
    """

    _parameter_constraints = {
        "n_components": [Interval(Integral, 1, None, closed="left")],
        "method": [StrOptions({"cca", "procrustes"})],
        "regularization": [Interval(Real, 0, None, closed="neither")],
    }

    def __init__(self, n_components=64, method="cca", regularization=1.0) -> None:
        self.n_components = n_components
        self.method = method
        self.regularization = regularization

    def _check_overlap(self, table):
        """Warn of a modality that no row has together with another."""
        together = table.present[table.present.sum(axis=1) > 1]
        alone = [n for n, has in zip(table.blocks, together.any(axis=0)) if not has]
        if alone and len(table.blocks) > 1:
            warnings.warn(
                f"ModalityAligner must see rows that have a modality together with "
                f"another; got none for {alone}: its place in the space means nothing; "
                f"fit on rows with several modalities.",
                stacklevel=3,
            )

    def _fit(self, table, events):
        self._check_overlap(table)
        self.moments_ = moments(table)
        C, blocks = self.moments_.covariance, table.blocks
        if self.method == "cca":
            maps, correlations = canonical_maps(
                C, blocks, self.n_components, self.regularization
            )
            # what is hardly shared must not drown what is
            self.maps_ = {name: M * correlations.clip(0) for name, M in maps.items()}
        else:
            widest = max(columns.stop - columns.start for columns in blocks.values())
            self.maps_ = procrustes_maps(C, blocks, min(self.n_components, widest))
        self.n_components_ = next(iter(self.maps_.values())).shape[1]
        self._n_features_out = self.n_components_ * len(blocks)

    def project(self, modality, values):
        """Rows of one modality in the shared space.

        Parameters
        ----------
        modality : str
        values : array-like of shape (n, d_m)
            As the encoder of that modality gives them, such as of the text of a query.

        Returns
        -------
        projected : ndarray of float32 of shape (n, n_components)
            A row of NaN stays one.

        Raises
        ------
        ValueError
            If the modality is unknown, or its width another than in fit.
        """
        check_is_fitted(self, "maps_")
        if modality not in self.maps_:
            raise ValueError(
                f"modality must be one of {list(self.maps_)}; got {modality!r}; "
                f"correct the name."
            )
        values = check_array(
            values,
            dtype=np.float32,
            ensure_all_finite="allow-nan",
            ensure_min_samples=0,
        )
        columns, M = self.blocks_[modality], self.maps_[modality]
        if values.shape[1] != len(M):
            raise ValueError(
                f"values must have the {len(M)} columns that {modality!r} had in fit; "
                f"got {values.shape[1]}; encode with the same fitted encoder."
            )
        return self.moments_.project(values, columns, M)

    def _transform(self, table):
        k = self.n_components_
        blocks = {
            name: slice(i * k, (i + 1) * k) for i, name in enumerate(table.blocks)
        }
        values = np.zeros((len(table), k * len(blocks)), dtype=np.float32)
        for (name, columns), has in zip(blocks.items(), table.present.T):
            values[has, columns] = self.project(name, table.block(name)[has])
        return FeatureTable(values, blocks, table.present)
