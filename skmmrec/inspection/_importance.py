"""What a recommender would lose if a modality were missing of all items."""

import warnings
from copy import copy

import numpy as np
from sklearn import clone

from skmmrec._quote import quoted
from skmmrec._reports import as_columns, mean_and_error
from skmmrec.inspection._content import Encoded, Items, masked, steps_of
from skmmrec.metrics import get_scorer
from skmmrec.metrics._evaluation import find_recommender
from skmmrec.model_selection._split import check_folds

# Of a normal distribution, for an interval of 95 %.
Z = 1.96


def _catalogue(estimator, X):
    """All items of the recommender, with their content in X."""
    model = find_recommender(estimator)
    codes = np.arange(len(model.item_vocabulary_))
    rows = X.item_vocabulary.recode(model.item_vocabulary_, codes)
    places = np.where(rows < X.n_described("items"), rows, -1)
    encoded = Encoded(X, steps_of(estimator))
    return Items(model, encoded, codes, model.item_factors_, places)


def _without(items, name):
    """The recommender, as if no item had a modality."""
    model, keep = copy(items.model), {name: np.zeros(len(items.codes), dtype=bool)}
    rows = items.codes, items.vectors, items.places
    model.item_factors_ = masked(model, Items(model, items.encoded, *rows, keep))
    return model


def _of_fold(estimator, X, scorer):
    """Ids of the users, their scores, and those without each modality: {str: (n,)}."""
    estimator = getattr(estimator, "best_estimator_", estimator)
    evaluation = scorer._evaluation(estimator, X)
    users, whole = scorer._per_user(evaluation)
    if not len(users):
        raise ValueError(evaluation.why_nothing())
    X = evaluation.X  # by the ids of the recommender
    items = _catalogue(estimator, X)
    if not items.names:
        raise ValueError(
            f"estimator must have learned from items with modalities; got "
            f"{type(items.model).__name__} of events alone; fit it on encoded items."
        )
    if evaluation.is_of_training:
        warnings.warn(
            "X must hold held-out events; got those of fit: what is important for them "
            "may not be for others; hold out events, or pass a cv.",
            stacklevel=3,
        )
    without = {
        name: scorer.per_user(_without(items, name), X)[1] for name in items.names
    }
    return users, whole, without


def _mean_of_users(users, values):
    """Of each user, the mean over the folds: (n_users,)."""
    _, rows = np.unique(users, return_inverse=True)
    return np.bincount(rows, values) / np.bincount(rows)


def modality_importance(estimator, X, cv=None, scoring="ndcg@10"):
    """How much worse the lists are if a modality is missing of every item.

    The recommender is not fitted again: what it has learned it keeps, users stay as
    they are, and every item of the catalogue loses one modality, as in `explain`. That
    tells what *this model* relies on. Two modalities that say the same are both
    unimportant, as each makes up for the other; and what events say of an item already
    is no merit of its content. Whether a modality is worth having is another question,
    for `modality_effect`, which fits without it.

    Breiman permutes a feature. Here it is made missing: all models know what that
    means, no item is made up that cannot be, with the text of a film and the poster of
    another, and there is no chance in it.

    Parameters
    ----------
    estimator : recommender, or pipeline or search that holds one
        Fitted, unless there is a `cv`.
    X : Interactions
        Held-out events with the item table, raw or encoded as for `fit`; with a `cv`,
        all events.
    cv : splitter, default=None
        A clone is fitted for each of its splits, and judged on the rest. None takes
        `estimator` as it is, and `X` for held-out.
    scoring : str or RankingScorer, default="ndcg@10"
        A metric with a value for each user, by name or from `get_scorer`: with
        ``candidates="cold"``, what content is worth for new items.

    Returns
    -------
    importances : dict of {str: list}
        Columns of equal length, one row for each modality: `modality`; `importance`,
        the mean over users of what is lost of the score; `standard_error`, over users,
        of the paired differences; `low` and `high`, the ends of an interval of 95 %;
        and `score`, that with all modalities. ``pandas.DataFrame(importances)`` makes a
        table of it.

    Raises
    ------
    TypeError
        If `scoring` is not one metric.
    ValueError
        If the items have no modalities, nothing in `X` was not in fit, or the metric
        has no value for each user.

    See Also
    --------
    explain : For one user and one item.
    modality_effect : By another fit.
    ModalityImportanceDisplay : As a picture.

    References
    ----------
    Breiman. "Random Forests", Machine Learning 45, 2001, section 10. Fisher, Rudin,
    Dominici. "All Models are Wrong, but Many are Useful: Learning a Variable's
    Importance by Studying an Entire Class of Prediction Models Simultaneously", JMLR
    2019, section 3 (model reliance). Hooker, Mentch, Zhou. "Unrestricted Permutation
    Forces Extrapolation", Statistics and Computing 2021 (why not by permuting).

    Examples
    --------
    >>> from skmmrec import ContentRecommender, LeaveLastOut, MultimodalFusion
    >>> from skmmrec import SparseTextEncoder, TabularEncoder
    >>> from skmmrec import make_pipeline, modality_importance
    >>> from skmmrec.datasets import make_multimodal_shop
    >>> X = make_multimodal_shop(
    ...     50, 60, shares={"text": 1, "tabular": 0}, random_state=0
    ... )
    >>> fusion = MultimodalFusion([("text", SparseTextEncoder(), "description"),
    ...                            ("tabular", TabularEncoder(), ["price"])])
    >>> pipe = make_pipeline(fusion, ContentRecommender())
    >>> found = modality_importance(pipe, X, cv=LeaveLastOut())
    >>> found["importance"][0] > 0.1 > found["importance"][1]
    True
    """
    scorer = get_scorer(scoring) if isinstance(scoring, str) else scoring
    if not hasattr(scorer, "per_user"):
        raise TypeError(
            f"scoring must be the name of one metric, or a scorer of it; got "
            f"{quoted(scoring)}; call again for another."
        )
    if cv is None:
        folds = [_of_fold(estimator, X, scorer)]
    else:
        folds = [
            _of_fold(clone(estimator).fit(X[train]), X[test], scorer)
            for train, test in check_folds(cv, X)
        ]
    users, whole, without = zip(*folds)
    users, whole = map(np.concatenate, (users, whole))
    score = float(_mean_of_users(users, whole).mean())
    rows = []
    for name in without[0]:
        lost = whole - np.concatenate([fold[name] for fold in without])
        lost = _mean_of_users(users, lost)
        mean, error = map(float, mean_and_error(lost))
        rows.append((name, mean, error, mean - Z * error, mean + Z * error, score))
    columns = ("modality", "importance", "standard_error", "low", "high", "score")
    return as_columns(columns, rows)
