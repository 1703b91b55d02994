"""Fusion that finds out for itself what each modality is worth."""

from sklearn import clone
from sklearn.base import BaseEstimator, OneToOneFeatureMixin

from skmmrec import plugins
from skmmrec.fusion._base import BaseFusionMethod
from skmmrec.fusion._ranking_weights import ranking_weights


class AutoFusion(OneToOneFeatureMixin, BaseFusionMethod, auto_wrap_output_keys=None):
    """Choose and weigh the modalities by what they add to ranking, then fuse them.

    The weights are those with which the cosine of item and user ranks items that nobody
    has had best, by cross-validation on the events of `fit`: seconds, no gradient
    descent. Equal weights are left where the ranking gains more than a standard error,
    and a modality is switched off where it is then not worth one. With few events that
    happens by chance, too, and depends on the seed: look at `scores_`, and prefer
    weights of your own.

    Parameters
    ----------
    method : str or fusion method, default="concat"
        How the blocks are fused: anything that takes `weights`, and first brings the
        blocks to one scale.
    random_state : int, RandomState instance or None, default=None
        Draws the folds, and a sample of users and items where there are many.

    Attributes
    ----------
    weights_ : dict of {str: float}
        Factor of each modality's vectors, the largest 1; its square is the weight in
        their inner products. 0 is switched off.
    scores_ : dict of {str: float}
        NDCG@10 in the cross-validation of each modality alone, and of the `"weighted"`
        ones together, on which they were chosen; empty without events.
    method_ : fusion method
        The fitted method.

    Raises
    ------
    ValueError
        If the method takes no weights.

    See Also
    --------
    ConcatFusion : With ``weights="learned"``, the same weights.

    Notes
    -----
    The users' profiles are means of what they liked, the items of a test fold new, as
    `ContentRecommender` has them. A recommender that learns which content matters, such
    as `ALSRecommender`, gains less.

    References
    ----------
    Metzler, Croft. "Linear Feature-Based Models for Information Retrieval", Information
    Retrieval 2007 (coordinate ascent on the metric of the ranking itself).

    Examples
    --------
    >>> import numpy as np
    >>> from skmmrec import AutoFusion, FeatureTable, Interactions
    >>> random = np.random.RandomState(0)
    >>> angle, image = random.uniform(0, 6.3, 80), random.randn(80, 4)
    >>> text = np.c_[np.cos(angle), np.sin(angle)]
    >>> liked = np.argsort(-random.randn(40, 2) @ text.T)[:, :8]  # by text alone
    >>> X = Interactions(
    ...     {"user": np.repeat(range(40), 8), "item": liked.ravel()},
    ...     items={"item": range(80)},
    ... ).with_table("items", FeatureTable.from_blocks({"text": text, "image": image}))
    >>> AutoFusion(random_state=0).fit(X).weights_
    {'text': 1.0, 'image': 0.0}
    """

    _parameter_constraints = {
        "method": [str, BaseEstimator],
        "random_state": ["random_state"],
    }

    def __init__(self, method="concat", random_state=None) -> None:
        self.method = method
        self.random_state = random_state

    def _make_method(self):
        method = self.method
        if isinstance(method, str):
            method = plugins.make("fusions", method)
        if "weights" not in method.get_params():
            raise ValueError(
                f"method must be a fusion method that takes weights; got {method!r}; "
                f"use 'concat', 'mean', 'sum' or one that has the parameter."
            )
        return clone(method)

    def _n_tasks(self):
        return 2

    def _fitted(self, task, weights, table, events):
        """The method, fitted with these weights, as a task by name."""
        method = self._make_method().set_params(weights=weights)
        with self._subtask(self._callback_fit_ctx.subcontext(task), method):
            return method.fit(table, events)

    def _fit(self, table, events):
        # weighed as the method scales them, where it keeps the modalities apart
        scaled = self._fitted("fit-even", None, table, events).transform(table)
        scaled = scaled if list(scaled.blocks) == list(table.blocks) else table
        self.weights_, self.scores_ = ranking_weights(
            scaled, events, self.random_state, return_scores=True
        )
        self.method_ = self._fitted("fit-weighted", self.weights_, table, events)

    def _transform(self, table):
        return self.method_.transform(table)

    def get_feature_names_out(self, input_features=None):
        """Names of the fused columns, as the method gives them.

        Parameters
        ----------
        input_features : array-like of str, default=None

        Returns
        -------
        names : ndarray of str of shape (d,)
        """
        names = super().get_feature_names_out(input_features)
        return self.method_.get_feature_names_out(names)
