"""Layers that the networks share."""

import torch
from torch import nn

from skmmrec.fusion._network import masked_softmax

# Standard deviation of embeddings at the start.
SCALE = 0.05


class Embedding(nn.Embedding):
    """A vector for each code; -1 has none, and gets zeros."""

    def __init__(self, n, d, scale=SCALE):
        super().__init__(n, d)
        nn.init.normal_(self.weight, std=scale)

    def forward(self, codes):
        vectors = super().forward(codes.clamp(min=0))
        return vectors * (codes >= 0)[:, None]

    def keep(self, mask):
        """Let go of the vectors of all codes but those under a mask, renumbered.

        The mask is as long as the vocabulary; what came after the training has none.
        """
        weight = self.weight[torch.as_tensor(mask[: self.num_embeddings])]
        self.weight, self.num_embeddings = nn.Parameter(weight.detach()), len(weight)


class UserEmbedding(Embedding):
    """Vectors of users."""


class ItemEmbedding(Embedding):
    """Vectors of items."""


class ModalityMaps(nn.Module):
    """A linear map for each modality: x (n, d) to h (n, n_modalities, width).

    Parameters
    ----------
    columns : list of slice
        Those of each modality in x.
    width : int
    """

    def __init__(self, columns, width):
        super().__init__()
        self.columns = columns
        d = columns[-1].stop if columns else 0
        self.weight = nn.Parameter(torch.randn(d, width) * SCALE)
        self.bias = nn.Parameter(torch.zeros(len(columns), width))

    def forward(self, x, present):
        if not self.columns:
            return x.new_zeros(len(x), *self.bias.shape)
        h = torch.stack([x[:, c] @ self.weight[c] for c in self.columns], 1)
        return (h + self.bias) * present[:, :, None]


class ModalityFusion(nn.Module):
    """One vector (n, width) of an item's modalities, of those that it has.

    With h_m = W_m x_m + b_m: "concat" is a linear map of the joined blocks, Σ_m h_m;
    "gated" is Σ_m a_m tanh(h_m) with a ∝ exp(G [x, present]); "attention" is Σ_m a_m
    h_m with a_m ∝ exp(q·tanh(K h_m)). An item without any modality gets zeros.

    References
    ----------
    As `skmmrec.fusion.GatedFusion` and `skmmrec.fusion.AttentionFusion`.
    """

    def __init__(self, columns, width, how="concat"):
        super().__init__()
        self.how = how
        self.maps = ModalityMaps(columns, width)
        n, d = len(columns), columns[-1].stop if columns else 0
        if how == "gated":
            self.gate = nn.Linear(d + n, n)
            nn.init.zeros_(self.gate.weight)
        elif how == "attention":
            self.key = nn.Linear(width, width)
            self.query = nn.Parameter(torch.zeros(width))

    def forward(self, x, present):
        h = self.maps(x, present)
        if self.how == "concat" or not self.maps.columns:
            return h.sum(1)
        if self.how == "gated":
            h, logits = torch.tanh(h), self.gate(torch.cat([x, present], 1))
        else:
            logits = torch.tanh(self.key(h)) @ self.query
        return (masked_softmax(torch, logits, present)[:, :, None] * h).sum(1)
