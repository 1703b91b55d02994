"""What the displays share: their axes, and the lists that several of them judge."""

import numpy as np
from sklearn.pipeline import Pipeline

from skmmrec._optional import optional_import
from skmmrec._quote import quoted
from skmmrec.metrics import get_scorer
from skmmrec.metrics._evaluation import Evaluation


def axes_for(ax=None):
    """The axes to draw on, new ones for None, without a frame at the top and right.

    Raises
    ------
    ImportError
        If matplotlib is not installed.
    """
    pyplot = optional_import("matplotlib.pyplot", extra="plot")
    if ax is None:
        _, ax = pyplot.subplots(layout="constrained")
    if not hasattr(ax, "spines"):
        raise TypeError(
            f"ax must be an Axes of matplotlib, or None; got {quoted(ax)}; make one by "
            f"matplotlib.pyplot.subplots."
        )
    ax.spines[["top", "right"]].set_visible(False)
    return ax


def draw_bars(ax, weights, **kwargs):
    """Horizontal bars, those of each series side by side; the first name on top.

    Parameters
    ----------
    ax : matplotlib Axes
    weights : dict of {str: dict of {str: float}}
        Of series to name to length of the bar.
    **kwargs : dict
        Keywords of ``ax.barh``.

    Returns
    -------
    bars : list of BarContainer
    """
    names = list(next(iter(weights.values())))
    height = 0.8 / len(weights)
    bars = []
    for place, (series, values) in enumerate(weights.items()):
        y = np.arange(len(names)) + (place - (len(weights) - 1) / 2) * height
        options = {"height": height, "label": series} | kwargs
        bars.append(ax.barh(y, [values[name] for name in names], **options))
    ax.set_yticks(range(len(names)), names)
    ax.invert_yaxis()
    return bars


def by_name(estimator):
    """Estimators by the name in a legend: a dict as it is, one by its class.

    Raises
    ------
    ValueError
        If the dict is empty.
    """
    if isinstance(estimator, dict):
        if not estimator:
            raise ValueError(
                "estimator must be a recommender, or a dict of one or more; got an "
                "empty dict; name one."
            )
        return estimator
    found = getattr(estimator, "best_estimator_", estimator)
    found = found[-1] if isinstance(found, Pipeline) else found
    return {type(found).__name__: estimator}


def evaluations(estimator, X, scoring, candidates):
    """Of each recommender, scorers with a value for each user, and what they judge.

    Parameters
    ----------
    estimator : recommender, pipeline or search, or dict of {str: one of these}
    X : Interactions
    scoring : list of str
    candidates : {"all", "warm", "cold"}

    Yields
    ------
    name : str
    scorers : list of RankingScorer
    evaluation : Evaluation

    Raises
    ------
    ValueError
        If a metric has no value for each user, or nothing in `X` can be found.
    """
    scorers = get_scorer(scoring, candidates)
    for scorer in scorers.values():
        scorer.check_per_user()
    depth = max(scorer.depth for scorer in scorers.values())
    for name, one in by_name(estimator).items():
        evaluation = Evaluation(one, X, candidates, depth)
        if not len(evaluation.user_ids):
            raise ValueError(evaluation.why_nothing())
        yield name, list(scorers.values()), evaluation
