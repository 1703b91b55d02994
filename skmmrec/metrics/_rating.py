"""How near predictions are to ratings.

Every function takes the ratings r of held-out events and the predictions p for them.
Names are those of scikit-learn, where the larger score is the better one:

===========================  =================================================
neg_mean_squared_error       -mean((r - p)²)
neg_root_mean_squared_error  -√mean((r - p)²)
neg_mean_absolute_error      -mean(|r - p|)
pearson                      Σ (r - r̄)(p - p̄) / √(Σ (r - r̄)² · Σ (p - p̄)²)
===========================  =================================================

Errors are for recommenders that predict in the unit of the ratings, such as
`SVDRecommender`; a correlation is for any. That the ratings one gives are predicted
well does not say that one is offered what one would choose: judge lists for that.

Herlocker, Konstan, Terveen, Riedl. "Evaluating Collaborative Filtering Recommender
Systems", TOIS 2004, section 4.
"""

import numpy as np

from skmmrec.metrics._checks import checked


def _minus_mean(errors):
    return -float(np.mean(errors)) if len(errors) else float("nan")


@checked
def neg_mean_squared_error(y_true, y_pred):
    """Minus the mean of the squared errors; NaN without events.

    Parameters
    ----------
    y_true : ndarray of shape (n_events,)
        Ratings.
    y_pred : ndarray of shape (n_events,)
        Predictions for them.

    Returns
    -------
    value : float, at most 0

    Examples
    --------
    >>> import numpy as np
    >>> from skmmrec.metrics import neg_mean_squared_error
    >>> neg_mean_squared_error(np.array([1.0, 5.0]), np.array([3.0, 5.0]))
    -2.0
    """
    return _minus_mean(np.square(y_true - y_pred))


@checked
def neg_root_mean_squared_error(y_true, y_pred):
    """Minus the root of the mean of the squared errors; NaN without events.

    Parameters
    ----------
    y_true, y_pred : ndarray of shape (n_events,)

    Returns
    -------
    value : float, at most 0

    Examples
    --------
    >>> import numpy as np
    >>> from skmmrec.metrics import neg_root_mean_squared_error
    >>> neg_root_mean_squared_error(np.array([1.0, 5.0]), np.array([4.0, 2.0]))
    -3.0
    """
    return -float(np.sqrt(-neg_mean_squared_error(y_true, y_pred)))


@checked
def neg_mean_absolute_error(y_true, y_pred):
    """Minus the mean of the absolute errors; NaN without events.

    Parameters
    ----------
    y_true, y_pred : ndarray of shape (n_events,)

    Returns
    -------
    value : float, at most 0

    Examples
    --------
    >>> import numpy as np
    >>> from skmmrec.metrics import neg_mean_absolute_error
    >>> neg_mean_absolute_error(np.array([1.0, 5.0]), np.array([3.0, 5.0]))
    -1.0
    """
    return _minus_mean(np.abs(y_true - y_pred))


@checked
def pearson(y_true, y_pred):
    """Linear correlation of ratings and predictions, whatever their unit.

    Parameters
    ----------
    y_true, y_pred : ndarray of shape (n_events,)

    Returns
    -------
    value : float in [-1, 1]
        NaN where ratings or predictions do not vary, as with fewer than two events.

    Examples
    --------
    >>> import numpy as np
    >>> from skmmrec.metrics import pearson
    >>> round(pearson(np.array([1.0, 2.0, 4.0]), np.array([10.0, 20.0, 40.0])), 3)
    1.0
    """
    if len(y_true) < 2 or np.ptp(y_true) == 0 or np.ptp(y_pred) == 0:
        return float("nan")
    r, p = (values - values.mean() for values in (y_true, y_pred))
    # each of length 1 before the product: squares of small numbers vanish
    r, p = (values / np.abs(values).max() for values in (r, p))
    return float(np.clip(r @ p / np.sqrt((r @ r) * (p @ p)), -1, 1))
