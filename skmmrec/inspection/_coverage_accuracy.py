"""How much of the catalogue is shown, against how well lists are."""

from skmmrec._quote import quoted
from skmmrec._reports import mean_and_error
from skmmrec.inspection._plot import axes_for, evaluations
from skmmrec.metrics import get_scorer

MARKERS = "osD^vPX*<>"


class CoverageAccuracyDisplay:
    """Accuracy against coverage of the catalogue, a point for each recommender.

    Lists of the popular may be accurate and show a hundredth of what there is. Of two
    recommenders of one accuracy, take the one further to the right; one with others
    above it and to its right has nothing for it. Use `from_estimator`.

    Parameters
    ----------
    coverage : dict of {str: float}
        Share of the items that come up in the list of anybody, for each recommender.
    scores : dict of {str: float}
        Means of the metric over users.
    errors : dict of {str: float}
        Their standard errors.
    scoring : str
        Name of the metric, with its k.

    Attributes
    ----------
    ax_ : matplotlib Axes
    figure_ : matplotlib Figure
    points_ : list of matplotlib ErrorbarContainer

    See Also
    --------
    RankingCurveDisplay : Accuracy over the length of the lists.

    Examples
    --------
    >>> from skmmrec import CoverageAccuracyDisplay, Interactions
    >>> from skmmrec import PopularityRecommender
    >>> events = {"user": [1, 1, 2, 2, 3, 3], "item": list("abacad")}
    >>> X = Interactions(events, items={"item": list("abcd")})
    >>> model = PopularityRecommender().fit(X[[0, 2, 4, 5]])
    >>> display = CoverageAccuracyDisplay.from_estimator(
    ...     {"popularity": model}, X[[1, 3]], scoring="recall@1"
    ... )
    >>> display.coverage, display.scores
    ({'popularity': 0.25}, {'popularity': 0.0})
    """

    def __init__(self, *, coverage, scores, errors, scoring) -> None:
        self.coverage = coverage
        self.scores = scores
        self.errors = errors
        self.scoring = scoring

    @classmethod
    def from_estimator(
        cls, estimator, X, *, scoring="ndcg@10", candidates="all", ax=None, **kwargs
    ):
        """Rank for the users of held-out events, and plot.

        Parameters
        ----------
        estimator : recommender, pipeline or search, or dict of {str: one of these}
            Fitted; a dict names them.
        X : Interactions
            Held-out events; coverage is that of the lists of their users, so that it
            grows with their number.
        scoring : str, default="ndcg@10"
            A metric with a value for each user; its k is that of the coverage too.
        candidates : {"all", "warm", "cold"}, default="all"
            Which items compete, as for `get_scorer`.
        ax : matplotlib Axes, default=None
        **kwargs : dict
            Keywords of ``ax.errorbar``.

        Returns
        -------
        display : CoverageAccuracyDisplay

        Raises
        ------
        ValueError
            If the metric has no value for each user, or no k, or nothing can be found.
        """
        coverage, scores, errors = {}, {}, {}
        found = evaluations(estimator, X, [scoring], candidates)
        for name, (scorer,), evaluation in found:
            if scorer.k is None:
                raise ValueError(
                    f"scoring must have a k, that of the lists; got {quoted(scoring)}; "
                    f"write a name such as 'ndcg@10'."
                )
            shown = get_scorer(f"coverage@{scorer.k}", candidates)
            coverage[name] = float(shown._value(evaluation))
            values = scorer._values(evaluation)
            scores[name], errors[name] = map(float, mean_and_error(values))
        display = cls(coverage=coverage, scores=scores, errors=errors, scoring=scoring)
        return display.plot(ax=ax, **kwargs)

    def plot(self, ax=None, **kwargs):
        """Draw a point for each recommender, with one standard error of its accuracy.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            New ones by default.
        **kwargs : dict
            Keywords of ``ax.errorbar``.

        Returns
        -------
        display : CoverageAccuracyDisplay
        """
        self.ax_ = axes_for(ax)
        self.figure_ = self.ax_.figure
        self.points_ = []
        for place, (name, score) in enumerate(self.scores.items()):
            marker = MARKERS[place % len(MARKERS)]
            options = {"fmt": marker, "ms": 8, "capsize": 3, "label": name} | kwargs
            point = self.coverage[name], score, self.errors[name]
            self.points_.append(self.ax_.errorbar(*point, **options))
        k = self.scoring.rpartition("@")[2]
        self.ax_.set(xlabel=f"coverage@{k}", ylabel=self.scoring)
        self.ax_.set_xlim(left=0)
        self.ax_.set_ylim(bottom=0)
        self.ax_.margins(0.1)
        self.ax_.legend(frameon=False)
        return self
