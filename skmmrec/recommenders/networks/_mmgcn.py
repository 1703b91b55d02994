"""Graph convolutions for each modality, and over the modalities as nodes."""

from functools import partial

import numpy as np
import scipy.sparse as sp
import torch
from torch import nn

from skmmrec.recommenders.networks._graph import symmetric_normalized
from skmmrec.recommenders.networks._graph_network import GraphNetwork
from skmmrec.recommenders.networks._layers import (
    ItemEmbedding,
    ModalityMaps,
    UserEmbedding,
)
from skmmrec.recommenders.networks._sampled_graph import SampledGraph


def with_loops(A):
    """D^-½ (A + I) D^-½ of a csr matrix, D the row sums."""
    return symmetric_normalized(A + sp.eye_array(A.shape[0], dtype=np.float32))


def users_and_items(R):
    """Normalised adjacency of users, then items, each its own neighbour too."""
    edges = R.astype(bool).astype(np.float32)
    return with_loops(sp.block_array([[None, edges], [edges.T, None]], format="csr"))


def with_entities(R, present):
    """The same with a node for each modality of each item, joined to the item.

    They follow the items: those of the first modality, then of the next.
    """
    edges = R.astype(bool).astype(np.float32)
    own = sp.hstack([sp.diags_array(has.astype(np.float32)) for has in present.T])
    rows = [[None, edges, None], [edges.T, None, own], [None, own.T, None]]
    return with_loops(sp.block_array(rows, format="csr"))


class Convolutions(nn.Module):
    """Mean of H, H' = tanh(A H (I + W) + b), H'' = ..., from H of shape (..., d).

    So that weight decay draws a layer to a plain convolution, not to nothing.
    """

    def __init__(self, d, n_layers):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(d, d) for _ in range(n_layers))
        for weight in self.parameters():
            nn.init.zeros_(weight)

    def forward(self, H, smooth):
        """`smooth` multiplies with A."""
        total = H
        for layer in self.layers:
            H = smooth(H)
            H = torch.tanh(H + layer(H))
            total = total + H
        return total / (len(self.layers) + 1)


class MMGCN(GraphNetwork):
    """A graph for each modality; the vectors that they give are averaged.

    An item of which the content alone is known is its only neighbour.
    """

    def __init__(self, R, items, columns, n_components, n_layers, edge_dropout):
        super().__init__(SampledGraph(R, edge_dropout, users_and_items), items)
        self.user_start = UserEmbedding(R.shape[0], n_components)
        self.item_start = ItemEmbedding(R.shape[1], n_components)
        self.maps = ModalityMaps(columns, n_components)
        self.convolutions = nn.ModuleList(
            Convolutions(n_components, n_layers) for _ in columns or [None]
        )

    def starts(self, items):
        """Vectors of the items in the graph of each modality."""
        own = self.item_start(items.codes)
        return [own + h for h in self.maps(items.x, items.present).unbind(1)] or [own]

    def propagated(self):
        users = self.user_start.weight
        graphs = [
            convolve(torch.cat([users, start]), self.graph)
            for convolve, start in zip(self.convolutions, self.starts(self.catalogue))
        ]
        return sum(graphs) / len(graphs)

    def items(self, items):
        items = items._replace(codes=torch.full_like(items.codes, -1))
        graphs = [
            convolve(start, lambda H: H)
            for convolve, start in zip(self.convolutions, self.starts(items))
        ]
        return sum(graphs) / len(graphs)


class EntityGCN(GraphNetwork):
    """One graph of users, items, and the modalities of the items as nodes.

    An item of which the content alone is known has its modalities as neighbours.
    """

    def __init__(self, R, items, columns, n_components, n_layers, edge_dropout):
        present = items.present.cpu().numpy() > 0
        adjacency = users_and_items
        if columns:
            adjacency = partial(with_entities, present=present)
        super().__init__(SampledGraph(R, edge_dropout, adjacency), items)
        self.user_start = UserEmbedding(R.shape[0], n_components)
        self.item_start = ItemEmbedding(R.shape[1], n_components)
        self.maps = ModalityMaps(columns, n_components)
        self.convolutions = Convolutions(n_components, n_layers)
        self.dense = nn.Linear(n_components, n_components)
        nn.init.zeros_(self.dense.weight)

    def output(self, H):
        return H + self.dense(H)

    def propagated(self):
        items = self.catalogue
        own = self.item_start(items.codes)
        entities = self.maps(items.x, items.present).unbind(1)
        H = torch.cat([self.user_start.weight, own, *entities])
        H = self.convolutions(H, self.graph)
        return self.output(H[: self.n_users + len(own)])

    def items(self, items):
        present = items.present.T[:, :, None]  # (n_modalities, n, 1)
        degree = 1 + present.sum(0)
        weight = present / torch.sqrt(2 * degree)

        def smooth(H):
            item = H[0] / degree + (weight * H[1:]).sum(0)
            return torch.cat([item[None], H[1:] / 2 + weight * H[0]])

        entities = self.maps(items.x, items.present).transpose(0, 1)
        own = entities.new_zeros(1, *entities.shape[1:])
        return self.output(self.convolutions(torch.cat([own, entities]), smooth)[0])
