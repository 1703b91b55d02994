"""What networks share of which one propagation over a graph gives all vectors."""

import torch
from torch.nn.functional import embedding

from skmmrec.recommenders.networks._network import Items, Network


class GraphNetwork(Network):
    """Base class; writes `propagated`, and `items` for those without an edge.

    Parameters
    ----------
    graph : SampledGraph
    items : Items
        All of the catalogue.
    """

    def __init__(self, graph, items):
        super().__init__()
        self.graph, self.n_users = graph, graph.R.shape[0]
        for name, part in items._asdict().items():
            self.register_buffer(f"all_{name}", part, persistent=False)

    @property
    def catalogue(self):
        """All items."""
        return Items(self.all_codes, self.all_x, self.all_present)

    def propagated(self):
        """Vectors of the users, then the items, (n_users + n_items, d)."""
        raise NotImplementedError

    def forward(self, users, items):
        E = self.propagated()
        V = embedding(items.codes.clamp(min=0) + self.n_users, E)
        known = (items.codes >= 0)[:, None]
        return embedding(users, E), torch.where(known, V, self.items(items))

    def factors(self, n_users, items):
        with torch.no_grad():
            U, V = self(torch.arange(n_users, device=items.codes.device), items)
        return U.cpu().numpy(), V.cpu().numpy()

    def release(self):
        self.graph = self.all_codes = self.all_x = self.all_present = None
