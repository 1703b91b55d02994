"""One recommender for the cold, another for the warm."""

from numbers import Integral

import numpy as np

from skmmrec._sklearn import Interval, StrOptions
from skmmrec.recommenders._meta import CalibratedRecommender, evenly, own


class SwitchingRecommender(CalibratedRecommender):
    """Switching hybrid: the first member scores what is cold, the second what is warm.

    The choice is hard: where both members have something to say of an item,
    `VotingRecommender` with learned weights uses both.

    Parameters
    ----------
    estimators : list of two (name, recommender)
        First the one for the cold, such as a `ContentRecommender` behind its fusion,
        then the one for the warm. A member may be a pipeline that ends in a
        recommender, or the name of an installed one, such as ``"als"``.
    threshold : int, default=5
        Cold is what has fewer likes than this.
    by : {"items", "users"}, default="items"
        What is cold or warm: an item by the number of users who liked it, or a user by
        the number of liked items, also those of a `history`.
    n_jobs : int, default=None
        Number of members fitted side by side, in threads.

    Attributes
    ----------
    estimators_ : list of recommenders
        The fitted members.
    named_estimators_ : Bunch
        The same by name.
    item_factors_ : Blocks of shape (n_items, d + 1)
        Those of the members side by side, then the number of likes.
    user_factors_ : Blocks of shape (n_users, d + 5)
        Those of the members side by side, then mean and 1 / standard deviation of the
        user's scores by each of them, and the number of likes.
    item_vocabulary_, user_vocabulary_ : Vocabulary
        Ids of the rows of these matrices.
    seen_ : csr_array of shape (n_users, n_items)
        Summed weights of the events of `fit`.

    Raises
    ------
    ValueError
        In fit, if there are not two members.

    See Also
    --------
    VotingRecommender : A soft choice, learned from held-out events.

    Notes
    -----
    So that cold and warm items can stand in one list, the scores of each member are
    brought to mean 0 and variance 1 for each user: over the catalogue for the first,
    over the warm items for the second, or at most 2048 of them, evenly spaced.

    References
    ----------
    Burke. "Hybrid Recommender Systems: Survey and Experiments", UMUAI 2002, section 2.2
    (switching).

    Examples
    --------
    >>> from skmmrec import ALSRecommender, Interactions, PopularityRecommender
    >>> from skmmrec import SwitchingRecommender
    >>> X = Interactions({"user": [1, 1, 2, 2, 3, 4, 4, 5], "item": list("ababacdc")})
    >>> members = [("popular", PopularityRecommender()),
    ...            ("als", ALSRecommender(n_components=2, random_state=0))]
    >>> model = SwitchingRecommender(members, threshold=1, by="users").fit(X)
    >>> model.recommend([3, "new"], k=1).tolist()
    [['b'], ['a']]
    """

    _parameter_constraints = {
        "threshold": [Interval(Integral, 1, None, closed="left")],
        "by": [StrOptions({"items", "users"})],
        "n_jobs": [Integral, None],
    }

    def __init__(self, estimators, threshold=5, by="items", *, n_jobs=None) -> None:
        self.estimators = estimators
        self.threshold = threshold
        self.by = by
        self.n_jobs = n_jobs

    def _kept(self):
        kept = super()._kept()
        if len(kept) != 2:
            raise ValueError(
                f"estimators must be two, for the cold and for the warm; got "
                f"{[name for name, _ in kept]}; give one of each."
            )
        return kept

    def _samples(self):
        warm = np.flatnonzero(self.item_counts_ >= self.threshold)
        everything, _ = super()._samples()
        return [everything, evenly(warm) if len(warm) > 1 else everything]

    def _user_own(self, parts, counts):
        moments = super()._user_own(parts, counts)
        return np.column_stack([moments, counts.astype(np.float32)])

    def _item_own(self, counts):
        return counts[:, None].astype(np.float32)

    def _similarity(self, U, V, product):
        cold, warm = self._calibrated(U, V, product)
        if self.by == "items":
            is_warm = own(V)[:, 0] >= self.threshold
        else:
            is_warm = own(U)[:, -1] >= self.threshold
            is_warm = is_warm.reshape(-1, *[1] * (cold.ndim - 1))
        return np.where(is_warm, warm, cold)
