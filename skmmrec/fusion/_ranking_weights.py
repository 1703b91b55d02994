"""Weights of modalities by what each adds to the ranking of items nobody has had."""

import warnings

import numpy as np
import scipy.sparse as sp
from sklearn.utils import check_random_state

from skmmrec.data._feature_table import center

# Enough for standard errors of a few per cent of the gain, in seconds; a modality costs
# at most MAX_USERS * MAX_ITEMS scores of 4 bytes.
MAX_USERS, MAX_ITEMS, N_FOLDS = 2000, 5000, 3

K = 10
DISCOUNTS = (1 / np.log2(np.arange(2, K + 2))).astype(np.float32)

# Weights v_m that are tried from 1 on, beside 0; then steps from there.
GRID, STEPS = 4.0 ** np.arange(-2, 3), np.array([0.5, 1.0, 2.0])
N_SWEEPS = 3

# A gain of less than this many standard errors is chance.
N_ERRORS = 1.0


def ranking_weights(table, events, random_state=None, return_scores=False):
    """Weights of modalities by the cross-validated ranking of items without events.

    The items are divided into three folds. Those of a fold are ranked for each user as
    `ContentRecommender` would, by the cosine with the mean of the items of the other
    folds that the user liked,

        Σ_m v_m p_m·x_m / √(Σ_m v_m ‖x_m‖²),

    where x_m is the item's block of modality m, centred and of a mean squared length of
    1, and p_m the user's mean of it. From equal weights on, each v_m in turn is moved
    to the value of a grid with the highest NDCG@10, if the users gain more than a
    standard error by it; to 0 if that is no worse by a standard error. So few events
    leave the weights equal, and chance gets none where there are enough to see it.

    A weight is √v_m: blocks that are multiplied with it have inner products with v_m.

    Parameters
    ----------
    table : FeatureTable of n rows
        As it will be weighed: scaled or whitened, if it will be.
    events : csr_array of shape (n, n_users), or None
        Who liked each row.
    random_state : int, RandomState instance or None, default=None
        Draws the users, at most 2000, and the folds, of at most 5000 ranked items.
    return_scores : bool, default=False

    Returns
    -------
    weights : dict of {str: float}
        Of blocks of one scale; the largest is 1. All are 1, with a warning, where
        nothing can be learned.
    scores : dict of {str: float}
        NDCG@10 of each modality alone, and of the `"weighted"` sum; empty where there
        is nothing to measure. Only if `return_scores`.
    """
    random = check_random_state(random_state)
    folds = [] if events is None else _folds(table, events, random)
    if folds:
        weights, scores = _ascent(list(table.blocks), folds)
    else:
        weights, scores = dict.fromkeys(table.blocks, 1.0), {}
        if len(weights) > 1:
            warnings.warn(
                "Learned weights must see users who liked two items or more; got "
                "none: all modalities weigh the same; fit on an Interactions.",
                stacklevel=2,
            )
    return (weights, scores) if return_scores else weights


class _Fold:
    """Scores of the items of one fold, by each modality, for users who liked some."""

    def __init__(self, users, liked, scores, squares):
        self.users = users  # (n,)
        self.liked = liked  # bool (n, n_items)
        self.scores = scores  # a float32 (n, n_items) for each modality
        self.squares = squares  # (n_modalities, n_items)
        ideal = np.cumsum(DISCOUNTS)
        self.ideal = ideal[np.minimum(liked.sum(axis=1), K) - 1]

    def ndcg(self, weights):
        """NDCG@10 of each user, (n,)."""
        total = np.zeros_like(self.scores[0])
        for weight, scores in zip(weights, self.scores):
            if weight:
                total += np.float32(weight) * scores
        squares = weights @ self.squares
        total /= np.sqrt(np.where(squares > 0, squares, 1)).astype(np.float32)
        k = min(K, total.shape[1])
        # of equal scores any: the items are in random order
        best = np.argpartition(total, -k, axis=1)[:, -k:]
        order = np.argsort(-np.take_along_axis(total, best, axis=1), axis=1)
        best = np.take_along_axis(best, order, axis=1)
        hits = np.take_along_axis(self.liked, best, axis=1)
        return hits @ DISCOUNTS[:k] / self.ideal


def _folds(table, events, random):
    """The folds in which someone has both liked items to learn from and to find."""
    likes = events.T.tocsr()  # (n_users, n)
    users = np.flatnonzero(np.diff(likes.indptr) > 1)
    if len(users) > MAX_USERS:
        users = np.sort(random.choice(users, MAX_USERS, replace=False))
    likes = likes[users]
    liked = np.unique(likes.indices)
    others = np.setdiff1d(np.arange(len(table)), liked)
    others = random.permutation(others)[:MAX_ITEMS]
    items = random.permutation(np.concatenate([liked, others]))
    likes = likes[:, items].tocsc()
    table = _standard(table.take(items), center(table))
    folds = []
    for fold in np.array_split(np.arange(len(items)), N_FOLDS):
        known = np.ones(len(items), dtype=np.float32)
        known[fold] = 0
        ranked = _ranked(fold, np.diff(likes.indptr)[fold] > 0)
        found = _fold(likes, known, ranked, table)
        folds += [found] if len(found.users) else []
    return folds


def _ranked(fold, liked):
    """The items of a fold that are ranked; of many, two thirds are liked by someone."""
    size = MAX_ITEMS // N_FOLDS
    wanted, others = fold[liked], fold[~liked]
    wanted = wanted[: max(size * 2 // 3, size - len(others))]
    return np.sort(np.concatenate([wanted, others])[:size])


def _standard(table, mean):
    """The table, changed in place: centred blocks of a mean squared length of 1."""
    for (name, columns), has in zip(table.blocks.items(), table.present.T):
        block = table.block(name)
        block -= mean[columns]
        block[~has] = 0
        squares = np.einsum("ij,ij->", block, block, dtype=np.float64)
        if squares:
            block /= np.float32(np.sqrt(squares / has.sum()))
    return table


def _fold(likes, known, fold, table):
    """Score the items `fold` for each user by the liked ones that are `known`."""
    liked = likes[:, fold].toarray() > 0
    history = (likes @ sp.diags_array(known)).tocsr()
    history.eliminate_zeros()
    users = np.flatnonzero(liked.any(axis=1) & (np.diff(history.indptr) > 0))
    history = history[users]
    counts = history @ table.present.astype(np.float32)
    scores, squares = [], []
    for name, count, has in zip(table.blocks, counts.T, table.present[fold].T):
        block, items = table.block(name), table.block(name)[fold]
        profile = (history @ block) / np.where(count > 0, count, 1)[:, None]
        scores.append(profile @ items.T)
        # an item that lacks a modality counts as an average one
        squares.append(np.where(has, np.einsum("ij,ij->i", items, items), 1))
    return _Fold(users, liked[users], scores, np.array(squares))


def _ascent(names, folds):
    """Coordinate ascent from equal weights; weights and scores by name."""
    users = np.concatenate([fold.users for fold in folds])
    n_folds = np.bincount(users)

    def measure(weights):
        """NDCG@10 of each user, the mean over the folds."""
        values = np.concatenate([fold.ndcg(weights) for fold in folds])
        return np.bincount(users, values)[n_folds > 0] / n_folds[n_folds > 0]

    alone = [measure(weights).mean() for weights in np.eye(len(names))]
    weights = np.ones(len(names))
    for sweep in range(N_SWEEPS):
        before = weights
        for m in np.argsort(alone):  # what is worth least may go first
            tried = STEPS * weights[m] if sweep and weights[m] else GRID
            weights = _best_weights(measure, weights, m, tried)
        if np.array_equal(weights, before):
            break
    scores = dict(zip(names, map(float, alone)))
    scores["weighted"] = float(measure(weights).mean())
    weights = np.sqrt(weights / weights.max())
    return dict(zip(names, weights.tolist())), scores


def _is_sure(gain):
    """Whether a mean gain (n_users,) is more than chance."""
    if len(gain) < 2:
        return False
    return gain.mean() > N_ERRORS * gain.std(ddof=1) / np.sqrt(len(gain))


def _best_weights(measure, weights, m, tried):
    """The weights with that of modality m moved, if the ranking surely gains by it."""
    without = np.where(np.arange(len(weights)) == m, 0, weights)
    if not without.any():
        return weights  # alone, it matters not
    candidates = np.tile(weights, (len(tried) + 1, 1))
    candidates[:, m] = 0, *tried
    values = [measure(candidate) for candidate in candidates]
    best = int(np.argmax([value.mean() for value in values]))
    if not _is_sure(values[best] - measure(weights)):
        return weights
    if not _is_sure(values[best] - values[0]):
        best = 0
    return candidates[best]
