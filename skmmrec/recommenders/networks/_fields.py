"""Networks that see an item as fields: a vector for each modality, and its own."""

import torch
from torch import nn

from skmmrec.recommenders.networks._branches import Dense
from skmmrec.recommenders.networks._layers import ItemEmbedding, UserEmbedding
from skmmrec.recommenders.networks._network import Network


class FieldNetwork(Network):
    """Vectors of users (p_u, 1), and of items (z(F_i), b_i + β·F_i).

    F_i = [h_1(x_i), ..., h_M(x_i), q_i] holds the outputs of the branches and the
    item's own vector; zeros where there is none.

    Parameters
    ----------
    n_users, n_items : int
    branches : Branches
    fuse : Module
        z, which takes F (n, M + 1, width) to (n, n_out).
    n_out : int
    """

    def __init__(self, n_users, n_items, branches, fuse, n_out):
        super().__init__()
        self.branches, self.fuse = branches, fuse
        self.user = UserEmbedding(n_users, n_out)
        self.item = ItemEmbedding(n_items, branches.width)
        self.bias = ItemEmbedding(n_items, 1, scale=0)
        n_fields = len(branches.columns) + 1
        self.beta = nn.Linear(n_fields * branches.width, 1, bias=False)
        nn.init.zeros_(self.beta.weight)

    def users(self, codes):
        ones = torch.ones(len(codes), 1, device=codes.device)
        return torch.cat([self.user(codes), ones], 1)

    def items(self, items):
        own = self.item(items.codes)[:, None]
        F = torch.cat([self.branches(items.x, items.present), own], 1)
        bias = self.bias(items.codes) + self.beta(F.flatten(1))
        return torch.cat([self.fuse(F), bias], 1)


def dense_relu(n_fields, width, n_out):
    """z(F) = ReLU(W F + c)."""
    return nn.Sequential(nn.Flatten(), Dense(n_fields * width, n_out), nn.ReLU())


class FeatureAttention(nn.Module):
    """z(F) = σ(W₂ ReLU(W₁ F)) ⊙ (W F + c)."""

    def __init__(self, n_fields, width, n_out):
        super().__init__()
        d = n_fields * width
        self.fc = Dense(d, n_out)
        self.attention = nn.Sequential(
            Dense(d, n_out), nn.ReLU(), Dense(n_out, n_out), nn.Sigmoid()
        )

    def forward(self, F):
        F = F.flatten(1)
        return self.attention(F) * self.fc(F)


class FieldProduct(nn.Module):
    """z(F)_k = Π_f (1 + F_fk) - 1: a field that is missing takes no part."""

    def forward(self, F):
        return (1 + F).prod(1) - 1
