"""What is lost without each modality."""

import numpy as np

from skmmrec.inspection._importance import modality_importance
from skmmrec.inspection._plot import axes_for


class ModalityImportanceDisplay:
    """Bars of the importance of the modalities, with intervals of 95 %.

    For which modalities a recommender relies on: what it loses where one is missing of
    every item. Where the interval holds 0, it would do without; so it would without
    either of two that say the same. Use `from_estimator`, or hand over what
    `modality_importance` returned.

    Parameters
    ----------
    importances : dict of {str: sequence}
        With the columns `modality`, `importance`, `low` and `high`.
    scoring : str, default="score"
        Name of the metric, for the axis.

    Attributes
    ----------
    ax_ : matplotlib Axes
    figure_ : matplotlib Figure
    bars_ : matplotlib BarContainer

    See Also
    --------
    skmmrec.modality_importance : The numbers.
    FusionWeightsDisplay : How much each modality counts in a fusion.

    Examples
    --------
    >>> from skmmrec import ModalityImportanceDisplay
    >>> display = ModalityImportanceDisplay({
    ...     "modality": ["text", "image"], "importance": [0.12, 0.01],
    ...     "low": [0.09, -0.02], "high": [0.15, 0.04],
    ... }).plot()
    >>> display.ax_.get_yticklabels()[0].get_text()
    'text'
    """

    def __init__(self, importances, scoring="score") -> None:
        self.importances = importances
        self.scoring = scoring

    @classmethod
    def from_estimator(
        cls, estimator, X, *, cv=None, scoring="ndcg@10", ax=None, **kwargs
    ):
        """Measure by `modality_importance`, and plot.

        Parameters
        ----------
        estimator : recommender, or pipeline or search that holds one
            Fitted, unless there is a `cv`.
        X : Interactions
            Held-out events with the item table; with a `cv`, all events.
        cv : splitter, default=None
        scoring : str, default="ndcg@10"
            A metric with a value for each user.
        ax : matplotlib Axes, default=None
        **kwargs : dict
            Keywords of ``ax.barh``.

        Returns
        -------
        display : ModalityImportanceDisplay

        Raises
        ------
        ValueError
            If the items have no modalities, or the metric has no value for each user.
        """
        importances = modality_importance(estimator, X, cv=cv, scoring=scoring)
        return cls(importances, getattr(scoring, "name", scoring)).plot(ax=ax, **kwargs)

    def plot(self, ax=None, **kwargs):
        """Draw a bar for each modality, the most important on top.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            New ones by default.
        **kwargs : dict
            Keywords of ``ax.barh``.

        Returns
        -------
        display : ModalityImportanceDisplay
        """
        self.ax_ = axes_for(ax)
        self.figure_ = self.ax_.figure
        mean, low, high = (
            np.asarray(self.importances[name]) for name in ("importance", "low", "high")
        )
        order = np.argsort(-mean, kind="stable")
        names = [self.importances["modality"][place] for place in order]
        errors = np.stack([mean - low, high - mean])[:, order]
        options = {"xerr": errors, "capsize": 3, "height": 0.6} | kwargs
        self.bars_ = self.ax_.barh(names, mean[order], **options)
        self.ax_.axvline(0, color="0.4", lw=0.8)
        self.ax_.invert_yaxis()
        self.ax_.set(xlabel=f"lost of {self.scoring} without it")
        return self
