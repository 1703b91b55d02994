"""Draws that the training of networks needs: events to judge by, and negatives."""

import numpy as np

from skmmrec._sparse import kept, positions

# Users that an epoch is judged by, at most.
MAX_JUDGED = 2048


def hold_out_events(R, share, rng):
    """Events to learn from, and a share of them held out, csr each of R's shape.

    Every user and every item keeps an event to learn from; where many users have any
    held out, only those of some.
    """
    users, items = positions(R)
    order = rng.permutation(R.nnz)
    held = np.zeros(R.nnz, dtype=bool)
    held[order[R.nnz - int(np.ceil(share * R.nnz)) :]] = True
    for codes in (users, items):
        held[order[np.unique(codes[order], return_index=True)[1]]] = False
    judged = rng.permutation(np.unique(users[held]))[:MAX_JUDGED]
    held &= np.isin(users, judged)
    return kept(R, ~held), kept(R, held)


class PopularitySampler:
    """Draws items with events, with probability q_i ∝ (number of events)^power.

    Parameters
    ----------
    counts : ndarray of int of shape (n_items,)
        Items with none are never drawn.
    power : float
        0 draws all alike, 1 as they occur among the events; word2vec takes 0.75.

    Attributes
    ----------
    items : ndarray of int
        Those that may be drawn.
    q : ndarray of float of shape (n_items,)

    References
    ----------
    Mikolov et al. "Distributed Representations of Words and Phrases and their
    Compositionality", NIPS 2013, section 2.2.
    """

    def __init__(self, counts, power):
        self.items = np.flatnonzero(counts)
        weights = counts[self.items].astype(np.float64) ** power
        self.q = np.zeros(len(counts))
        self.q[self.items] = weights / weights.sum()
        self._bounds = np.cumsum(self.q[self.items])

    def draw(self, n, rng):
        """n items, with repetitions."""
        places = np.searchsorted(self._bounds, rng.random_sample(int(n)), side="right")
        return self.items[np.minimum(places, len(self.items) - 1)]
