"""Late fusion by a model of scikit-learn that learns from the members' scores."""

from numbers import Integral

import numpy as np
from sklearn import clone
from sklearn.linear_model import LogisticRegression
from sklearn.utils import check_random_state

from skmmrec._quote import quoted
from skmmrec._sklearn import Interval
from skmmrec._sparse import count_events
from skmmrec._vectors import outer, paired, width
from skmmrec.ranking import blocks_of_rows
from skmmrec.recommenders._held_out import (
    has_likes,
    hold_out,
    stored,
    to_find,
)
from skmmrec.recommenders._meta import CalibratedRecommender, own
from skmmrec.recommenders._voting import fit_members


def _judgement(judge, features):
    """One number for each row, higher for what is liked."""
    if hasattr(judge, "decision_function"):
        return judge.decision_function(features)
    if hasattr(judge, "predict_proba"):
        return judge.predict_proba(features)[:, 1]
    return judge.predict(features)


def _log_counts(counts):
    return np.log1p(counts).astype(np.float32)[:, None]


def _with_negatives(model, users, items, n_negatives, rng):
    """Liked pairs, and for each of them items that its user is not known to have had.

    Cold ones for a cold one, warm ones for a warm one: else a judge of held-out items
    that are all cold, say, would learn that what is popular is not liked.

    Returns
    -------
    users, items, liked : ndarray of shape (n,)
    """
    n_items = len(model.item_vocabulary_)
    distinct, row = np.unique(users, return_inverse=True)
    liked = count_events(row, items, np.ones(len(row)), (len(distinct), n_items))
    is_warm = model.item_counts_ > 0
    other = np.empty(len(items) * n_negatives, dtype=np.intp)
    for kind in (True, False):
        wanted = np.repeat(is_warm[items] == kind, n_negatives)
        pool = np.flatnonzero(is_warm == kind)
        if len(pool):
            other[wanted] = rng.choice(pool, np.count_nonzero(wanted))
    row = np.repeat(row, n_negatives)
    user = distinct[row]
    had = stored(liked, row, other)
    had |= (user >= 0) & stored(model.seen_, user, other)
    target = np.repeat([1, 0], [len(items), np.count_nonzero(~had)])
    return np.append(users, user[~had]), np.append(items, other[~had]), target


class StackingRecommender(CalibratedRecommender):
    """Late fusion: a classifier or regressor judges the scores of several recommenders.

    The members are fitted without some events; their scores of these, and of items
    that the same users did not have, with log(1 + popularity), are what the judge
    learns from. A linear judge is fast; one of trees finds that a member is to be
    trusted with popular items only, and ranks more slowly. With few events to hold out
    `VotingRecommender` is more robust.

    Parameters
    ----------
    estimators : list of (name, recommender)
        A member may be a pipeline that ends in a recommender, the name of an installed
        recommender, such as ``"als"``, for one with its defaults, or ``"drop"``.
    final_estimator : classifier or regressor, default=None
        The judge, asked by `decision_function`, `predict_proba` or `predict`, the first
        that it has. None is a LogisticRegression.
    cv : splitter, default=None
        Which events are held out: any splitter that reads Interactions; the judge
        learns from all its splits. None is one split without a fifth of the items and
        without a fifth of each user's other events, so that the judge meets cold items
        as well as warm ones.
    n_negatives : int, default=10
        Number of random items of the catalogue for each held-out event.
    n_jobs : int, default=None
        Number of members fitted side by side, in threads.
    random_state : int, RandomState instance or None, default=None
        Which events are held out, and the negatives.

    Attributes
    ----------
    estimators_ : list of recommenders
        The members, fitted on all events, without the dropped ones.
    named_estimators_ : Bunch
        The same by name.
    final_estimator_ : estimator
        The fitted judge. Its inputs are the calibrated scores of the members, in order,
        and log(1 + number of likes) of the item. None where nothing could be held out,
        or nothing else was there: then the scores are added up.
    item_factors_ : Blocks of shape (n_items, d + 1)
        Those of the members side by side, then log(1 + number of likes).
    user_factors_ : Blocks of shape (n_users, d + 2 * n_members)
        Those of the members side by side, then mean and 1 / standard deviation of the
        user's scores by each of them.
    item_vocabulary_, user_vocabulary_ : Vocabulary
        Ids of the rows of these matrices.
    seen_ : csr_array of shape (n_users, n_items)
        Summed weights of the events of `fit`.

    Raises
    ------
    ValueError
        In fit, if there are no members, or names repeat.

    See Also
    --------
    VotingRecommender : One weight for each member, by the quality of the lists.

    References
    ----------
    Wolpert. "Stacked Generalization", Neural Networks 1992. Sill, Takács, Mackey, Lin.
    "Feature-Weighted Linear Stacking", arXiv:0911.0460, 2009.

    Examples
    --------
    >>> from skmmrec import ALSRecommender, PopularityRecommender
    >>> from skmmrec import StackingRecommender
    >>> from skmmrec.datasets import make_multimodal_shop
    >>> X = make_multimodal_shop(40, 30, random_state=0)
    >>> members = [("popular", PopularityRecommender()),
    ...            ("als", ALSRecommender(n_components=4, random_state=0))]
    >>> model = StackingRecommender(members, random_state=0).fit(X)
    >>> model.final_estimator_.coef_.shape
    (1, 3)
    """

    _learns_rule = True
    _parameter_constraints = {
        "n_negatives": [Interval(Integral, 1, None, closed="left")],
        "n_jobs": [Integral, None],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        estimators,
        final_estimator=None,
        cv=None,
        *,
        n_negatives=10,
        n_jobs=None,
        random_state=None,
    ) -> None:
        self.estimators = estimators
        self.final_estimator = final_estimator
        self.cv = cv
        self.n_negatives = n_negatives
        self.n_jobs = n_jobs
        self.random_state = random_state

    def _n_tasks(self):
        return super()._n_tasks() + 1 if self.cv is None else None

    def _learn_rule(self, X, likes):
        rng = check_random_state(self.random_state)
        self._check_parts()
        splits = hold_out(X, 1, rng) if self.cv is None else self.cv.split(X)
        parts = [
            self._out_of_fold(X[train], X[test], rng)
            for train, test in splits
            if has_likes(X[train])
        ]
        parts = parts or [(np.empty((0, len(self._members) + 1)), np.empty(0))]
        features, target = map(np.concatenate, zip(*parts))
        if not 0 < target.sum() < len(target):
            self.final_estimator_ = None
            return
        judge = self.final_estimator
        judge = LogisticRegression() if judge is None else clone(judge)
        self.final_estimator_ = judge.fit(features, target)

    def _check_parts(self):
        """Refuse what cannot split, or judge."""
        splits = callable(getattr(self.cv, "get_n_splits", None))
        if self.cv is not None and not splits:
            raise TypeError(
                f"cv must be a splitter, such as LeaveLastOut(), or None; got "
                f"{quoted(self.cv)}; pass one."
            )
        judge = self.final_estimator
        if judge is not None and not hasattr(judge, "predict"):
            raise TypeError(
                f"final_estimator must be a classifier or a regressor; got "
                f"{quoted(judge)}; pass one, or None."
            )

    def _out_of_fold(self, train, test, rng):
        """Inputs (n, M + 1) and targets of the judge from held-out events."""
        model = fit_members(self, train)
        pairs = to_find(model, test)
        users, items, target = _with_negatives(model, *pairs, self.n_negatives, rng)
        M = len(self._members)
        features = np.empty((len(users), M + 1), dtype=np.float32)
        features[:, M:] = _log_counts(model.item_counts_[items])
        n_numbers = width(model.user_factors_) + width(model.item_factors_)
        for rows in blocks_of_rows(len(users), n_numbers):
            U, V = model._users(users[rows]), model.item_factors_[items[rows]]
            features[rows, :M] = np.stack(list(model._calibrated(U, V, paired)), axis=1)
        return features, target

    def _item_own(self, counts):
        return _log_counts(counts)

    def _similarity(self, U, V, product):
        if product is paired:
            return self._judged(U, V, product)
        scores = np.empty((len(U), len(V)), dtype=np.float32)
        for rows in blocks_of_rows(len(U), len(V) * (len(self._members) + 1), 8):
            scores[rows] = self._judged(U[rows], V, outer)
        return scores

    def _judged(self, U, V, product):
        popularity = own(V)[:, 0]
        scores = list(self._calibrated(U, V, product))
        if self.final_estimator_ is None:
            return sum(scores)
        scores.append(np.broadcast_to(popularity, scores[0].shape))
        features = np.stack(scores, axis=-1).reshape(-1, len(scores))
        return _judgement(self.final_estimator_, features).reshape(scores[0].shape)
