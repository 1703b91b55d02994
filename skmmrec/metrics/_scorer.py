"""Scorers by name: ``ndcg@10`` for `cross_validate` and `GridSearchCV`."""

import re
import warnings
from collections.abc import Mapping
from inspect import signature
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator

from skmmrec import plugins
from skmmrec._checks import check_choice
from skmmrec._quote import quoted
from skmmrec._sklearn import BaseScorer
from skmmrec.metrics._evaluation import (
    CANDIDATES,
    OF_ALL,
    OF_GROUPS,
    OF_LISTS,
    OF_RANKINGS,
    OF_RATINGS,
    Evaluation,
)
from skmmrec.metrics._fairness import least_over_largest, mean_by_group

NAMES = (*OF_LISTS, *OF_RANKINGS, *OF_RATINGS, *OF_GROUPS, *OF_ALL)


def _check_groups(groups):
    for name, value in groups.items():
        if value is not None and not isinstance(value, (str, Mapping)):
            raise TypeError(
                f"{name} must be the name of a column, or a mapping of id to group; "
                f"got {type(value).__name__}; pass one of these."
            )


class _View(BaseEstimator):
    """A recommender as scikit-learn's cache of predictions wants it.

    The cache is keyed by the name of the method, so that all scorers of one set of
    candidates share one Evaluation, hence one ranking.
    """

    def __init__(self, estimator, depth):
        self.estimator = estimator
        self.depth = depth

    def evaluate_all(self, X):
        return Evaluation(self.estimator, X, "all", self.depth)

    def evaluate_warm(self, X):
        return Evaluation(self.estimator, X, "warm", self.depth)

    def evaluate_cold(self, X):
        return Evaluation(self.estimator, X, "cold", self.depth)


class RankingScorer(BaseScorer):
    """A scorer of rankings, lists or predictions; made by `get_scorer`.

    Parameters
    ----------
    metric : callable
        A function with a value for each user, such as `ndcg`; one for all, such as
        `coverage`; or a dict of one for each group. See Notes.
    k : int or None
        Length of the lists, for a metric of lists.
    candidates : {"all", "warm", "cold"}
        Which items compete.
    depth : int
        The largest k of the scorers it is used with, so that one ranking serves all.
    item_groups, user_groups : str, mapping or None, default=None
        For a metric by group: a column of the table of items (users) of `X`, or a
        mapping of id to group.
    name : str
        What it is asked for by, such as ``"ndcg@10"``.

    Notes
    -----
    The names of its parameters say what a metric is given. The first of them says of
    what it has a value:

    - ``hits``, bool (n_users, k): whether each place of the lists was to be found; one
      value for each user;
    - ``lists``, int (n_users, k): the codes of the items, -1 for none; one value for
      each user. ``codes`` is the same, for a metric with one value for all;
    - ``scores`` and ``relevant``, (n, n_candidates): whole rankings of some users, -inf
      for what does not compete; one value for each user. Else only ``n_relevant``;
    - ``y_true`` and ``y_pred``, (n_events,): ratings and predictions; one value.

    Any may ask for ``n_relevant`` (n_users,), ``n_candidates``, and, of `fit`,
    ``counts`` (n_items,), ``n_users`` and ``histories`` (n_users, n_items); for
    ``features`` (n_items, d); for ``item_groups`` (n_items,), ``user_groups``
    (n_users,).

    Examples
    --------
    >>> from skmmrec import Interactions, PopularityRecommender, get_scorer
    >>> scorer = get_scorer("hit_rate@1")
    >>> type(scorer).__name__
    'RankingScorer'
    >>> events = Interactions({"user": ["ann", "bob"], "item": ["tea", "jam"]})
    >>> later = Interactions({"user": ["ann", "bob"], "item": ["jam", "tea"]})
    >>> float(scorer(PopularityRecommender().fit(events), later))
    1.0
    """

    def __init__(
        self, metric, k, candidates, depth, *, name, item_groups=None, user_groups=None
    ) -> None:
        # every estimator has `predict`, which is all scikit-learn looks at here
        super().__init__(metric, 1, {"k": k, "candidates": candidates}, "predict")
        self.k = k
        self.candidates = candidates
        self.depth = depth
        self.name = name
        self.groups = {"item_groups": item_groups, "user_groups": user_groups}
        self._asks_for = list(signature(metric).parameters)
        self._is_by_group = not set(self._asks_for).isdisjoint(OF_GROUPS)
        per_user = self._asks_for[0] in ("hits", "lists", "scores")
        self._is_of_all = self._is_by_group or not per_user
        self._is_of_ratings = not set(self._asks_for).isdisjoint(OF_RATINGS)

    def __repr__(self):
        among = "" if self.candidates == "all" else f", {self.candidates!r}"
        return f"get_scorer({self.name!r}{among})"

    def __call__(self, estimator, X, y_true=None, **kwargs):
        """Score of a fitted estimator on held-out events.

        Parameters
        ----------
        estimator : recommender, or pipeline or search that holds one
        X : Interactions, data frame or array
        y_true : ignored

        Returns
        -------
        score : float
            Mean over the users of `X` that have a value; NaN if none has.
        """
        return self._value(self._evaluation(estimator, X))

    def _evaluation(self, estimator, X):
        return Evaluation(estimator, X, self.candidates, self.depth)

    def _score(self, method_caller, estimator, X, y_true=None, **kwargs):
        view = _View(estimator, self.depth)
        return self._value(method_caller(view, f"evaluate_{self.candidates}", X))

    def _value(self, evaluation):
        values = self._values(evaluation)
        if self._is_by_group:
            return least_over_largest(values)
        if not self._is_of_all:
            values = values[~np.isnan(values)]
            values = values.mean() if len(values) else np.nan
        if np.isnan(values):
            warnings.warn(
                f"{self.name!r} is NaN: {evaluation.why_nothing(self._is_of_ratings)}",
                stacklevel=3,
            )
        return float(values)

    def _values(self, evaluation):
        """What the metric says: of each user, of all, or of each group."""
        if set(self._asks_for).isdisjoint(OF_RANKINGS):
            return self._score_func(
                **{name: self._given(evaluation, name) for name in self._asks_for}
            )
        values = [
            self._score_func(**{name: block[name] for name in self._asks_for})
            for block in evaluation.blocks()
        ]
        return np.concatenate([np.empty(0), *values])

    def _given(self, evaluation, name):
        if name in OF_GROUPS:
            return getattr(evaluation, name)(self.groups[name])
        if name == "hits":
            return evaluation.hits(self.k)
        if name in OF_LISTS:
            return evaluation.codes(self.k)
        return getattr(evaluation, name)

    def per_user(self, estimator, X):
        """The metric of each user, for standard errors and paired tests.

        Parameters
        ----------
        estimator : recommender, or pipeline or search that holds one
        X : Interactions, data frame or array

        Returns
        -------
        users : ndarray of shape (n_users,)
            Ids of the users of `X` with something to be found; for a metric of ratings,
            of all.
        values : ndarray of float of shape (n_users,)
            NaN where the metric says nothing of a user. Of ratings: of each user's
            events alone, so that their mean is not the score.

        Raises
        ------
        ValueError
            For a number of all lists together, such as coverage, or of groups.
        """
        return self._per_user(self._evaluation(estimator, X))

    def check_per_user(self):
        """Raise a ValueError if lists are judged by one number for all users."""
        if self._is_of_all:
            raise ValueError(
                f"The metric must have a value for each user; got {quoted(self.name)}, "
                f"which has one for all; use another, such as 'recall@10'."
            )

    def _per_user(self, evaluation):
        if self._is_of_ratings:
            users, *pairs = evaluation.ratings_by_user()
            values = [self._score_func(y_true=r, y_pred=p) for r, p in zip(*pairs)]
            return evaluation.given_ids(users), np.array(values)
        self.check_per_user()
        return evaluation.given_ids(evaluation.user_ids), self._values(evaluation)

    def by_group(self, estimator, X):
        """The metric of each group.

        Parameters
        ----------
        estimator : recommender, or pipeline or search that holds one
        X : Interactions

        Returns
        -------
        values : dict of {group: float}
            Of a metric with a value for each user, the mean over the users of each of
            `user_groups`.

        Raises
        ------
        ValueError
            If the metric has no value for a group, or no groups were given.
        """
        evaluation = self._evaluation(estimator, X)
        if self._is_by_group:
            return self._values(evaluation)
        if self._is_of_all or self.groups["user_groups"] is None:
            raise ValueError(
                f"by_group must be asked of a metric of groups, or of users with "
                f"user_groups; got {self._score_func.__name__} with {self.groups}; "
                f"pass user_groups to get_scorer."
            )
        groups = evaluation.user_groups(self.groups["user_groups"])
        return mean_by_group(self._values(evaluation), groups)


def per_user(scorers, estimator, X):
    """What `RankingScorer.per_user` returns, of several: a list.

    Those of the same candidates share one ranking and one prediction.
    """
    depths = {}
    for scorer in scorers:
        depth = depths.get(scorer.candidates, 0)
        depths[scorer.candidates] = max(depth, scorer.depth)
    shared = {pool: Evaluation(estimator, X, pool, k) for pool, k in depths.items()}
    return [scorer._per_user(shared[scorer.candidates]) for scorer in scorers]


def get_scorer(
    scoring: Any,
    candidates: str = "all",
    *,
    item_groups: Any = None,
    user_groups: Any = None,
) -> Any:
    """A scorer by name, for ``scoring=`` of scikit-learn's searches.

    All items of the catalogue are ranked for each user of the held-out events, without
    those the user had in `fit`; nothing is sampled. For the very events of `fit`, a
    training score, the items that the user had are ranked too.

    Parameters
    ----------
    scoring : str or list of str
        ``"metric@k"`` for a metric of the first k places, the name alone for ``auc``
        and those of ratings. The metrics are ``skmmrec.plugins.names("metrics")``; the
        user guide says what each of them is.
    candidates : {"all", "warm", "cold"}, default="all"
        Which items compete, and are to be found: all, or those with (warm) or without
        (cold) events in `fit`. Ratings are those of all events.
    item_groups, user_groups : str or mapping, default=None
        For ``exposure_ratio`` and ``ndcg_ratio``, and `RankingScorer.by_group` of other
        metrics: a column of the table of items (users) of `X`, or a mapping of id to
        group. Who has no group, or None, is left out.

    Returns
    -------
    scorer : RankingScorer, or dict of {str: RankingScorer} for a list
        Those of a dict, used together, share one ranking and one prediction of each
        fold.

    Raises
    ------
    ValueError
        If the name is not of that form, the metric is not installed, or its groups are
        not given.
    TypeError
        If groups are neither a name nor a mapping.

    Examples
    --------
    >>> from sklearn.model_selection import cross_validate
    >>> from skmmrec import Interactions, PopularityRecommender, RandomHoldout
    >>> from skmmrec import get_scorer
    >>> X = Interactions({"user": [1, 1, 2, 2, 3, 3], "item": list("abacba")})
    >>> scores = cross_validate(
    ...     PopularityRecommender(), X, cv=RandomHoldout(test_size=0.5, random_state=0),
    ...     scoring=get_scorer(["ndcg@2", "coverage@2", "auc"]),
    ... )
    >>> sorted(scores)
    ['fit_time', 'score_time', 'test_auc', 'test_coverage@2', 'test_ndcg@2']
    """
    check_choice(candidates, CANDIDATES, "candidates")
    groups = {"item_groups": item_groups, "user_groups": user_groups}
    _check_groups(groups)
    several = isinstance(scoring, (list, tuple))
    parsed = {n: _parse(n, groups) for n in (scoring if several else [scoring])}
    depth = max((k for _, k in parsed.values() if k), default=0)
    scorers = {
        name: RankingScorer(metric, k, candidates, depth, name=name, **groups)
        for name, (metric, k) in parsed.items()
    }
    return scorers if several else scorers[scoring]


def _parse(name, groups):
    """The metric and the k of ``"metric@k"``, or of ``"metric"`` and None."""
    match = re.fullmatch(r"([^\W\d]\w*)(?:@([1-9]\d*))?", str(name))
    metric = match and plugins.load("metrics", match[1])
    asks_for = match and _asked_for(metric, match[1])
    if match is None or (match[2] is None) != asks_for.isdisjoint(OF_LISTS):
        alone = [n for n in ("auc", "pearson") if n in plugins.names("metrics")]
        raise ValueError(
            f"A scorer must be named 'metric@k' with k of 1 or more, such as "
            f"'ndcg@10', and without @k where it is not of lists, such as {alone}; got "
            f"{quoted(name)}; skmmrec.plugins.names('metrics') lists the metrics."
        )
    for kind in asks_for.intersection(OF_GROUPS):
        if groups[kind] is None:
            raise ValueError(
                f"{kind} must be given for {name!r}; got None; name a column of the "
                f"table, or pass a mapping of id to group."
            )
    return metric, match[2] and int(match[2])


def _asked_for(metric, name):
    """Names of the parameters of a metric, which must be known."""
    asked_for = set(signature(metric).parameters)
    if asked_for - set(NAMES):
        raise ValueError(
            f"The parameters of a metric must be among {NAMES}; got "
            f"{sorted(asked_for - set(NAMES))} of {name!r}; rename them."
        )
    return asked_for
