"""Settings of an item graph by how it ranks likes that were held out of it."""

import numpy as np
import scipy.sparse as sp
from sklearn.utils import check_random_state

from skmmrec._sparse import positions
from skmmrec.ranking import blocks_of_rows
from skmmrec.recommenders._graph import ranks_back

# Of the users, so that the graph of the rest is as dense as that of all; and of their
# likes. The scores of these users are dense, 64 MB of them for each graph.
SHARE_OF_USERS, SHARE_OF_LIKES = 0.2, 0.2
MAX_USERS, MAX_SCORES = 2000, 2**24

WEIGHTS = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
POPULARITIES = (0.0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75)
N_SWEEPS = 2
WALKS = (0.0, 0.1, 0.3, 1.0, 3.0)
DEFAULTS = {"weight": 0.1, "popularity": 0.375, "walk": 0.0}


# Longest paths; where further steps help at all, more of them change little.
N_STEPS = 4


def hold_out_likes(R, times, random_state):
    """Users, and the mask of those of their entries in R that are held out.

    The last ones where there are times; else random ones. One at least stays.
    """
    rng = check_random_state(random_state)
    counts = np.diff(R.indptr)
    able = np.flatnonzero(counts > 1)
    n_users = int(np.ceil(SHARE_OF_USERS * len(able)))
    n_users = min(n_users, MAX_USERS, max(1, MAX_SCORES // R.shape[1]))
    users = np.sort(rng.choice(able, n_users, replace=False))
    order = sp.csr_array((rng.random(R.nnz), R.indices, R.indptr), shape=R.shape)
    ranks = ranks_back(R, order if times is None else times)
    n_held = np.zeros(len(counts), dtype=int)
    n_held[users] = np.ceil(SHARE_OF_LIKES * counts[users])
    return users, ranks < n_held[positions(R)[0]]


# Ranks that count: those of a list, and enough more that chance counts less.
MAX_RANK = 50


class HeldOutRanks:
    """How high likes that were held out are ranked: 1 / log2(1 + rank) of each user.

    Parameters
    ----------
    known, held : csr_array of shape (n, n_items)
        What the users had, which is not ranked, and what is to be found.
    """

    def __init__(self, known, held):
        self.known = positions(known)
        self.rows, self.columns = positions(held)
        self.counts = np.diff(held.indptr)

    def __call__(self, scores):
        """Mean gain of each user (n,) of dense scores (n, n_items), overwritten."""
        scores[self.known] = -np.inf
        gains = np.empty(len(self.rows))
        for part in blocks_of_rows(len(self.rows), scores.shape[1]):
            rows, columns = self.rows[part], self.columns[part]
            block, own = scores[rows], scores[rows, columns][:, None]
            above = (block > own).sum(axis=1) + ((block == own).sum(axis=1) - 1) / 2
            gains[part] = (above < MAX_RANK) / np.log2(2 + above)
        return np.bincount(self.rows, gains, len(self.counts)) / self.counts


def best_of(values, current, measure):
    """The value with the highest mean measure, if it is surely above the current one.

    A gain of less than a standard error is chance.
    """
    measured = {value: measure(value) for value in {current, *values}}
    best = max(sorted(measured), key=lambda value: measured[value].mean())
    gain = measured[best] - measured[current]
    error = gain.std() / np.sqrt(max(1, len(gain) - 1))
    return best if gain.mean() > error else current


def learned_settings(given, graph, contents, x, ranks, degrees):
    """Weights of modalities, popularity and walk that rank held-out likes best.

    Coordinate ascent: the weights and the exponent of popularity over one step in the
    graph, then how much a further step counts.

    Parameters
    ----------
    given : dict
        `"weights"` (dict by modality), `"popularity"` and `"walk"`; what is None is
        learned.
    graph : CoConsumption or Successions
        Of the events that were not held out.
    contents : dict of {str: csr_array of shape (n_items, n_items)}
        Edges from items to others, by modality.
    x : csr_array of shape (n, n_items)
        Profiles of users.
    ranks : HeldOutRanks
    degrees : ndarray of shape (n_items,)

    Returns
    -------
    settings : dict
    """
    x = x.toarray()
    first = graph.step(x)
    parts = {name: x @ edges for name, edges in contents.items()}
    fame = np.log1p(degrees)
    weights = dict(given["weights"] or dict.fromkeys(contents, DEFAULTS["weight"]))
    popularity, walk = (
        DEFAULTS[name] if given[name] is None else given[name]
        for name in ("popularity", "walk")
    )

    def measure(scores, exponent):
        return ranks(scores * np.exp(exponent * fame).astype(np.float32))

    def mixed(weights):
        return first + sum(np.float32(w) * parts[name] for name, w in weights.items())

    def with_weight(name, popularity):
        return lambda w: measure(mixed(weights | {name: w}), popularity)

    def best_popularity(scores):
        if given["popularity"] is not None:
            return popularity
        return best_of(POPULARITIES, popularity, lambda b: measure(scores, b))

    for _ in range(N_SWEEPS):
        for name in parts if given["weights"] is None else ():
            measured = with_weight(name, popularity)
            weights[name] = best_of(WEIGHTS, weights[name], measured)
        popularity = best_popularity(mixed(weights))
    if given["walk"] is None:
        scores = [mixed(weights)]
        for _ in range(N_STEPS - 1):
            further = graph.step(scores[-1])
            for name, edges in contents.items():
                further += np.float32(weights[name]) * (scores[-1] @ edges)
            scores.append(further)

        def walked(walk):
            return sum(np.float32(walk**t) * step for t, step in enumerate(scores))

        walk = best_of(WALKS, walk, lambda a: measure(walked(a), popularity))
        popularity = best_popularity(walked(walk))
    return {"weights": weights, "popularity": popularity, "walk": walk}
