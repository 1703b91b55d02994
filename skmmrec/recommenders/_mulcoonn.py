"""Pictures, words by a convolution, and attributes, through one dense layer."""

from skmmrec.recommenders._raw import RawRecommender, Tokens, are_tokens


class MulCooNNRecommender(RawRecommender):
    """Pictures, words and attributes side by side, through one dense layer.

    Of a picture I = W x, a dense map of what a pretrained network made of it; of a text
    T = TextCNN(words); of a table P = W x, with one-hot columns an embedding of the
    attributes; and the item's own vector e_i. Then

        F_i = [I, T, P, e_i],    z_i = ReLU(W F_i + c),
        score = p_u·z_i + b_i + β·F_i.

    It resembles DeepCoNN, two networks joined by their last layers, with a vector p_u
    for the network of the user. What an item lacks is zeros in F.

    For texts whose order of words tells something. Of dense features alone, it is
    `NeuralRecommender` with a layer more.

    Parameters
    ----------
    n_components : int, default=64
        Width of all vectors.
    text : str, default="text"
        Block that holds words, numbered by a `TokenSequenceEncoder` and kept as they
        are by ``ConcatFusion(scaling=None)``. One that holds anything else is mapped
        like the others; `raw_` tells.
    loss, n_negatives, negative_power, id_dropout, alpha, learning_rate, weight_decay, \
batch_size, max_iter, validation_fraction, n_iter_no_change, refit, device, verbose, \
random_state
        The training, as in `NetworkRecommender`.

    Attributes
    ----------
    raw_ : dict of {str: Tokens}
        The block that is read as words; empty where there is none.
    item_factors_ : ndarray of float32 of shape (n_items, n_components + 1)
        z_i, and b_i + β·F_i.
    user_factors_ : ndarray of float32 of shape (n_users, n_components + 1)
        p_u, and 1.
    network_, validation_scores_, n_iter_, item_vocabulary_, user_vocabulary_, seen_
        As in `NetworkRecommender`.

    See Also
    --------
    EndToEndRecommender : Learns to see and to hear, too.

    References
    ----------
    Zheng, Noroozi, Yu. "Joint Deep Modeling of Users and Items Using Reviews for
    Recommendation", WSDM 2017, section 3 (DeepCoNN). Kim. "Convolutional Neural
    Networks for Sentence Classification", EMNLP 2014, section 2 (TextCNN).

    Examples
    --------
    >>> from skmmrec import (
    ...     ConcatFusion, Interactions, MulCooNNRecommender, MultimodalFusion
    ... )
    >>> from skmmrec.encoders import TokenSequenceEncoder
    >>> titles = ["red tea", "green tea", "red jam", "green jam"]
    >>> X = Interactions(
    ...     {"user": [1, 1, 2, 2], "item": list("abcd")},
    ...     items={"item": list("abcd"), "title": titles},
    ... )
    >>> branch = ("text", TokenSequenceEncoder(max_length=4), "title")
    >>> fusion = MultimodalFusion([branch], method=ConcatFusion(scaling=None))
    >>> model = MulCooNNRecommender(2, max_iter=9, random_state=0)
    >>> model.fit(fusion.fit_transform(X)).raw_["text"].n_words  # 0 and 1 are special
    6
    """

    _parameter_constraints = {
        **RawRecommender._parameter_constraints,
        "text": [str],
    }

    def __init__(
        self,
        n_components=64,
        *,
        text="text",
        loss="softmax",
        n_negatives=256,
        negative_power=0.75,
        id_dropout=0.1,
        alpha=0.03,
        learning_rate=0.003,
        weight_decay=0.01,
        batch_size=512,
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
        self.text = text

    def _raw(self, name, values):
        return Tokens(values) if name == self.text and are_tokens(values) else None

    def _branch(self, raw, width):
        from skmmrec.recommenders.networks._branches import TextCNN

        return TextCNN(raw.n_words, width)

    def _network(self, R, items, columns):
        return self._dense_relu(R.shape, columns, self.n_components)
