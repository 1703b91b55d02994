"""Light graph convolutions over events, some of them at a time, and over content."""

import numpy as np
import scipy.sparse as sp
import torch
from torch.nn.functional import pad

from skmmrec.recommenders.networks._graph import (
    SymmetricLGConv,
    sparse_tensor,
    symmetric_normalized,
)
from skmmrec.recommenders.networks._graph_network import GraphNetwork
from skmmrec.recommenders.networks._layers import (
    ItemEmbedding,
    ModalityFusion,
    UserEmbedding,
)
from skmmrec.recommenders.networks._sampled_graph import SampledGraph


def frozen(graphs, n_items):
    """Mean of the graphs of modalities, each without weights and normalised, csr."""
    total = sp.csr_array((n_items, n_items), dtype=np.float32)
    for edges in graphs:
        joined = sp.csr_array((edges + edges.T).astype(bool).astype(np.float32))
        total += symmetric_normalized(joined) / np.float32(len(graphs))
    return total


class FREEDOM(GraphNetwork):
    """Mean of E, A E, ..., A^n E; those of items have S^m E_items added.

    Parameters
    ----------
    R : csr_array of shape (n_users, n_items)
    S : csr_array of shape (n_items, n_items)
        The frozen graph of items, symmetric and normalised.
    """

    def __init__(
        self,
        R,
        S,
        items,
        columns,
        n_components,
        n_layers,
        n_item_layers,
        edge_dropout,
    ):
        super().__init__(SampledGraph(R, edge_dropout), items)
        self.user_start = UserEmbedding(R.shape[0], n_components)
        self.item_start = ItemEmbedding(R.shape[1], n_components)
        self.content = ModalityFusion(columns, n_components)
        self.conv = SymmetricLGConv()
        self.n_layers, self.n_item_layers = n_layers, n_item_layers
        S = sparse_tensor(S) if S.nnz else None  # without content there is none
        self.register_buffer("S", S, persistent=False)

    def start(self):
        """E of the items."""
        content = self.content(self.all_x, self.all_present)
        return self.item_start(self.all_codes) + content

    def propagated(self):
        item = self.start()
        layer = total = torch.cat([self.user_start.weight, item])
        for _ in range(self.n_layers):
            layer = self.graph(layer)
            total = total + layer
        E = total / (self.n_layers + 1)
        if self.S is None:
            return E
        for _ in range(self.n_item_layers):
            item = self.conv(item, self.S)
        return E + pad(item, (0, 0, self.n_users, 0))

    def items(self, items):
        return self.content(items.x, items.present)

    def keep(self, users, items):
        super().keep(users, items)
        self.E_items = self.E_items[items[: len(self.E_items)]]

    def release(self):
        self.E_items = self.start().detach().numpy()  # of neighbours of new items
        self.S = None
        super().release()
