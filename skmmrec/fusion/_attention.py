"""Attention over an item's modalities, by what each of them says."""

import numpy as np

from skmmrec.fusion._network import NetworkFusion

# Width of the keys.
N_KEYS = 16


class AttentionFusion(NetworkFusion, auto_wrap_output_keys=None):
    """Attention over modalities: z = Σ_m a_m (V_m x_m + b_m), learned from events.

    The weights a_m ∝ exp(q·tanh(K_m x_m + c_m)) sum to 1 over the modalities that a row
    has. A modality is weighed by what it says itself: a picture that tells nothing of
    its item counts little there. V, b, K, c and q are learned as those of
    `GatedFusion`, from pairs of items of one user: V starts as the joint principal
    directions of the scaled blocks, and q as zero, so that all weights are equal.

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
        Draws the keys, the held-out items, the pairs and what is dropped. The same on
        one kind of processor is the same model.

    Attributes
    ----------
    weights_ : dict of {str: ndarray of float32}
        `"map"` V, `"bias"` b, `"key"` K, `"key_bias"` c and `"query"` q.
    losses_ : list of float
        On held-out items, at the start and after each epoch.
    n_iter_ : int
        Epochs; 1 where there was nothing to learn from.
    projections_ : dict of {str: Projection}
        How each block is scaled, and brought to at most 128 columns.

    See Also
    --------
    GatedFusion : Weighs a modality by all that the item has.
    ConcatFusion : Learns nothing, and keeps the blocks apart.

    References
    ----------
    Bahdanau, Cho, Bengio. "Neural Machine Translation by Jointly Learning to Align and
    Translate", ICLR 2015, appendix A.1.2 (additive attention); over modalities, Hori et
    al. "Attention-Based Multimodal Fusion for Video Description", ICCV 2017, section 4.
    For the training see `skmmrec.fusion._contrastive.train`.

    Examples
    --------
    >>> import warnings
    >>> import numpy as np
    >>> from skmmrec.data import FeatureTable
    >>> from skmmrec.fusion import AttentionFusion
    >>> table = FeatureTable.from_blocks({
    ...     "text": [[0.0], [1], [2]], "image": [[1.0], [3], [np.nan]]
    ... })
    >>> with warnings.catch_warnings(action="ignore"):  # no events, nothing learned
    ...     fusion = AttentionFusion(random_state=0).fit(table)
    >>> fusion.modality_weights(table)
    array([[0.5, 0.5],
           [0.5, 0.5],
           [1. , 0. ]], dtype=float32)
    """

    def _start(self, d, k, rng):
        n = len(self._columns)
        return {
            "key": rng.standard_normal((d, N_KEYS)).astype(np.float32),
            "key_bias": np.zeros((n, N_KEYS), dtype=np.float32),
            "query": np.zeros(N_KEYS, dtype=np.float32),
        }

    def _hidden(self, xp, weights, x, columns, m):
        return self._linear(weights, x, columns, m)

    def _logits(self, xp, weights, x, present):
        keys = (
            xp.tanh(x[:, columns] @ weights["key"][columns] + weights["key_bias"][m])
            for m, columns in enumerate(self._columns)
        )
        return xp.stack([key @ weights["query"] for key in keys], 1)
