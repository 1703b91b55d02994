"""One weight vector for each user over the features of the items."""

from numbers import Real

import numpy as np
import scipy.sparse as sp
from threadpoolctl import threadpool_limits

from skmmrec._base import BaseRecommender
from skmmrec._sklearn import Interval
from skmmrec.recommenders._content_space import ContentSpace, reweighted


class FeatureFactorizationRecommender(BaseRecommender):
    """Matrix factorisation whose item factors are the items' features.

    The score of item i for user u is F_i·R_u, with the features F_i of all modalities,
    joined, and one weight vector R_u for each user. Minimises, for each user,
    Σ_i c_ui (p_ui - F_i·R_u)² + λ ‖R_u - r‖² with p_ui = 1 and c_ui = 1 + alpha ·
    weight for an event, p_ui = 0 and c_ui = 1 elsewhere; r are the weights that suit
    all users together best, and serve those of whom nothing is known. That is a sweep
    of alternating least squares over the users, with the item factors given: exact,
    and the only one.

    The original puts a sigmoid around the score, which does not change a list. It knows
    an item by its content alone: users who had it teach nothing of it beyond that. For
    catalogues of which most is new; elsewhere `ALSRecommender` with features is better.

    Parameters
    ----------
    alpha : float, default=3.0
        Confidence of an event of weight 1.
    regularization : float, default=100.0
        λ, how strongly users are drawn to what suits all.

    Attributes
    ----------
    item_factors_ : ndarray of float32 of shape (n_items, n_features + 1)
        F: features around their mean, zeros where a modality is missing, and a one.
    user_factors_ : ndarray of float32 of shape (n_users, n_features + 1)
        R: weights, and an intercept.
    item_vocabulary_, user_vocabulary_ : Vocabulary
        Ids of the rows of these matrices.
    seen_ : csr_array of shape (n_users, n_items)
        Summed weights of the events of `fit`.

    Raises
    ------
    ValueError
        In fit, if the items have no features.

    See Also
    --------
    ContentRecommender : The mean of what the user liked in the place of weights.

    References
    ----------
    Hu, Koren, Volinsky. "Collaborative Filtering for Implicit Feedback Datasets", ICDM
    2008, equation 4, with the features as item factors.

    Examples
    --------
    >>> from skmmrec import FeatureFactorizationRecommender, Interactions
    >>> from skmmrec import MultimodalFusion
    >>> items = {"item": ["tea", "jam", "bread"], "sweet": [0.1, 0.9, 0.8],
    ...          "drink": [0.9, 0.1, 0.0]}
    >>> X = Interactions({"user": [1], "item": ["jam"]}, items=items)
    >>> fusion = MultimodalFusion([("taste", "passthrough", ["sweet", "drink"])])
    >>> model = FeatureFactorizationRecommender().fit(fusion.fit_transform(X))
    >>> model.recommend([1], k=2).tolist()
    [['bread', 'tea']]
    """

    closed_form = True
    _parameter_constraints = {
        "alpha": [Interval(Real, 0, None, closed="neither")],
        "regularization": [Interval(Real, 0, None, closed="neither")],
    }

    def __init__(self, alpha=3.0, regularization=100.0) -> None:
        self.alpha = alpha
        self.regularization = regularization

    def _fit(self, R, items, users):
        if items is None:
            raise ValueError(
                "FeatureFactorizationRecommender must have features of the items; got "
                "none; put a MultimodalFusion before it in the pipeline, or pass a "
                "frame with columns of numbers after user and item."
            )
        self.space_ = ContentSpace(items, centered=True)
        self.item_factors_ = self._item_vectors(items)
        with threadpool_limits(1, "blas"):  # small systems, one after another
            self._learn_users(R)

    def _learn_users(self, R):
        F = self.item_factors_
        # what nobody had is no dislike: it takes no part
        warm = R.count_nonzero(axis=0) > 0
        penalty = self.regularization * np.eye(F.shape[1])
        gram = F[warm].T @ F[warm] + penalty
        self.inverse_ = np.linalg.inv(gram).astype(np.float32)
        shared = self.regularization * self.inverse_ @ self._shared(R, F, warm, penalty)
        self.solved_shared_ = shared.astype(np.float32)
        self.user_factors_ = self._fold_in(R)

    def _shared(self, R, F, warm, penalty):
        """r: weights (d,) of least squares over all users together."""
        liked = self.alpha * R.sum(axis=0)
        confidence = R.shape[0] * warm + liked
        A = F.T @ (confidence[:, None] * F) + penalty
        return np.linalg.solve(A, F.T @ (liked + R.count_nonzero(axis=0)))

    def _fold_in(self, H):
        """R_u = A⁻¹ (λ r + Σ_i a_ui F_i), over the items of the user.

        With A = F'F + λI, D = alpha · weights and K = F_u A⁻¹ F_u', that solves
        (A + F_u' D F_u) R_u = λ r + F_u' (1 + D) 1, by the identity of Woodbury: a
        system as large as the history, not as the features.
        """
        used, column = np.unique(H.indices, return_inverse=True)
        F = self.item_factors_[used]
        G, drawn = F @ self.inverse_, F @ self.solved_shared_
        a = np.empty(H.nnz, dtype=np.float32)
        for start, end in zip(H.indptr, H.indptr[1:]):
            items, d = column[start:end], self.alpha * H.data[start:end]
            K = G[items] @ F[items].T
            right = K @ (1 + d) + drawn[items]
            a[start:end] = 1 + d - np.linalg.solve(K + np.diag(1 / d), right)
        a = sp.csr_array((a, column, H.indptr), (H.shape[0], len(used)))
        return a @ G + self.solved_shared_

    def _item_vectors(self, items):
        values = self.space_.values(items)
        return np.column_stack([values, np.ones(len(values), dtype=np.float32)])

    def _reweighted(self, U, weights):
        return reweighted(U, self.blocks_["items"], weights)
