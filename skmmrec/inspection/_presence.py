"""How well items are found, by the modalities that are known of them."""

import numpy as np
from sklearn.pipeline import Pipeline

from skmmrec._quote import quoted
from skmmrec._reports import as_columns, mean_and_error
from skmmrec.data import FeatureTable, Interactions
from skmmrec.fusion import MultimodalFusion
from skmmrec.metrics import get_scorer
from skmmrec.metrics._evaluation import Evaluation


def _presence(estimator, X, model):
    """Which modality each item of the catalogue has: names, bool (n_items, m)."""
    n_items = len(model.item_vocabulary_)
    steps = estimator[:-1] if isinstance(estimator, Pipeline) else []
    for step in steps:
        if isinstance(step, MultimodalFusion) and step.on == "items":
            # the rows of the table of fit are the first codes of the catalogue
            names = [name for name, _, _ in step.transformers_]
            missing = n_items - len(step.presence_)
            return names, np.pad(step.presence_, ((0, missing), (0, 0)))
    if len(steps):
        X = steps.transform(X)
    table = X.table("items") if isinstance(X, Interactions) else None
    if not isinstance(table, FeatureTable):
        raise ValueError(
            f"X must be an Interactions whose item table is encoded, or the estimator "
            f"a pipeline with a MultimodalFusion; got {type(X).__name__} for "
            f"{type(estimator).__name__}; encode X as for the fit."
        )
    rows = X.item_vocabulary.recode(model.item_vocabulary_, np.arange(n_items))
    rows = np.where(rows < len(table), rows, -1)
    return list(table.blocks), table.take(rows).present


def _patterns(names, present):
    """The distinct patterns by name, and which of them each item has."""
    rows, pattern = np.unique(present, axis=0, return_inverse=True)
    labels = ["+".join(n for n, has in zip(names, row) if has) for row in rows]
    return [label or "none" for label in labels], pattern.ravel()


def presence_report(estimator, X, scoring="ndcg@10"):
    """Score of a recommender on items with these modalities, and on items with those.

    For each pattern of modalities among the held-out items: how well the items with
    just this pattern are found in the lists that rank the whole catalogue. Shows what
    becomes of items that lack a picture. Patterns differ in more than content, above
    all in popularity: compare recommenders by pattern, rather than patterns.

    Parameters
    ----------
    estimator : recommender, or pipeline or search that holds one
        Fitted. What items have is known from the `MultimodalFusion` of a pipeline, of
        the table that it was fitted on, else from the encoded item table of `X`.
    X : Interactions
        Held-out events. Items that are not in the catalogue have no pattern, and are
        left out.
    scoring : str, default="ndcg@10"
        A metric with a value for each user, as for `get_scorer`.

    Returns
    -------
    report : dict of {str: list}
        Columns of equal length, one row for each pattern, that of most items first:
        `pattern` ("text+image", "text", "none"), `n_items` of the catalogue with it,
        `n_events` to be found, the metric by its name (``"ndcg@10"``; the mean over
        the users who have such an event), and its `standard_error`.
        ``pandas.DataFrame(report)`` makes a table of it.

    Raises
    ------
    TypeError
        If `scoring` is not one name.
    ValueError
        If it is not known what the items have, or the metric has no value for each
        user.

    See Also
    --------
    skmmrec.get_scorer : The score over all items.

    Examples
    --------
    >>> from skmmrec import ContentRecommender, Interactions, MultimodalFusion
    >>> from skmmrec import make_pipeline, presence_report
    >>> items = {"item": list("abcd"), "sweet": [1.0, 0.9, 0.1, None],
    ...          "drink": [0.2, None, 0.8, None]}
    >>> X = Interactions({"user": [1, 2, 1], "item": list("acb")}, items=items)
    >>> fusion = MultimodalFusion([("sweet", "passthrough", ["sweet"]),
    ...                            ("drink", "passthrough", ["drink"])])
    >>> pipe = make_pipeline(fusion, ContentRecommender()).fit(X[:2])
    >>> for name, column in presence_report(pipe, X[2:], "hit_rate@1").items():
    ...     print(name, column)
    pattern ['sweet']
    n_items [1]
    n_events [1]
    hit_rate@1 [1.0]
    standard_error [nan]
    """
    estimator = getattr(estimator, "best_estimator_", estimator)
    if not isinstance(scoring, str):
        raise TypeError(
            f"scoring must be the name of one metric; got {quoted(scoring)}; call "
            f"again for another."
        )
    scorer = get_scorer(scoring)
    scorer.check_per_user()
    evaluation = Evaluation(estimator, X, scorer.candidates, scorer.depth)
    names, present = _presence(estimator, X, evaluation.recommender)
    labels, pattern = _patterns(names, present)
    n_items = np.bincount(pattern)
    rows = []
    for code in np.argsort(-n_items, kind="stable"):
        part = evaluation.finding(pattern == code)
        if len(part.n_relevant):
            values = scorer._values(part)
            row = labels[code], int(n_items[code]), int(part.n_relevant.sum())
            rows.append((*row, *map(float, mean_and_error(values))))
    columns = ("pattern", "n_items", "n_events", scoring, "standard_error")
    return as_columns(columns, rows)
