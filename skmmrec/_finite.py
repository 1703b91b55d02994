"""Numbers that leave the range of floats are told in one sentence, where a fit ends."""

from contextlib import contextmanager

import numpy as np
import scipy.sparse as sp

from skmmrec._vectors import Blocks

# an inner product of some thousands of such numbers is finite in float32
LARGEST = 1e15


def _largest(vectors):
    """The largest number of a matrix of vectors, NaN if one is."""
    if isinstance(vectors, Blocks):
        return max(map(_largest, vectors.parts))
    numbers = vectors.data if sp.issparse(vectors) else vectors
    return np.abs(numbers).max(initial=0)


@contextmanager
def finite_numbers(model):
    """While a model learns; refuses factors of which scores would not be finite.

    Overflow on the way is no news to users, and warnings of it from inside numpy do not
    say what to do.
    """
    try:
        with np.errstate(over="ignore", invalid="ignore"):
            yield
        largest = max(_largest(model.user_factors_), _largest(model.item_factors_))
        reason = f"factors of size {largest:g}"
    except np.linalg.LinAlgError as error:
        largest, reason = np.nan, str(error).lower()
    if not largest <= LARGEST:
        raise ValueError(
            f"{type(model).__name__} must come to factors below {LARGEST:g}; got "
            f"{reason}; scale the content and the ratings, and take parameters nearer "
            f"to the defaults."
        )
