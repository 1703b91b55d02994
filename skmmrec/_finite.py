"""Numbers that leave the range of floats are told in one sentence, where a fit ends."""

from contextlib import contextmanager

import numpy as np
import scipy.sparse as sp

from skmmrec._vectors import Blocks, paired


def _largest(vectors):
    """The size of the largest number of a matrix of vectors, and its row."""
    if isinstance(vectors, Blocks):
        return max(map(_largest, vectors.parts))
    sizes = np.abs(vectors.data if sp.issparse(vectors) else vectors)
    if not sizes.size:
        return 0.0, 0
    place = sizes.argmax()  # a NaN, where there is one
    if sp.issparse(vectors):
        row = np.searchsorted(vectors.indptr, place, side="right") - 1
    else:
        row = place // vectors.shape[1]
    size = float(sizes.flat[place])
    return (size if size == size else np.inf), int(row)


def _check_finite(model):
    """Refuse factors that are not finite, or of which the largest score is not."""
    U, V = model.user_factors_, model.item_factors_
    (u_size, u), (v_size, v) = _largest(U), _largest(V)
    largest = max(u_size, v_size)
    if largest < np.inf and U.shape[0] and V.shape[0]:
        score = model._similarity(U[[u]], V[[v]], paired)
        largest = largest if np.isfinite(score).all() else np.inf
    if largest == np.inf:
        raise FloatingPointError("factors of which scores are infinite or NaN")


@contextmanager
def finite_numbers(model):
    """While a model learns; refuses factors of which scores would not be finite.

    Overflow on the way is no news to users, and warnings of it from inside numpy do not
    say what to do. An algorithm that cannot go on raises a FloatingPointError.
    """
    try:
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            yield
            _check_finite(model)
    except (FloatingPointError, np.linalg.LinAlgError) as error:
        raise ValueError(
            f"{type(model).__name__} must come to finite factors; got "
            f"{str(error)[:1].lower()}{str(error)[1:]}; scale the content and the "
            f"ratings, and take parameters nearer to the defaults."
        ) from error
