"""Implicit-feedback matrix factorisation, with content for the cold start."""

import copy
from numbers import Integral, Real

import numpy as np
import scipy.sparse as sp
from implicit.cpu._als import least_squares_cg
from implicit.cpu.als import AlternatingLeastSquares
from joblib import effective_n_jobs
from sklearn.utils import check_random_state
from threadpoolctl import threadpool_limits

from skmmrec._base import BaseRecommender
from skmmrec._sklearn import Interval
from skmmrec._vectors import warn_if_zero
from skmmrec.recommenders._content_prior import ContentPrior

# A prior enters as one more user of an item, with these few times the prior as factors:
# its confidence is so high that it counts in full on the right side of the equations,
# and its square as good as not at all on the left.
TINY = 1e-4


def _with_prior(C, rows, regularization):
    """Confidences, and a column of the prior for each of some rows: csr (n, m + n)."""
    n = C.shape[0]
    data = np.full(len(rows), regularization / TINY, dtype=np.float32)
    return sp.hstack([C, sp.csr_matrix((data, (rows, rows)), shape=(n, n))], "csr")


class _Half:
    """One half of the alternation: the factors of one side, given those of the other.

    Parameters
    ----------
    C : csr_matrix of shape (n, m)
        Confidences of the events.
    features : FeatureTable of n rows, or None
        What the prior of the factors is learned from.
    model : ALSRecommender
    """

    def __init__(self, C, features, model):
        self.C, self.regularization = C, model.regularization
        self.num_threads = effective_n_jobs(model.n_jobs)
        self.rows = np.flatnonzero(np.diff(C.indptr))
        self.prior = self.penalty = None
        if features is not None and features.shape[1]:
            self.prior = ContentPrior(features, self.rows)
            self.C_prior = _with_prior(C, self.rows, self.regularization)
            self.expected = np.zeros((C.shape[0], model.n_components), np.float32)

    def _solve(self, C, factors, others, **options):
        options["num_threads"] = self.num_threads
        least_squares_cg(C, factors, others, self.regularization, **options)

    def sweep(self, factors, others):
        """Solve for the factors in place, and learn anew what to expect of them."""
        if self.prior is None:
            return self._solve(self.C, factors, others)
        self._solve(self.C_prior, factors, np.vstack([others, TINY * self.expected]))
        self.expected[self.rows] = self.prior.fit(factors[self.rows], self.penalty)
        # from now on the factors agree with the prior, and would make it look surer
        self.penalty = self.prior.penalty

    def settle(self, factors, others):
        """The prior for what has no events, from factors that it took no part in."""
        if self.prior is None:
            return None
        free, prior = factors.copy(), copy.copy(self.prior)  # sweeps may go on
        self._solve(self.C, free, others, cg_steps=10)
        prior.fit(free[self.rows])
        prior.forget_rows()
        return prior


class ALSRecommender(BaseRecommender):
    """Alternating least squares on events, with content as the prior of the factors.

    Minimises Σ_ui c_ui (p_ui - x_u·y_i)² + λ (Σ ‖x_u‖² + Σ ‖y_i‖²) with p_ui = 1 and
    c_ui = alpha · weight for an event, p_ui = 0 and c_ui = 1 elsewhere (Hu 2008), by
    the package implicit.

    Where items have features f_i, the last term is λ Σ ‖y_i - m - Wᵀf_i‖²: an item with
    few events is drawn to what its content leads to expect, one without events, or a
    new one, has exactly that, and one without content has the mean m. W is a ridge
    regression, solved for after every sweep. So for users with features.

    Parameters
    ----------
    n_components : int, default=32
        Number of factors. W has no higher rank: with rich content and many new items,
        128 and more place these better.
    alpha : float, default=3.0
        Confidence of an event of weight 1.
    regularization : float, default=3.0
        λ, the strength of the regularisation. Too much of it, for few events, makes all
        factors zero, which a warning says. The defaults suit small data; from 50,000
        events on, ``n_components=128, alpha=10, regularization=30`` ranked better on
        all that was tried.
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
    n_iter_ : int
        Alternations that were run: `max_iter`, unless a callback stopped them.
    item_vocabulary_, user_vocabulary_ : Vocabulary
        Ids of the rows of these matrices.
    seen_ : csr_array of shape (n_users, n_items)
        Summed weights of the events of `fit`.

    Notes
    -----
    The penalty on W is chosen by leave-one-out after the first sweep. The W for what
    has no events is learned last, from factors solved for without a prior.

    The factor of a new item is an expectation, shorter than those of items that proved
    popular: new items are ranked well among themselves, but seldom reach the head of
    the whole catalogue. Give them a place of their own with ``candidates=``.

    See Also
    --------
    LightFMRecommender : Learns content and events together, by gradient descent.

    References
    ----------
    Hu, Koren, Volinsky. "Collaborative Filtering for Implicit Feedback Datasets", ICDM
    2008, equations 3 to 5. Takács, Pilászy, Tikk. "Applications of the Conjugate
    Gradient Method for Implicit Feedback Collaborative Filtering", RecSys 2011 (the
    solver). Agarwal, Chen. "Regression-based Latent Factor Models", KDD 2009 (factors
    whose prior is a regression on features).

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
    ) -> None:
        self.n_components = n_components
        self.alpha = alpha
        self.regularization = regularization
        self.max_iter = max_iter
        self.n_jobs = n_jobs
        self.random_state = random_state

    def _fit(self, R, items, users):
        seed = check_random_state(self.random_state).randint(2**31 - 1)
        # implicit runs its own threads, each of which calls BLAS
        with threadpool_limits(1, "blas"):
            vars(self).update(self._alternate(R, items, users, seed))
        warn_if_zero(self.item_factors_, self.regularization)

    def _alternate(self, R, items, users, seed):
        C = np.float32(self.alpha) * sp.csr_matrix(R)
        of_users, of_items = _Half(C, users, self), _Half(C.T.tocsr(), items, self)
        rng = np.random.default_rng(seed)
        X, Y = (
            0.01 * rng.random((n, self.n_components), dtype=np.float32) for n in R.shape
        )

        def learned():
            return {
                "user_factors_": X,
                "item_factors_": Y,
                "user_prior_": of_users.settle(X, Y),
                "item_prior_": of_items.settle(Y, X),
            }

        for _ in self._iterations(self.max_iter, learned):
            of_users.sweep(X, Y)
            of_items.sweep(Y, X)
        return learned()

    def _learn_maps(self, R, items, users):
        # of those with events alone, before others are placed by content
        self.item_gram_ = self.item_factors_.T @ self.item_factors_
        self.user_gram_ = self.user_factors_.T @ self.user_factors_

    def _settle(self, masks):
        super()._settle(masks)
        likes = self._likes(self.seen_)
        for name, axis in (("user", 1), ("item", 0)):
            factors = getattr(self, f"{name}_factors_")
            warm = factors[likes.count_nonzero(axis=axis) > 0]
            setattr(self, f"{name}_gram_", warm.T @ warm)

    def _solved(self, C, others, gram, prior):
        """Factors of rows of weights C (n, m), exact; `prior` is (n, d), or None."""
        n = C.shape[0]
        C = np.float32(self.alpha) * sp.csr_matrix(C)
        if prior is not None:
            C = _with_prior(C, np.arange(n), self.regularization)
            others = np.vstack([others, TINY * prior])
        return self._exactly(C, others, gram, self.regularization)

    def _exactly(self, C, others, gram, regularization):
        """Factors of rows of confidences C (n, m), by Cholesky."""
        with threadpool_limits(1, "blas"):
            model = AlternatingLeastSquares(
                factors=self.n_components,
                alpha=1.0,
                regularization=regularization,
                num_threads=effective_n_jobs(self.n_jobs),
            )
            model.item_factors, model._YtY = others, gram
            return model.recalculate_user(np.arange(C.shape[0]), C)

    def _fold_in(self, H):
        prior = None
        if self.user_prior_ is not None:  # of whom only the events are known
            prior = np.tile(self.user_prior_.mean, (H.shape[0], 1))
        return self._solved(H, self.item_factors_, self.item_gram_, prior)

    def _fold_in_items(self, C, items):
        prior = None if self.item_prior_ is None else self.item_prior_(items)
        return self._solved(C, self.user_factors_, self.user_gram_, prior)

    def _item_vectors(self, items):
        if self.item_prior_ is None:
            return super()._item_vectors(items)
        return self.item_prior_(items)

    def _user_vectors(self, users):
        if self.user_prior_ is None:
            return super()._user_vectors(users)
        return self.user_prior_(users)
