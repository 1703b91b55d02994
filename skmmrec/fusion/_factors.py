"""What co-consumption says of the rows of a table, in a few numbers each."""

import numpy as np
import scipy.sparse as sp
from sklearn.utils import check_random_state
from sklearn.utils.extmath import randomized_svd

from skmmrec._threads import one_blas_thread


@one_blas_thread
def co_consumption_factors(events, n_components, random_state=None):
    """Factors of rows from who had them, so that rows of the same public are near.

    U S of the truncated singular value decomposition of D_r^-½ C D_o^-½, the events C
    divided by the roots of their row and column sums: a user of a thousand events says
    less by each of them. The first direction is popularity: a row that few had is
    short.

    Parameters
    ----------
    events : csr_array of shape (n, n_others)
        Weights of 0 or more.
    n_components : int
        Fewer where the events allow no more.
    random_state : int, RandomState instance or None, default=None
        Start of the randomised solver.

    Returns
    -------
    factors : ndarray of float32 of shape (n, n_components)
        Zeros for a row without events.
    known : ndarray of bool of shape (n,)
        Which rows have events.

    References
    ----------
    Dhillon. "Co-clustering Documents and Words Using Bipartite Spectral Graph
    Partitioning", KDD 2001, section 4. Halko, Martinsson, Tropp. "Finding Structure
    with Randomness", SIAM Review 2011, algorithm 4.4.

    Examples
    --------
    >>> import scipy.sparse as sp
    >>> from skmmrec.fusion._factors import co_consumption_factors
    >>> events = sp.csr_array([[1.0, 1, 0], [1, 1, 0], [0, 0, 1], [0, 0, 0]])
    >>> factors, known = co_consumption_factors(events, 2, random_state=0)
    >>> abs(factors @ factors.T).round(1)
    array([[0.5, 0.5, 0. , 0. ],
           [0.5, 0.5, 0. , 0. ],
           [0. , 0. , 1. , 0. ],
           [0. , 0. , 0. , 0. ]], dtype=float32)
    >>> known.tolist()
    [True, True, True, False]
    """
    C = sp.csr_array(events, dtype=np.float64)
    rows, columns = (_inverse_root(C.sum(axis=axis)) for axis in (1, 0))
    B = sp.diags_array(rows) @ C @ sp.diags_array(columns)
    k = min(n_components, *B.shape)
    U, s, _ = randomized_svd(
        B, k, n_iter=6, random_state=check_random_state(random_state)
    )
    return (U * s).astype(np.float32), rows > 0


def _inverse_root(sums):
    return np.divide(1.0, np.sqrt(sums), out=np.zeros_like(sums), where=sums > 0)
