"""The network of the deep factorisation machine over multimodal fields."""

import torch
from torch import nn

from skmmrec.recommenders.networks._branches import Dense, linear_part
from skmmrec.recommenders.networks._layers import (
    ItemEmbedding,
    ModalityMaps,
    UserEmbedding,
)
from skmmrec.recommenders.networks._network import Network, outer
from skmmrec.recommenders.networks._pairs import PairMLP


class DeepFM(Network):
    """Vectors of users (e_u, 1, A e_u) and of items (s_i, r_i, B F_i + c).

    s_i is the sum of the item's fields, so that e_u·s_i are the products of the user's
    with each of them, and r_i holds those between them beside the linear part.
    """

    def __init__(self, n_users, n_items, columns, n_components):
        super().__init__()
        d = self.d = n_components
        self.user, self.item = UserEmbedding(n_users, d), ItemEmbedding(n_items, d)
        self.maps = ModalityMaps(columns, d)
        self.bias, self.beta = ItemEmbedding(n_items, 1, scale=0), linear_part(columns)
        self.user_layer = nn.Linear(d, d, bias=False)
        self.item_layer = Dense((len(columns) + 1) * d, d)
        self.deep = PairMLP(d)

    def users(self, codes):
        e = self.user(codes)
        return torch.cat([e, e.new_ones(len(e), 1), self.user_layer(e)], 1)

    def items(self, items):
        codes, x, present = items
        F = torch.cat([self.maps(x, present), self.item(codes)[:, None]], 1)
        s = F.sum(1)
        # Σ_f<g v_f·v_g = (‖Σ_f v_f‖² - Σ_f ‖v_f‖²) / 2
        pairs = (s.square().sum(1) - F.square().sum((1, 2)))[:, None] / 2
        r = pairs + self.bias(codes) + self.beta(x)
        return torch.cat([s, r, self.item_layer(F.flatten(1))], 1)

    def similarity(self, U, V, product=outer):
        n = self.d + 1
        return product(U[:, :n], V[:, :n]) + self.deep(U[:, n:], V[:, n:], product)
