"""Random-forest fusion: trees on the joined blocks select and combine columns."""

from numbers import Integral

import numpy as np
import scipy.sparse as sp
from sklearn.base import ClassNamePrefixFeaturesOutMixin
from sklearn.ensemble import ExtraTreesRegressor
from sklearn.utils import check_random_state
from sklearn.utils.extmath import randomized_svd

from skmmrec._sklearn import Interval, StrOptions
from skmmrec._threads import one_blas_thread
from skmmrec.data import FeatureTable
from skmmrec.data._feature_table import center
from skmmrec.fusion._base import BaseFusionMethod
from skmmrec.fusion._factors import co_consumption_factors
from skmmrec.fusion._moments import block_of

# Factors of co-consumption that the trees predict, and rows, those of the most events,
# that they learn from.
N_FACTORS, MAX_ROWS = 16, 50_000


def _with_nan(table):
    """Values (n, d) with NaN where a block is missing, which trees can split on."""
    return np.where(table.present[:, block_of(table.blocks)], table.values, np.nan)


class ForestFusion(
    ClassNamePrefixFeaturesOutMixin, BaseFusionMethod, auto_wrap_output_keys=None
):
    """A forest on the joined blocks, by its leaves or by its importances.

    Extremely randomised trees predict the factors of co-consumption from all columns
    together, so that they split on what tastes follow: also on conditions over several
    modalities, on numbers of any scale, and on whether a row has a modality. Rows in
    the same leaves of many trees are near each other, whatever the other columns say.

    For columns of numbers that mean different things, conditions and thresholds. Where
    many rows lack modalities, the leaves say so little of what a row does have that
    `BilinearFusion` or `ConcatFusion` rank better.

    Parameters
    ----------
    output : {"leaves", "importance"}, default="leaves"
        - `"leaves"`: the leaves that a row falls into, one-hot, reduced to
          `n_components` singular vectors and centred, in one block `"leaves"`;
        - `"importance"`: the columns as they are, centred, of unit variance times the
          root of their importance, the blocks kept apart.
    n_components : int, default=128
        Width of the leaves.
    n_estimators : int, default=100
        Number of trees.
    min_samples_leaf : int, default=5
        Rows in a leaf, at least.
    max_features : {"sqrt", "log2"}, int, float or None, default="sqrt"
        Columns tried at each split, as in scikit-learn.
    n_jobs : int, default=None
        Trees grown side by side; the result does not depend on it.
    random_state : int, RandomState instance or None, default=None

    Attributes
    ----------
    forest_ : ExtraTreesRegressor
    importances_ : ndarray of shape (d,)
        Share of each column in what the trees explain.
    components_ : ndarray of float32 of shape (n_nodes, n_components)
        Only for the leaves: their singular vectors.

    See Also
    --------
    BilinearFusion : Products instead of conditions.

    Notes
    -----
    Without events nothing says what to split on: the trees split at random, as those of
    `RandomTreesEmbedding`, and all columns are of equal importance.

    References
    ----------
    Breiman. "Random Forests", Machine Learning 2001, section 10 (importance). Geurts,
    Ernst, Wehenkel. "Extremely Randomized Trees", Machine Learning 2006. Moosmann,
    Triggs, Jurie. "Fast Discriminative Visual Codebooks Using Randomized Clustering
    Forests", NIPS 2006; He et al. "Practical Lessons from Predicting Clicks on Ads at
    Facebook", ADKDD 2014, section 3.1 (leaves as features).

    Examples
    --------
    >>> import numpy as np
    >>> from skmmrec.data import FeatureTable
    >>> from skmmrec.fusion import ForestFusion
    >>> table = FeatureTable.from_blocks({
    ...     "text": [[0.0], [0.1], [2]], "image": [[1.0], [np.nan], [7]]
    ... })
    >>> forest = ForestFusion(
    ...     n_components=2, n_estimators=10, min_samples_leaf=1, random_state=0
    ... )
    >>> forest.fit_transform(table)
    FeatureTable of 3 rows (leaves: 2 columns, 100% of rows)
    """

    _parameter_constraints = {
        "output": [StrOptions({"leaves", "importance"})],
        "n_components": [Interval(Integral, 1, None, closed="left")],
        "n_estimators": [Interval(Integral, 1, None, closed="left")],
        "min_samples_leaf": [Interval(Integral, 1, None, closed="left")],
        "max_features": ExtraTreesRegressor._parameter_constraints["max_features"],
        "n_jobs": [Integral, None],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        output="leaves",
        *,
        n_components=128,
        n_estimators=100,
        min_samples_leaf=5,
        max_features="sqrt",
        n_jobs=None,
        random_state=None,
    ) -> None:
        self.output = output
        self.n_components = n_components
        self.n_estimators = n_estimators
        self.min_samples_leaf = min_samples_leaf
        self.max_features = max_features
        self.n_jobs = n_jobs
        self.random_state = random_state

    def _fit(self, table, events):
        rng = check_random_state(self.random_state)
        described = table.present.any(axis=1)
        if described.any():
            table = table.take(np.flatnonzero(described))
            events = None if events is None else events[described]
        self._grow(table, events, rng)
        if self.output == "leaves":
            self._place_leaves(table, rng)
        else:
            self._scale_columns(table)

    def _grow(self, table, events, rng):
        rows, target = np.arange(len(table)), None
        if events is not None:
            target, known = co_consumption_factors(events, N_FACTORS, rng)
            target = target if target.shape[1] > 1 else target[:, 0]
            order = np.argsort(-np.diff(events.indptr), kind="stable")
            rows = np.sort(order[known[order]][:MAX_ROWS])
        learns = target is not None and len(rows) > 0
        if not learns:
            rows, target = np.arange(len(table)), rng.uniform(size=(len(table), 2))
        self.forest_ = ExtraTreesRegressor(
            self.n_estimators,
            min_samples_leaf=self.min_samples_leaf,
            max_features=self.max_features if learns else 1,  # a random one
            n_jobs=self.n_jobs,
            random_state=rng.randint(2**31 - 1),
        ).fit(_with_nan(table.take(rows)), target[rows])
        d = table.shape[1]
        self.importances_ = (
            self.forest_.feature_importances_ if learns else np.full(d, 1 / d)
        )

    @one_blas_thread
    def _place_leaves(self, table, rng):
        nodes = [tree.tree_.node_count for tree in self.forest_.estimators_]
        self._starts = np.cumsum([0, *nodes])
        L = self._one_hot(table)
        k = min(self.n_components, *L.shape)
        _, s, Vt = randomized_svd(L, k, random_state=rng)
        mean = L.mean(axis=0) @ Vt.T
        length = np.sqrt(max(np.square(s).sum() / len(table) - mean @ mean, 1e-9))
        self.mean_ = (mean / length).astype(np.float32)
        self.components_ = (Vt.T / length).astype(np.float32)
        self._n_features_out = k

    def _one_hot(self, table):
        """Leaves of all trees that rows end in, csr (n, n_nodes)."""
        nodes = self.forest_.apply(_with_nan(table)) + self._starts[:-1]
        indptr = np.arange(0, nodes.size + 1, nodes.shape[1])
        ones = np.ones(nodes.size, dtype=np.float32)
        shape = len(table), self._starts[-1]
        return sp.csr_array((ones, nodes.ravel(), indptr), shape=shape)

    def _scale_columns(self, table):
        self.mean_ = center(table)
        has = table.present[:, block_of(table.blocks)]
        squares = np.square((table.values - self.mean_) * has, dtype=np.float64)
        deviation = np.sqrt(squares.sum(axis=0) / np.maximum(has.sum(axis=0), 1))
        root = np.sqrt(self.importances_)
        varies = deviation > 1e-9
        scale = np.divide(root, deviation, out=np.zeros_like(root), where=varies)
        self.scale_ = scale.astype(np.float32)
        self._n_features_out = table.shape[1]

    def _transform(self, table):
        if self.output == "importance":
            has = table.present[:, block_of(table.blocks)]
            values = (table.values - self.mean_) * self.scale_ * has
            return FeatureTable(values, table.blocks, table.present)
        has = table.present.any(axis=1, keepdims=True)
        values = (self._one_hot(table) @ self.components_ - self.mean_) * has
        return FeatureTable(values, {"leaves": slice(0, values.shape[1])}, has)
