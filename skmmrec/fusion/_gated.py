"""Gated fusion: each item's modalities weighed by all that it has."""

import numpy as np

from skmmrec.fusion._network import NetworkFusion


class GatedFusion(NetworkFusion, auto_wrap_output_keys=None):
    """Gated multimodal unit, z = Σ_m g_m tanh(W_m x_m + b_m), learned from events.

    The gates g = softmax(G [x, present] + c), over the modalities that a row has, are
    seen by all of them: the picture may count for one kind of item and the text for
    another. W, b, G and c are learned such that items of the same user are near each
    other, from pairs of them and no ratings; W starts as the joint principal directions
    of the scaled blocks, the gates start equal, and the epoch is kept that places
    held-out items best, so that what was learned holds for items nobody has had.

    Worth its time where the table holds what tastes follow and what they don't. Where
    events are few, or the table is to serve another purpose, take `ConcatFusion`.

    Needs torch in `fit` (``pip install 'skmmrec[neural]'``), and none in `transform`.

    Parameters
    ----------
    n_components : int, default=64
        Width of the result; at most that of the blocks.
    learning_rate : float, default=3e-3
    weight_decay : float, default=0.01
        How strongly the weights are drawn to where they started.
    modality_dropout : float, default=0.2
        Probability that a modality of an item is dropped in training.
    batch_size : int, default=512
        Pairs in a step; each is told from all others of its batch.
    max_iter : int, default=100
        Epochs, at most; the training ends when held-out items no longer gain.
    device : str, default=None
        Such as "cpu" or "cuda"; None takes a GPU if there is one.
    random_state : int, RandomState instance or None, default=None
        Draws the held-out items, the pairs and what is dropped. The same on one kind of
        processor is the same model.

    Attributes
    ----------
    weights_ : dict of {str: ndarray of float32}
        `"map"` W, `"bias"` b, `"gate"` G, `"gate_present"` and `"gate_bias"` c.
    losses_ : list of float
        On held-out items, at the start and after each epoch.
    n_iter_ : int
        Epochs; 1 where there was nothing to learn from.
    projections_ : dict of {str: Projection}
        How each block is scaled, and brought to at most 128 columns.

    See Also
    --------
    AttentionFusion : Weighs a modality by what it says itself.
    ConcatFusion : Learns nothing, and keeps the blocks apart.

    Notes
    -----
    Arevalo's unit has a gate for each of the k directions; here one for each modality,
    so that the gates of an item can be read (`modality_weights`). Without events all
    gates are equal, with a warning.

    References
    ----------
    Arevalo, Solorio, Montes-y-Gómez, González. "Gated Multimodal Units for Information
    Fusion", ICLR workshop 2017, section 3.1. For the training see
    `skmmrec.fusion._contrastive.train`.

    Examples
    --------
    >>> import warnings
    >>> import numpy as np
    >>> from skmmrec.data import FeatureTable
    >>> from skmmrec.fusion import GatedFusion
    >>> table = FeatureTable.from_blocks({
    ...     "text": [[0.0], [1], [2]], "image": [[1.0], [3], [np.nan]]
    ... })
    >>> with warnings.catch_warnings(action="ignore"):  # no events, nothing learned
    ...     fusion = GatedFusion().fit(table)
    >>> fusion.modality_weights(table)
    array([[0.5, 0.5],
           [0.5, 0.5],
           [1. , 0. ]], dtype=float32)
    """

    def _start(self, d, k, rng):
        n = len(self._columns)
        shapes = {"gate": (d, n), "gate_present": (n, n), "gate_bias": n}
        return {name: np.zeros(shape, np.float32) for name, shape in shapes.items()}

    def _hidden(self, xp, weights, x, columns, m):
        return xp.tanh(self._linear(weights, x, columns, m))

    def _logits(self, xp, weights, x, present):
        seen = x @ weights["gate"] + present @ weights["gate_present"]
        return seen + weights["gate_bias"]
