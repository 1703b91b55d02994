"""Bayesian personalised ranking: a factorisation that orders pairs of items."""

from numbers import Integral, Real

import numpy as np
import scipy.sparse as sp
from implicit.cpu.bpr import BayesianPersonalizedRanking
from implicit.recommender_base import ModelFitError
from sklearn.utils import check_random_state
from threadpoolctl import threadpool_limits

from skmmrec._base import BaseRecommender
from skmmrec._sklearn import Interval
from skmmrec.recommenders._content_prior import learn_prior
from skmmrec.recommenders._summary import summary


class _Stop(Exception):
    """A callback has had enough of the epochs."""


class BPRRecommender(BaseRecommender):
    """Matrix factorisation that ranks what a user had above what others had.

    Maximises Σ ln σ(x_u·(y_i - y_j) + b_i - b_j) - λ‖θ‖² by stochastic gradient ascent,
    over pairs of an item i that user u had and an item j, drawn from all events, that u
    had not; by the package implicit. It learns from which items a user had, not from
    ratings: every liked item counts once.

    Three ridge regressions serve what gradient ascent has not seen: from features to
    the factor and bias of an item, and to the factor of a user; from the factors of the
    items in a history to that of its user; and from those of the users of an item, and
    its features, to that of the item.

    Parameters
    ----------
    n_components : int, default=32
        Number of factors.
    learning_rate : float, default=0.01
        Step of the ascent.
    regularization : float, default=0.01
        λ, the strength of the regularisation.
    max_iter : int, default=100
        Number of epochs: in each, as many pairs are drawn as there are events.
    random_state : int, RandomState instance or None, default=None
        An int gives the same model each time. implicit runs in one thread for that
        reason: every further one draws other pairs.

    Attributes
    ----------
    item_factors_ : ndarray of float32 of shape (n_items, n_components + 1)
        Factors and bias.
    user_factors_ : ndarray of float32 of shape (n_users, n_components + 1)
        Factors, and a column of ones for the biases of the items.
    n_iter_ : int
        Epochs that were run: `max_iter`, unless a callback stopped them.
    item_vocabulary_, user_vocabulary_ : Vocabulary
        Ids of the rows of these matrices.
    seen_ : csr_array of shape (n_users, n_items)
        Summed weights of the events of `fit`.

    See Also
    --------
    ALSRecommender : Closed form, and with content while it learns; most often better.

    References
    ----------
    Rendle et al. "BPR: Bayesian Personalized Ranking from Implicit Feedback", UAI 2009,
    section 4.1 and figure 4. Gantner et al. "Learning Attribute-to-Feature Mappings for
    Cold-Start Recommendations", ICDM 2010, section IV (linear map).

    Examples
    --------
    >>> from skmmrec import BPRRecommender, Interactions
    >>> X = Interactions({"user": [1, 1, 2, 2, 3, 4, 4], "item": list("ababacd")})
    >>> bpr = BPRRecommender(n_components=2, random_state=0).fit(X)
    >>> bpr.recommend([3], k=1).tolist()
    [['b']]
    """

    _folds_items_exactly = False
    _parameter_constraints = {
        "n_components": [Interval(Integral, 1, None, closed="left")],
        "learning_rate": [Interval(Real, 0, None, closed="neither")],
        "regularization": [Interval(Real, 0, None, closed="left")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        n_components=32,
        learning_rate=0.01,
        regularization=0.01,
        max_iter=100,
        random_state=None,
    ) -> None:
        self.n_components = n_components
        self.learning_rate = learning_rate
        self.regularization = regularization
        self.max_iter = max_iter
        self.random_state = random_state

    def _fit(self, R, items, users):
        model = BayesianPersonalizedRanking(
            factors=self.n_components,
            learning_rate=self.learning_rate,
            regularization=self.regularization,
            iterations=self.max_iter,
            num_threads=1,
            random_state=check_random_state(self.random_state).randint(2**31 - 1),
        )

        def learned():
            return {
                "user_factors_": model.user_factors,
                "item_factors_": model.item_factors,
            }

        epochs = self._iterations(self.max_iter, learned)
        next(epochs)  # begins

        def after_epoch(epoch, *_):
            if next(epochs, None) is None and epoch + 1 < self.max_iter:
                raise _Stop

        try:
            model.fit(sp.csr_matrix(R), show_progress=False, callback=after_epoch)
        except _Stop:
            pass
        except ModelFitError as error:
            raise FloatingPointError("factors that diverge") from error
        vars(self).update(learned())

    @threadpool_limits.wrap(limits=1, user_api="blas")  # more change the last digits
    def _learn_maps(self, R, items, users):
        rows, columns = (np.flatnonzero(R.count_nonzero(axis=axis)) for axis in (1, 0))
        U, V = self.user_factors_, self.item_factors_
        self.mean_item_ = V[columns].mean(axis=0)
        self.user_prior_ = learn_prior(users, U, rows)
        self.item_prior_ = learn_prior(items, V, columns)
        self.user_map_ = learn_prior(self._liked(R), U, rows)
        likers = self._likers(sp.csr_array(R.T), items)
        self.item_map_ = learn_prior(likers, V, columns)

    def _liked(self, H):
        """What histories say of their users."""
        return summary(H, self.item_factors_)

    def _likers(self, C, items):
        """What those who had them, and their content, say of items."""
        expected = None if self.item_prior_ is None else self.item_prior_(items)
        return summary(C, self.user_factors_, expected)

    def _fold_in(self, H):
        return self.user_map_(self._liked(H))

    def _fold_in_items(self, C, items):
        return self.item_map_(self._likers(C, items))

    def _item_vectors(self, items):
        if self.item_prior_ is None:
            return np.tile(self.mean_item_, (len(items), 1))
        return self.item_prior_(items)

    def _user_vectors(self, users):
        if self.user_prior_ is None:
            return super()._user_vectors(users)
        return self.user_prior_(users)

    def _item_directions(self, V):
        return super()._item_directions(V[:, :-1])
