"""Graph convolutions over events, most of them left out, and over like items."""

from numbers import Integral, Real

import numpy as np

from skmmrec._sklearn import Interval
from skmmrec.recommenders._graph import ContentGraph
from skmmrec.recommenders._item_item import rows_summing_to_one
from skmmrec.recommenders._network import NetworkRecommender


class FREEDOMRecommender(NetworkRecommender):
    """Graph convolutions over who had what, and over which items look alike.

    With A the adjacency of users and items and S that of items, both normalised on both
    sides, E⁽⁰⁾ the vectors of users and items that are learned, and E_I those of items,

        E = Σ_{l≤L} Aˡ E⁽⁰⁾ / (L + 1),    score = e_u·(e_i + (Sᵐ E_I)_i).

    S joins each item to the nearest ones by each modality, all neighbours alike, and is
    the mean over the modalities; it is computed once, and frozen. An epoch sees a part
    of the events alone, drawn with chances 1 / √(d_u d_i): events of busy users with
    popular items are left out first, the others stand in for them. What the paper
    learns from content by a loss of its own, E⁽⁰⁾ has as a summand here: a linear map
    of the content, which alone must do for the share `id_dropout` of the items.

    A new item has its content and its neighbours. Where users have few events and
    content is good, it is the best of the networks of graphs here; as all of them, it
    goes through the whole graph in each step.

    Parameters
    ----------
    n_components : int, default=64
        Width of the vectors.
    n_layers : int, default=2
        L, the number of convolutions over users and items.
    n_item_layers : int, default=1
        m, that of those over the items.
    n_neighbors : int, default=10
        Items that a modality joins each item to.
    edge_dropout : float, default=0.8
        Share of the events that an epoch leaves out.
    loss, n_negatives, negative_power, id_dropout, alpha, learning_rate, \
weight_decay, batch_size, max_iter, validation_fraction, n_iter_no_change, refit, \
device, verbose, random_state
        The training, as in `NetworkRecommender`.

    Attributes
    ----------
    item_factors_ : ndarray of float32 of shape (n_items, n_components)
        e_i + (Sᵐ E_I)_i.
    user_factors_ : ndarray of float32 of shape (n_users, n_components)
        e_u.
    item_graph_ : csr_array of float32 of shape (n_items, n_items)
        S.
    network_, validation_scores_, n_iter_, item_vocabulary_, user_vocabulary_, seen_
        As in `NetworkRecommender`.

    See Also
    --------
    ItemGraphRecommender : Both graphs in closed form.
    LightGCNRecommender : All events, and content without a graph.

    References
    ----------
    Zhou, Shen. "A Tale of Two Graphs: Freezing and Denoising Graph Structures for
    Multimodal Recommendation", ACM MM 2023, equations 1 to 9.

    Examples
    --------
    >>> from skmmrec import FREEDOMRecommender, Interactions
    >>> X = Interactions({"user": [1, 1, 2, 2, 3], "item": list("abab") + ["a"]})
    >>> model = FREEDOMRecommender(2, max_iter=9, random_state=0)
    >>> model.fit(X).recommend([3], k=1).tolist()
    [['b']]
    """

    _parameter_constraints = {
        **NetworkRecommender._parameter_constraints,
        "n_layers": [Interval(Integral, 1, None, closed="left")],
        "n_item_layers": [Interval(Integral, 1, None, closed="left")],
        "n_neighbors": [Interval(Integral, 1, None, closed="left")],
        "edge_dropout": [Interval(Real, 0, 1, closed="left")],
    }

    def __init__(
        self,
        n_components=64,
        *,
        n_layers=2,
        n_item_layers=1,
        n_neighbors=10,
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
        self.n_item_layers = n_item_layers
        self.n_neighbors = n_neighbors
        self.edge_dropout = edge_dropout

    def _learn_inputs(self, items):
        described = items.present.any(axis=1)
        self.graphs_ = [
            ContentGraph(items, name, described, self.n_neighbors)
            for name in items.blocks
        ]
        return super()._learn_inputs(items)

    def _network(self, R, items, columns):
        from skmmrec.recommenders.networks._freedom import FREEDOM, frozen

        self.item_graph_ = frozen([graph.edges for graph in self.graphs_], R.shape[1])
        return FREEDOM(
            R,
            self.item_graph_,
            items,
            columns,
            self.n_components,
            self.n_layers,
            self.n_item_layers,
            self.edge_dropout,
        )

    def _settle(self, masks):
        super()._settle(masks)
        mask = masks["items"][: self.item_graph_.shape[0]]
        self.item_graph_ = self.item_graph_[mask][:, mask]
        self.graphs_ = [graph.kept(mask) for graph in self.graphs_]

    def _item_vectors(self, items):
        vectors = super()._item_vectors(items)
        for graph in self.graphs_:
            near = rows_summing_to_one(graph(items).astype(bool).astype(np.float32))
            vectors += near @ self.network_.E_items / np.float32(len(self.graphs_))
        return vectors
