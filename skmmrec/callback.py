"""Callbacks of our own, beside those of `sklearn.callback`."""

from math import isnan
from numbers import Integral, Real

from skmmrec._sklearn import Interval, validate_params
from skmmrec.metrics import get_scorer

__all__ = ["EarlyStopping"]


def _is_iteration(task):
    """Whether a task is a step of an estimator, and not its whole fit."""
    # a fit has no task above it, or is the same as a task of another estimator
    return task.parent is not None and task.source_estimator_name is None


class EarlyStopping:
    """Stop a fit when held-out events are ranked no better.

    For recommenders that run `max_iter` iterations, set by ``set_callbacks`` on the
    recommender itself, which may be a step of a pipeline or a member of a combination,
    and be searched. The model is that of the last iteration, up to `n_iter_no_change`
    after the best. Networks hold out events of their own, and go back to the best
    epoch: they need no such callback.

    Parameters
    ----------
    X : Interactions, data frame or array
        Held-out events: none of them may be fitted on.
    scoring : str or callable, default="ndcg@10"
        Name of a scorer, or one: higher is better.
    n_iter_no_change : int, default=3
        Iterations without a better one before the fit ends.
    tol : float, default=0.0
        By how much the score must rise to be better.

    Raises
    ------
    TypeError
        If it is set on what does not iterate itself, such as a pipeline; when that is
        fitted.
    ValueError
        If a score is NaN, as of no events.

    See Also
    --------
    sklearn.callback.ScoringMonitor : Records scores, and stops nothing.

    References
    ----------
    Prechelt. "Early Stopping, but When?", Neural Networks: Tricks of the Trade, 1998,
    section 2.2.2 (the criterion UP, on a score instead of an error).

    Examples
    --------
    >>> from skmmrec import ALSRecommender, RandomHoldout
    >>> from skmmrec.callback import EarlyStopping
    >>> from skmmrec.datasets import make_multimodal_shop
    >>> X = make_multimodal_shop(40, 30, random_state=0)
    >>> known, held_out = next(RandomHoldout(random_state=0).split(X))
    >>> als = ALSRecommender(n_components=4, max_iter=100, random_state=0)
    >>> als.set_callbacks(EarlyStopping(X[held_out])).fit(X[known]).n_iter_ < 100
    True
    """

    @validate_params(
        {
            "scoring": [str, callable],
            "n_iter_no_change": [Interval(Integral, 1, None, closed="left")],
            "tol": [Interval(Real, 0, None, closed="left")],
        },
        prefer_skip_nested_validation=True,
    )
    def __init__(self, X, scoring="ndcg@10", *, n_iter_no_change=3, tol=0.0) -> None:
        self.X = X
        self.scoring = scoring
        self.n_iter_no_change = n_iter_no_change
        self.tol = tol
        self._scorer = scoring if callable(scoring) else get_scorer(scoring)
        self._scores = {}  # of the loops that run, by the task they are in

    def setup(self, estimator, context):
        """Called before a fit."""
        if not hasattr(estimator, "max_iter"):
            raise TypeError(
                f"EarlyStopping must be set on what has max_iter; got "
                f"{type(estimator).__name__}; set it on the step or member that has."
            )

    def on_fit_task_begin(self, estimator, context):
        """Called before each task of a fit."""

    def on_fit_task_end(self, estimator, context, *, fitted_estimator=None):
        """Called after each task of a fit; returns whether to stop."""
        if fitted_estimator is None or not _is_iteration(context):
            return False
        scores = self._scores.setdefault(context.parent, [])
        score = self._scorer(fitted_estimator, self.X)
        if isnan(score):
            raise ValueError(
                f"EarlyStopping must have held-out events to be found; got a score of "
                f"NaN by {self.scoring!r}; pass other events as X."
            )
        scores.append(score)
        n = self.n_iter_no_change
        return len(scores) > n and max(scores[-n:]) <= max(scores[:-n]) + self.tol

    def teardown(self, estimator, context):
        """Called after a fit."""
        for task in context:
            self._scores.pop(task, None)
