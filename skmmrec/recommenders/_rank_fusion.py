"""Late fusion by ranks: what a score is worth does not matter, only whom it beats."""

from numbers import Integral, Real

import numpy as np

from skmmrec._sklearn import Interval, StrOptions
from skmmrec._sparse import positions
from skmmrec._vectors import for_products, outer
from skmmrec.ranking import blocks_of_rows
from skmmrec.recommenders._meta import BaseMetaRecommender


def places_among(scores, others):
    """Place that scores (n, q) have among others (n, N); 1 is the best.

    A score is taken for equal to others that differ by rounding, itself among them;
    equal ones share a mean place.
    """
    others = np.sort(others, axis=1)
    slack = 1e-6 * np.abs(others[:, [0, -1]]).max(axis=1, initial=0)
    places = np.empty(scores.shape)
    for row, (values, ascending) in enumerate(zip(scores, others)):
        above, at_least = (
            len(ascending) - np.searchsorted(ascending, values + step, side=side)
            for step, side in ((slack[row], "right"), (-slack[row], "left"))
        )
        places[row] = above + (np.maximum(at_least - above, 1) + 1) / 2
    return places


def ranks_of(scores, in_order):
    """Rank of each score (n, m) in its row, 1 for the highest.

    Equal ones are ranked in the order of the columns, or else share a mean rank.
    """
    order = np.argsort(-scores, axis=1, kind="stable" if in_order else None)
    places = np.arange(1.0, scores.shape[1] + 1)[None]
    if not in_order:
        places = _shared_places(np.take_along_axis(scores, order, axis=1), places)
    ranks = np.empty(scores.shape)
    np.put_along_axis(ranks, order, places, axis=1)
    return ranks


def _shared_places(falling, places):
    """Mean place of each run of equal scores, in half the time of scipy's rankdata."""
    change = falling[:, 1:] != falling[:, :-1]
    edge = ((0, 0), (1, 0)), ((0, 0), (0, 1))
    begins, ends = (np.pad(change, side, constant_values=True) for side in edge)
    first = np.maximum.accumulate(np.where(begins, places, 0), axis=1)
    last = np.where(ends, places, np.inf)[:, ::-1]
    last = np.minimum.accumulate(last, axis=1)[:, ::-1]
    return (first + last) / 2


class BaseRankRecommender(BaseMetaRecommender):
    """A combination of the members' ranks; subclasses write `_combine`.

    `_combine(ranks, n_items)` gets the ranks (n, m) by each member, 1 for the best, and
    the number of items ranked.
    """

    _ties_in_order = False  # whether equal scores are ranked as the members list them

    def _scores(self, U, V, seen):
        blocks = (m._scores(u, v, seen) for m, u, v in self._parts(U, V))
        fused = self._combine(self._ranks(blocks), V.shape[0])
        for matrix in seen:
            fused[positions(matrix)] = -np.inf
        return fused

    def _ranks(self, blocks):
        return (ranks_of(block, self._ties_in_order) for block in blocks)

    def _similarity(self, U, V, product):
        """By ranks among the whole catalogue, a block of users at a time."""
        n_items = len(self.item_factors_)
        blocks = [
            self._among_all(U[rows], V if product is outer else V[rows], product)
            for rows in blocks_of_rows(len(U), n_items)
        ]
        return np.concatenate(blocks)

    def _among_all(self, U, V, product):
        everything = self._parts(U, for_products(self.item_factors_))
        ranks = []
        for (member, u, v), (_, _, all_v) in zip(self._parts(U, V), everything):
            scores = member._similarity(u, v, product)
            others = member._similarity(u, all_v, outer)
            ranks.append(places_among(scores.reshape(len(U), -1), others))
        fused = self._combine(ranks, len(self.item_factors_))
        return fused if product is outer else fused[:, 0]

    def _item_similarity(self, U, V):
        blocks = self._member_item_similarity(U, V)
        return self._combine(self._ranks(blocks), V.shape[0])


class RankFusionRecommender(BaseRankRecommender):
    """Late fusion: the sum of what the ranks by several recommenders are worth.

    Needs no common scale of the scores, and is not led astray by single high ones; it
    also forgets how sure a member is. With calibrated, well-behaved scores
    `VotingRecommender` uses more of what the members know.

    Parameters
    ----------
    estimators : list of (name, recommender)
        A member may be a pipeline that ends in a recommender, the name of an installed
        recommender, such as ``"als"``, for one with its defaults, or ``"drop"``.
    method : {"reciprocal", "borda"}, default="reciprocal"
        What rank r of n items is worth: 1 / (constant + r), or n + 1 - r points.
    constant : float, default=60
        Of "reciprocal"; the larger, the less the very first places stand out.
    weights : dict of {str: float} or sequence of float, default=None
        Weights of the members; None weighs all alike.
    n_jobs : int, default=None
        Number of members fitted side by side, in threads.

    Attributes
    ----------
    estimators_ : list of recommenders
        The fitted members, without the dropped ones.
    named_estimators_ : Bunch
        The same by name.
    item_factors_, user_factors_ : Blocks of shape (n_items or n_users, d)
        Those of the members side by side.
    item_vocabulary_, user_vocabulary_ : Vocabulary
        Ids of the rows of these matrices.
    seen_ : csr_array of shape (n_users, n_items)
        Summed weights of the events of `fit`.

    Raises
    ------
    ValueError
        In fit, if there are no members, names repeat, or weights do not fit the names.

    See Also
    --------
    UnionRecommender : Interleaves the lists of the members.

    Notes
    -----
    In `recommend` the ranks are those among the candidates that the user has not seen,
    in `predict` those among the whole catalogue: every event costs a ranking of it.
    Items with equal scores share the mean of their places.

    References
    ----------
    Cormack, Clarke, Buettcher. "Reciprocal Rank Fusion Outperforms Condorcet and
    Individual Rank Learning Methods", SIGIR 2009. Aslam, Montague. "Models for
    Metasearch", SIGIR 2001, section 2.2 (Borda-fuse).

    Examples
    --------
    >>> from skmmrec import ALSRecommender, Interactions, PopularityRecommender
    >>> from skmmrec import RankFusionRecommender
    >>> X = Interactions({"user": [1, 1, 2, 2, 3, 4, 4], "item": list("ababacd")})
    >>> members = [("popular", PopularityRecommender()),
    ...            ("als", ALSRecommender(n_components=2, random_state=0))]
    >>> RankFusionRecommender(members).fit(X).recommend([3], k=1).tolist()
    [['b']]
    """

    _parameter_constraints = {
        "method": [StrOptions({"reciprocal", "borda"})],
        "constant": [Interval(Real, 0, None, closed="left")],
        "weights": [dict, "array-like", None],
        "n_jobs": [Integral, None],
    }

    def __init__(
        self, estimators, method="reciprocal", constant=60, weights=None, *, n_jobs=None
    ) -> None:
        self.estimators = estimators
        self.method = method
        self.constant = constant
        self.weights = weights
        self.n_jobs = n_jobs

    def _learn_rule(self, X, likes):
        self._weights = self._numbers(self.weights, "weights")

    def _combine(self, ranks, n_items):
        return sum(
            weight * self._worth(rank, n_items)
            for weight, rank in zip(self._weights, ranks)
        )

    def _worth(self, rank, n_items):
        if self.method == "borda":
            return n_items + 1 - rank
        return 1 / (self.constant + rank)
