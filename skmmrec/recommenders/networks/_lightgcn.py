"""The network of light graph convolutions."""

import torch
from torch.nn.functional import embedding

from skmmrec.recommenders.networks._graph import (
    SymmetricLGConv,
    bipartite,
    sparse_tensor,
)
from skmmrec.recommenders.networks._layers import (
    ItemEmbedding,
    ModalityFusion,
    UserEmbedding,
)
from skmmrec.recommenders.networks._network import Network


class LightGCN(Network):
    """Mean of E, A E, ..., A^n E; where E is of users, and of items with content.

    An item of which the content alone is known has no edges, hence its start vector.
    """

    def __init__(self, R, items, columns, n_components, n_layers):
        super().__init__()
        self.user_start = UserEmbedding(R.shape[0], n_components)
        self.item_start = ItemEmbedding(R.shape[1], n_components)
        self.content = ModalityFusion(columns, n_components)
        self.conv, self.n_layers = SymmetricLGConv(), n_layers
        self.register_buffer("A", sparse_tensor(bipartite(R)), persistent=False)
        for name, part in items._asdict().items():
            self.register_buffer(f"all_{name}", part, persistent=False)

    def propagated(self):
        """Vectors of the users, then the items, (n_users + n_items, d)."""
        item = self.item_start(self.all_codes)
        item = item + self.content(self.all_x, self.all_present)
        layer = torch.cat([self.user_start.weight, item])
        total = layer
        for _ in range(self.n_layers):
            layer = self.conv(layer, self.A)
            total = total + layer
        return total / (self.n_layers + 1)

    def items(self, items):
        return self.content(items.x, items.present)

    def forward(self, users, items):
        E = self.propagated()
        places = items.codes.clamp(min=0) + len(self.user_start.weight)
        known = (items.codes >= 0)[:, None]
        V = torch.where(known, embedding(places, E), self.items(items))
        return embedding(users, E), V

    def factors(self, n_users, items):
        with torch.no_grad():
            U, V = self(torch.arange(n_users, device=items.codes.device), items)
        return U.cpu().numpy(), V.cpu().numpy()

    def release(self):
        self.A = self.all_codes = self.all_x = self.all_present = None
