"""Deep factorisation machine over the modalities of items."""

from skmmrec.recommenders._network import NetworkRecommender


class DeepFMRecommender(NetworkRecommender):
    """Products of all pairs of fields, a linear part, and a perceptron over all fields.

    The fields of a pair are v_0 = e_u of the user, v_1 = e_i of the item, and of each
    modality a linear map of its features to the same width, v_m = W_m x_m + c_m, zeros
    where the item lacks it. The score is

        Σ_f<g v_f·v_g + b_i + β·x_i + MLP([v_0, v_1, ...]),

    the multimodal deep factorisation machine (MMDFM): DeepFM, with dense content for
    one-hot fields. Its linear part has no term of the user, which changes no ranking.

    Worth its time where modalities matter in combination. The perceptron over pairs
    costs a hundred times an inner product, in training and in ranking;
    `VBPRRecommender` is much the same without it.

    Parameters
    ----------
    n_components : int, default=64
        Width of the fields, and of the first layer of the perceptron; the second is
        half as wide.
    loss, n_negatives, negative_power, id_dropout, alpha, learning_rate, weight_decay, \
batch_size, max_iter, validation_fraction, n_iter_no_change, refit, device, verbose, \
random_state
        The training, as in `NetworkRecommender`.

    Attributes
    ----------
    item_factors_ : ndarray of float32 of shape (n_items, 2 * n_components + 1)
        Sum of the item's fields, what does not depend on the user, and its part of the
        first layer of the perceptron.
    user_factors_ : ndarray of float32 of shape (n_users, 2 * n_components + 1)
        e_u, 1, and the user's part of the first layer.
    network_, validation_scores_, n_iter_, item_vocabulary_, user_vocabulary_, seen_
        As in `NetworkRecommender`.

    See Also
    --------
    VBPRRecommender : Products of user and item only.
    NeuralRecommender : With "ncf", a perceptron of other inputs.

    References
    ----------
    Guo et al. "DeepFM: A Factorization-Machine based Neural Network for CTR
    Prediction", IJCAI 2017, equations 1 to 4. Rendle. "Factorization Machines", ICDM
    2010, lemma 3.1 (products of all pairs in linear time).

    Examples
    --------
    >>> from skmmrec import DeepFMRecommender, Interactions
    >>> X = Interactions({"user": [1, 1, 2, 2, 3], "item": list("abab") + ["a"]})
    >>> DeepFMRecommender(2, max_iter=9, random_state=0).fit(X).recommend([3], k=1)
    array([['b']], dtype=object)
    """

    _inner_product = False

    def __init__(
        self,
        n_components=64,
        *,
        loss="softmax",
        n_negatives=256,
        negative_power=0.75,
        id_dropout=0.1,
        alpha=0.1,
        learning_rate=0.01,
        weight_decay=0.01,
        batch_size=1024,
        max_iter=100,
        validation_fraction=0.1,
        n_iter_no_change=5,
        refit=True,
        device=None,
        verbose=False,
        random_state=None,
    ) -> None:
        super().__init__(
            n_components,
            loss=loss,
            n_negatives=n_negatives,
            negative_power=negative_power,
            id_dropout=id_dropout,
            alpha=alpha,
            learning_rate=learning_rate,
            weight_decay=weight_decay,
            batch_size=batch_size,
            max_iter=max_iter,
            validation_fraction=validation_fraction,
            n_iter_no_change=n_iter_no_change,
            refit=refit,
            device=device,
            verbose=verbose,
            random_state=random_state,
        )

    def _network(self, R, items, columns):
        from skmmrec.recommenders.networks._deepfm import DeepFM

        return DeepFM(*R.shape, columns, self.n_components)
