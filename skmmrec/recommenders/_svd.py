"""Biased matrix factorisation of ratings."""

from numbers import Integral, Real

import numpy as np
import scipy.sparse as sp
from sklearn.utils import check_random_state
from threadpoolctl import threadpool_limits

from skmmrec._base import BaseRecommender
from skmmrec._sklearn import Interval
from skmmrec._vectors import warn_if_zero
from skmmrec.ranking import blocks_of_rows
from skmmrec.recommenders._content_prior import learn_prior


def _ridge_rows(R, Y, offsets, regularization):
    """A ridge regression for each row: of its ratings less offsets, on rows of Y.

    Parameters
    ----------
    R : csr_array of shape (n, m)
        Ratings; what is not stored is unknown.
    Y : ndarray of shape (m, d)
    offsets : ndarray of shape (m,)
    regularization : float

    Returns
    -------
    X : ndarray of float32 of shape (n, d)
    """
    d = Y.shape[1]
    known = sp.csr_array((np.ones_like(R.data), R.indices, R.indptr), R.shape)
    residual = sp.csr_array((R.data - offsets[R.indices], R.indices, R.indptr), R.shape)
    squares = (Y[:, :, None] * Y[:, None, :]).reshape(len(Y), d * d)
    X = np.empty((R.shape[0], d), dtype=np.float32)
    for rows in blocks_of_rows(R.shape[0], d * d):
        A = (known[rows] @ squares).reshape(-1, d, d)
        A += np.float32(regularization) * np.eye(d, dtype=A.dtype)
        X[rows] = np.linalg.solve(A, (residual[rows] @ Y)[:, :, None])[:, :, 0]
    return X


class SVDRecommender(BaseRecommender):
    """Factorisation of ratings into a mean, biases and factors.

    The rating that user u would give to item i is μ + b_u + b_i + p_u·q_i. Minimises
    Σ (r_ui - μ - b_u - b_i - p_u·q_i)² over the known ratings, plus λ times the sum of
    all b_u², b_i², ‖p_u‖² and ‖q_i‖², by alternating ridge regressions. `predict` is in
    the unit of the ratings. What one has not rated is unknown, not disliked: so it
    predicts ratings well, but `ALSRecommender` lists better what one will choose.

    As for all recommenders, events of one user with one item add up, and ratings of 0
    and less are not learned from: move a scale that has them, such as -1 to 1.

    Where items have features, a ridge regression from features to bias and factors
    gives those without ratings theirs; so for users with features.

    Parameters
    ----------
    n_components : int, default=32
        Number of factors.
    regularization : float, default=12.0
        λ, the strength of the regularisation. Too much of it, for few ratings, leaves
        mean and biases alone, which a warning says.
    max_iter : int, default=15
        Number of alternations.
    random_state : int, RandomState instance or None, default=None
        Start of the factors. An int gives the same model each time.

    Attributes
    ----------
    global_mean_ : float
        μ.
    item_factors_ : ndarray of float32 of shape (n_items, n_components + 2)
        Factors, ones for the biases of the users, and μ + bias.
    user_factors_ : ndarray of float32 of shape (n_users, n_components + 2)
        Factors, bias, and ones for the biases of the items.
    n_iter_ : int
        Alternations that were run: `max_iter`, unless a callback stopped them.
    item_vocabulary_, user_vocabulary_ : Vocabulary
        Ids of the rows of these matrices.
    seen_ : csr_array of shape (n_users, n_items)
        Summed weights of the events of `fit`.

    See Also
    --------
    ALSRecommender : For events, and for lists.

    References
    ----------
    Koren, Bell, Volinsky. "Matrix Factorization Techniques for Recommender Systems",
    IEEE Computer 2009, equations 4 and 5. Zhou et al. "Large-Scale Parallel
    Collaborative Filtering for the Netflix Prize", AAIM 2008 (the alternation).

    Examples
    --------
    >>> from skmmrec import Interactions, SVDRecommender
    >>> X = Interactions(
    ...     {"user": [1, 1, 2, 2, 3], "item": list("ababa"), "stars": [5, 3, 4, 2, 2]},
    ...     rating="stars",
    ... )
    >>> svd = SVDRecommender(1, regularization=0.01, random_state=0).fit(X)
    >>> svd.predict(Interactions({"user": [1, 2], "item": ["a", "b"]})).round().tolist()
    [5.0, 2.0]
    """

    _parameter_constraints = {
        "n_components": [Interval(Integral, 1, None, closed="left")],
        "regularization": [Interval(Real, 0, None, closed="neither")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "random_state": ["random_state"],
    }

    def __init__(
        self, n_components=32, regularization=12.0, max_iter=15, random_state=None
    ) -> None:
        self.n_components = n_components
        self.regularization = regularization
        self.max_iter = max_iter
        self.random_state = random_state

    def _fit(self, R, items, users):
        self.global_mean_ = float(R.data.mean(dtype=np.float64) * self.mean_weight_)
        rng = check_random_state(self.random_state)
        start = 0.1 * rng.standard_normal((R.shape[1], self.n_components))
        ones = np.ones(R.shape[1])
        V = np.column_stack([start, ones, self.global_mean_ * ones])
        self.item_factors_ = V.astype(np.float32)
        C = sp.csr_array(R.T)
        with threadpool_limits(1, "blas"):  # more may change the last digits
            for _ in self._iterations(self.max_iter):
                self.user_factors_ = self._fold_in(R)
                self.item_factors_ = self._fold_in_items(C, items)
        warn_if_zero(self.item_factors_[:, : self.n_components], self.regularization)

    def _learn_maps(self, R, items, users):
        rows, columns = (np.flatnonzero(R.count_nonzero(axis=axis)) for axis in (1, 0))
        self.mean_item_ = self.item_factors_[columns].mean(axis=0)
        with threadpool_limits(1, "blas"):
            self.user_prior_ = learn_prior(users, self.user_factors_, rows)
            self.item_prior_ = learn_prior(items, self.item_factors_, columns)

    def _ridge(self, R, Y, offsets):
        R = R * np.float32(self.mean_weight_)  # in the unit of the ratings
        return _ridge_rows(R, Y, offsets, self.regularization)

    def _fold_in(self, H):
        V = self.item_factors_
        x = self._ridge(H, V[:, :-1], V[:, -1])  # p_u and b_u
        return np.insert(x, x.shape[1], 1, axis=1)

    def _fold_in_items(self, C, items):
        U = self.user_factors_
        y = self._ridge(C, np.delete(U, -2, axis=1), U[:, -2] + self.global_mean_)
        y[:, -1] += self.global_mean_  # b_i
        return np.insert(y, y.shape[1] - 1, 1, axis=1)

    def _item_vectors(self, items):
        if self.item_prior_ is None:
            return np.tile(self.mean_item_, (len(items), 1))
        return self.item_prior_(items)

    def _user_vectors(self, users):
        if self.user_prior_ is None:
            return super()._user_vectors(users)
        return self.user_prior_(users)

    def _item_directions(self, V):
        return super()._item_directions(V[:, : self.n_components])
