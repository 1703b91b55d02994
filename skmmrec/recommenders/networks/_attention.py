"""The network of attention over modalities, given the user."""

import torch

from skmmrec.recommenders.networks._branches import linear_part
from skmmrec.recommenders.networks._layers import (
    ItemEmbedding,
    ModalityMaps,
    UserEmbedding,
)
from skmmrec.recommenders.networks._network import Network, outer

# Width of keys and queries.
N_KEYS = 16


class UserAttention(Network):
    """Vectors of users (p_u, 1, q_u) and of items (e_i, b_i, {v_m, k_m, has_m}).

    As q_u·k_m and p_u·v_m are inner products, scores of all pairs are 2M + 1 matrix
    products.
    """

    def __init__(self, n_users, n_items, columns, n_components):
        super().__init__()
        d = self.d = n_components
        self.user, self.query = (
            UserEmbedding(n_users, d),
            UserEmbedding(n_users, N_KEYS),
        )
        self.item, self.bias = (
            ItemEmbedding(n_items, d),
            ItemEmbedding(n_items, 1, scale=0),
        )
        self.value, self.key = ModalityMaps(columns, d), ModalityMaps(columns, N_KEYS)
        self.beta = linear_part(columns)

    def users(self, codes):
        p = self.user(codes)
        return torch.cat([p, p.new_ones(len(p), 1), self.query(codes)], 1)

    def items(self, items):
        codes, x, present = items
        bias = self.bias(codes) + self.beta(x)
        modalities = [self.value(x, present), self.key(x, present), present[..., None]]
        parts = torch.cat(modalities, 2).flatten(1)  # (n, M (d + N_KEYS + 1))
        return torch.cat([self.item(codes), bias, parts], 1)

    def similarity(self, U, V, product=outer):
        d = self.d
        score = product(U[:, : d + 1], V[:, : d + 1])
        parts = V[:, d + 1 :].split(d + N_KEYS + 1, 1) if V.shape[1] > d + 1 else ()
        if not parts:
            return score
        values = torch.stack([product(U[:, :d], part[:, :d]) for part in parts], -1)
        keys = [product(U[:, d + 1 :], part[:, d:-1]) for part in parts]
        has = torch.stack([part[:, -1] for part in parts], -1)  # (m, M)
        logits = torch.stack(keys, -1) + has.clamp(min=1e-30).log()
        a = torch.softmax(logits, -1) * (has > 0)
        return score + (a * values).sum(-1)
