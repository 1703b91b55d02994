"""Likeness of items, learned from many people and telling of none of them."""

import warnings
from numbers import Integral, Real

import numpy as np
import scipy.sparse as sp
from sklearn.utils import check_random_state

from skmmrec._base import BaseRecommender
from skmmrec._projection import Projection
from skmmrec._sklearn import Interval
from skmmrec._vectors import stack, unit_rows
from skmmrec.data import Vocabulary
from skmmrec.data._feature_table import features_of
from skmmrec.privacy._gaussian import (
    gaussian_epsilon,
    gaussian_noise,
    gaussian_noise_multiplier,
)
from skmmrec.ranking import blocks_of_rows
from skmmrec.recommenders._content_space import ContentSpace

# What a person adds is in whole numbers of this many parts of 1: sums of up to 2**23
# people are exact, and so is the bound on what each of them may change.
PARTS = 2.0**15

# Share of the privacy (of 1 / noise²) that goes to popularity, the rest to likeness.
POPULARITY_SHARE = 0.4

# Squared length of the content of a history, beside 1 of the popular items in it.
CONTENT_WEIGHT = 0.5

# That each popular item goes with what is like it is taken to be known from so many
# people: what the noise has drowned stays at what the content says.
PRIOR_USERS = 3

# What content and popularity count in a score, beside the likeness of popular items.
OTHER_SCORES = 0.01


def binary(matrix):
    """The stored entries of a csr matrix as 1."""
    ones = np.ones(matrix.nnz)
    return sp.csr_array((ones, matrix.indices, matrix.indptr), shape=matrix.shape)


def noisy(sums, parts, noise):
    """Sums of whole parts, as numbers, with noise that is rounded to whole parts.

    What a float has below the parts would tell what it was before the noise.
    """
    return (sums + np.rint(noise * parts)) / parts


def symmetric(noise):
    """Independent noise (d, d) as that of a symmetric matrix, /√2 off the diagonal.

    Its upper triangle, with entries off the diagonal times √2, is a vector as long as
    the matrix, with the same noise everywhere.
    """
    upper = np.triu(noise, 1) / np.sqrt(2)
    return upper + upper.T + np.diag(np.diag(noise))


def shrunk(values, scale):
    """Eigenvalues (d,) of a positive matrix, less what `symmetric` noise did to them.

    Noise of this scale alone has eigenvalues up to 2 t, t = scale √(d / 2). One of
    x > 2 t is taken for √(x² - 4 t²), where the squared error is least.
    """
    largest = scale * np.sqrt(2 * len(values))
    return np.sqrt(np.maximum(np.maximum(values, 0) ** 2 - largest**2, 0))


class DPItemGraphRecommender(BaseRecommender):
    """Recommend by items' likeness, differentially private for each user's history.

    What is learned of people is two sums with Gaussian noise, by which nobody can tell
    whether any one of them was there: h / ‖h‖ of the histories h, which says what is
    popular, and z z', ‖z‖ = 1, where z holds the popular items of a history beside its
    content, projected to few dimensions. Whatever else is done hangs on these and on
    the content of the items, which is public and costs no privacy. With the sum G of
    the z z', less its noise, and a prior from content,

        score(u, i) = z_u' G (G + regularization)⁻¹ z_i

    and a little of popularity, which ranks what is neither popular nor described.

    (epsilon, delta) hold for the whole history of a user, to whom a data set is
    compared without that user. Public are taken to be the ids and the content of the
    items: a table of items must list them, and events of others are left out; without
    a table the items of the events are the catalogue, and a warning says so. An encoded
    table of users is refused: noise would not hide it. Parameters are not learned: what
    a search over them tells of the users is not covered.

    **After fit the model knows nobody**, so that it can be given to anyone. Users are
    served from the `history` given to `recommend`, or after `partial_fit` with their
    events, which it then holds: save it before. A first `partial_fit` is a `fit`, and
    knows nobody either. A list tells its user's own history beside the noisy sums, and
    nothing of others (joint differential privacy).

    Several thousand users are worth more than a large epsilon. Where nobody else may
    see the model, `EASERecommender` and `ItemGraphRecommender` are better.

    Parameters
    ----------
    epsilon : float, default=1.0
        Bound on the log ratio of chances with and without a user: 1 is strong, 10 weak.
        Infinity adds no noise, and protects nobody.
    delta : float, default=1e-5
        Chance that the bound does not hold; far less than 1 / n_users.
    n_popular : int, default=100
        Items whose likeness is learned; more where there are many users.
    n_components : int, default=32
        Dimensions of the content.
    regularization : float, default=10.0
        Number of users below which a likeness is taken for chance.
    random_state : int, RandomState instance or None, default=None
        Draws the noise; None is the generator of the operating system. Another is for
        tests alone: it is saved with the model, and undoes the noise.

    Attributes
    ----------
    noise_multiplier_ : float
        Standard deviation of the noise of both sums together; see `gaussian_epsilon`.
    epsilon_ : float
        What the noise of the two sums comes to, at `delta`.
    popularity_ : ndarray of float64 of shape (n_items,)
        The noisy sum of h / ‖h‖.
    likeness_ : ndarray of float64 of shape (d, d)
        The noisy sum of z z'.
    places_ : csr_array of shape (n_items, n_popular)
        Which item each of the first rows of that stands for; the others are content.
    item_factors_ : ndarray of float32 of shape (n_items, d + 1)
    user_factors_ : ndarray of float32 of shape (n_users, d + 1)
        Of those whom `partial_fit` has told of; empty after fit.
    item_vocabulary_, user_vocabulary_ : Vocabulary
        Ids of the rows of these matrices.
    seen_ : csr_array of shape (n_users, n_items)
        Events of `partial_fit`.

    See Also
    --------
    skmmrec.privacy.gaussian_epsilon : What several fits come to.
    skmmrec.ContentRecommender : Learns nothing of people at all.

    References
    ----------
    Balle, Wang. "Improving the Gaussian Mechanism for Differential Privacy", ICML 2018.
    Kearns, Pai, Roth, Ullman. "Mechanism Design in Large Games: Incentives and
    Privacy", ITCS 2014 (joint differential privacy). Chien et al. "Private Alternating
    Least Squares", ICML 2021 (the same for factors of users). Dwork, Talwar,
    Thakurta, Zhang. "Analyze Gauss", STOC 2014 (noisy second moments). Gavish, Donoho.
    "Optimal Shrinkage of Singular Values", IEEE Trans. Inf. Theory 2017.

    Examples
    --------
    >>> import numpy as np
    >>> from skmmrec import Interactions
    >>> from skmmrec.privacy import DPItemGraphRecommender
    >>> events = {"user": np.repeat(range(4000), 2), "item": list("abcd") * 2000}
    >>> X = Interactions(events, items={"item": list("abcd")})
    >>> model = DPItemGraphRecommender(epsilon=1.0).fit(X)
    >>> len(model.user_vocabulary_), round(model.noise_multiplier_, 2)
    (0, 3.73)
    >>> model.recommend_for(["c"], k=1).tolist()
    ['d']
    """

    _why_not_additive = "whose likenesses mix them"
    _keeps_users = False
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
    ) -> None:
        self.epsilon = epsilon
        self.delta = delta
        self.n_popular = n_popular
        self.n_components = n_components
        self.regularization = regularization
        self.random_state = random_state

    def fit(self, X, y=None):
        super().fit(X)
        n_users, has_table = self.seen_.shape[0], self._listed.any()
        self._listed[:] = True  # no user takes an item along
        self.user_vocabulary_ = Vocabulary([], "users")
        self.seen_ = self.seen_[:0]
        self._likes_by_user = np.zeros((0, 2))
        self.mean_weight_ = 1.0
        self._warn(n_users, has_table)
        return self

    fit.__doc__ = BaseRecommender.fit.__doc__

    def _warn(self, n_users, has_table):
        """Say where the promise is less than it looks."""
        if not has_table:
            warnings.warn(
                "X must have a table of items, so that the catalogue is public; got "
                "none: the items of the model tell what somebody had; pass one.",
                stacklevel=4,
            )
        if self.delta >= 1 / n_users:
            warnings.warn(
                f"delta must be far below 1 / n_users; got {self.delta:g} for "
                f"{n_users} users, which lets one of them be told; lower it.",
                stacklevel=4,
            )

    def _index(self, X):
        if features_of(X, "users") is not None:
            raise ValueError(
                "X must have no encoded table of users, which noise does not hide; got "
                "one; take MultimodalFusion(on='users') out of the pipeline."
            )
        listed = X.n_described("items")
        return super()._index(X[X.item_codes < listed] if listed else X)

    def _fit(self, R, items, users):
        self.blocks_["users"] = {}
        self.noise_multiplier_ = gaussian_noise_multiplier(self.epsilon, self.delta)
        shares = np.array([POPULARITY_SHARE, 1 - POPULARITY_SHARE])
        scales = self.noise_multiplier_ / np.sqrt(shares)
        self.epsilon_ = float(gaussian_epsilon(scales, self.delta))
        random = self.random_state
        random = random if random is None else check_random_state(random)
        R = binary(R)
        self._place_content(items, R.shape[1])
        self._release_popularity(R, scales[0], random)
        self._release_likeness(R, scales[1], random)
        self.user_factors_ = self._fold_in(R[:0])

    def _place_content(self, items, n_items):
        self.space_, width = None, 0
        if items is not None and items.shape[1]:
            self.space_ = ContentSpace(items, centered=True)
            directions = self.space_.directions(items)
            self.projection_ = Projection(directions, self.n_components)
            width = self.projection_.width
        self.contents_ = np.zeros((n_items, width), dtype=np.float32)
        if width:
            self.contents_ = self._contents(items)

    def _contents(self, items):
        """Content of items (n, d), 0 for those of which nothing is known."""
        if self.space_ is None:
            return np.zeros((len(items), 0), dtype=np.float32)
        rows = self.projection_(self.space_.directions(items))
        rows[~items.present.any(axis=1)] = 0
        return rows

    def _release_popularity(self, R, scale, random):
        rows = unit_rows(R)
        rows.data = np.trunc(rows.data * PARTS)
        noise = scale * gaussian_noise(R.shape[1], random)
        self.popularity_ = noisy(rows.sum(axis=0), PARTS, noise)
        popular = np.argsort(-self.popularity_, kind="stable")[: self.n_popular]
        places = popular, np.arange(len(popular))
        shape = R.shape[1], len(popular)
        self.places_ = sp.csr_array((np.ones(len(popular)), places), shape=shape)

    def _release_likeness(self, R, scale, random):
        n, d = self.places_.shape[1], self.places_.shape[1] + self.contents_.shape[1]
        G = np.zeros((d, d))
        for rows in blocks_of_rows(R.shape[0], d):
            Z = np.trunc(self._profiles(R[rows]) * PARTS)
            G += Z.T @ Z
        noise = scale * symmetric(gaussian_noise((d, d), random))
        self.likeness_ = noisy(G, PARTS**2, noise)
        values, vectors = np.linalg.eigh(self.likeness_)
        Z = self._profiles(sp.csr_array(self.places_.T))  # of the popular items
        G = vectors * shrunk(values, scale) @ vectors.T + PRIOR_USERS * Z.T @ Z
        W = np.linalg.solve(G + self.regularization * np.eye(d), G)
        self.content_weights_ = (OTHER_SCORES * W[n:]).astype(np.float32)
        likeness = self.places_ @ W[:n] + self.contents_ @ self.content_weights_
        rest = OTHER_SCORES * self._kept_popularity(scale)
        self.item_factors_ = np.column_stack([likeness, rest]).astype(np.float32)

    def _kept_popularity(self, scale):
        """At most 1; towards 0 as far as it may be noise (James and Stein)."""
        noise = scale**2 * len(self.popularity_) / (self.popularity_**2).sum()
        return max(0.0, 1 - noise) * self.popularity_ / self.popularity_.max()

    def _profiles(self, H):
        """z of histories: the popular items in them, beside the content of all."""
        popular = unit_rows((H @ self.places_).toarray())
        contents = unit_rows(H @ self.contents_.astype(np.float64))
        return unit_rows(np.hstack([popular, np.sqrt(CONTENT_WEIGHT) * contents]))

    def _fold_in(self, H):
        Z = self._profiles(binary(H)).astype(np.float32)
        return np.pad(Z, ((0, 0), (0, 1)), constant_values=1)

    def _mean_user(self, R):
        width = self.item_factors_.shape[1]
        return np.eye(1, width, width - 1, dtype=np.float32)

    def _item_vectors(self, items):
        V = self._contents(items) @ self.content_weights_
        return np.pad(V, ((0, 0), (0, 1)))

    def _place_cold(self, R, features):
        """Nothing: which items have no events is a secret, too."""

    def _added_items(self, items):
        self.popularity_ = np.pad(self.popularity_, (0, len(items)))
        self.contents_ = stack([self.contents_, self._contents(items)])
        nothing = sp.csr_array((len(items), self.places_.shape[1]))
        self.places_ = stack([self.places_, nothing])

    def _settle(self, masks):
        super()._settle(masks)
        self.mean_weight_ = 1.0
        self.popularity_ = self.popularity_[masks["items"]]
        self.contents_ = self.contents_[masks["items"]]
        self.places_ = self.places_[np.flatnonzero(masks["items"])]
