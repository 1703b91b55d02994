"""What a fusion makes of each modality, or a combination of each member."""

from numbers import Real

from sklearn.pipeline import Pipeline

from skmmrec._quote import quoted
from skmmrec.inspection._plot import axes_for, draw_bars


def _series(weights):
    """Weights as {series: {name: weight}}, or None for what are no weights of parts."""
    if not isinstance(weights, dict) or not weights:
        return None
    if all(isinstance(weight, Real) for weight in weights.values()):
        return {"weight": weights}
    series = [_series(part) for part in weights.values()]
    if any(part is None for part in series):
        return None
    return {name: part["weight"] for name, part in zip(weights, series)}


def _weights(estimator):
    """Weights of a fitted estimator, of a pipeline those of the last step with any."""
    estimator = getattr(estimator, "best_estimator_", estimator)
    steps = estimator if isinstance(estimator, Pipeline) else [estimator]
    for step in reversed(list(steps)):
        if isinstance(step, Pipeline) and (found := _weights(step)):
            return found
        for holder in (step, getattr(step, "method_", None)):
            if found := _series(getattr(holder, "weights_", None)):
                return found
    return None


class FusionWeightsDisplay:
    """The weights of the modalities in a fusion, or of the members of a combination.

    A weight says how much a part counts in the score once all are on one scale, not
    what would be lost without it: two modalities that say the same share a weight. For
    that, see `ModalityImportanceDisplay`. Use `from_estimator`.

    Parameters
    ----------
    weights : dict of {str: dict of {str: float}}
        Weights by name, for each series; `VotingRecommender` has two, "warm" and
        "cold", others one, "weight".

    Attributes
    ----------
    ax_ : matplotlib Axes
    figure_ : matplotlib Figure
    bars_ : list of matplotlib BarContainer
        One for each series.

    See Also
    --------
    ModalityImportanceDisplay : What is lost without a modality.

    Examples
    --------
    >>> from skmmrec import FeatureTable, FusionWeightsDisplay, WeightedMeanFusion
    >>> table = FeatureTable.from_blocks({"text": [[1.0], [2]], "image": [[3.0], [4]]})
    >>> fusion = WeightedMeanFusion(weights={"text": 0.5}).fit(table)
    >>> FusionWeightsDisplay.from_estimator(fusion).weights
    {'weight': {'text': 0.5, 'image': 1.0}}
    """

    def __init__(self, *, weights) -> None:
        self.weights = weights

    @classmethod
    def from_estimator(cls, estimator, *, ax=None, **kwargs):
        """Read the weights of a fitted estimator, and plot.

        Parameters
        ----------
        estimator : fusion, recommender, or pipeline or search that holds one
            With numbers in `weights_`, such as `AutoFusion`, `ConcatFusion`,
            `ItemGraphRecommender` and `VotingRecommender`. Of a pipeline, those of the
            last step that has any; for another, pass the step.
        ax : matplotlib Axes, default=None
        **kwargs : dict
            Keywords of ``ax.barh``.

        Returns
        -------
        display : FusionWeightsDisplay

        Raises
        ------
        ValueError
            If there are no such weights.
        """
        weights = _weights(estimator)
        if weights is None:
            raise ValueError(
                f"The estimator must be fitted, and have a weight for each modality or "
                f"member; got {quoted(estimator)}; pass one with numbers in weights_, "
                f"such as AutoFusion or VotingRecommender."
            )
        return cls(weights=weights).plot(ax=ax, **kwargs)

    def plot(self, ax=None, **kwargs):
        """Draw a bar for each weight.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            New ones by default.
        **kwargs : dict
            Keywords of ``ax.barh``.

        Returns
        -------
        display : FusionWeightsDisplay
        """
        self.ax_ = axes_for(ax)
        self.figure_ = self.ax_.figure
        self.bars_ = draw_bars(self.ax_, self.weights, **kwargs)
        for bars in self.bars_:
            self.ax_.bar_label(bars, fmt="%.2g", padding=3)
        self.ax_.set(xlabel="weight")
        self.ax_.margins(x=0.1)
        if len(self.weights) > 1:
            self.ax_.legend(frameon=False)
        return self
