"""Graph convolutions for each modality, or over the modalities as nodes."""

from numbers import Integral, Real

from skmmrec._sklearn import Interval
from skmmrec.recommenders._network import NetworkRecommender


class MMGCNRecommender(NetworkRecommender):
    """A graph of who had what for each modality, with convolutions of its own.

    In the graph of modality m, a user starts with a vector p_u, an item with q_i + W_m
    x_im; with Ã the adjacency of users and items and of each with itself, D̃ its row
    sums,

        H_m⁽ˡ⁺¹⁾ = tanh(D̃^-½ Ã D̃^-½ H_m⁽ˡ⁾ (I + W_m⁽ˡ⁾) + b_m⁽ˡ⁾),

    score = e_u·e_i, and e the mean of H_m⁽⁰⁾, ..., H_m⁽ᴸ⁾ over layers and modalities.
    The identity, and the sum over layers, are in addition to the paper: with few
    events, weights alone learn no more than what is popular.

    With ``entities=True`` there is one graph, whose nodes are the users, the items and
    each modality of each item (a picture, a text), joined to its item; these start with
    W_m x_im, items with q_i, and e is a linear map of the mean over layers.

    A new item is its only neighbour, or has its modalities for neighbours. For tastes
    that differ by modality; the weights in the convolutions take more events to learn
    than the plain sums of `LightGCNRecommender` and `FREEDOMRecommender`, which are
    mostly better. As all of them, it goes through the whole graph in each step.

    Parameters
    ----------
    n_components : int, default=64
        Width of the vectors.
    n_layers : int, default=2
        L, the number of convolutions.
    entities : bool, default=False
        One graph, with the modalities of items as nodes.
    edge_dropout : float, default=0.8
        Share of the events that an epoch leaves out of the graph, in addition to the
        paper, as in `FREEDOMRecommender`.
    loss, n_negatives, negative_power, id_dropout, alpha, learning_rate, \
weight_decay, batch_size, max_iter, validation_fraction, n_iter_no_change, refit, \
device, verbose, random_state
        The training, as in `NetworkRecommender`.

    Attributes
    ----------
    item_factors_ : ndarray of float32 of shape (n_items, n_components)
        e_i.
    user_factors_ : ndarray of float32 of shape (n_users, n_components)
        e_u.
    network_, validation_scores_, n_iter_, item_vocabulary_, user_vocabulary_, seen_
        As in `NetworkRecommender`.

    See Also
    --------
    LightGCNRecommender : One graph without weights in its convolutions.
    FREEDOMRecommender : A second graph, of items of like content.

    References
    ----------
    Wei et al. "MMGCN: Multi-modal Graph Convolution Network for Personalized
    Recommendation of Micro-video", ACM MM 2019, sections 3.1 to 3.3. Kipf, Welling.
    "Semi-Supervised Classification with Graph Convolutional Networks", ICLR 2017,
    equation 2.

    Examples
    --------
    >>> from skmmrec import Interactions, MMGCNRecommender
    >>> X = Interactions({"user": [1, 1, 2, 2, 3], "item": list("abab") + ["a"]})
    >>> model = MMGCNRecommender(2, max_iter=9, random_state=0)
    >>> model.fit(X).recommend([3], k=1).tolist()
    [['b']]
    """

    _parameter_constraints = {
        **NetworkRecommender._parameter_constraints,
        "n_layers": [Interval(Integral, 1, None, closed="left")],
        "entities": ["boolean"],
        "edge_dropout": [Interval(Real, 0, 1, closed="left")],
    }

    def __init__(
        self,
        n_components=64,
        *,
        n_layers=2,
        entities=False,
        edge_dropout=0.8,
        loss="softmax",
        n_negatives=1024,
        negative_power=0.75,
        id_dropout=0.1,
        alpha=0.0,
        learning_rate=0.01,
        weight_decay=1.0,
        batch_size=2048,
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
        self.entities = entities
        self.edge_dropout = edge_dropout

    def _network(self, R, items, columns):
        from skmmrec.recommenders.networks._mmgcn import MMGCN, EntityGCN

        make = EntityGCN if self.entities else MMGCN
        return make(
            R, items, columns, self.n_components, self.n_layers, self.edge_dropout
        )
