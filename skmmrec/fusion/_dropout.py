"""Dropping modalities at random, to train what must do without them."""

from numbers import Real

import numpy as np
from sklearn.base import OneToOneFeatureMixin
from sklearn.utils import check_random_state

from skmmrec._sklearn import Interval
from skmmrec.data import FeatureTable, Interactions
from skmmrec.fusion._base import BaseFusionMethod


def drop_modalities(present, p, rng):
    """Which modalities are left when each is dropped with probability p.

    Parameters
    ----------
    present : ndarray of bool of shape (n, n_modalities)
    p : float in [0, 1]
    rng : RandomState or Generator

    Returns
    -------
    kept : ndarray of bool of shape (n, n_modalities)
        Of a row with any modality at least one is kept, each as likely as the others.
    """
    draws = np.where(present, rng.random(present.shape), -1)
    kept = draws >= p
    emptied = np.flatnonzero(present.any(axis=1) & ~kept.any(axis=1))
    kept[emptied, draws[emptied].argmax(axis=1)] = True
    return kept & present


class ModalityDropout(
    OneToOneFeatureMixin, BaseFusionMethod, auto_wrap_output_keys=None
):
    """Drop modalities at random in training, so that no method leans on one of them.

    `fit_transform` removes each block of each row with probability `p`, as if the row
    lacked it, but never the last one that it has; `transform` changes nothing. It is a
    step of a fusion method, before the one that learns:
    ``method=make_pipeline(ModalityDropout(), CCAFusion())``. Where every item has every
    modality, now and later, there is nothing to be gained.

    Parameters
    ----------
    p : float, default=0.3
        Probability, 0 to 1; with 1 each row keeps one modality.
    random_state : int, RandomState instance or None, default=None

    Attributes
    ----------
    blocks_ : dict of {str: slice}
        Columns of each modality.

    See Also
    --------
    ConcatFusion, AutoFusion : Fusion that needs no such training.

    References
    ----------
    Neverova, Wolf, Taylor, Nebout. "ModDrop: Adaptive Multi-Modal Gesture Recognition",
    TPAMI 2016, section 4.2.

    Examples
    --------
    >>> import numpy as np
    >>> from skmmrec.data import FeatureTable, Interactions
    >>> from skmmrec.fusion import ModalityDropout
    >>> blocks = {"text": np.ones((4, 2)), "image": np.ones((4, 1))}
    >>> table = FeatureTable.from_blocks(blocks)
    >>> dropout = ModalityDropout(p=1, random_state=0)
    >>> dropout.fit_transform(table).present.sum(axis=1)
    array([1, 1, 1, 1])
    >>> dropout.transform(table).present.all()
    np.True_
    """

    _parameter_constraints = {
        "p": [Interval(Real, 0, 1, closed="both")],
        "random_state": ["random_state"],
    }

    def __init__(self, p=0.3, random_state=None) -> None:
        self.p = p
        self.random_state = random_state

    def _fit(self, table, events):
        pass  # there is nothing to learn

    def _transform(self, table):
        return table

    def fit_transform(self, X, y=None):
        """Drop modalities.

        Parameters
        ----------
        X : FeatureTable, or array-like of shape (n, d)
        y : ignored

        Returns
        -------
        dropped : FeatureTable, or ndarray of float32 for a matrix
            A matrix is one modality, the last, and stays.

        Raises
        ------
        ValueError
            For an Interactions: the recommender after it would serve from what is left.
        """
        if isinstance(X, Interactions):
            raise ValueError(
                "ModalityDropout must be a step of a fusion method; got an "
                "Interactions: the items would lack these modalities for good; write "
                "MultimodalFusion(..., method=make_pipeline(ModalityDropout(), ...))."
            )
        table = self.fit(X, y)._table(X, reset=False)
        rng = check_random_state(self.random_state)
        present = drop_modalities(table.present, self.p, rng)
        values = table.values.copy()
        for columns, has in zip(table.blocks.values(), present.T):
            values[~has, columns] = 0
        return self._result(FeatureTable(values, table.blocks, present), X)
