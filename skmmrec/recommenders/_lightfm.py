"""LightFM: a factorisation of users and items into sums of their features' factors."""

from numbers import Integral, Real

import numpy as np
import scipy.sparse as sp
from sklearn.utils import check_random_state

from skmmrec._base import BaseRecommender
from skmmrec._optional import optional_import
from skmmrec._projection import Projection
from skmmrec._sklearn import Interval, StrOptions
from skmmrec.recommenders._ridge_map import RidgeMap


def _with_identity(content, n):
    """Feature matrix for LightFM, csr (n, n + d): each row's own, then its content."""
    identity = sp.identity(n, dtype=np.float32, format="csr")
    return sp.hstack([identity, sp.csr_matrix(content)], "csr")


def _pad_item(factors):
    """Factors and bias of items, and the ones that user biases are multiplied with."""
    return np.column_stack([factors, np.ones(len(factors), dtype=np.float32)])


def _pad_user(factors):
    """Factors of users, the ones that item biases are multiplied with, and bias."""
    ones = np.ones(len(factors), dtype=np.float32)
    return np.column_stack([factors[:, :-1], ones, factors[:, -1]])


class _Side:
    """The features of the items, or of the users, and what was learned of them.

    LightFM steps through every feature of an item for each event and diverges on
    features of large scale: so a few principal components, of unit length.
    """

    def __init__(self, features, n, width):
        self.n = n
        described = features is not None
        rows = np.empty((0, 0))
        if described:
            rows = features.values[features.present.any(axis=1)]
        self.projection = Projection(rows, width)
        content = self._content(features) if described else np.empty((n, 0), "f4")
        self.matrix = _with_identity(content, n)

    def _content(self, features):
        content = self.projection(features.values)
        content[~features.present.any(axis=1)] = 0
        return content

    def learn(self, embeddings, biases):
        """Keep the weights of the content; returns factors and bias (n, d + 1)."""
        weights = np.column_stack([embeddings, biases])
        self.weights = weights[self.n :]
        factors = self.matrix @ weights
        del self.matrix
        return factors

    def vectors(self, features):
        """Factors and bias (m, d + 1) of what has only features."""
        return self._content(features) @ self.weights


class LightFMRecommender(BaseRecommender):
    """LightFM's hybrid factorisation, trained by stochastic gradient descent.

    The factor of an item is the sum of the factors of its features, weighted by their
    values, and of one of its own; so for users. An item without events has the part
    that comes from its content. Needs the extra `lightfm`.

    Parameters
    ----------
    n_components : int, default=32
        Number of factors.
    loss : {"warp", "bpr", "logistic"}, default="warp"
        What is minimised: WARP and BPR rank an item that the user had above one it has
        not had; logistic tells them apart.
    learning_rate : float, default=0.05
        Initial step of Adagrad.
    alpha : float, default=0.0
        L2 penalty on the factors of the features of items and users.
    max_iter : int, default=15
        Number of epochs.
    n_feature_components : int, default=32
        Number of principal components of the features that are learned from. The time
        of an epoch grows with it.
    random_state : int, RandomState instance or None, default=None
        An int gives the same model each time. LightFM runs in one thread for that
        reason: with more, its result changes from run to run.

    Attributes
    ----------
    item_factors_ : ndarray of float32 of shape (n_items, n_components + 2)
        Factors, bias, and a column of ones for the biases of the users.
    user_factors_ : ndarray of float32 of shape (n_users, n_components + 2)
        Factors, a column of ones for the biases of the items, and bias.
    item_vocabulary_, user_vocabulary_ : Vocabulary
        Ids of the rows of these matrices.
    seen_ : csr_array of shape (n_users, n_items)
        Summed weights of the events of `fit`.

    Raises
    ------
    ImportError
        In fit, if the package lightfm is not installed.

    See Also
    --------
    ALSRecommender : Faster, closed form, and for dense content most often better.

    Notes
    -----
    LightFM has no folding-in. A new user with a history is placed by a ridge regression
    from the mean factor of a user's items to the user's factor.

    References
    ----------
    Kula. "Metadata Embeddings for User and Item Cold-start Recommendations", CBRecSys
    2015, equation 1.

    Examples
    --------
    >>> from skmmrec import Interactions, LightFMRecommender
    >>> X = Interactions({"user": [1, 1, 2, 2, 3], "item": list("abab") + ["a"]})
    >>> model = LightFMRecommender(n_components=2, random_state=0)
    >>> model.fit(X).recommend([3], k=1).tolist()  # doctest: +SKIP
    [['b']]
    """

    _parameter_constraints = {
        "n_components": [Interval(Integral, 1, None, closed="left")],
        "loss": [StrOptions({"warp", "bpr", "logistic"})],
        "learning_rate": [Interval(Real, 0, None, closed="neither")],
        "alpha": [Interval(Real, 0, None, closed="left")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "n_feature_components": [Interval(Integral, 1, None, closed="left")],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        n_components=32,
        loss="warp",
        learning_rate=0.05,
        alpha=0.0,
        max_iter=15,
        n_feature_components=32,
        random_state=None,
    ):
        self.n_components = n_components
        self.loss = loss
        self.learning_rate = learning_rate
        self.alpha = alpha
        self.max_iter = max_iter
        self.n_feature_components = n_feature_components
        self.random_state = random_state

    def _fit(self, R, items, users):
        lightfm = optional_import("lightfm", extra="lightfm")
        model = lightfm.LightFM(
            no_components=self.n_components,
            loss=self.loss,
            learning_rate=self.learning_rate,
            item_alpha=self.alpha,
            user_alpha=self.alpha,
            random_state=check_random_state(self.random_state),
        )
        self.items_ = _Side(items, R.shape[1], self.n_feature_components)
        self.users_ = _Side(users, R.shape[0], self.n_feature_components)
        weights = sp.coo_matrix(R)
        model.fit(
            sp.coo_matrix((np.ones_like(weights.data), weights.coords), R.shape),
            user_features=self.users_.matrix,
            item_features=self.items_.matrix,
            sample_weight=weights,
            epochs=self.max_iter,
            num_threads=1,
        )
        V = self.items_.learn(model.item_embeddings, model.item_biases)
        U = self.users_.learn(model.user_embeddings, model.user_biases)
        self.item_factors_, self.user_factors_ = _pad_item(V), _pad_user(U)
        self.fold_map_ = RidgeMap(self._mean_liked(R), U, np.diff(R.indptr))

    def _mean_liked(self, H):
        """Mean factor of the items of each history, (n, n_components)."""
        totals = np.asarray(H.sum(axis=1))[:, None]
        return (H @ self.item_factors_[:, : self.n_components]) / np.maximum(
            totals, 1e-9
        )

    def _fold_in(self, H):
        return _pad_user(self.fold_map_(self._mean_liked(H)))

    def _item_vectors(self, items):
        return _pad_item(self.items_.vectors(items))

    def _user_vectors(self, users):
        if not self.blocks_["users"]:
            return super()._user_vectors(users)
        return _pad_user(self.users_.vectors(users))

    def _item_similarity(self, U, V):
        d = self.n_components
        return super()._item_similarity(U[:, :d], V[:, :d])
