"""Text, pictures and sounds, from the raw sequences to the score, in one network."""

from numbers import Integral

from skmmrec._sklearn import Interval
from skmmrec.recommenders._raw import Frames, Pixels, RawRecommender, Tokens, are_tokens

# Width of the dense layer over all branches.
N_HIDDEN = 128


class EndToEndRecommender(RawRecommender):
    """An embedding of words, a convolution over pixels, an LSTM over frames of sound.

    Of a text the mean of its words' vectors; of a picture two convolutions with
    pooling; of a sound the mean state of a long short-term memory over its spectrogram;
    and the item's own vector e_i. All are trained on the events alone:

        F_i = [T, I, A, e_i],    z_i = ReLU(W F_i + c) of width 128,
        ŷ_ui = σ(p_u·z_i + b_i + β·F_i),

    the three-branch network of tutorials, with a sigmoid unit for each user. What
    `predict` returns is the argument of σ, which is in the same order. A modality that
    an item lacks is zeros in F.

    It learns to see and hear from the events alone, hence needs many items that have
    some; where these are few, put an `ImageEncoder` and others that are pretrained
    before another recommender. The content of the whole catalogue is held in memory, 12
    kB for a picture and 33 kB for a sound of the default sizes.

    Parameters
    ----------
    n_components : int, default=64
        Width of each branch.
    text, image, audio : str, default="text", "image", "audio"
        Blocks of a `TokenSequenceEncoder`, a `PixelEncoder` and a `MelFrameEncoder`,
        kept as they are by ``ConcatFusion(scaling=None)``. None of them must be there;
        blocks of other names are taken for numbers, reduced and mapped linearly.
    n_mels : int, default=64
        That of the `MelFrameEncoder`.
    loss, n_negatives, negative_power, id_dropout, alpha, learning_rate, weight_decay, \
batch_size, max_iter, validation_fraction, n_iter_no_change, refit, device, verbose, \
random_state
        The training, as in `NetworkRecommender`.

    Attributes
    ----------
    raw_ : dict of {str: Tokens, Pixels or Frames}
        The blocks that are read as they are.
    item_factors_ : ndarray of float32 of shape (n_items, 129)
        z_i, and b_i + β·F_i.
    user_factors_ : ndarray of float32 of shape (n_users, 129)
        p_u, and 1.
    network_, validation_scores_, n_iter_, item_vocabulary_, user_vocabulary_, seen_
        As in `NetworkRecommender`.

    Raises
    ------
    ValueError
        In fit, if a block is not what its encoder makes.

    See Also
    --------
    MulCooNNRecommender : Pictures by a pretrained network, words in their order.

    References
    ----------
    Hochreiter, Schmidhuber. "Long Short-Term Memory", Neural Computation 9(8), 1997.
    Van den Oord, Dieleman, Schrauwen. "Deep Content-based Music Recommendation", NIPS
    2013, section 4 (spectrograms to factors). Covington, Adams, Sargin. "Deep Neural
    Networks for YouTube Recommendations", RecSys 2016, section 3.2 (mean of words).

    Examples
    --------
    >>> import numpy as np
    >>> from skmmrec import (
    ...     ConcatFusion, EndToEndRecommender, Interactions, MultimodalFusion
    ... )
    >>> from skmmrec.encoders import PixelEncoder
    >>> pictures = np.zeros((6, 8, 8, 3), dtype=np.uint8)
    >>> pictures[:3] = 255  # three are white
    >>> X = Interactions(
    ...     {"user": [1, 1, 2, 2], "item": [0, 1, 3, 4]},
    ...     items={"item": np.arange(6), "picture": list(pictures)},
    ... )
    >>> branch = ("image", PixelEncoder(side=4), "picture")
    >>> fusion = MultimodalFusion([branch], method=ConcatFusion(scaling=None))
    >>> X = fusion.fit_transform(X)
    >>> model = EndToEndRecommender(4, max_iter=30, random_state=0).fit(X)
    >>> model.recommend([1, 2], k=1, candidates=[2, 5])
    array([[2],
           [5]])
    """

    _parameter_constraints = {
        **RawRecommender._parameter_constraints,
        "text": [str],
        "image": [str],
        "audio": [str],
        "n_mels": [Interval(Integral, 1, None, closed="left")],
    }

    def __init__(
        self,
        n_components=64,
        *,
        text="text",
        image="image",
        audio="audio",
        n_mels=64,
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
        self.image = image
        self.audio = audio
        self.n_mels = n_mels

    def _raw(self, name, values):
        n, encoder, width = values.shape[1], None, "columns"
        if name == self.text:
            if are_tokens(values):
                return Tokens(values)
            encoder, width = "TokenSequenceEncoder", "numbers of words"
        elif name == self.image:
            raw = Pixels(values)
            if n == 3 * raw.side**2:
                return raw
            encoder, width = "PixelEncoder", "3 * side * side columns"
        elif name == self.audio:
            if n % self.n_mels == 0:
                return Frames(values, self.n_mels)
            encoder, width = "MelFrameEncoder", f"a multiple of {self.n_mels} columns"
        if encoder:
            raise ValueError(
                f"The block {name!r} must hold {width}, as {encoder} makes them; got "
                f"{n} columns of something else; encode it so, with "
                f"method=ConcatFusion(scaling=None), or give the block another name."
            )
        return None

    def _branch(self, raw, width):
        from skmmrec.recommenders.networks._branches import (
            FrameLSTM,
            PictureCNN,
            WordMean,
        )

        if isinstance(raw, Tokens):
            return WordMean(raw.n_words, width)
        if isinstance(raw, Pixels):
            return PictureCNN(raw.side, width)
        return FrameLSTM(raw.n_mels, width)

    def _network(self, R, items, columns):
        return self._dense_relu(R.shape, columns, N_HIDDEN)
