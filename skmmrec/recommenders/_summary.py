"""What events hold of the factors on their other side: for maps that fold in."""

import numpy as np

from skmmrec.data import FeatureTable


def summary(C, factors, expected=None):
    """What the rows of C, csr (n, m), hold of factors (m, d), and how much of it.

    A sum of n factors, over √n, is as noisy for any n, and the clearer the more there
    are: so a linear map of it trusts many more than few.

    Returns
    -------
    table : FeatureTable of shape (n, d + 1), or more
        With the columns of `expected` (n, d), what content leads to expect, at the end.
    """
    totals = C.sum(axis=1)[:, None]
    sums = (C @ factors) / np.sqrt(np.maximum(totals, 1e-9))
    columns = [sums, np.log1p(totals)]
    if expected is not None:
        columns.append(expected)
    return FeatureTable.from_blocks({"inputs": np.column_stack(columns)})
