"""How well a recommender does, by how much it knew."""

import numpy as np

from skmmrec._checks import as_numbers, check_choice
from skmmrec._quote import quoted
from skmmrec._reports import mean_and_error
from skmmrec._sparse import kept
from skmmrec.inspection._plot import axes_for, evaluations


def _group_names(edges):
    """What each group holds: "0", "1–4", "5–9", "10+"."""
    low = [0, *edges[:-1]]
    high = [edge - 1 for edge in edges]
    names = [f"{a}" if a == b else f"{a}–{b}" for a, b in zip(low, high)]  # noqa: RUF001
    return [*names, f"{edges[-1]}+"]


def _check_edges(edges):
    found = as_numbers(edges, "edges", 1, "iu").tolist()
    if not found or np.diff([0, *found]).min() <= 0:
        raise ValueError(
            f"edges must be whole numbers of 1 and more that rise; got {quoted(edges)}"
            f"; write, for example, (1, 5, 20)."
        )
    return found


def _counts(model, on):
    """Number of likes in `fit` of each item, or of each user."""
    likes = kept(model.seen_, model.seen_.data > 0)
    return likes.count_nonzero(axis={"items": 0, "users": 1}[on])


def _values_by_group(scorer, evaluation, edges, on):
    """The metric of each user, for each group: those in it, or judged by its items."""
    model = evaluation.recommender
    group = np.digitize(_counts(model, on), edges)
    if on == "items":
        parts = (evaluation.finding(group == g) for g in range(len(edges) + 1))
        return [scorer._values(part) for part in parts]
    codes = model.user_vocabulary_.codes(evaluation.user_ids)
    group = np.where(codes < 0, 0, group[codes])
    values = scorer._values(evaluation)
    return [values[group == g] for g in range(len(edges) + 1)]


class WarmthCurveDisplay:
    """A metric by the number of events that an item, or a user, had in training.

    A learning curve from cold to warm: on the left stands what content finds, on the
    right what events do. Groups differ in more than what is known of them, above all
    in how many events there are to be found: compare recommenders in one group, rather
    than groups. Use `from_estimator`.

    Parameters
    ----------
    groups : list of str
        Numbers of events, such as "0", "1–4" and "5+".
    scores : dict of {str: ndarray of shape (n_groups,)}
        Means over users for each recommender; NaN where there was nothing to judge by.
    errors : dict of {str: ndarray of shape (n_groups,)}
        Their standard errors.
    on : {"items", "users"}
    scoring : str

    Attributes
    ----------
    ax_ : matplotlib Axes
    figure_ : matplotlib Figure
    lines_ : list of matplotlib ErrorbarContainer

    See Also
    --------
    skmmrec.presence_report : The same by the modalities that are known of an item.

    Examples
    --------
    >>> from skmmrec import Interactions, PopularityRecommender, WarmthCurveDisplay
    >>> events = {"user": [1, 1, 2, 2, 3, 3], "item": list("abacad")}
    >>> X = Interactions(events, items={"item": list("abcd")})
    >>> model = PopularityRecommender().fit(X[[0, 2, 3, 4, 5]])
    >>> display = WarmthCurveDisplay.from_estimator(
    ...     {"popularity": model}, X[[1]], scoring="recall@3", edges=(1, 5)
    ... )
    >>> display.groups, display.scores["popularity"].tolist()
    (['0'], [1.0])
    """

    def __init__(self, *, groups, scores, errors, on, scoring) -> None:
        self.groups = groups
        self.scores = scores
        self.errors = errors
        self.on = on
        self.scoring = scoring

    @classmethod
    def from_estimator(
        cls,
        estimator,
        X,
        *,
        on="items",
        scoring="ndcg@10",
        edges=(1, 5, 10, 20, 50),
        candidates="all",
        ax=None,
        **kwargs,
    ):
        """Rank for the users of held-out events once, judge by group, and plot.

        Parameters
        ----------
        estimator : recommender, pipeline or search, or dict of {str: one of these}
            Fitted; a dict names them.
        X : Interactions
            Held-out events.
        on : {"items", "users"}, default="items"
            Whose events are counted. Of items: those of the group alone are to be
            found, in lists of all candidates; items outside the catalogue are left out.
        scoring : str, default="ndcg@10"
            A metric with a value for each user.
        edges : sequence of int, default=(1, 5, 10, 20, 50)
            Number of events at which each further group begins; the first one begins
            at 0. Groups without anything to be found are left out.
        candidates : {"all", "warm", "cold"}, default="all"
            Which items compete, as for `get_scorer`.
        ax : matplotlib Axes, default=None
        **kwargs : dict
            Keywords of ``ax.errorbar``.

        Returns
        -------
        display : WarmthCurveDisplay

        Raises
        ------
        ValueError
            If the metric has no value for each user, the edges do not rise, or nothing
            can be found.
        """
        check_choice(on, ("items", "users"), "on")
        edges = _check_edges(edges)
        scores, errors = {}, {}
        found = evaluations(estimator, X, [scoring], candidates)
        for name, (scorer,), evaluation in found:
            parts = _values_by_group(scorer, evaluation, edges, on)
            scores[name], errors[name] = np.array([*map(mean_and_error, parts)]).T
        known = ~np.isnan([*scores.values()]).all(axis=0)
        display = cls(
            groups=[name for name, has in zip(_group_names(edges), known) if has],
            scores={name: mean[known] for name, mean in scores.items()},
            errors={name: error[known] for name, error in errors.items()},
            on=on,
            scoring=scoring,
        )
        return display.plot(ax=ax, **kwargs)

    def plot(self, ax=None, **kwargs):
        """Draw a line for each recommender, with bars of one standard error.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            New ones by default.
        **kwargs : dict
            Keywords of ``ax.errorbar``.

        Returns
        -------
        display : WarmthCurveDisplay
        """
        self.ax_ = axes_for(ax)
        self.figure_ = self.ax_.figure
        self.lines_ = []
        places = np.arange(len(self.groups))
        # a little apart, so that the bars of several are all seen
        shifts = np.linspace(-0.06, 0.06, len(self.scores)) * (len(self.scores) > 1)
        for shift, (name, mean) in zip(shifts, self.scores.items()):
            options = {"marker": "o", "capsize": 3, "label": name} | kwargs
            bars = self.ax_.errorbar(places + shift, mean, self.errors[name], **options)
            self.lines_.append(bars)
        one = self.on.rstrip("s")
        self.ax_.set_xticks(places, self.groups)
        self.ax_.set(xlabel=f"events of the {one} in training", ylabel=self.scoring)
        self.ax_.legend(frameon=False)
        return self
