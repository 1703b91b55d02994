"""The graph of users and items, of which an epoch sees a part."""

import numpy as np
import torch
from torch import nn

from skmmrec._sparse import kept, positions
from skmmrec.recommenders.networks._graph import (
    SymmetricLGConv,
    bipartite,
    sparse_tensor,
)


class SampledGraph(nn.Module):
    """x to A x, over users, then items; in training A is that of some of the events.

    An epoch draws them anew, with chances 1 / √(events of the user · of the item).

    Parameters
    ----------
    R : csr_array of shape (n_users, n_items)
    dropout : float
        Share of the events that an epoch leaves out.
    adjacency : callable
        Makes A, csr and symmetric, of R or a part of it.

    References
    ----------
    Zhou, Shen. "A Tale of Two Graphs: Freezing and Denoising Graph Structures for
    Multimodal Recommendation", ACM MM 2023, equation 5.
    """

    def __init__(self, R, dropout=0.0, adjacency=bipartite):
        super().__init__()
        self.conv, self.R, self.adjacency = SymmetricLGConv(), R, adjacency
        users, items = positions(R)
        self.rarity = np.sqrt(np.bincount(users)[users] * np.bincount(items)[items])
        self.n_events = max(1, round((1 - dropout) * R.nnz))
        self.register_buffer("A", sparse_tensor(adjacency(R)), persistent=False)
        self.register_buffer("drawn", self.A, persistent=False)

    def train(self, mode=True):
        if mode and self.n_events < self.R.nnz:
            # the smallest of exponential times: a draw without replacement
            times = torch.empty(self.R.nnz).exponential_().numpy() * self.rarity
            events = np.zeros(self.R.nnz, dtype=bool)
            events[np.argsort(times)[: self.n_events]] = True
            A = sparse_tensor(self.adjacency(kept(self.R, events)))
            self.drawn = A.to(self.A.device)
        return super().train(mode)

    def forward(self, x):
        return self.conv(x, self.drawn if self.training else self.A)
