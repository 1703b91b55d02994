"""Ways by which held-out events reach a model, as far as they can be seen.

`fit` is given the events of the training part and nothing else, so that a step cannot
see held-out ones unless they were there before: among the events, in a column of a
table, or in a step that was fitted before the split.

A column that foretells popularity is no leak. But a part of every count is chance: held
against what is to be expected of an item, the number of its held-out events varies as a
Poisson number does, and nothing that was known before says how. So a column that
predicts held-out counts with much less error than that has seen them. The same holds
for ratings, whose chance is their variance within an item.
"""

from itertools import product

import numpy as np
from scipy.stats import norm, rankdata
from sklearn import clone
from sklearn.frozen import FrozenEstimator
from sklearn.isotonic import IsotonicRegression
from sklearn.pipeline import Pipeline

from skmmrec._checks import check_estimator
from skmmrec._reports import as_columns
from skmmrec._sklearn import safe_indexing
from skmmrec.data import FeatureTable, Interactions
from skmmrec.data._interactions import check_interactions
from skmmrec.data._tables import column
from skmmrec.fusion import MultimodalFusion
from skmmrec.metrics._evaluation import _stored
from skmmrec.model_selection._split import check_folds

ALPHA = 0.001  # of the columns of a block together
ERROR_LEFT = 0.5  # of the squared error that is chance; with less, a column has seen
LEAST_ROWS = 30  # fewer items say nothing
LEAST_COUNT = 0.1  # held-out events to expect of a row, else all is chance
N_PARTS = 5  # of the rows, each predicted by a fit of the others

SEVERITY = {False: 0, None: 1, True: 2}  # of what was found in a fold

ADVICE = {
    "repeated events": "drop the repeated rows, or split so that they stay together",
    "time": "use TemporalSplit or RollingTemporalSplit; else scores are too good",
    "model": "do not freeze a recommender that was fitted on these events",
    "frozen step": "put the step itself into the pipeline, to be fitted on each fold",
    "column": "compute the column from events before the split, or leave it out",
}


# -- a column that says more than chance allows ------------------------------------


def _isotonic(f, target, weight, part):
    """Monotone prediction of the target by a column, each part by the others."""
    rising = np.cov(rankdata(f), rankdata(target))[0, 1] >= 0
    predicted = np.empty(len(f))
    for k in range(N_PARTS):
        fit, at = part != k, part == k
        curve = IsotonicRegression(increasing=bool(rising), out_of_bounds="clip")
        predicted[at] = curve.fit(f[fit], target[fit], weight[fit]).predict(f[at])
    return predicted


def _linear(A, y, v, part):
    """Least squares prediction of y, of variance v, each part by the others."""
    scale = 1 / np.sqrt(v)
    predicted = np.empty(len(y))
    for k in range(N_PARTS):
        fit, at = part != k, part == k
        A_fit, y_fit = A[fit] * scale[fit, None], y[fit] * scale[fit]
        predicted[at] = A[at] @ np.linalg.lstsq(A_fit, y_fit, rcond=None)[0]
    return predicted


def _parts(f):
    """A part for each row, in turns along the column, so that each part spans it."""
    return np.argsort(np.argsort(f, kind="stable")) % N_PARTS


def _chance(X, train, test):
    """Held-out sums of the items, and what chance has in them: counts, then ratings.

    Yields
    ------
    known, held_out : ndarray of shape (n,)
        Sums over the events of the training and of the test part.
    weight : ndarray of shape (n,)
        What both are sums over: the number of all events, or 1 for counts.
    v : ndarray of shape (n,)
        Variance of the held-out sum that is chance; 0 where nothing can be said.
    kurtosis : ndarray of shape (n,)
        Excess of the fourth moment of chance over that of a normal one, times v.
    """
    n = X.n_described("items")

    def sums(rows, values):
        return np.bincount(X.item_codes[rows], values[rows], minlength=n)[:n]

    one = np.ones(len(X))
    known, held_out = sums(train, one), sums(test, one)
    v = _isotonic(known, held_out, np.ones(n), _parts(known))
    yield known, held_out, np.ones(n), np.where(v > LEAST_COUNT, v, 0), np.ones(n)
    if X.names["rating"] is not None:
        rating = X.rating - X.rating[train].mean()
        S = sums(train, rating)
        within = sums(train, rating**2) - S**2 / np.maximum(known, 1)
        v = within.sum() / max(1, np.maximum(known - 1, 0).sum())
        yield S, sums(test, rating), known + held_out, v * held_out, np.zeros(n)


def _error_left(f, known, held_out, weight, v, kurtosis):
    """Error of a prediction by a column over that of chance, and p of it being less.

    NaN, if there are too few items to say.
    """
    use = np.isfinite(f) & (v > 0)
    if use.sum() < LEAST_ROWS:
        return np.nan, np.nan
    if np.ptp(f[use]) == 0:
        return 1.0, 1.0
    order = np.flatnonzero(use)[np.argsort(f[use], kind="stable")]
    f, S, y, w, v, kurtosis = (
        values[order] for values in (f, known, held_out, weight, v, kurtosis)
    )
    part = np.arange(len(f)) % N_PARTS  # in turns, so that each spans the column
    whole = w * _isotonic(f, (S + y) / w, w, part)
    own = _isotonic(f, y, w, part)  # of what is held out alone
    predicted = _linear(np.column_stack([whole, own, S]), y, v, part)
    ratio = ((y - predicted) ** 2 / v)[1:-1]  # beyond the ends nothing is known
    spread = np.sqrt((2 + kurtosis / v)[1:-1].sum())
    return ratio.mean(), norm.cdf((ratio - 1).sum() / spread)


# -- the columns -------------------------------------------------------------------


def _numbers(values):
    """Columns of numbers, (n, d); without any where they are no numbers."""
    values = np.asarray(values)
    if values.dtype.kind == "M":
        seconds = values.astype("M8[s]").astype(float)
        values = np.where(np.isnat(values), np.nan, seconds)
    try:
        return values.astype(float).reshape(len(values), -1)
    except (TypeError, ValueError):
        return np.empty((len(values), 0))


def _columns_of_items(pipe, X, fitted, train):
    """Numbers of the items by name: columns that fusions read, blocks they return."""
    table = X.table("items")
    if table is not None and not isinstance(table, FeatureTable):
        for fusion in pipe.get_params().values():
            if isinstance(fusion, MultimodalFusion) and fusion.on == "items":
                for _, how, names in fusion.transformers:
                    for name in np.ravel(names).tolist() if how != "drop" else ():
                        yield f"column {name!r}", _numbers(column(table, name))
    if isinstance(fitted, Pipeline) and len(fitted) > 1:
        table = fitted[:-1].transform(train)
        table = table.table("items") if isinstance(table, Interactions) else None
    if isinstance(table, FeatureTable):
        for (name, place), has in zip(table.blocks.items(), table.present.T):
            values = np.where(has[:, None], table.values[:, place], np.nan)
            yield f"block {name!r}", values


# -- steps that were fitted before -------------------------------------------------


def _recommenders(estimator):
    """All fitted recommenders inside, also those that are frozen."""
    for part in (estimator, *estimator.get_params().values()):
        if isinstance(part, FrozenEstimator):
            yield from _recommenders(part.estimator)
        elif hasattr(part, "seen_"):
            yield part


def _share_remembered(model, X, train, test):
    """Share of held-out events that a model has seen, without those also in train."""
    pair = X.user_codes * np.int64(len(X.item_vocabulary)) + X.item_codes
    test = test[~np.isin(pair[test], pair[train])]
    user = model.user_vocabulary_.recode(X.user_vocabulary, X.user_codes[test])
    item = model.item_vocabulary_.recode(X.item_vocabulary, X.item_codes[test])
    seen = _stored(model.seen_, user[item >= 0], item[item >= 0])
    return np.count_nonzero(seen) / max(1, len(test))


def _values(Xt):
    return Xt.table("items").values if isinstance(Xt, Interactions) else np.asarray(Xt)


def _frozen(pipe, X, train):
    """Of each frozen transformer its name, and whether it learned from all events.

    That is so if it does what it does when fitted on all of them, and not what it does
    when fitted on the training part. None if it does neither.
    """
    steps = pipe.steps[:-1] if isinstance(pipe, Pipeline) else []
    for i, (name, step) in enumerate(steps):
        if isinstance(step, FrozenEstimator):
            before = clone(pipe[:i]).fit(train) if i else None
            Z, Z_train = (before.transform(part) if i else part for part in (X, train))
            anew = (clone(step.estimator).fit(part) for part in (Z, Z_train))
            ours, by_all, by_train = (
                _values(model.transform(Z)) for model in (step, *anew)
            )
            like_all, like_train = (
                ours.shape == other.shape and np.allclose(ours, other, 1e-3, 1e-5)
                for other in (by_all, by_train)
            )
            yield name, False if like_train else True if like_all else None


# -- the report --------------------------------------------------------------------


def _share_repeated(X, train, test):
    """Share of held-out events that are, time included, events of the training part."""
    key = [X.user_codes, X.item_codes, *([X.time] if X.has_time else [])]
    _, same = np.unique(np.rec.fromarrays(key), return_inverse=True)
    return np.isin(same[test], same[train]).mean()


def _look_at_events(X, train, test):
    share = _share_repeated(X, train, test)
    text = f"{share:.0%} of the held-out events are learned from"
    yield "repeated events", "events", bool(share > 0), share, text
    if not X.has_time:
        yield "time", "events", None, 0, "the events have no time"
        return
    share = (X.time[test] < X.time[train].max()).mean()
    text = f"{share:.0%} of the held-out events are older than one learned from"
    yield "time", "events", bool(share > 0), share, text


def _look_at_columns(columns, X, train, test):
    if X.n_described("items") < LEAST_ROWS:
        return
    chances = list(zip(("counts", "ratings"), _chance(X, train, test)))
    for what, values in columns:
        for f, (sums, chance) in product(values.T, chances):
            ratio, p = _error_left(f, *chance)
            if np.isnan(ratio):
                yield "column", what, None, 0, f"too few items have held-out {sums}"
                continue
            # the less chance there is, the less it takes to fall below the half of it
            sure = p * values.shape[1] < ALPHA
            leak = (True if sure else None) if ratio < ERROR_LEFT else False
            text = f"predicts held-out {sums} to {ratio:.0%} of the error of chance"
            unsure = ", which on so few items may be luck" if leak is None else ""
            yield "column", what, leak, 1 - ratio, text + unsure


def _look_at_steps(pipe, fitted, X, events, train, test):
    for model in _recommenders(fitted):
        share = _share_remembered(model, events, train, test)
        text = f"has seen {share:.0%} of the held-out events"
        yield "model", type(model).__name__, bool(share > 0), share, text
    said = {True: "fitted on all of X", False: "the same if fitted on each fold"}
    for name, leak in _frozen(pipe, X, safe_indexing(X, train)):
        text = said.get(leak, "fitted before the split, on what cannot be told")
        yield "frozen step", name, leak, bool(leak), text


def _look(pipe, X, events, train, test):
    """All that is seen in one fold: check, what, leak, how bad, evidence."""
    yield from _look_at_events(events, train, test)
    part = safe_indexing(X, train)
    fitted = clone(pipe).fit(part, None)  # a frozen estimator must be given a y
    fitted = getattr(fitted, "best_estimator_", fitted)
    yield from _look_at_steps(pipe, fitted, X, events, train, test)
    columns = _columns_of_items(pipe, events, fitted, part)
    yield from _look_at_columns(columns, events, train, test)


def check_leakage(pipe, X, cv):
    """Look for held-out events in what a model learns from.

    Fits the pipeline on each fold, and looks at the events, at the columns of the item
    table and at the fitted steps. Run it once before a comparison is believed.

    What it cannot see: a vector of taste learned from all events, such as factors of
    items that come as a column (of these, only the popularity in a single component); a
    fusion with learned weights that encoded `X` before the split; parameters chosen by
    looking at held-out events, for which the search itself is passed to
    `cross_validate`; a column of few levels; texts written after the split. So no
    finding is no proof, but put what learns from events inside of the pipeline and it
    is fitted on the training part alone.

    Parameters
    ----------
    pipe : pipeline, search or recommender
    X : Interactions, data frame or array
    cv : splitter, or iterable of (train, test)

    Returns
    -------
    report : dict of {str: list}
        Columns of equal length, one row for each thing that was looked at: `check`,
        `what`, `leak` (True, False, or None if it cannot be told), the `evidence` in
        words, that of the worst fold, and the `advice`, empty where there is no leak.
        ``pandas.DataFrame(report)`` makes a table of it.

        - ``"repeated events"``: of user and item, and time if there is one, on both
          sides.
        - ``"time"``: events later than held-out ones are learned from.
        - ``"model"``: a recommender that has seen held-out events, as it was frozen.
        - ``"frozen step"``: a transformer that was fitted on all of `X`.
        - ``"column"``: numbers of the item table, before and after encoding, that
          predict how often items are had in the held-out part, or how they are rated
          there, with less than half of the squared error that is left to chance, and
          surely so (p < 0.001, corrected for the columns of the block). One that
          honestly foretells popularity leaves at least all of it. With less than 30
          items to judge by, or if it is not sure, it cannot be told.

    Raises
    ------
    ValueError
        If a split has a part without events.

    See Also
    --------
    TemporalSplit, RollingTemporalSplit : Splits that know nothing of the future.

    References
    ----------
    Ji, Sun, Zhang, Li. "A Critical Study on Data Leakage in Recommender System Offline
    Evaluation", ACM Transactions on Information Systems 2023.

    Kaufman, Rosset, Perlich, Stitelman. "Leakage in Data Mining: Formulation,
    Detection, and Avoidance", TKDD 2012.

    Examples
    --------
    >>> from skmmrec import (ContentRecommender, MultimodalFusion, TemporalSplit,
    ...                      check_leakage, make_pipeline)
    >>> from skmmrec.datasets import make_multimodal_shop
    >>> X = make_multimodal_shop(200, 60, shares={"tabular": 1}, random_state=0)
    >>> X.items["sales"] = np.bincount(X.item_codes, minlength=60)  # of all times
    >>> fusion = MultimodalFusion([("table", "passthrough", ["price", "sales"])])
    >>> report = check_leakage(
    ...     make_pipeline(fusion, ContentRecommender()), X, TemporalSplit()
    ... )
    >>> [what for what, leak in zip(report["what"], report["leak"]) if leak]
    ["column 'sales'", "block 'table'"]
    """
    check_estimator(pipe, "pipe")
    worst, events = {}, check_interactions(X)
    for train, test in check_folds(cv, X):
        looked = _look(pipe, X, events, train, test)
        for check, what, leak, how_bad, text in looked:
            found = (SEVERITY[leak], how_bad), leak, text
            before = worst.setdefault((check, what), found)
            if found[0] > before[0]:
                worst[check, what] = found
    rows = [
        (check, what, leak, text, "" if leak is False else ADVICE[check])
        for (check, what), (_, leak, text) in worst.items()
    ]
    columns = ["check", "what", "leak", "evidence", "advice"]
    return as_columns(columns, rows)
