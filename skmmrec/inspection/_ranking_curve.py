"""A metric over the length of the list."""

import numpy as np
from sklearn.utils.validation import check_is_fitted

from skmmrec._checks import check_count
from skmmrec._quote import quoted
from skmmrec._reports import mean_and_error
from skmmrec.inspection._plot import axes_for, by_name, evaluations
from skmmrec.metrics._evaluation import find_recommender


class RankingCurveDisplay:
    """A metric of ranked lists over k = 1, ..., K, for one recommender or several.

    For how long a list has to be, and for whether a recommender leads at the k that is
    shown to people, or at another one only. Use `from_estimator`; what is drawn is kept
    in attributes.

    Parameters
    ----------
    scores : dict of {str: ndarray of shape (K,)}
        Means over users for each recommender, at k = 1, ..., K.
    errors : dict of {str: ndarray of shape (K,)}
        Their standard errors.
    metric : str

    Attributes
    ----------
    ax_ : matplotlib Axes
    figure_ : matplotlib Figure
    lines_ : list of matplotlib Line2D
        One for each recommender.

    See Also
    --------
    CoverageAccuracyDisplay : How much of the catalogue is shown, at one k.

    Notes
    -----
    The bands are one standard error of a mean. Recommenders judged on the same users
    may differ by less than their bands and still differ surely: compare them in pairs.

    Examples
    --------
    >>> from skmmrec import Interactions, PopularityRecommender, RankingCurveDisplay
    >>> events = {"user": [1, 1, 2, 2, 3, 3], "item": list("abacad")}
    >>> X = Interactions(events, items={"item": list("abcd")})
    >>> model = PopularityRecommender().fit(X[[0, 2, 4, 5]])
    >>> display = RankingCurveDisplay.from_estimator(
    ...     {"popularity": model}, X[[1, 3]], metric="recall", k=3
    ... )
    >>> display.scores["popularity"].tolist()
    [0.0, 0.5, 1.0]
    """

    def __init__(self, *, scores, errors, metric) -> None:
        self.scores = scores
        self.errors = errors
        self.metric = metric

    @classmethod
    def from_estimator(
        cls, estimator, X, *, metric="ndcg", k=20, candidates="all", ax=None, **kwargs
    ):
        """Rank for the users of held-out events once, and plot.

        Parameters
        ----------
        estimator : recommender, pipeline or search, or dict of {str: one of these}
            Fitted; a dict names them.
        X : Interactions
            Held-out events.
        metric : str, default="ndcg"
            A metric with a value for each user, without its k.
        k : int, default=20
            Largest length of the lists, K; that of the catalogue if it has less.
        candidates : {"all", "warm", "cold"}, default="all"
            Which items compete, as for `get_scorer`.
        ax : matplotlib Axes, default=None
        **kwargs : dict
            Keywords of ``ax.plot``.

        Returns
        -------
        display : RankingCurveDisplay

        Raises
        ------
        ValueError
            If the metric has no value for each user, k is less than 1, or nothing can
            be found.
        """
        if not isinstance(metric, str) or "@" in metric:
            raise ValueError(
                f"metric must be the name of one without a k; got {quoted(metric)}; "
                f"write 'ndcg' for 'ndcg@10'."
            )
        check_count(k, "k", 1)
        models = [*map(find_recommender, by_name(estimator).values())]
        for model in models:
            check_is_fitted(model)
        k = min(k, max(len(model.item_vocabulary_) for model in models))
        names = [f"{metric}@{length}" for length in range(1, k + 1)]
        scores, errors = {}, {}
        found = evaluations(estimator, X, names, candidates)
        for name, scorers, evaluation in found:
            curve = [mean_and_error(scorer._values(evaluation)) for scorer in scorers]
            scores[name], errors[name] = np.array(curve).T
        display = cls(scores=scores, errors=errors, metric=metric)
        return display.plot(ax=ax, **kwargs)

    def plot(self, ax=None, **kwargs):
        """Draw a line for each recommender, and a band of one standard error.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            New ones by default.
        **kwargs : dict
            Keywords of ``ax.plot``.

        Returns
        -------
        display : RankingCurveDisplay
        """
        self.ax_ = axes_for(ax)
        self.figure_ = self.ax_.figure
        self.lines_ = []
        for name, mean in self.scores.items():
            k = np.arange(1, len(mean) + 1)
            (line,) = self.ax_.plot(k, mean, **({"label": name} | kwargs))
            error = self.errors[name]
            low, high = mean - error, mean + error
            self.ax_.fill_between(
                k, low, high, color=line.get_color(), alpha=0.15, lw=0
            )
            self.lines_.append(line)
        self.ax_.set(xlabel="length of the list, k", ylabel=f"{self.metric}@k")
        self.ax_.xaxis.get_major_locator().set_params(integer=True)
        self.ax_.legend(frameon=False)
        return self
