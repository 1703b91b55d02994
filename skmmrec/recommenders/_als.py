"""Implicit-feedback matrix factorisation, with content for the cold start."""

from numbers import Integral, Real

import numpy as np
import scipy.sparse as sp
from implicit.cpu.als import AlternatingLeastSquares
from joblib import effective_n_jobs
from sklearn.utils import check_random_state
from threadpoolctl import threadpool_limits

from skmmrec._base import BaseRecommender
from skmmrec._sklearn import Interval
from skmmrec.recommenders._ridge_map import RidgeMap


def _learn_map(features, factors, counts):
    """From features to factors; None without features."""
    if features is None or features.shape[1] == 0:
        return None
    described = (counts > 0) & features.present.any(axis=1)
    return RidgeMap(features.values, factors, np.where(described, counts, 0))


class ALSRecommender(BaseRecommender):
    """Alternating least squares on events; content gives new items their factors.

    Minimises Σ_ui c_ui (p_ui - x_u·y_i)² + λ (Σ ‖x_u‖² + Σ ‖y_i‖²) with p_ui = 1 and
    c_ui = alpha · weight for an event, p_ui = 0 and c_ui = 1 elsewhere (Hu 2008), by
    the package implicit. Where items have features, a ridge regression from features
    to factors, over the items with events, gives those without events theirs; so for
    users with features.

    Parameters
    ----------
    n_components : int, default=32
        Number of factors.
    alpha : float, default=3.0
        Confidence of an event of weight 1.
    regularization : float, default=3.0
        λ, the strength of the regularisation. Too much of it, for few events, makes all
        factors zero.
    max_iter : int, default=15
        Number of alternations.
    n_jobs : int, default=None
        Number of threads; the result does not depend on it.
    random_state : int, RandomState instance or None, default=None
        Start of the factors. An int gives the same model each time.

    Attributes
    ----------
    item_factors_ : ndarray of float32 of shape (n_items, n_components)
    user_factors_ : ndarray of float32 of shape (n_users, n_components)
    item_vocabulary_, user_vocabulary_ : Vocabulary
        Ids of the rows of these matrices.
    seen_ : csr_array of shape (n_users, n_items)
        Summed weights of the events of `fit`.

    Notes
    -----
    The factor of a new item is an expectation, shorter than those of items that proved
    popular: new items are ranked well among themselves, but seldom reach the head of
    the whole catalogue. Give them a place of their own with ``candidates=``.

    See Also
    --------
    LightFMRecommender : Learns content and events together, by gradient descent.

    References
    ----------
    Hu, Koren, Volinsky. "Collaborative Filtering for Implicit Feedback Datasets", ICDM
    2008, equations 3 to 5. Gantner et al. "Learning Attribute-to-Feature Mappings for
    Cold-Start Recommendations", ICDM 2010, section IV (linear map).

    Examples
    --------
    >>> from skmmrec import ALSRecommender, Interactions
    >>> X = Interactions({"user": [1, 1, 2, 2, 3], "item": list("abab") + ["a"]})
    >>> als = ALSRecommender(n_components=2, random_state=0).fit(X)
    >>> als.recommend([3], k=1).tolist()
    [['b']]
    """

    _parameter_constraints = {
        "n_components": [Interval(Integral, 1, None, closed="left")],
        "alpha": [Interval(Real, 0, None, closed="neither")],
        "regularization": [Interval(Real, 0, None, closed="left")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "n_jobs": [Integral, None],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        n_components=32,
        alpha=3.0,
        regularization=3.0,
        max_iter=15,
        n_jobs=None,
        random_state=None,
    ):
        self.n_components = n_components
        self.alpha = alpha
        self.regularization = regularization
        self.max_iter = max_iter
        self.n_jobs = n_jobs
        self.random_state = random_state

    def _engine(self, seed):
        return AlternatingLeastSquares(
            factors=self.n_components,
            alpha=self.alpha,
            regularization=self.regularization,
            iterations=self.max_iter,
            num_threads=effective_n_jobs(self.n_jobs),
            random_state=seed,
        )

    def _fit(self, R, items, users):
        # implicit runs its own threads, each of which calls BLAS
        with threadpool_limits(1, "blas"):
            seed = check_random_state(self.random_state).randint(2**31 - 1)
            model = self._engine(seed)
            model.fit(sp.csr_matrix(R), show_progress=False)
        self.user_factors_, self.item_factors_ = model.user_factors, model.item_factors
        # of the items with events alone, before those without are placed by content
        self.gram_ = self.item_factors_.T @ self.item_factors_
        self.item_map_ = _learn_map(items, self.item_factors_, R.count_nonzero(axis=0))
        self.user_map_ = _learn_map(users, self.user_factors_, R.count_nonzero(axis=1))

    def _fold_in(self, H):
        with threadpool_limits(1, "blas"):
            model = self._engine(0)
            model.item_factors = self.item_factors_
            model._YtY = self.gram_  # without the items that were placed by content
            return model.recalculate_user(np.arange(H.shape[0]), sp.csr_matrix(H))

    def _item_vectors(self, items):
        if self.item_map_ is None:
            return super()._item_vectors(items)
        return self.item_map_(items.values, items.present.any(axis=1))

    def _user_vectors(self, users):
        if self.user_map_ is None:
            return super()._user_vectors(users)
        return self.user_map_(users.values, users.present.any(axis=1))
