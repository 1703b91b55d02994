"""Self-attention over histories: what comes next, by what came last."""

from numbers import Integral, Real

import numpy as np

from skmmrec._sklearn import Interval
from skmmrec._sparse import kept, positions
from skmmrec.recommenders._histories import Histories
from skmmrec.recommenders._network import NetworkRecommender
from skmmrec.recommenders._sampling import MAX_JUDGED


class SASRecRecommender(NetworkRecommender):
    """A transformer reads a history, and tells the next item.

    With M_i = E_i + f(x_i) the vector of an item, its own and a linear map of its
    content, and P that of a position,

        h_t = Transformer(√d M_i1 + P_1, ..., √d M_it + P_t),    score = h_t·M_i,

    where event t sees those up to itself. Trained to tell event t + 1 of all t, by the
    softmax over the other items instead of the paper's one negative, which is far
    better; content in M is in addition to the paper. A user's vector is h at the end of
    the history, so that new users, and new events, are read like all others, and an
    item that is known by its content alone does in a history as elsewhere.

    For histories whose order counts, and that are read again as they grow; needs `time`
    of the events, else takes their rows to be in order. Where order tells nothing, the
    factorisations and graphs are better and faster.

    Parameters
    ----------
    n_components : int, default=64
        d, a multiple of `n_heads`.
    n_layers : int, default=2
        Blocks of attention.
    n_heads : int, default=1
        Heads of the attention.
    max_length : int, default=50
        Events that are read, the last ones. In training a longer history is cut into
        pieces.
    dropout : float, default=0.5
        Share of the numbers that are dropped in training, in all layers. The fewer
        events there are, the more.
    loss, n_negatives, negative_power, id_dropout, alpha, learning_rate, \
weight_decay, batch_size, max_iter, validation_fraction, n_iter_no_change, refit, \
device, verbose, random_state
        The training, as in `NetworkRecommender`; but what an epoch is judged by are
        last events.

    Attributes
    ----------
    item_factors_ : ndarray of float32 of shape (n_items, n_components)
        M_i.
    user_factors_ : ndarray of float32 of shape (n_users, n_components)
        h at the end of each history.
    times_ : csr_array of shape (n_users, n_items)
        Times of the last events.
    network_, validation_scores_, n_iter_, item_vocabulary_, user_vocabulary_, seen_
        As in `NetworkRecommender`.

    See Also
    --------
    NeuralRecommender : A vector for each user, whatever the order of events.

    References
    ----------
    Kang, McAuley. "Self-Attentive Sequential Recommendation", ICDM 2018, equations 2 to
    6. Klenitskiy, Vasilev. "Turning Dross Into Gold Loss: is BERT4Rec really better
    than SASRec?", RecSys 2023 (softmax).

    Examples
    --------
    >>> from skmmrec import Interactions, SASRecRecommender
    >>> X = Interactions({"user": [1, 1, 1, 2, 2, 3, 3], "item": list("abcbcab")})
    >>> model = SASRecRecommender(4, max_iter=20, learning_rate=0.05, random_state=0)
    >>> model.fit(X).recommend([3], k=1).tolist()
    [['c']]
    """

    _ordered = True
    _parameter_constraints = {
        **NetworkRecommender._parameter_constraints,
        "n_layers": [Interval(Integral, 1, None, closed="left")],
        "n_heads": [Interval(Integral, 1, None, closed="left")],
        "max_length": [Interval(Integral, 1, None, closed="left")],
        "dropout": [Interval(Real, 0, 1, closed="left")],
    }

    def __init__(
        self,
        n_components=64,
        *,
        n_layers=2,
        n_heads=1,
        max_length=50,
        dropout=0.5,
        loss="softmax",
        n_negatives=1024,
        negative_power=0.75,
        id_dropout=0.1,
        alpha=0.0,
        learning_rate=0.001,
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
        self.n_layers = n_layers
        self.n_heads = n_heads
        self.max_length = max_length
        self.dropout = dropout

    def _histories(self, R):
        """Histories of events of `fit`."""
        times = R.copy()
        times.data = np.asarray(self.likes_times_[positions(R)]).ravel()
        return Histories(R, times, self.max_length)

    def _network(self, R, items, columns):
        from skmmrec.recommenders.networks._sasrec import SASRec

        if self.n_components % self.n_heads:
            raise ValueError(
                f"n_components must be a multiple of n_heads; got {self.n_components} "
                f"and {self.n_heads}; change either."
            )
        return SASRec(
            self._histories(R),
            items,
            columns,
            self.n_components,
            self.n_layers,
            self.n_heads,
            self.max_length,
            self.dropout,
        )

    def _examples(self, R):
        histories = self._histories(R)
        prefixes = histories.continued
        after = prefixes + 1
        return prefixes, histories.items[after], R.data[histories.places[after]]

    def _hold_out(self, R, rng):
        """The last events of some users, of items that others have had too."""
        histories = self._histories(R)
        last = np.intersect1d(histories.last, histories.continued + 1)
        last = last[R.count_nonzero(axis=0)[histories.items[last]] > 1]
        n = min(MAX_JUDGED, int(np.ceil(self.validation_fraction * R.nnz)))
        held = np.zeros(R.nnz, dtype=bool)
        held[histories.places[rng.permutation(last)[:n]]] = True
        return kept(R, ~held), kept(R, held)

    def _fold_in_ordered(self, H, times):
        histories = Histories(H, times, self.max_length)
        return self.network_.read(self.item_factors_, histories, H.shape[0])
