"""Alternating least squares over shards of users that keep their events.

Two sides, and what passes between them: a `UserShard` gets item factors and answers
with a message; `averaged` and `solved` are the server, which sees messages and nothing
else. The recommender plays both, as a simulation.
"""

from dataclasses import dataclass
from numbers import Integral, Real

import numpy as np
import scipy.sparse as sp
from sklearn.utils import check_random_state

from skmmrec._sklearn import Interval, StrOptions
from skmmrec.recommenders import ALSRecommender
from skmmrec.recommenders._content_prior import learn_prior


@dataclass(frozen=True)
class Factors:
    """What a shard would take for the factors of its items, of m items.

    Parameters
    ----------
    items : ndarray of int of shape (m,)
        Codes of the items that somebody in the shard has had.
    counts : ndarray of float32 of shape (m,)
        By how many.
    factors : ndarray of float32 of shape (m, d)
    """

    items: np.ndarray
    counts: np.ndarray
    factors: np.ndarray


@dataclass(frozen=True)
class Statistics:
    """Sums over the users of a shard from which item factors follow, of m items.

    Parameters
    ----------
    items : ndarray of int of shape (m,)
        Codes of the items that somebody in the shard has had.
    gram : ndarray of float32 of shape (d, d)
        Σ_u x_u x_uᵀ.
    left : ndarray of float32 of shape (m, d, d)
        Σ_u (c_ui - 1) x_u x_uᵀ.
    right : ndarray of float32 of shape (m, d)
        Σ_u c_ui x_u.
    """

    items: np.ndarray
    gram: np.ndarray
    left: np.ndarray
    right: np.ndarray


class UserShard:
    """Users, and their events, which do not leave it.

    Parameters
    ----------
    C : csr_matrix of shape (n_users, n_items)
        Confidences of their events.
    solve : callable
        Factors of rows of confidences, given those of the other side, their gram
        matrix and λ.
    """

    def __init__(self, C, solve):
        self._C, self._solve = C, solve
        self._items = np.unique(C.indices)
        self._by_item = C.T.tocsr()[self._items]

    def user_factors(self, Y, regularization):
        """Factors of the users (n_users, d): these stay, too."""
        return self._solve(self._C, Y, Y.T @ Y, regularization)

    def factors(self, Y, regularization, share):
        """The message of federated averaging.

        Parameters
        ----------
        Y : ndarray of float32 of shape (n_items, d)
        regularization : float
        share : float
            Of the regularisation of items, which all shards together see once.

        Returns
        -------
        message : Factors
        """
        X = self.user_factors(Y, regularization)
        mine = self._solve(self._by_item, X, X.T @ X, share * regularization)
        counts = np.diff(self._by_item.indptr).astype(np.float32)
        return Factors(self._items, counts, mine)

    def statistics(self, Y, regularization):
        """The message of which the sum over shards is that of one machine.

        Returns
        -------
        message : Statistics
        """
        X = self.user_factors(Y, regularization)
        n, d = X.shape
        products = (X[:, :, None] * X[:, None, :]).reshape(n, d * d)
        added = self._by_item.copy()
        added.data -= 1
        left = (added @ products).reshape(-1, d, d)
        return Statistics(self._items, X.T @ X, left, self._by_item @ X)


def averaged(messages, shape):
    """Item factors (n_items, d) as means over shards, weighted by their events.

    Parameters
    ----------
    messages : iterable of Factors
    shape : tuple of int

    Returns
    -------
    Y : ndarray of float32 of shape (n_items, d)
        Zero where nobody has had the item.
    """
    total, counts = np.zeros(shape, np.float32), np.zeros((shape[0], 1), np.float32)
    for message in messages:
        total[message.items] += message.counts[:, None] * message.factors
        counts[message.items, 0] += message.counts
    return np.divide(total, counts, out=total, where=counts > 0)


def solved(messages, shape, regularization):
    """Item factors (n_items, d) from the sums of all shards, as on one machine.

    Parameters
    ----------
    messages : iterable of Statistics
    shape : tuple of int
    regularization : float

    Returns
    -------
    Y : ndarray of float32 of shape (n_items, d)
    """
    n_items, d = shape
    right = np.zeros(shape, np.float32)
    left = np.zeros((n_items, d, d), np.float32)
    gram = regularization * np.eye(d, dtype=np.float32)
    for message in messages:
        gram += message.gram
        left[message.items] += message.left
        right[message.items] += message.right
    left += gram
    return np.linalg.solve(left, right[:, :, None])[:, :, 0]


class FederatedALSRecommender(ALSRecommender):
    """Alternating least squares over shards of users, who keep their events: simulated.

    For seeing what it costs in accuracy when events may not be brought together: each
    hospital, shop or telephone is a shard. In every round a shard gets the item
    factors, solves for its users' and answers with a message about items; the server
    puts the messages together. The loss is that of `ALSRecommender`, which is as good
    and faster where the events may be in one place.

    Nothing here hides what a message tells: which items a shard has had, and of a shard
    of one user its whole history. So shards must have many users, or messages be summed
    under encryption (Bonawitz 2017), which both kinds allow, as the server needs only
    sums over shards; a bound on what the model tells of anyone is differential privacy.

    Parameters
    ----------
    n_components : int, default=32
        Number of factors.
    alpha : float, default=3.0
        Confidence of an event of weight 1.
    regularization : float, default=3.0
        λ, the strength of the regularisation; above 0, as shards of few users have no
        unique solution without.
    max_iter : int, default=15
        Number of rounds.
    n_shards : int, default=10
        Users are dealt out to so many shards, at random.
    message : {"factors", "statistics"}, default="factors"
        The shard's own item factors, of which the server takes means that are weighted
        by events (federated averaging), n_components numbers an item; or the sums that
        the item factors follow from, n_components² numbers an item, by which the result
        is that of one machine, however many the shards.
    n_jobs : int, default=None
        Number of threads; the result does not depend on it.
    random_state : int, RandomState instance or None, default=None
        Start of the factors, and who is in which shard.

    Attributes
    ----------
    item_factors_ : ndarray of float32 of shape (n_items, n_components)
        What the server has.
    user_factors_ : ndarray of float32 of shape (n_users, n_components)
        Of all shards; each would keep its own.
    n_iter_ : int
        Rounds that were run.
    item_vocabulary_, user_vocabulary_ : Vocabulary
        Ids of the rows of these matrices.
    seen_ : csr_array of shape (n_users, n_items)
        Summed weights of the events of `fit`, of all shards.

    See Also
    --------
    ALSRecommender : On one machine, with content in the fit.

    Notes
    -----
    The fitted object is all sides in one, so that it can be evaluated as others are:
    it holds the events, as the shards do. Besides messages, all sides know the ids of
    the items, the number of shards, and the mean weight of an event.

    Features of items, which the server has, place new items by a ridge regression to
    the factors after the last round. Those of users would be the shards', and take no
    part.

    References
    ----------
    McMahan, Moore, Ramage, Hampson, Agüera y Arcas. "Communication-Efficient Learning
    of Deep Networks from Decentralized Data", AISTATS 2017 (federated averaging).
    Ammad-ud-din et al. "Federated Collaborative Filtering for Privacy-Preserving
    Personalized Recommendation System", 2019 (users solved for where they are).
    Bonawitz et al. "Practical Secure Aggregation for Privacy-Preserving Machine
    Learning", CCS 2017. Chai, Wang, Chen, Yang. "Secure Federated Matrix
    Factorization", IEEE Intelligent Systems 2021 (what messages tell).

    Examples
    --------
    >>> from skmmrec import Interactions
    >>> from skmmrec.privacy import FederatedALSRecommender
    >>> X = Interactions({"user": [1, 1, 2, 2, 3], "item": list("abab") + ["a"]})
    >>> als = FederatedALSRecommender(
    ...     n_components=2, regularization=0.1, n_shards=2, random_state=0
    ... )
    >>> als.fit(X).recommend([3], k=1).tolist()
    [['b']]
    """

    _parameter_constraints = {
        **ALSRecommender._parameter_constraints,
        "regularization": [Interval(Real, 0, None, closed="neither")],
        "n_shards": [Interval(Integral, 1, None, closed="left")],
        "message": [StrOptions({"factors", "statistics"})],
    }

    def __init__(
        self,
        n_components=32,
        alpha=3.0,
        regularization=3.0,
        max_iter=15,
        n_shards=10,
        message="factors",
        n_jobs=None,
        random_state=None,
    ) -> None:
        super().__init__(
            n_components=n_components,
            alpha=alpha,
            regularization=regularization,
            max_iter=max_iter,
            n_jobs=n_jobs,
            random_state=random_state,
        )
        self.n_shards = n_shards
        self.message = message

    def _alternate(self, R, items, users, seed):
        rng = check_random_state(seed)
        n_users, n_items = R.shape
        shape = n_items, self.n_components
        Y = (0.01 * rng.random_sample(shape)).astype(np.float32)
        rows = np.array_split(rng.permutation(n_users), min(self.n_shards, n_users))
        C = np.float32(self.alpha) * sp.csr_matrix(R)
        shards = [UserShard(C[part], self._exactly) for part in rows]
        warm = np.flatnonzero(R.count_nonzero(axis=0))

        def learned():
            X = np.empty((n_users, self.n_components), dtype=np.float32)
            for part, shard in zip(rows, shards):
                X[part] = shard.user_factors(Y, self.regularization)
            return {
                "user_factors_": X,
                "item_factors_": Y,
                "user_prior_": None,
                "item_prior_": learn_prior(items, Y, warm),
            }

        for _ in self._iterations(self.max_iter, learned):
            Y = self._round(shards, Y)
        return learned()

    def _round(self, shards, Y):
        """What the server makes of the answers of all shards."""
        if self.message == "statistics":
            answers = (shard.statistics(Y, self.regularization) for shard in shards)
            return solved(answers, Y.shape, self.regularization)
        share = 1 / len(shards)
        answers = (shard.factors(Y, self.regularization, share) for shard in shards)
        return averaged(answers, Y.shape)
