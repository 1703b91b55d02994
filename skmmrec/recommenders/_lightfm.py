"""LightFM: a factorisation of users and items into sums of their features' factors."""

import copy
from functools import partial
from numbers import Integral, Real

import numpy as np
import scipy.sparse as sp
from sklearn.utils import check_random_state
from threadpoolctl import threadpool_limits

from skmmrec._base import BaseRecommender
from skmmrec._optional import optional_import
from skmmrec._sklearn import Interval, StrOptions
from skmmrec.recommenders._content_prior import ContentPrior, learn_prior
from skmmrec.recommenders._summary import summary

# Of the maps that place new ones by their events: they have far more rows than columns,
# so that it matters for a handful of rows alone.
MAP_PENALTY = 1.0


def _warm(R):
    """Rows and columns with events."""
    return [np.flatnonzero(R.count_nonzero(axis=axis)) for axis in (1, 0)]


def _pad_item(factors):
    """Factors and bias of items, and the ones that user biases are multiplied with."""
    return np.column_stack([factors, np.ones(len(factors), dtype=np.float32)])


def _pad_user(factors):
    """Factors of users, the ones that item biases are multiplied with, and bias."""
    ones = np.ones(len(factors), dtype=np.float32)
    return np.column_stack([factors[:, :-1], ones, factors[:, -1]])


class _Side:
    """The items, or the users, of a LightFM: factors (n, d) and biases as one matrix.

    Parameters
    ----------
    engine : LightFM
    name : {"item", "user"}
    features : FeatureTable, or None
    rows : ndarray of int of shape (n,)
        Which rows of the features are theirs.
    """

    def __init__(self, engine, name, features, rows):
        self.engine, self.name, self.rows = engine, name, rows
        self.prior = None
        if features is not None and features.shape[1]:
            described = features.present[rows].any(axis=1)
            self.described = np.flatnonzero(described)
            if len(self.described):
                self.prior = ContentPrior(features, rows[described])

    def _joined(self, factors, biases):
        parts = (getattr(self.engine, f"{self.name}_{x}") for x in (factors, biases))
        return np.column_stack(list(parts))  # (n, d + 1)

    @property
    def factors(self):
        return self._joined("embeddings", "biases")

    @factors.setter
    def factors(self, factors):
        setattr(self.engine, f"{self.name}_embeddings", factors[:, :-1].copy())
        setattr(self.engine, f"{self.name}_biases", factors[:, -1].copy())

    def pull(self, penalty):
        """Learn what content leads to expect, and pull factors towards it.

        The proximal step of the penalty, in the metric of Adagrad: a factor that many
        events have moved moves little.
        """
        if self.prior is None:
            return
        rows, factors = self.described, self.factors
        squares = self._joined("embedding_gradients", "bias_gradients")[rows]
        weight = np.float32(penalty * self.engine.learning_rate) / np.sqrt(squares)
        own, expected = factors[rows], self.prior.fit(factors[rows])
        factors[rows] = (own + weight * expected) / (1 + weight)
        self.factors = factors

    def settled(self):
        """The prior, without what only training needs."""
        if self.prior is None:
            return None
        prior = copy.copy(self.prior)  # training may go on
        prior.forget_rows()
        return prior


def _learned(shape, user, item):
    """Attributes of the model, zeros for users and items (their numbers) on no side."""
    U, V = (np.zeros((n, item.factors.shape[1]), np.float32) for n in shape)
    U[user.rows], V[item.rows] = user.factors, item.factors
    return {
        "user_factors_": _pad_user(U),
        "item_factors_": _pad_item(V),
        "user_prior_": user.settled(),
        "item_prior_": item.settled(),
        "mean_item_": item.factors.mean(axis=0),
    }


class LightFMRecommender(BaseRecommender):
    """LightFM's hybrid factorisation, trained by stochastic gradient descent.

    The factor of an item is e = Wᵀf + r, a linear map of its features and a part of its
    own; so is its bias, and so are those of users. Minimises Σ loss + β/2 (Σ ‖r‖² +
    λ‖W‖²): each epoch, the package lightfm steps through the events, moving e; then W
    is solved for, a ridge regression of all e, with λ by leave-one-out; then e takes
    the proximal step of the penalty on r. So an epoch costs little more with hundreds
    of dense features than with none. An item without events has the factor Wᵀf. Needs
    the extra `lightfm`.

    Parameters
    ----------
    n_components : int, default=32
        Number of factors.
    loss : {"warp", "bpr"}, default="warp"
        What ranks an item that the user had above one it has not had. WARP draws
        items alike until one is ranked wrongly; BPR draws one, as often as it was
        had, which corrects for popularity.
    learning_rate : float, default=0.05
        Initial step of Adagrad.
    alpha : float, default=0.0
        L2 penalty on the factors of items and users as a whole.
    content_penalty : float, default=300.0
        β, how firmly factors are held to what content leads to expect. What has no
        content is not held.
    max_iter : int, default=15
        Number of epochs.
    random_state : int, RandomState instance or None, default=None
        An int gives the same model each time. LightFM runs in one thread for that
        reason: with more, its result changes from run to run.

    Attributes
    ----------
    item_factors_ : ndarray of float32 of shape (n_items, n_components + 2)
        Factors, bias, and a column of ones for the biases of the users.
    user_factors_ : ndarray of float32 of shape (n_users, n_components + 2)
        Factors, a column of ones for the biases of the items, and bias.
    n_iter_ : int
        Epochs that were run: `max_iter`, unless a callback stopped them.
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
    ALSRecommender : Faster, and for dense content most often better.

    Notes
    -----
    LightFM itself steps through every feature of an item for each event. Its model is
    the same; there, W is penalised and learned like r.

    Items without events are no negative examples: nobody has passed them over.

    A new user with a history is placed by a ridge regression from the factors of a
    user's items, and their number, to the user's factor; an item with new events by one
    from those of its users, their number, and Wᵀf, to the item's.

    References
    ----------
    Kula. "Metadata Embeddings for User and Item Cold-start Recommendations", CBRecSys
    2015, equation 1. Duchi, Hazan, Singer. "Adaptive Subgradient Methods for Online
    Learning and Stochastic Optimization", JMLR 2011, equation 4 (proximal step).

    Examples
    --------
    >>> from skmmrec import Interactions, LightFMRecommender
    >>> X = Interactions({"user": [1, 1, 2, 2, 3], "item": list("abab") + ["a"]})
    >>> model = LightFMRecommender(n_components=2, random_state=0)
    >>> model.fit(X).recommend([3], k=1).tolist()  # doctest: +SKIP
    [['b']]
    """

    _folds_items_exactly = False
    _parameter_constraints = {
        "n_components": [Interval(Integral, 1, None, closed="left")],
        "loss": [StrOptions({"warp", "bpr"})],
        "learning_rate": [Interval(Real, 0, None, closed="neither")],
        "alpha": [Interval(Real, 0, None, closed="left")],
        "content_penalty": [Interval(Real, 0, None, closed="left")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        n_components=32,
        loss="warp",
        learning_rate=0.05,
        alpha=0.0,
        content_penalty=300.0,
        max_iter=15,
        random_state=None,
    ) -> None:
        self.n_components = n_components
        self.loss = loss
        self.learning_rate = learning_rate
        self.alpha = alpha
        self.content_penalty = content_penalty
        self.max_iter = max_iter
        self.random_state = random_state

    def _fit(self, R, items, users):
        lightfm = optional_import("lightfm", extra="lightfm")
        engine = lightfm.LightFM(
            no_components=self.n_components,
            loss=self.loss,
            learning_rate=self.learning_rate,
            item_alpha=self.alpha,
            user_alpha=self.alpha,
            random_state=check_random_state(self.random_state),
        )
        # what has no event is no negative example, and tells nothing of its content
        warm = _warm(R)
        weights = sp.coo_matrix(R[warm[0]][:, warm[1]])
        with threadpool_limits(1, "blas"):  # more may change the last digits
            user = _Side(engine, "user", users, warm[0])
            item = _Side(engine, "item", items, warm[1])
            learned = partial(_learned, R.shape, user, item)
            self._train(engine, weights, (user, item), learned)
        vars(self).update(learned())

    def _train(self, engine, weights, sides, learned):
        likes = sp.coo_matrix(
            (np.ones_like(weights.data), weights.coords), weights.shape
        )
        for _ in self._iterations(self.max_iter, learned):
            try:
                engine.fit_partial(likes, sample_weight=weights, num_threads=1)
            except ValueError as error:  # what came before it has checked the input
                raise FloatingPointError("factors that diverge") from error
            for side in sides:
                side.pull(self.content_penalty)

    def _learn_maps(self, R, items, users):
        rows, columns = _warm(R)
        liked, likers = self._liked(R), self._likers(sp.csr_array(R.T), items)
        U, V = self.user_factors_, self.item_factors_
        self.user_map_ = learn_prior(liked, U, rows, MAP_PENALTY)
        self.item_map_ = learn_prior(likers, V, columns, MAP_PENALTY)

    def _liked(self, H):
        """What histories say of their users."""
        return summary(H, self.item_factors_[:, : self.n_components])

    def _likers(self, C, items):
        """What those who had them, and their content, say of items."""
        expected = None if self.item_prior_ is None else self.item_prior_(items)
        return summary(C, self.user_factors_[:, : self.n_components], expected)

    def _fold_in(self, H):
        return self.user_map_(self._liked(H))

    def _fold_in_items(self, C, items):
        return self.item_map_(self._likers(C, items))

    def _item_vectors(self, items):
        if self.item_prior_ is None:
            return _pad_item(np.tile(self.mean_item_, (len(items), 1)))
        return _pad_item(self.item_prior_(items))

    def _user_vectors(self, users):
        if self.user_prior_ is None:
            return super()._user_vectors(users)
        return _pad_user(self.user_prior_(users))

    def _item_directions(self, V):
        return super()._item_directions(V[:, : self.n_components])
