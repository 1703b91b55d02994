"""Which recommender is better, and whether the difference could be chance.

The unit is the user: the values of one user, by whatever model, are alike, and those of
two users are not. So differences are taken user by user, and a test flips their signs.
"""

from itertools import chain, product
from numbers import Real

import numpy as np
from scipy.stats import t as student
from sklearn import clone
from sklearn.utils import check_random_state
from sklearn.utils.parallel import Parallel, delayed

from skmmrec._checks import check_count, check_estimator
from skmmrec._quote import quoted
from skmmrec._reports import as_columns, mean_and_error
from skmmrec._sklearn import safe_indexing
from skmmrec.data._interactions import check_interactions
from skmmrec.fusion import MultimodalFusion
from skmmrec.metrics import get_scorer
from skmmrec.metrics._scorer import RankingScorer, per_user
from skmmrec.model_selection._split import check_folds

# signs drawn at a time, 8 bytes each
BLOCK = 1 << 22

# what searches name the values that they try
GRIDS = "param_grid", "param_distributions"
# parameters that set the parts of what they belong to
CONTAINERS = "transformers", "steps", "estimators"


# -- values of the users -----------------------------------------------------------


def _scorers(scoring):
    """Scorers by name, from what `scoring` may be."""
    if isinstance(scoring, RankingScorer):
        found = {scoring.name: scoring}
    elif isinstance(scoring, (str, list, tuple)):
        found = get_scorer([scoring] if isinstance(scoring, str) else scoring)
    else:
        found = scoring
    scorers = found.values() if isinstance(found, dict) else ()
    if not scorers or not all(isinstance(one, RankingScorer) for one in scorers):
        raise TypeError(
            f"scoring must be the name of a metric, or a scorer from get_scorer, or "
            f"several of these; got {quoted(scoring)}; write, for example, 'ndcg@10'."
        )
    for scorer in scorers:
        if not scorer._is_of_ratings:
            scorer.check_per_user()
    return found


def _judge(recommender, scorers, X, train, test):
    """Users and their values by each scorer, of one fit."""
    model = clone(recommender).fit(safe_indexing(X, train))
    return per_user(scorers, model, safe_indexing(X, test))


def _per_user(recommenders, X, cv, scorers, n_jobs):
    """Of each metric values (n_recommenders, n_users), a user's mean over the folds.

    Only what all recommenders have a value for counts, so that they are compared by
    the same users in the same folds.
    """
    folds = check_folds(cv, X)
    cells = list(product(range(len(recommenders)), range(len(folds))))
    judged = Parallel(n_jobs=n_jobs)(
        delayed(_judge)(recommenders[r], scorers.values(), X, *folds[f])
        for r, f in cells
    )
    users = check_interactions(X).user_vocabulary
    pooled = {}
    for metric, by_cell in zip(scorers, zip(*judged)):
        values = np.full((len(recommenders), len(folds), len(users)), np.nan)
        for cell, (ids, of_fold) in zip(cells, by_cell):
            values[(*cell, users.codes(ids))] = of_fold
        shared = ~np.isnan(values).any(axis=0)  # (n_folds, n_users)
        count = shared.sum(axis=0)
        if not count.any():
            raise ValueError(
                f"cv must hold out events that can be found; got no user with a value "
                f"of {metric!r} by all recommenders; hold out other events."
            )
        total = np.where(shared, values, 0).sum(axis=1)
        pooled[metric] = total[:, count > 0] / count[count > 0]
    return pooled


# -- what chance would do ----------------------------------------------------------


def _sign_flip_p_values(D, n_permutations, random):
    """Two-sided p of the mean of each column of differences (n_users, n_tests)."""
    D = D[(D != 0).any(axis=1)]  # no sign changes a zero
    total = D.sum(axis=0)
    least = np.abs(total) - 1e-9 * np.abs(D).sum(axis=0)  # equal but for rounding
    n_extreme = np.ones(D.shape[1])
    size = max(1, BLOCK // max(1, len(D)))
    for start in range(0, n_permutations, size):
        shape = min(size, n_permutations - start), len(D)
        flips = random.randint(2, size=shape, dtype=bool).astype(np.float64)
        n_extreme += (np.abs(total - 2 * flips @ D) >= least).sum(axis=0)
    return n_extreme / (1 + n_permutations)


def _holm(p_values):
    """p-values adjusted for their number, step by step from the smallest."""
    order = np.argsort(p_values)
    steps = p_values[order] * np.arange(len(p_values), 0, -1)
    adjusted = np.empty(len(p_values))
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1)
    return adjusted


def _square(n, i, j, p_values):
    """p-values by pair as a symmetric matrix, NaN for what was not tested."""
    square = np.full((n, n), np.nan)
    square[i, j] = square[j, i] = p_values
    return square


# -- what is asked for -------------------------------------------------------------


def _named(recommenders):
    """A dict of a dict or of pairs."""
    try:
        pairs = list(getattr(recommenders, "items", lambda: recommenders)())
        named = dict(pairs)
    except (TypeError, ValueError):
        named = {None: None}
    if not all(isinstance(name, str) for name in named):
        raise TypeError(
            f"recommenders must be a dict, or pairs of name and estimator; got "
            f"{type(recommenders).__name__} of something else; write "
            f"{{'ALS': ALSRecommender(), ...}}."
        )
    if len(named) < len(pairs):
        raise ValueError(
            f"recommenders must have a name each; got {len(pairs)} of them by "
            f"{len(named)} names; rename those of one name."
        )
    return named


def compare(
    recommenders,
    X,
    cv,
    scoring="ndcg@10",
    *,
    baseline=None,
    n_permutations=9999,
    random_state=None,
    n_jobs=None,
):
    """Recommenders side by side: means, errors, and which differences are not chance.

    Each recommender is fitted once on each fold. The values of the users are pooled
    over the folds, a user of several counts as one. Differences are taken user by user;
    a randomisation test flips their signs, as under the hypothesis that the names of
    the two recommenders say nothing. It speaks of other users, not of other training
    data or seeds: fit a network with several of these.

    Parameters
    ----------
    recommenders : dict of {str: estimator}, or list of (str, estimator)
        Two or more recommenders, or pipelines or searches that hold one.
    X : Interactions, data frame or array
    cv : splitter, or iterable of (train, test)
    scoring : str, list of str, scorer or dict of {str: scorer}, default="ndcg@10"
        Metrics with a value for each user, as for `get_scorer`; more is better.
    baseline : str, default=None
        Name of the recommender that the others are held against. By default it is the
        best by the metric. As that is known from the same data, the correction
        then counts all pairs; with a baseline it only counts those with it.
    n_permutations : int, default=9999
        Number of random flips of all signs; no p-value is below 1 / (1 + this).
    random_state : int, RandomState instance or None, default=None
        Of the flips.
    n_jobs : int, default=None
        Number of fits side by side.

    Returns
    -------
    table : dict of {str: list}
        Columns of equal length, one row for each metric and recommender, best first:
        `metric`, `recommender`, `n_users`, `mean`, `standard_error`; the paired
        `difference` from the best (or from the baseline) and its `difference_error`;
        `p_value` = (1 + b) / (1 + B), where b of B flips give a mean difference of at
        least that size; and `p_holm`, corrected for all tests of the table.
        ``pandas.DataFrame(table)`` makes a table of it.

    Raises
    ------
    ValueError
        If there are less than two recommenders, the baseline is none of them, a metric
        has no value for each user, or a fold has no events.
    TypeError
        If recommenders have no names, or `scoring` is of another kind.

    See Also
    --------
    modality_effect : Whether a modality of a pipeline helps.
    skmmrec.presence_report : Scores by what is known of an item.

    References
    ----------
    Smucker, Allan, Carterette. "A Comparison of Statistical Significance Tests for
    Information Retrieval Evaluation", CIKM 2007 (randomisation test).

    Holm. "A Simple Sequentially Rejective Multiple Test Procedure", Scandinavian
    Journal of Statistics 1979.

    Examples
    --------
    >>> from skmmrec import EASERecommender, Interactions, PopularityRecommender
    >>> from skmmrec import RandomHoldout, compare
    >>> u, i = divmod(np.arange(400), 20)
    >>> X = Interactions({"user": u, "item": i})[(u + i) % 2 == 0]
    >>> table = compare(
    ...     {"popular": PopularityRecommender(), "EASE": EASERecommender(1)},
    ...     X, cv=RandomHoldout(0.3, random_state=0), random_state=0,
    ... )
    >>> table["recommender"], table["p_holm"]
    (['EASE', 'popular'], [nan, 0.0001])
    """
    check_count(n_permutations, "n_permutations", 1)
    recommenders = _named(recommenders)
    names, scorers = list(recommenders), _scorers(scoring)
    is_named = baseline is None or (isinstance(baseline, str) and baseline in names)
    if len(names) < 2 or not is_named:
        raise ValueError(
            f"recommenders must be two or more by name, the baseline among them; got "
            f"{names} and baseline={quoted(baseline)}; name one of these."
        )
    for name, recommender in recommenders.items():
        check_estimator(recommender, f"The recommender {quoted(name)}")
    values = _per_user(list(recommenders.values()), X, cv, scorers, n_jobs)
    i, j = np.triu_indices(len(names), 1)
    if baseline is not None:
        against = [names.index(baseline) in pair for pair in zip(i, j)]
        i, j = i[against], j[against]
    random = check_random_state(random_state)
    tests = [
        _sign_flip_p_values((V[i] - V[j]).T, n_permutations, random)
        for V in values.values()
    ]
    adjusted = np.split(_holm(np.concatenate(tests)), len(tests))
    rows = []
    for (metric, V), *p_values in zip(values.items(), tests, adjusted):
        means, errors = mean_and_error(V)
        other = means.argmax() if baseline is None else names.index(baseline)
        numbers = [means, errors, *mean_and_error(V - V[other])]
        numbers += [_square(len(names), i, j, p)[other] for p in p_values]
        for r in np.argsort(-means, kind="stable"):
            row = (float(of_all[r]) for of_all in numbers)
            rows.append((metric, names[r], V.shape[1], *row))
    columns = ["metric", "recommender", "n_users", "mean", "standard_error"]
    columns += ["difference", "difference_error", "p_value", "p_holm"]
    return as_columns(columns, rows)


def _fusions(pipe):
    """Paths of the fusions inside, and the modalities that each of them has."""
    return {
        path: [name for name, how, _ in part.transformers if how != "drop"]
        for path, part in pipe.get_params().items()
        if isinstance(part, MultimodalFusion)
    }


def _is_below(path, other):
    """Whether a parameter is another one, or belongs to it."""
    return path == other or path.startswith(f"{other}__")


def _grids_without(pipe, dropped):
    """Grids of the searches inside, by path, without the parameters that are dropped.

    Else a search would put the modality back.
    """

    def cut(grid, start):
        if not isinstance(grid, dict):  # one of several
            return [cut(one, start) for one in grid]
        for name in grid:
            whole = start + name
            owner, _, last = whole.rpartition("__")
            whole = owner if last in CONTAINERS else whole
            if any(_is_below(path, whole) for path in dropped - {start + name}):
                raise ValueError(
                    f"A search must try parameters of the fusion, so that one can be "
                    f"dropped; got {quoted(name)}, which sets the fusion anew; search "
                    f"over parameters such as its method."
                )
        return {
            name: values
            for name, values in grid.items()
            if not any(_is_below(start + name, path) for path in dropped)
        }

    grids = {}
    for path, grid in pipe.get_params().items():
        start, _, last = path.rpartition("__")
        if last in GRIDS:
            start = f"{start}__estimator__" if start else "estimator__"
            grids[path] = cut(grid, start)
    return grids


def _without(pipe, modality):
    """The pipeline with the modality dropped by every fusion that has it.

    A fusion without any other is passed by: a recommender then knows no content.
    """
    changes = {}
    for path, names in _fusions(pipe).items():
        if names == [modality]:
            changes[path] = "passthrough"
        elif modality in names:
            changes[f"{path}__{modality}"] = "drop"
    changes |= _grids_without(pipe, set(changes))
    for path, value in pipe.get_params().items():
        if path.endswith("weights") and isinstance(value, dict) and modality in value:
            rest = {name: w for name, w in value.items() if name != modality}
            changes[path] = rest or None
    return clone(pipe).set_params(**changes)


def _check_modalities(asked, pipe):
    """Names of the modalities to judge, all of them for None."""
    known = list(dict.fromkeys(chain(*_fusions(pipe).values())))
    if not known:
        raise ValueError(
            f"pipe must have a MultimodalFusion with modalities; got "
            f"{type(pipe).__name__} without; put one before the recommender."
        )
    asked = known if asked is None else np.ravel(np.asarray(asked, object)).tolist()
    texts = all(isinstance(name, str) for name in asked)
    if not asked or not texts or not set(asked) <= set(known):
        raise ValueError(
            f"modality must be among those of a MultimodalFusion in the pipeline, "
            f"{known}; got {quoted(asked)}; name one of these."
        )
    return list(dict.fromkeys(asked))


def modality_effect(
    pipe,
    X,
    cv,
    modality=None,
    scoring="ndcg@10",
    *,
    confidence_level=0.95,
    n_permutations=9999,
    random_state=None,
    n_jobs=None,
):
    """Whether a modality helps: the score with it, less the score without it.

    The pipeline is fitted anew without the modality, so that the others may stand in
    for it: what is measured is what it adds to them. Judge content on new items
    (`ColdItemKFold` and ``get_scorer(..., candidates="cold")``) as well as on known
    ones, of which the events say most.

    Parameters
    ----------
    pipe : pipeline, search or recommender with a MultimodalFusion inside
        The modality is dropped by every fusion that has it, and a search no longer
        tries any of its parameters.
    X : Interactions, data frame or array
    cv : splitter, or iterable of (train, test)
    modality : str or list of str, default=None
        Which modalities, one at a time; None is all.
    scoring : str, list of str, scorer or dict of {str: scorer}, default="ndcg@10"
        Metrics with a value for each user, as for `get_scorer`.
    confidence_level : float, default=0.95
        Of the interval.
    n_permutations : int, default=9999
        Number of random flips of all signs.
    random_state : int, RandomState instance or None, default=None
        Of the flips; the pipeline has its own.
    n_jobs : int, default=None
        Number of fits side by side.

    Returns
    -------
    table : dict of {str: list}
        Columns of equal length, one row for each metric and modality: `metric`,
        `modality`, `n_users`, the mean `with` and `without` it, the `effect`, which is
        their difference, from `low` to `high` (Student's t over the users), `p_value`
        and `p_holm` as in `compare`, the latter corrected for all tests of the table.

    Raises
    ------
    ValueError
        If the pipeline has no such modality, or no other and a recommender that needs
        one; if a metric has no value for each user, or a fold no events.

    See Also
    --------
    compare : Any recommenders side by side.

    Examples
    --------
    >>> from skmmrec import (ColdItemKFold, ContentRecommender, MultimodalFusion,
    ...                      SparseTextEncoder, make_pipeline, modality_effect)
    >>> from skmmrec.datasets import make_multimodal_shop
    >>> X = make_multimodal_shop(50, 60, shares={"text": 1}, random_state=0)
    >>> X.items["noise"] = np.random.RandomState(0).normal(size=60)
    >>> fusion = MultimodalFusion([
    ...     ("text", SparseTextEncoder(n_components=8, random_state=0), "description"),
    ...     ("noise", "passthrough", ["noise"]),
    ... ])
    >>> pipe = make_pipeline(fusion, ContentRecommender())
    >>> table = modality_effect(
    ...     pipe, X, ColdItemKFold(3, random_state=0), "text", random_state=0
    ... )
    >>> table["low"][0] > 0
    True
    """
    check_estimator(pipe, "pipe")
    check_count(n_permutations, "n_permutations", 1)
    if not isinstance(confidence_level, Real) or not 0 < confidence_level < 1:
        raise ValueError(
            f"confidence_level must be between 0 and 1; got {quoted(confidence_level)}"
            f"; write 0.95 for 95 %."
        )
    asked, scorers = _check_modalities(modality, pipe), _scorers(scoring)
    pipes = [pipe, *(_without(pipe, name) for name in asked)]
    random = check_random_state(random_state)
    rows, p_values = [], []
    for metric, (full, *others) in _per_user(pipes, X, cv, scorers, n_jobs).items():
        gaps = full - others  # (n_modalities, n_users)
        effects, errors = mean_and_error(gaps)
        margins = errors * student.ppf(
            (1 + confidence_level) / 2, max(1, len(full) - 1)
        )
        p_values += _sign_flip_p_values(gaps.T, n_permutations, random).tolist()
        for name, other, effect, margin in zip(asked, others, effects, margins):
            ends = float(effect - margin), float(effect + margin)
            means = float(full.mean()), float(other.mean()), float(effect)
            rows.append((metric, name, len(full), *means, *ends))
    adjusted = _holm(np.array(p_values)).tolist()
    rows = [(*row, *both) for row, *both in zip(rows, p_values, adjusted)]
    columns = ["metric", "modality", "n_users", "with", "without", "effect"]
    return as_columns([*columns, "low", "high", "p_value", "p_holm"], rows)
