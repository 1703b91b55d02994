"""The network of visual Bayesian personalised ranking."""

import torch

from skmmrec.recommenders.networks._layers import (
    ItemEmbedding,
    ModalityFusion,
    UserEmbedding,
)
from skmmrec.recommenders.networks._network import Network


class VBPR(Network):
    """Vectors of users (γ_u, θ_u, 1) and of items (γ_i, E f_i, b_i + β·f_i)."""

    def __init__(self, n_users, n_items, columns, n_components):
        super().__init__()
        self.gamma_u = UserEmbedding(n_users, n_components)
        self.theta_u = UserEmbedding(n_users, n_components)
        self.gamma_i = ItemEmbedding(n_items, n_components)
        self.bias_i = ItemEmbedding(n_items, 1, scale=0)
        self.E = ModalityFusion(columns, n_components)
        self.beta = ModalityFusion(columns, 1)

    def users(self, codes):
        ones = torch.ones(len(codes), 1, device=codes.device)
        return torch.cat([self.gamma_u(codes), self.theta_u(codes), ones], 1)

    def items(self, items):
        codes, x, present = items
        bias = self.bias_i(codes) + self.beta(x, present)
        return torch.cat([self.gamma_i(codes), self.E(x, present), bias], 1)
