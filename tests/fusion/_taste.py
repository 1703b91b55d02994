"""Planted worlds: what users had follows one modality, the other is loud noise."""

import numpy as np
import scipy.sparse as sp

from skmmrec import FeatureTable

NAN = np.nan


def planted(seed=0, n=300, n_warm=200, n_users=200, n_had=8):
    """Table, events of the first `n_warm` rows, and the taste (n, 4) that users follow.

    The text shows the taste among twelve columns; the noise is wide and a hundred times
    as large.
    """
    rng = np.random.default_rng(seed)
    taste = rng.standard_normal((n, 4))
    text = np.hstack([taste, rng.standard_normal((n, 8))])
    table = FeatureTable.from_blocks(
        {"text": text, "noise": 100 * rng.standard_normal((n, 12))}
    )
    return table, events_of(taste[:n_warm], n, n_users, n_had, rng), taste


def events_of(taste, n, n_users, n_had, rng):
    """Each user has the rows nearest to a direction of taste."""
    directions = rng.standard_normal((taste.shape[1], n_users))
    scores = taste @ directions
    had = np.argsort(-scores, axis=0)[:n_had]
    users = np.broadcast_to(np.arange(n_users), had.shape)
    ones = np.ones(had.size, dtype=np.float32)
    return sp.csr_array((ones, (had.ravel(), users.ravel())), shape=(n, n_users))


def hit_rate(values, taste):
    """Of the ten nearest rows by cosine, the share among the ten nearest in taste."""

    def nearest(rows):
        rows = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
        return np.argsort(-(rows @ rows.T) + 9 * np.eye(len(rows)), axis=1)[:, :10]

    found, wanted = nearest(values), nearest(taste)
    return np.mean([len(set(f) & set(w)) / 10 for f, w in zip(found, wanted)])
