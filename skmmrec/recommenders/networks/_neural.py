"""Two towers, and the multilayer perceptron over pairs."""

import torch
from torch import nn

from skmmrec.recommenders.networks._layers import (
    ItemEmbedding,
    ModalityFusion,
    UserEmbedding,
)
from skmmrec.recommenders.networks._network import Network, outer


class TwoTower(Network):
    """Vectors of users (p_u, 1) and of items (q_i + f(x_i), b_i + β·x_i)."""

    def __init__(self, n_users, n_items, columns, n_components, fusion):
        super().__init__()
        self.user = UserEmbedding(n_users, n_components)
        self.item = ItemEmbedding(n_items, n_components)
        self.bias = ItemEmbedding(n_items, 1, scale=0)
        self.content = ModalityFusion(columns, n_components, fusion)
        self.content_bias = nn.Linear(n_components, 1, bias=False)
        nn.init.zeros_(self.content_bias.weight)

    def users(self, codes):
        ones = torch.ones(len(codes), 1, device=codes.device)
        return torch.cat([self.user(codes), ones], 1)

    def items(self, items):
        content = self.content(items.x, items.present)
        bias = self.bias(items.codes) + self.content_bias(content)
        return torch.cat([self.item(items.codes) + content, bias], 1)


class NeuralCF(Network):
    """w·(p_u ⊙ q_i) + MLP of (p'_u, q'_i), with content in both vectors of the item.

    The first layer is linear in user and item, hence part of their vectors.
    """

    def __init__(self, n_users, n_items, columns, n_components, fusion):
        super().__init__()
        d = self.d = n_components
        self.user = UserEmbedding(n_users, 2 * d)
        self.item = ItemEmbedding(n_items, 2 * d)
        self.content = ModalityFusion(columns, 2 * d, fusion)
        self.user_layer, self.item_layer = nn.Linear(d, d), nn.Linear(d, d, bias=False)
        hidden = max(1, d // 2)
        last = nn.Linear(hidden, 1, bias=False)
        self.mlp = nn.Sequential(nn.ReLU(), nn.Linear(d, hidden), nn.ReLU(), last)

    def _vectors(self, vectors, layer):
        d = self.d
        return torch.cat([vectors[:, :d], layer(vectors[:, d:])], 1)

    def users(self, codes):
        return self._vectors(self.user(codes), self.user_layer)

    def items(self, items):
        vectors = self.item(items.codes) + self.content(items.x, items.present)
        return self._vectors(vectors, self.item_layer)

    def similarity(self, U, V, product=outer):
        d = self.d
        a, b = U[:, d:], V[:, d:]
        hidden = a[:, None] + b if product is outer else a + b
        return product(U[:, :d], V[:, :d]) + self.mlp(hidden)[..., 0]
