"""Low-rank tensor fusion: what modalities say together, beside what each says."""

from numbers import Integral, Real

import numpy as np
from sklearn.base import ClassNamePrefixFeaturesOutMixin
from sklearn.linear_model import RidgeCV
from sklearn.utils import check_random_state

from skmmrec._projection import Projection
from skmmrec._sklearn import Interval
from skmmrec._threads import one_blas_thread
from skmmrec.data import FeatureTable
from skmmrec.fusion._base import BaseFusionMethod
from skmmrec.fusion._concat import ConcatFusion
from skmmrec.fusion._factors import co_consumption_factors

MOST_COMPONENTS, MOST_WEIGHT = 2**16, 1e6

# Principal components of each block that products are made of, and rows, those of the
# most events, that settle them.
MAX_WIDTH, MAX_ROWS = 64, 20_000

# Rounds of solving for each modality in turn.
N_SWEEPS = 3

# γ, in standard deviations of the factors, and penalties of the products to choose
# from, by the error on this share of the rows.
GAMMAS, PENALTIES = (0.1, 1.0), (1.0, 30.0)
HELD_OUT = 0.2

# Penalties of the sum. Inputs have unit scale: from nearly free to nearly the mean.
ALPHAS = np.logspace(-1, 4, 11)


def _products(blocks, maps, gamma):
    """γ (Π_m (1 + x_m W_m / γ) - 1), (n, k); Σ_m x_m W_m for an infinite γ."""
    parts = [x @ W for x, W in zip(blocks, maps)]
    if np.isinf(gamma):
        return sum(parts)
    return gamma * (np.prod([1 + part / gamma for part in parts], axis=0) - 1)


def _learn_sum(blocks, target):
    """Maps W_m (d_m, k) under which the sum of x_m W_m is near the target (n, k)."""
    ridge = RidgeCV(alphas=ALPHAS).fit(np.hstack(blocks), target)
    stops = np.cumsum([block.shape[1] for block in blocks])
    return np.split(ridge.coef_.reshape(-1, stops[-1]).T, stops[:-1])


def _learn(blocks, target, gamma, penalty, rng):
    """Maps under which the products are near the target, from the sum on."""
    maps = _learn_sum(blocks, target)
    if np.isinf(gamma):
        return maps
    # at the sum alone no product would ever be found
    maps = [W + gamma * rng.standard_normal(W.shape) for W in maps]
    parts = [x @ W for x, W in zip(blocks, maps)]
    for m in list(range(len(blocks))) * N_SWEEPS:
        rest = parts[:m] + parts[m + 1 :]
        others = np.prod([1 + part / gamma for part in rest], axis=0)
        maps[m] = _solve(blocks[m], others, target + gamma - gamma * others, penalty)
        parts[m] = blocks[m] @ maps[m]
    return maps


@one_blas_thread
def _solve(x, others, target, penalty):
    """Ridge regression of each column of the target on x, weighed by its `others`."""
    W = np.empty((x.shape[1], target.shape[1]))
    for r in range(target.shape[1]):
        weighed = x * others[:, r, None]
        gram = weighed.T @ weighed + penalty * np.eye(x.shape[1])
        W[:, r] = np.linalg.solve(gram, weighed.T @ target[:, r])
    return W


def _choose(blocks, target, rng):
    """The γ and the penalty that predict rows best that were not learned from."""
    choices = [(np.inf, 0.0)]
    scale = target.std()
    if len(blocks) < 2 or len(target) < 2 / HELD_OUT or not scale:
        return choices[0]
    choices += [(g * scale, penalty) for g in GAMMAS for penalty in PENALTIES]
    held = rng.random_sample(len(target)) < HELD_OUT
    known, new = ([x[rows] for x in blocks] for rows in (~held, held))
    errors = []
    for gamma, penalty in choices:
        maps = _learn(known, target[~held], gamma, penalty, rng)
        errors.append(np.square(target[held] - _products(new, maps, gamma)).sum())
    return choices[np.argmin(errors)]


class BilinearFusion(
    ClassNamePrefixFeaturesOutMixin, BaseFusionMethod, auto_wrap_output_keys=None
):
    """Low-rank products of the modalities, learned from events, beside the blocks.

    The columns h_r = γ Π_m (u_mr·[x_m; 1]) of a block ``"bilinear"``, the weight of the
    appended 1 being 1, so that each factor changes what the others say, the product
    holds every modality alone as well, and that of a missing one is 1. They are learned
    by ridge regressions such that h is near the factors of co-consumption; γ, how much
    products count beside the sum of the modalities alone, by rows held out: infinite,
    for the sum, where products predict no better. The scaled blocks of `ConcatFusion`
    are kept beside h.

    For tastes that follow content, as `GatedFusion` without torch, and where two
    modalities mean together what neither means alone.

    Parameters
    ----------
    n_components : int, default=32
        Number of products.
    weight : float, default=1.5
        Factor of their block, once its rows have a mean squared length of 1 as those of
        the others.
    random_state : int, RandomState instance or None, default=None

    Attributes
    ----------
    gamma_ : float
    maps_ : list of ndarray of shape (d_m, n_components)
        γ u_mr of each modality, on at most 64 principal components.
    concat_ : ConcatFusion
    projections_ : dict of {str: Projection}

    See Also
    --------
    GatedFusion : One narrow vector, with item-wise weights of the modalities.
    ForestFusion : Conditions on columns, instead of products.

    Notes
    -----
    Without events the u are random, with γ = 1: E[h·h'] is then Π_m (1 + x_m·x_m'), the
    kernel of all products of modalities.

    References
    ----------
    Liu et al. "Efficient Low-rank Multimodal Fusion with Modality-Specific Factors",
    ACL 2018, equation 8. Kar, Karnick. "Random Feature Maps for Dot Product Kernels",
    AISTATS 2012 (without events; the compact bilinear pooling of Fukui et al., EMNLP
    2016, is of this kind).

    Examples
    --------
    >>> import numpy as np
    >>> from skmmrec.data import FeatureTable
    >>> from skmmrec.fusion import BilinearFusion
    >>> table = FeatureTable.from_blocks({
    ...     "text": [[0.0], [1], [2]], "image": [[1.0], [3], [np.nan]]
    ... })
    >>> BilinearFusion(n_components=2, random_state=0).fit_transform(table)
    FeatureTable of 3 rows (text: 1 columns, 100% of rows,
    image: 1 columns, 67% of rows, bilinear: 2 columns, 100% of rows)
    """

    _parameter_constraints = {
        "n_components": [Interval(Integral, 1, MOST_COMPONENTS, closed="both")],
        "weight": [Interval(Real, 0, MOST_WEIGHT, closed="right")],
        "random_state": ["random_state"],
    }

    def __init__(self, n_components=32, *, weight=1.5, random_state=None) -> None:
        self.n_components = n_components
        self.weight = weight
        self.random_state = random_state

    def _fit(self, table, events):
        rng = check_random_state(self.random_state)
        self.concat_ = ConcatFusion().fit(table)
        self.projections_ = {
            name: Projection(table.block(name)[has], MAX_WIDTH)
            for name, has in zip(table.blocks, table.present.T)
        }
        blocks = self._inputs(table)
        if events is None or not any(x.shape[1] for x in blocks):
            self.gamma_ = 1.0
            shapes = [(x.shape[1], int(self.n_components)) for x in blocks]
            self.maps_ = [rng.standard_normal(shape) for shape in shapes]
        else:
            self._learn(blocks, table, events, rng)
        self._n_features_out = table.shape[1] + self.maps_[0].shape[1]
        self._standardize(_products(blocks, self.maps_, self.gamma_), table)

    def _learn(self, blocks, table, events, rng):
        factors, known = co_consumption_factors(events, self.n_components, rng)
        known &= table.present.any(axis=1)
        rows = np.argsort(-np.diff(events.indptr), kind="stable")
        rows = np.sort(rows[known[rows]][:MAX_ROWS])
        blocks, target = [x[rows] for x in blocks], factors[rows].astype(np.float64)
        target -= target.mean(axis=0)
        self.gamma_, penalty = _choose(blocks, target, rng)
        self.maps_ = _learn(blocks, target, self.gamma_, penalty, rng)

    def _standardize(self, h, table):
        """Centre of the products and their scale, as `ConcatFusion` has of blocks."""
        h = h[table.present.any(axis=1)]
        self.mean_ = h.mean(axis=0) if len(h) else np.zeros(h.shape[1])
        length = np.sqrt(np.square(h - self.mean_).sum(axis=1).mean()) if len(h) else 0
        self.scale_ = self.weight / length if length > 1e-9 else 0.0

    def _inputs(self, table):
        """Principal components of each block, 0 where it is missing."""
        inputs = []
        for (name, projection), has in zip(self.projections_.items(), table.present.T):
            x = np.zeros((len(table), projection.width))
            x[has] = projection(table.block(name)[has])
            inputs.append(x)
        return inputs

    def _transform(self, table):
        joined = self.concat_.transform(table)
        h = _products(self._inputs(table), self.maps_, self.gamma_)
        has = table.present.any(axis=1, keepdims=True)
        h = (h - self.mean_) * self.scale_ * has
        values = np.hstack([joined.values, h.astype(np.float32)])
        blocks = joined.blocks | {"bilinear": slice(joined.shape[1], values.shape[1])}
        return FeatureTable(values, blocks, np.hstack([joined.present, has]))
