"""How different the items of one list are."""

import numpy as np
import scipy.sparse as sp
from sklearn.preprocessing import normalize

from skmmrec.metrics._checks import checked


@checked
def intra_list_diversity(lists, features):
    """Mean distance of the content of two items of a list, one minus their cosine.

        Σ_{i<j} (1 - cos(f_i, f_j)) / (m(m - 1) / 2)

    over the m items of the list that have content. Distances depend on the features:
    compare recommenders that look at the same ones.

    Parameters
    ----------
    lists : ndarray of int of shape (n_users, k)
        Codes of the recommended items, -1 where there is none.
    features : ndarray of shape (n_items, d)
        Content of the items, a row of zeros where there is none.

    Returns
    -------
    values : ndarray of float of shape (n_users,)
        Between 0, all alike, and 2; NaN for a list of fewer than two items with
        content.

    References
    ----------
    Ziegler, McNee, Konstan, Lausen. "Improving Recommendation Lists Through Topic
    Diversification", WWW 2005 (intra-list similarity).

    Examples
    --------
    >>> import numpy as np
    >>> from skmmrec.metrics import intra_list_diversity
    >>> features = np.array([[1, 0], [2, 0], [0, 1]])
    >>> intra_list_diversity(np.array([[0, 1], [0, 2], [0, -1]]), features)
    array([ 0.,  1., nan])
    """
    F = normalize(np.asarray(features, dtype=np.float64))  # (n_items, d)
    use = (lists >= 0) & F.any(axis=1)[lists]
    m = use.sum(axis=1)
    indptr = np.concatenate([[0], np.cumsum(m)])
    shape = len(lists), len(F)
    L = sp.csr_array((np.ones(indptr[-1]), lists[use], indptr), shape=shape)
    # ‖Σ f_i‖² is m plus twice the sum of the cosines: no pair is ever looked at
    total = L @ F
    cosines = np.einsum("ij,ij->i", total, total) - m
    pairs = m * (m - 1)
    nothing = np.full(len(lists), np.nan)
    return np.divide(pairs - cosines, pairs, out=nothing, where=pairs > 0)
