"""Early fusion by non-negative parts of the joined blocks."""

from numbers import Integral

import numpy as np
from sklearn import config_context
from sklearn.base import ClassNamePrefixFeaturesOutMixin
from sklearn.decomposition import non_negative_factorization
from sklearn.utils import check_random_state

from skmmrec._sklearn import Interval
from skmmrec._threads import one_blas_thread
from skmmrec.data import FeatureTable
from skmmrec.fusion._base import BaseFusionMethod, check_weights
from skmmrec.fusion._moments import CHUNK, block_of, moments, patterns

# Evenly spaced rows that the parts are learned from.
MAX_ROWS = 5_000
# Sweeps of coordinate descent between two fillings of what is missing.
SWEEPS = 10
# Sweeps that place rows: a fixed number, so that no row depends on the others.
TRANSFORM_SWEEPS = 50
# Ridge on weights and parts, in scikit-learn's unit: without it, the weights of a row
# that lacks blocks run away.
ALPHA = 1e-4


def _unit_parts(H):
    """Parts of length 1, those of length 0 left as they are."""
    lengths = np.linalg.norm(H, axis=1, keepdims=True)
    return H / np.where(lengths > 0, lengths, 1)


def _signed_parts(Z):
    """Positive parts of the columns, and beside them the negative ones: (n, 2 d)."""
    return np.hstack([Z.clip(0), (-Z).clip(0)])


class NMFFusion(
    ClassNamePrefixFeaturesOutMixin, BaseFusionMethod, auto_wrap_output_keys=None
):
    """Weights of non-negative parts of the joined blocks, from what each row has.

    The blocks are centred, brought to one scale as by `ConcatFusion`, weighted and
    joined; a column becomes two, its positive and its negative part, and these rows X
    are approximated by W H, both non-negative. Each part is a pattern over the
    modalities that rows add up: easier to read than the signed directions of an SVD,
    and as features less accurate.

    What a row lacks is filled by W H while H is learned (expectation and maximisation
    in turn); its W is then found from the columns it has.

    Parameters
    ----------
    n_components : int, default=64
        Number of parts; at most that of the rows and of the doubled columns.
    max_iter : int, default=30
        Sweeps of coordinate descent. More fit what is there more closely, which does
        not help where much is missing.
    weights : dict of {str: float} or sequence of float, default=None
        Factor of each block after scaling; None weighs all 1.
    random_state : int, RandomState instance or None, default=None
        For the randomised SVD that the parts start from.

    Attributes
    ----------
    components_ : ndarray of float32 of shape (n_components, 2 * d)
        H, rows of length 1: the positive parts of the columns, then the negative ones.
    weights_ : dict of {str: float}
        Factor of each block.
    n_components_ : int
        Width of the result.
    n_iter_ : int
        Sweeps that were run.

    See Also
    --------
    SVDFusion : Signed directions, in closed form.

    Notes
    -----
    H is learned from 5,000 rows at most, evenly spaced.

    References
    ----------
    Lee, Seung. "Learning the Parts of Objects by Non-negative Matrix Factorization",
    Nature 1999.

    Kim, Tidor. "Subsystem Identification through Dimensionality Reduction of
    Large-Scale Gene Expression Data", Genome Research 2003 (positive and negative
    parts).

    Zhang, Wang, Ford, Makedon. "Learning from Incomplete Ratings using Non-negative
    Matrix Factorization", SDM 2006, section 3 (EM).

    Examples
    --------
    >>> import numpy as np
    >>> from skmmrec.data import FeatureTable
    >>> from skmmrec.fusion import NMFFusion
    >>> taste = np.array([[-3.0], [-1], [1], [3]])
    >>> table = FeatureTable.from_blocks({
    ...     "text": np.hstack([taste, -taste]),
    ...     "image": np.array([[6.0], [2], [-2], [np.nan]]),
    ... })
    >>> fused = NMFFusion(n_components=2, random_state=0).fit_transform(table)
    >>> (fused.values > 0.1).tolist()  # one part for each end
    [[True, False], [True, False], [False, True], [False, True]]
    """

    _parameter_constraints = {
        "n_components": [Interval(Integral, 1, None, closed="left")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "weights": [dict, "array-like", None],
        "random_state": ["random_state"],
    }

    def __init__(
        self, n_components=64, max_iter=30, weights=None, random_state=None
    ) -> None:
        self.n_components = n_components
        self.max_iter = max_iter
        self.weights = weights
        self.random_state = random_state

    def _fit(self, table, events):
        self.weights_ = check_weights(self.weights, list(table.blocks))
        self.moments_ = moments(table)
        step = max(1, -(-len(table) // MAX_ROWS))
        rows = np.arange(0, len(table), step)
        X, present = self._parts(table.take(rows))
        self.n_components_ = min(int(self.n_components), *X.shape)
        self._n_features_out = self.n_components_
        self.components_ = _unit_parts(self._learn(X, present))

    def _n_tasks(self):
        return -(-self.max_iter // SWEEPS)

    def _present(self, table):
        """Which modalities count; one that weighs nothing is switched off."""
        return table.present & (np.array([*self.weights_.values()]) > 0)

    def _parts(self, table):
        """Scaled, weighted rows as non-negative parts, and which of these are there."""
        of = block_of(table.blocks)
        has = self._present(table)[:, of]
        weight = np.array([*self.weights_.values()], dtype=np.float32)[of]
        Z = self.moments_.standardize(table) * weight
        return _signed_parts(Z), np.hstack([has, has])

    @one_blas_thread
    def _learn(self, X, present):
        """Parts H (k, 2 d), what is missing filled by W H between rounds of sweeps."""
        counts = np.maximum(present.sum(axis=0), 1)
        filled = np.where(present, X, X.sum(axis=0) / counts).astype(np.float32)
        rng = check_random_state(self.random_state)
        # with fewer directions than parts the start would divide by their lengths of 0
        jitter = 1e-6 * rng.random_sample(filled.shape) * filled.any(axis=0)
        filled += jitter.astype(np.float32)
        start = {"init": "nndsvda", "random_state": rng.randint(2**31 - 1)}
        rounds = self._iterations(
            self._n_tasks(),
            lambda: {"components_": _unit_parts(H)},
            until=lambda: not H.any(),  # nothing varies
        )
        for n_rounds in rounds:
            done = SWEEPS * (n_rounds - 1)
            self.n_iter_ = min(done + SWEEPS, self.max_iter)
            # whose SVD at the start would warn under the dispatch of array APIs
            with config_context(array_api_dispatch=False):
                W, H, _ = non_negative_factorization(
                    filled,
                    n_components=self.n_components_,
                    max_iter=self.n_iter_ - done,
                    tol=0,
                    alpha_W=ALPHA,
                    **start,
                )
            filled = np.where(present, X, W @ H)
            start = {"init": "custom", "W": W, "H": H}
        return H

    def _transform(self, table):
        values = np.zeros((len(table), self.n_components_), dtype=np.float32)
        present = self._present(table)
        of = np.tile(block_of(table.blocks), 2)
        for pattern, rows in patterns(present):
            if pattern.any():
                columns = np.flatnonzero(pattern[of])
                for some in np.array_split(rows, -(-len(rows) // CHUNK)):
                    X, _ = self._parts(table.take(some))
                    values[some] = self._place(X[:, columns], columns)
        blocks = {"nmf": slice(0, self.n_components_)}
        return FeatureTable(values, blocks, present.any(axis=1, keepdims=True))

    def _place(self, X, columns):
        """Weights W of rows with the given columns; in float64, as Moments.project."""
        H = np.ascontiguousarray(self.components_[:, columns], dtype=np.float64)
        if not H.any():  # no part has these columns
            return 0
        W, _, _ = non_negative_factorization(
            X.astype(np.float64),
            H=H,
            n_components=self.n_components_,
            update_H=False,
            max_iter=TRANSFORM_SWEEPS,
            tol=0,
            alpha_W=ALPHA,
        )
        return W
