"""The union of the lists of several recommenders."""

from numbers import Integral

import numpy as np

from skmmrec.recommenders._rank_fusion import BaseRankRecommender

# A member of which nothing is wanted is dropped.
LEAST_QUOTA = 1e-6


class UnionRecommender(BaseRankRecommender):
    """Hybrid union: R(u) = R_content(u) ∪ R_collaborative(u), for any members.

    A list of k is filled from the heads of the members' lists, each up to its quota; an
    item that several of them name counts once. With equal quotas it is the members'
    lists in turns. Everyone's favourites are in it, whoever else dislikes them: choose
    it where members serve different needs, and a sum of scores where they judge the
    same.

    Item i is placed by min_m (rank_mi - 1/2) / quota_m, among equals the one of the
    earlier member first.

    Parameters
    ----------
    estimators : list of (name, recommender)
        A member may be a pipeline that ends in a recommender, the name of an installed
        recommender, such as ``"als"``, for one with its defaults, or ``"drop"``.
    quotas : dict of {str: float} or sequence of float, default=None
        Shares of the members, in any unit; None gives all the same.
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
        In fit, if there are no members, names repeat, or quotas do not fit the names.

    See Also
    --------
    RankFusionRecommender : Items that several members rank high come first.

    Notes
    -----
    In `recommend` the ranks are those among the candidates that the user has not seen,
    in `predict` those among the whole catalogue, where items with equal scores share
    the mean of their places: every event costs a ranking of it.

    References
    ----------
    Burke. "Hybrid Recommender Systems: Survey and Experiments", UMUAI 2002, section 2.3
    (mixed).

    Examples
    --------
    >>> from skmmrec import ALSRecommender, Interactions, PopularityRecommender
    >>> from skmmrec import UnionRecommender
    >>> X = Interactions({"user": [1, 1, 2, 2, 3, 4, 4, 5], "item": list("ababacdc")})
    >>> members = [("als", ALSRecommender(n_components=2, random_state=0)),
    ...            ("popular", PopularityRecommender())]
    >>> UnionRecommender(members).fit(X).recommend([3], k=2)
    array([['b', 'c']], dtype=object)
    """

    _ties_in_order = True
    _parameter_constraints = {
        "quotas": [dict, "array-like", None],
        "n_jobs": [Integral, None],
    }

    def __init__(self, estimators, quotas=None, *, n_jobs=None) -> None:
        self.estimators = estimators
        self.quotas = quotas
        self.n_jobs = n_jobs

    def _learn_rule(self, X, likes):
        self._quotas = self._numbers(self.quotas, "quotas", least=LEAST_QUOTA)

    def _combine(self, ranks, n_items):
        # of equal places that of the earlier member comes first
        places = (
            (rank - 0.5) / quota * (1 + 1e-9 * m)
            for m, (rank, quota) in enumerate(zip(ranks, self._quotas))
        )
        return -np.minimum.reduce(list(places))
