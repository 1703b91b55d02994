"""Likeness of items learned from people of whom nothing can be learned."""

from numbers import Integral, Real

import numpy as np
import scipy.sparse as sp
from sklearn.utils import check_random_state

from skmmrec._base import BaseRecommender
from skmmrec._projection import Projection
from skmmrec._sklearn import Interval
from skmmrec._vectors import unit_rows
from skmmrec.data import Vocabulary
from skmmrec.privacy._gaussian import gaussian_noise, gaussian_noise_multiplier
from skmmrec.recommenders._content_space import ContentSpace

# Rows of users are whole numbers of this many parts of 1, so that sums are exact, and
# low bits of noisy ones tell nothing.
PARTS = 2.0**15

# Share of the privacy (of 1 / noise²) that goes to popularity, the rest to likeness.
POPULARITY_SHARE = 0.4

# Squared length of the content of a history, beside 1 of the popular items in it.
CONTENT_WEIGHT = 0.5

# What content and popularity count beside the likeness of popular items.
CONTENT_SCORE, POPULARITY_SCORE = 0.02, 0.01


PRIOR, HEADONLY = 0.0, True


def binary(matrix):
    """The stored entries of a csr matrix as 1: how much one liked counts for nothing."""
    ones = np.ones(matrix.nnz, dtype=np.float64)
    return sp.csr_array((ones, matrix.indices, matrix.indptr), shape=matrix.shape)


def whole_rows(rows):
    """Rows of length 1 at most as whole numbers of parts, none longer than before."""
    if sp.issparse(rows):
        return sp.csr_array((np.trunc(rows.data*PARTS), rows.indices, rows.indptr), shape=rows.shape)
    return np.trunc(rows * PARTS)


def noisy(sums, parts, noise):
    """Whole sums of so many parts of 1, as numbers, with noise of whole parts."""
    return (sums + np.rint(noise * parts)) / parts


def symmetric(matrix):
    """Of independent entries: those above the diagonal, over √2, on both sides.

    A symmetric matrix is as long as its upper triangle with off-diagonal entries times
    √2, to which the same noise goes everywhere.
    """
    upper = np.triu(matrix, 1) / np.sqrt(2)
    return upper + upper.T + np.diag(np.diag(matrix))


def shrunk(values, scale, d):
    """Eigenvalues of a symmetric matrix without what noise has added to them.

    Noise of this scale on the diagonal, and over √2 elsewhere, has eigenvalues up to
    2 t, t = scale √(d / 2); one of x > 2 t stands for √(x² - 4 t²), with least squares.
    """
    square = np.maximum(values, 0) ** 2 - 2 * d * scale**2
    return np.sqrt(np.maximum(square, 0))


class DPItemGraphRecommender(BaseRecommender):
    """x"""

    _why_not_additive = "whose likenesses mix them"
    _parameter_constraints = {
        "epsilon": [Interval(Real, 0, None, closed="right")],
        "delta": [Interval(Real, 0, 1, closed="neither")],
        "n_popular": [Interval(Integral, 1, None, closed="left")],
        "n_components": [Interval(Integral, 1, None, closed="left")],
        "regularization": [Interval(Real, 0, None, closed="neither")],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        epsilon=1.0,
        delta=1e-5,
        *,
        n_popular=100,
        n_components=32,
        regularization=10.0,
        random_state=None,
    ):
        self.epsilon = epsilon
        self.delta = delta
        self.n_popular = n_popular
        self.n_components = n_components
        self.regularization = regularization
        self.random_state = random_state

    def fit(self, X, y=None):
        super().fit(X)
        n_items = len(self.item_vocabulary_)
        self.user_vocabulary_ = Vocabulary([], "users")
        self.user_factors_ = self.user_factors_[:0]
        self.seen_ = sp.csr_array((0, n_items), dtype=np.float32)
        self._likes_by_user = np.zeros((0, 2))
        self.mean_weight_ = 1.0
        self.blocks_["users"] = {}
        return self

    def _index(self, X):
        """Leave out the items that no table lists, of which only events tell."""
        listed = X.n_described("items")
        return super()._index(X[X.item_codes < listed] if listed else X)

    def _fit(self, R, items, users):
        self.noise_multiplier_ = gaussian_noise_multiplier(self.epsilon, self.delta)
        random = self.random_state
        random = random if random is None else check_random_state(random)
        self._place_content(items, R.shape[1])
        self._release_popularity(R, random)
        self._release_likeness(R, random)
        self.user_factors_ = self._fold_in(R)

    def _place_content(self, items, n_items):
        """Contents in a space of few dimensions, of mean squared length 1."""
        self.space_ = None
        self.contents_ = np.zeros((n_items, 0), dtype=np.float32)
        if items is not None and items.shape[1]:
            self.space_ = ContentSpace(items, centered=True)
            directions = self.space_.directions(items)
            self.projection_ = Projection(directions, self.n_components)
            self.contents_ = self._contents(items)

    def _contents(self, items):
        """Contents of items (n, d), 0 for those of which none is known."""
        rows = self.projection_(self.space_.directions(items))
        rows[~items.present.any(axis=1)] = 0
        return rows

    def _release_popularity(self, R, random):
        scale = self.noise_multiplier_ / np.sqrt(POPULARITY_SHARE)
        sums = whole_rows(unit_rows(binary(R))).sum(axis=0)
        noise = scale * gaussian_noise(len(sums), random)
        released = noisy(sums, PARTS, noise)
        self.popular_ = np.argsort(-released, kind="stable")[: self.n_popular]
        # James and Stein: towards 0 as far as it may be noise
        kept = max(0.0, 1 - scale**2 / np.mean(released**2))
        self.popularity_ = (kept * released / released.max()).astype(np.float32)

    def _release_likeness(self, R, random):
        Z = whole_rows(self._profiles(R))
        d = Z.shape[1]
        scale = self.noise_multiplier_ / np.sqrt(1 - POPULARITY_SHARE)
        noise = scale * symmetric(gaussian_noise((d, d), random))
        values, vectors = np.linalg.eigh(noisy(Z.T @ Z, PARTS**2, noise))
        G = (vectors * shrunk(values, scale, d)) @ vectors.T
        A = self._profiles(sp.eye_array(R.shape[1], format="csr")[self.popular_ if HEADONLY else np.arange(R.shape[1])])
        values, vectors = np.linalg.eigh(G + PRIOR * A.T @ A)
        values = np.maximum(values, 0)
        values /= values + self.regularization
        Q = vectors * values @ vectors.T  # (d, d)
        n = len(self.popular_)
        V = CONTENT_SCORE * self.contents_ @ Q[n:]
        V[self.popular_] += Q[:n]
        self.content_map_ = Q[n:].astype(np.float32)
        V = np.column_stack([V, POPULARITY_SCORE * self.popularity_])
        self.item_factors_ = V.astype(np.float32)

    def _profiles(self, H):
        """What users had of popular items, beside the content of all they had."""
        H = binary(H)
        popular = unit_rows(H[:, self.popular_].toarray().astype(np.float64))
        contents = unit_rows((H @ self.contents_).astype(np.float64))
        rows = np.column_stack([popular, np.sqrt(CONTENT_WEIGHT) * contents])
        return unit_rows(rows)

    def _fold_in(self, H):
        Z = self._profiles(H).astype(np.float32)
        return np.column_stack([Z, np.ones(len(Z), dtype=np.float32)])

    def _fold_in_items(self, C, items):
        return None

    def _item_vectors(self, items):
        if self.space_ is None:
            return super()._item_vectors(items)
        V = CONTENT_SCORE * self._contents(items) @ self.content_map_
        return np.pad(V, ((0, 0), (0, 1)))

    def _mean_user(self, R):
        return np.eye(1, self.item_factors_.shape[1], self.item_factors_.shape[1] - 1, dtype=np.float32)

    def _place_cold(self, R, features):
        """Leave all where they are: that an item has no event is nobody's to know."""
