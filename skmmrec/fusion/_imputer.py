"""Missing modalities filled in from those that a row has."""

from numbers import Integral, Real

import numpy as np
import scipy.sparse as sp
from sklearn.base import OneToOneFeatureMixin

from skmmrec._sklearn import Interval, StrOptions
from skmmrec._threads import one_blas_thread
from skmmrec.data import FeatureTable
from skmmrec.fusion._base import BaseFusionMethod
from skmmrec.fusion._moments import block_of, moments, patterns

# Cosines that are held at a time.
BLOCK = 10_000_000
# Ridges to choose from, and rows at most by which they are judged.
ALPHAS = (0.01, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
HELD_OUT = 2000


@one_blas_thread
def _ridge(covariance, has, lack, alpha):
    """Matrix that predicts the columns `lack` from the columns `has`."""
    system = covariance[np.ix_(has, has)]
    # of what does not vary nothing is predicted
    system.flat[:: len(has) + 1] += alpha * system.trace() / len(has) or 1.0
    return np.linalg.solve(system, covariance[np.ix_(has, lack)])


def _choose_alpha(table):
    """The ridge that predicts best each modality of rows not learned from."""
    test = np.arange(0, len(table), max(5, len(table) // HELD_OUT))
    learned = moments(table.take(np.delete(np.arange(len(table)), test)))
    of, errors = block_of(table.blocks), np.zeros(len(ALPHAS))
    for pattern, rows in patterns(table.present[test]):
        part = table.take(test[rows])
        Z = learned.standardize(part)
        for block in np.flatnonzero(pattern) if pattern.sum() > 1 else ():
            lack, has = of == block, pattern[of] & (of != block)
            lack, has = np.flatnonzero(lack), np.flatnonzero(has)
            for i, alpha in enumerate(ALPHAS):
                W = _ridge(learned.covariance, has, lack, alpha)
                errors[i] += np.square(Z[:, has] @ W - Z[:, lack]).sum()
    return ALPHAS[errors.argmin()]


def _shared_cosine(A, pattern, B, present, of):
    """Cosines (n, m) over the blocks that both have; -inf where there is none.

    The rows of A have the blocks of `pattern`, those of B the ones of `present`, of
    columns `of`. Missing blocks are zeros, so that only the lengths need the masks.
    """
    member = (of[:, None] == np.arange(len(pattern))).astype(A.dtype)  # (d, blocks)
    squares = (A**2 @ member) @ present.T * (B**2 @ member @ pattern)
    cosine = A @ B.T
    np.divide(cosine, np.sqrt(squares), out=cosine, where=squares > 0)
    cosine[:, ~(present @ pattern)] = -np.inf
    return cosine


def _mean_of_nearest(cosine, Z, k):
    """Mean of the k rows of Z nearest to each; that of all, 0, where there is one."""
    k = min(k, len(Z))
    nearest = np.argpartition(-cosine, k - 1, axis=1)[:, :k]
    near = np.isfinite(np.take_along_axis(cosine, nearest, axis=1))
    count = near.sum(axis=1, keepdims=True)
    weights = np.where(near & (count > 1), 1 / np.maximum(count, 1), 0).astype(Z.dtype)
    starts = np.arange(0, nearest.size + 1, k)
    shape = cosine.shape
    return sp.csr_array((weights.ravel(), nearest.ravel(), starts), shape) @ Z


class MissingModalityImputer(
    OneToOneFeatureMixin, BaseFusionMethod, auto_wrap_output_keys=None
):
    """Fill a missing modality from those that the row has.

    For methods and networks that want every block; those of this package leave out
    what is missing, which is often as good, and better where the gap itself tells
    something: obscure items lack pictures. An imputed block counts as present. A row
    without any modality stays missing, and so does a modality of which `fit` saw fewer
    than two rows: nothing is told of an item by one other item.

    Parameters
    ----------
    method : {"ridge", "knn"}, default="ridge"
        - `"ridge"`: the linear prediction from the blocks present,
          x_m = C_mP (C_PP + λ I)⁻¹ x_P, with the covariance of the modalities;
        - `"knn"`: the mean of the nearest rows that have the modality, by the cosine
          over the blocks that both have; holds the rows of `fit`, and takes a product
          of all rows with all.
    alpha : float, default=None
        λ relative to the mean variance of the columns present, for `"ridge"`; None
        takes the one of 0.01 to 30 that predicts every fifth row best from the others.
    n_neighbors : int, default=50
        Rows that are averaged, at least 2, for `"knn"`.

    Attributes
    ----------
    imputable_ : ndarray of bool of shape (n_modalities,)
        Which modalities can be filled in.
    alpha_ : float
        The ridge, for `"ridge"`.

    See Also
    --------
    SVDFusion : Places incomplete rows without filling in.

    References
    ----------
    Little, Rubin. "Statistical Analysis with Missing Data", 3rd edition 2019, section
    4.2 (conditional means).

    Troyanskaya et al. "Missing value estimation methods for DNA microarrays",
    Bioinformatics 2001 (nearest neighbours).

    Examples
    --------
    >>> import numpy as np
    >>> from skmmrec.data import FeatureTable
    >>> from skmmrec.fusion import MissingModalityImputer
    >>> table = FeatureTable.from_blocks({
    ...     "text": np.array([[-2.0], [2], [-2], [2]]),
    ...     "image": np.array([[80.0], [120], [np.nan], [np.nan]]),
    ... })
    >>> imputer = MissingModalityImputer(alpha=0.01)
    >>> imputer.fit_transform(table).block("image").ravel().round(1)
    array([ 80. , 120. ,  80.2, 119.8], dtype=float32)
    """

    _parameter_constraints = {
        "method": [StrOptions({"ridge", "knn"})],
        "alpha": [Interval(Real, 0, None, closed="neither"), None],
        "n_neighbors": [Interval(Integral, 2, None, closed="left")],
    }

    def __init__(self, method="ridge", alpha=None, n_neighbors=50) -> None:
        self.method = method
        self.alpha = alpha
        self.n_neighbors = n_neighbors

    def _fit(self, table, events):
        self.moments_ = moments(table)
        self.imputable_ = table.present.sum(axis=0) > 1
        if self.method == "knn":
            self._present = table.present
            self._rows = self.moments_.standardize(table)
        else:
            self.alpha_ = self.alpha or _choose_alpha(table)

    def _transform(self, table):
        values, present = table.values.copy(), table.present.copy()
        predict = {"ridge": self._regress, "knn": self._average}[self.method]
        of, mean = block_of(table.blocks), self.moments_.mean
        scale = self.moments_.scale
        size = np.divide(1, scale, out=np.zeros_like(scale), where=scale > 0)
        for pattern, rows in patterns(table.present):
            lacking = np.flatnonzero(~pattern & self.imputable_)
            if pattern.any() and len(lacking):
                part = table.take(rows)
                for columns, Z in predict(part, pattern, lacking, of):
                    values[np.ix_(rows, columns)] = mean[columns] + Z * size[columns]
                present[np.ix_(rows, lacking)] = True
        return FeatureTable(values, table.blocks, present)

    def _regress(self, table, pattern, lacking, of):
        """All columns that lack, and their linear prediction."""
        has, lack = np.flatnonzero(pattern[of]), np.flatnonzero(np.isin(of, lacking))
        W = _ridge(self.moments_.covariance, has, lack, self.alpha_)
        yield lack, self.moments_.project(table.values[:, has], has, W)

    def _average(self, table, pattern, lacking, of):
        """Columns of each lacking block, and the mean of the nearest rows with it."""
        Z = self.moments_.standardize(table)
        for block in lacking:
            columns = np.flatnonzero(of == block)
            candidates = np.flatnonzero(self._present[:, block])
            rows, has = self._rows[candidates], self._present[candidates]
            step = max(1, BLOCK // len(candidates))
            parts = [
                _mean_of_nearest(
                    _shared_cosine(Z[i : i + step], pattern, rows, has, of),
                    rows[:, columns],
                    self.n_neighbors,
                )
                for i in range(0, len(Z), step)
            ]
            yield columns, np.concatenate(parts)
