"""Scorers by name: ``ndcg@10`` for `cross_validate` and `GridSearchCV`."""

import re
import warnings
from inspect import signature

from sklearn.base import BaseEstimator

from skmmrec import plugins
from skmmrec._sklearn import BaseScorer
from skmmrec.metrics._evaluation import CANDIDATES, Evaluation, find_recommender


class _View(BaseEstimator):
    """A recommender as scikit-learn's cache of predictions wants it.

    The cache is keyed by the name of the method, so that all scorers of one set of
    candidates share one Evaluation, hence one ranking.
    """

    def __init__(self, recommender, depth):
        self.recommender = recommender
        self.depth = depth

    def evaluate_all(self, X):
        return Evaluation(self.recommender, X, "all", self.depth)

    def evaluate_warm(self, X):
        return Evaluation(self.recommender, X, "warm", self.depth)

    def evaluate_cold(self, X):
        return Evaluation(self.recommender, X, "cold", self.depth)


class RankingScorer(BaseScorer):
    """A scorer of ranked lists; made by `get_scorer`.

    Parameters
    ----------
    metric : callable
        Of (hits, n_relevant), with a value for each user, such as `ndcg`; or of (codes,
        n_candidates), with one for all lists, such as `coverage`.
    k : int
        Length of the lists.
    candidates : {"all", "warm", "cold"}
        Which items compete.
    depth : int
        The largest k of the scorers it is used with, so that one ranking serves all.
    """

    def __init__(self, metric, k, candidates, depth):
        # every estimator has `predict`, which is all scikit-learn looks at here
        super().__init__(metric, 1, {"k": k, "candidates": candidates}, "predict")
        self.k = k
        self.candidates = candidates
        self.depth = depth
        self._is_of_lists = next(iter(signature(metric).parameters)) == "codes"

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
            Mean over the users of `X`; NaN if none has anything to be found.
        """
        return self._value(Evaluation(estimator, X, self.candidates, self.depth))

    def _score(self, method_caller, estimator, X, y_true=None, **kwargs):
        view = _View(find_recommender(estimator), self.depth)
        return self._value(method_caller(view, f"evaluate_{self.candidates}", X))

    def _value(self, evaluation):
        if self._is_of_lists:
            return self._score_func(evaluation.codes(self.k), evaluation.n_candidates)
        values = self._per_user(evaluation)
        if not len(values):
            warnings.warn(
                f"X must hold events that can be found among the {self.candidates!r} "
                f"candidates; got none: the score is NaN; hold out other events.",
                stacklevel=3,
            )
            return float("nan")
        return float(values.mean())

    def _per_user(self, evaluation):
        return self._score_func(evaluation.hits(self.k), evaluation.n_relevant)

    def per_user(self, estimator, X):
        """The metric of each user, for standard errors and paired tests.

        Parameters
        ----------
        estimator : recommender, or pipeline or search that holds one
        X : Interactions, data frame or array

        Returns
        -------
        users : ndarray of shape (n_users,)
            Ids of the users of `X` with something to be found.
        values : ndarray of float of shape (n_users,)

        Raises
        ------
        ValueError
            For coverage, which is a number of all lists together.
        """
        if self._is_of_lists:
            raise ValueError(
                f"per_user must be asked of a metric with a value for each user; got "
                f"{self._score_func.__name__}, which has one for all; call the scorer."
            )
        evaluation = Evaluation(estimator, X, self.candidates, self.depth)
        return evaluation.user_ids, self._per_user(evaluation)


def get_scorer(scoring, candidates="all"):
    """A scorer of ranked lists by name, for ``scoring=`` of scikit-learn's searches.

    All items of the catalogue are ranked for each user of the held-out events, without
    those the user had in `fit`; nothing is sampled. For the very events of `fit`, a
    training score, the items that the user had are ranked too.

    Parameters
    ----------
    scoring : str or list of str
        ``"metric@k"``, the metric one of ``skmmrec.plugins.names("metrics")``: ndcg,
        recall, precision, map, mrr, hit_rate, coverage.
    candidates : {"all", "warm", "cold"}, default="all"
        Which items compete, and are to be found: all, or those with (warm) or without
        (cold) events in `fit`.

    Returns
    -------
    scorer : RankingScorer, or dict of {str: RankingScorer} for a list
        Those of a dict, used together, share one ranking of each fold.

    Raises
    ------
    ValueError
        If the name is not of that form, or the metric is not installed.

    Examples
    --------
    >>> from sklearn.model_selection import cross_validate
    >>> from skmmrec import Interactions, PopularityRecommender, RandomHoldout
    >>> from skmmrec import get_scorer
    >>> X = Interactions({"user": [1, 1, 2, 2, 3, 3], "item": list("abacba")})
    >>> scores = cross_validate(
    ...     PopularityRecommender(), X, cv=RandomHoldout(test_size=0.5, random_state=0),
    ...     scoring=get_scorer(["ndcg@2", "coverage@2"]),
    ... )
    >>> sorted(scores)
    ['fit_time', 'score_time', 'test_coverage@2', 'test_ndcg@2']
    """
    if candidates not in CANDIDATES:
        raise ValueError(
            f"candidates must be one of {CANDIDATES}; got {candidates!r}; choose one."
        )
    several = isinstance(scoring, (list, tuple))
    parsed = {name: _parse(name) for name in (scoring if several else [scoring])}
    depth = max((k for _, k in parsed.values()), default=0)
    scorers = {
        name: RankingScorer(plugins.load("metrics", metric), k, candidates, depth)
        for name, (metric, k) in parsed.items()
    }
    return scorers if several else scorers[scoring]


def _parse(name):
    """Name of the metric and k of ``"metric@k"``."""
    match = re.fullmatch(r"(\w+)@([1-9]\d*)", str(name))
    if match is None:
        raise ValueError(
            f"A scorer must be named 'metric@k' with k of 1 or more, such as "
            f"'ndcg@10'; got {name!r}; the metrics are {plugins.names('metrics')}."
        )
    return match[1], int(match[2])
