"""Light graph convolutions over users and items."""

from numbers import Integral

from skmmrec._sklearn import Interval
from skmmrec.recommenders._network import NetworkRecommender


class LightGCNRecommender(NetworkRecommender):
    """Vectors of users and items, smoothed over the graph of who had what.

    With A the adjacency of users and items, normalised on both sides, and E⁽⁰⁾ the
    vectors that are learned,

        E⁽ˡ⁺¹⁾ = A E⁽ˡ⁾,    E = Σ_{l≤L} E⁽ˡ⁾ / (L + 1),    score = e_u·e_i.

    That of an item starts as its own and a linear map of its content, in addition to
    the paper; without events it has no edges, and stays the map of its content.

    Better than factorisations without a graph where users have few events. A step goes
    through the whole graph: for millions of events take a large `batch_size`, or
    `ALSRecommender`. ``loss="bpr"`` with ``negative_power=0`` is that of the paper.

    Parameters
    ----------
    n_components : int, default=64
        Width of the vectors.
    n_layers : int, default=2
        L, the number of convolutions.
    loss, n_negatives, negative_power, id_dropout, alpha, learning_rate, weight_decay, \
batch_size, max_iter, validation_fraction, n_iter_no_change, refit, device, verbose, \
random_state
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
    VBPRRecommender : No graph, and a user's taste in content.

    References
    ----------
    He et al. "LightGCN: Simplifying and Powering Graph Convolution Network for
    Recommendation", SIGIR 2020, equations 3, 4 and 8.

    Examples
    --------
    >>> from skmmrec import Interactions, LightGCNRecommender
    >>> X = Interactions({"user": [1, 1, 2, 2, 3], "item": list("abab") + ["a"]})
    >>> model = LightGCNRecommender(2, max_iter=9, random_state=0)
    >>> model.fit(X).recommend([3], k=1)
    array([['b']], dtype=object)
    """

    _parameter_constraints = {
        **NetworkRecommender._parameter_constraints,
        "n_layers": [Interval(Integral, 1, None, closed="left")],
    }

    def __init__(
        self,
        n_components=64,
        *,
        n_layers=2,
        loss="softmax",
        n_negatives=1024,
        negative_power=0.75,
        id_dropout=0.1,
        alpha=0.1,
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

    def _network(self, R, items, columns):
        from skmmrec.recommenders.networks._lightgcn import LightGCN

        return LightGCN(R, items, columns, self.n_components, self.n_layers)
