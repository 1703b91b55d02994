"""Late fusion by a weighted sum of calibrated scores."""

from itertools import chain
from numbers import Integral

import numpy as np
from sklearn.utils import check_random_state

from skmmrec._sklearn import Interval, StrOptions
from skmmrec._sparse import positions, rows_of
from skmmrec._vectors import Blocks, for_products, outer
from skmmrec.fusion._base import check_weights
from skmmrec.ranking import blocks_of_rows
from skmmrec.recommenders._held_out import has_likes, hold_out, to_find
from skmmrec.recommenders._meta import CalibratedRecommender, own, standardized

# Users by whom weights are judged in each split; more would tell little more.
MAX_USERS = 5000

# Shares of one member that are tried against the mix of the others.
SHARES = np.array([0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1])


def _ndcg(scores, rows, columns, k=10):
    """Sum over users of the NDCG@k of scores (n, m), the items to be found given.

    Equal scores share a mean place: whoever knows nothing wins nothing.
    """
    k = min(k, scores.shape[1])
    n_wanted = np.bincount(rows)[rows]
    near = np.arange(len(rows))
    if len(rows) > 4 * len(scores):  # cheaper than to place all of them
        last = np.partition(scores, -k, axis=1)[:, -k]
        near = np.flatnonzero(scores[rows, columns] >= last[rows])
    places = np.empty(len(near))
    for part in blocks_of_rows(len(near), scores.shape[1]):
        found = scores[rows[near[part]], columns[near[part]]][:, None]
        others = scores[rows[near[part]]]
        better, equal = (
            np.count_nonzero(is_so(others, found), axis=1)
            for is_so in (np.greater, np.equal)
        )
        places[part] = better + (equal + 1) / 2
    ideal = np.cumsum(1 / np.log2(np.arange(2, k + 2)))
    gains = np.where(places <= k, 1 / np.log2(places + 1), 0)
    return (gains / ideal[np.minimum(n_wanted[near], k) - 1]).sum()


class _Trial:
    """How weights of the members do with held-out events of items of a pool."""

    def __init__(self, model, users, items, pool, rng):
        inside = np.isin(items, pool)
        users, items = users[inside], items[inside]
        asked = np.unique(users)
        if len(asked) > MAX_USERS:
            asked = np.sort(rng.choice(asked, MAX_USERS, replace=False))
        kept = np.isin(users, asked)
        self.model, self.pool, self.users = model, pool, asked
        self.rows = np.searchsorted(asked, users[kept])
        self.columns = np.searchsorted(pool, items[kept])

    def __call__(self, grid):
        """Sum of the users' NDCG@10 for each row of weights, (n, M)."""
        totals = np.zeros(len(grid))
        V = for_products(self.model.item_factors_[self.pool])
        for block in blocks_of_rows(len(self.users), len(V)):
            users = self.users[block]
            parts = self.model._calibrated(self.model._users(users), V, outer)
            parts = list(parts)
            seen = positions(rows_of(self.model.seen_, users)[:, self.pool])
            here = slice(*np.searchsorted(self.rows, [block.start, block.stop]))
            rows, columns = self.rows[here] - block.start, self.columns[here]
            for n, weights in enumerate(grid.astype(np.float32)):
                scores = sum(part * weight for part, weight in zip(parts, weights))
                scores[seen] = -np.inf
                totals[n] += _ndcg(scores, rows, columns)
        return totals


def _search(trials, n_members):
    """Weights (M,) by coordinate search: one member against the mix of the others."""
    best = np.full(n_members, 1 / n_members)
    if n_members == 1 or not any(len(trial.users) for trial in trials):
        return best
    # two coordinates are one: what one has not, the other has
    coordinates = [0] if n_members == 2 else [*range(n_members)] * 2
    for m in coordinates:
        others = np.where(np.arange(n_members) == m, 0, best)
        others /= others.sum() or 1
        grid = SHARES[:, None] * np.eye(n_members)[m] + np.outer(1 - SHARES, others)
        grid = np.vstack([best, grid[grid.sum(axis=1) > 0]])
        best = grid[sum(trial(grid) for trial in trials).argmax()]
    return best


def weighable(member):
    """Modalities that a recommender can weigh anew, none if it cannot."""
    if isinstance(member, VotingRecommender):
        return [name for one in member._members for name in weighable(one)]
    try:
        member._reweighted(member.user_factors_[:0], {})
    except ValueError:
        return []
    return list(member.blocks_["items"])


def fit_members(owner, X):
    """The members of a combination, fitted to some events to try rules on."""
    model = VotingRecommender(owner.estimators, n_jobs=owner.n_jobs)
    with owner._subtask(owner._callback_fit_ctx.subcontext("fit-trial"), model):
        return model.fit(X)


class VotingRecommender(CalibratedRecommender):
    """Late fusion: the weighted sum of the scores of several recommenders.

    For each user the scores of each member are brought to mean 0 and variance 1 over
    the catalogue, then ŷ_ui = Σ_m w_mi z_mui. The weights may differ between warm
    items, which somebody liked, and cold ones, which nobody did yet. Where scores have
    tails of very different shape, or single ones run away, combine ranks instead.

    Parameters
    ----------
    estimators : list of (name, recommender)
        A member may be a pipeline that ends in a recommender, the name of an installed
        recommender, such as ``"als"``, for one with its defaults, or ``"drop"``.
    weights : dict of {str: float}, sequence of float, "learned" or None, default=None
        None weighs all alike. "learned" fits the members `n_splits` times more, without
        a fifth of the items and a fifth of each user's other events, and takes the
        weights with the best NDCG@10 on these, for warm and for cold items. Where
        nothing can be held out, all weigh alike.
    n_splits : int, default=3
        How often events are held out to learn weights, other items each time. The mean
        of several tells more surely which weights suit items that are new.
    n_jobs : int, default=None
        Number of members fitted side by side, in threads.
    random_state : int, RandomState instance or None, default=None
        Which events are held out to learn weights.

    Attributes
    ----------
    estimators_ : list of recommenders
        The fitted members, without the dropped ones.
    named_estimators_ : Bunch
        The same by name.
    weights_ : dict of {"warm", "cold": dict of {str: float}}
        The weights of the members.
    item_factors_ : Blocks of shape (n_items, d + n_members)
        Those of the members side by side, then the weights.
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
        In fit, if there are no members, names repeat, or weights do not fit the names.

    See Also
    --------
    RankFusionRecommender : The same of ranks.
    StackingRecommender : Learns any function of the scores.

    Notes
    -----
    A catalogue of more than 2048 items is calibrated over so many, evenly spaced. The
    modality weights of `recommend` go to the members that can use them. While weights
    are learned, the members of all `n_splits` are in memory.

    References
    ----------
    Montague, Aslam. "Relevance Score Normalization for Metasearch", CIKM 2001, section
    3 (ZMUV). Fox, Shaw. "Combination of Multiple Searches", TREC-2 1994 (CombSUM).

    Examples
    --------
    >>> from skmmrec import ALSRecommender, Interactions, PopularityRecommender
    >>> from skmmrec import VotingRecommender
    >>> X = Interactions({"user": [1, 1, 2, 2, 3, 4, 4], "item": list("ababacd")})
    >>> members = [("popular", PopularityRecommender()),
    ...            ("als", ALSRecommender(n_components=2, random_state=0))]
    >>> VotingRecommender(members, weights=[0.2, 1]).fit(X).recommend([3], k=1)
    array([['b']], dtype=object)
    """

    _parameter_constraints = {
        **CalibratedRecommender._parameter_constraints,
        "weights": [dict, "array-like", StrOptions({"learned"}), None],
        "n_splits": [Interval(Integral, 1, None, closed="left")],
        "n_jobs": [Integral, None],
        "random_state": ["random_state"],
    }

    def __init__(
        self, estimators, weights=None, *, n_splits=3, n_jobs=None, random_state=None
    ) -> None:
        self.estimators = estimators
        self.weights = weights
        self.n_splits = n_splits
        self.n_jobs = n_jobs
        self.random_state = random_state

    @property
    def _learns_rule(self):
        return isinstance(self.weights, str)

    def _n_tasks(self):
        n_trials = self.n_splits if self._learns_rule else 0
        return super()._n_tasks() + n_trials

    def _learn_rule(self, X, likes):
        if self._learns_rule:
            by_kind = self._learned_weights(X)
        else:
            by_kind = dict.fromkeys(
                ("warm", "cold"), self._numbers(self.weights, "weights")
            )
        self.weights_ = {
            kind: dict(zip(self.named_estimators_, weights.tolist()))
            for kind, weights in by_kind.items()
        }

    def _learned_weights(self, X):
        rng = check_random_state(self.random_state)
        trials = {"warm": [], "cold": []}
        for train, test in hold_out(X, self.n_splits, rng):
            if not has_likes(X[train]):
                continue
            model = fit_members(self, X[train])
            wanted = to_find(model, X[test])
            warm = model.item_counts_ > 0
            for kind, pool in (("warm", warm), ("cold", ~warm)):
                trials[kind].append(_Trial(model, *wanted, np.flatnonzero(pool), rng))
        M = len(self._members)
        return {kind: _search(several, M) for kind, several in trials.items()}

    def _item_own(self, counts):
        warm, cold = (list(self.weights_[kind].values()) for kind in ("warm", "cold"))
        return np.where((counts > 0)[:, None], warm, cold).astype(np.float32)

    def _similarity(self, U, V, product):
        weights = own(V).T  # (M, m)
        return sum(w * z for w, z in zip(weights, self._calibrated(U, V, product)))

    def _item_similarity(self, U, V):
        weights = own(V).T
        parts = self._member_item_similarity(U, V)
        return sum(w * standardized(part) for w, part in zip(weights, parts))

    def _reweighted(self, U, weights):
        known = [weighable(member) for member in self._members]
        if not any(known):
            return super()._reweighted(U, weights)
        weights = check_weights(weights, list(dict.fromkeys(chain(*known))))
        parts = U.parts[:-1]
        for m, (member, names) in enumerate(zip(self._members, known)):
            theirs = {name: weights[name] for name in names}
            if any(theirs.values()):
                parts[m] = member._reweighted(parts[m], theirs)
            elif theirs:  # all that it knows is switched off
                parts[m] = parts[m] * 0
        moments, M = own(U).copy(), len(parts)
        # scores move around another mean, and keep their unit
        moments[:, :M] = self._user_own(parts, np.zeros(len(U)))[:, :M]
        return Blocks([*parts, moments])
