"""What a network is here: vectors of users, vectors of items, and a similarity."""

from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from skmmrec._base import outer
from skmmrec.recommenders.networks._layers import ItemEmbedding, UserEmbedding

# Rows whose vectors are computed at a time, outside of training.
CHUNK = 8192


class Items(NamedTuple):
    """Some items, as a network sees them.

    Attributes
    ----------
    codes : Tensor of int64 of shape (n,)
        -1 is an item of which the content alone is known: one that is new, or one whose
        identity is dropped in training so that the content must suffice.
    x : Tensor of float32 of shape (n, d)
        Content, 0 where a modality is missing.
    present : Tensor of float32 of shape (n, n_modalities)
        1 where an item has the modality.
    """

    codes: torch.Tensor
    x: torch.Tensor
    present: torch.Tensor


def paired(U, V):
    """Inner products of the rows of U (n, d) with the same rows of V (n, d): (n,)."""
    return (U * V).sum(1)


def in_chunks(function, parts):
    """`function` of some rows of all parts at a time, without gradient: numpy (n, d).

    Parameters
    ----------
    function : callable
        Takes codes, or `Items`.
    parts : [Tensor], or Items
    """
    blocks = []
    with torch.no_grad():
        for start in range(0, max(1, len(parts[0])), CHUNK):
            rows = [part[start : start + CHUNK] for part in parts]
            block = function(Items(*rows) if len(rows) > 1 else rows[0])
            blocks.append(block.cpu().numpy())
    return np.concatenate(blocks)


class Network(nn.Module):
    """Base class; writes `users` and `items`, or `forward` where both come of one."""

    def users(self, codes):
        """Vectors (n, d) of users by code."""
        raise NotImplementedError

    def items(self, items):
        """Vectors (m, d) of `Items`."""
        raise NotImplementedError

    def forward(self, users, items):
        """Vectors of users (n, d) by code, and of `Items` (m, d)."""
        return self.users(users), self.items(items)

    def factors(self, n_users, items):
        """Vectors of all users and of all `Items`, as numpy arrays."""
        codes = torch.arange(n_users, device=items.codes.device)
        return in_chunks(self.users, [codes]), in_chunks(self.items, items)

    def similarity(self, U, V, product=outer):
        """Scores, (n, m) where `product` is `outer`, (n,) where it is `paired`."""
        return product(U, V)

    def auxiliary(self, users, items, weights, U, V):
        """What is added to the loss of events, users[k] having had items[k]."""
        return 0.0

    def shuffled(self, examples, rng):
        """Order in which an epoch sees the examples, numbered by `users`."""
        return rng.permutation(len(examples))

    def keep(self, users, items):
        """Let go of all users and items but those under masks, once trained."""
        for module in self.modules():
            if isinstance(module, UserEmbedding):
                module.keep(users)
            elif isinstance(module, ItemEmbedding):
                module.keep(items)

    def release(self):
        """Let go of what training alone needs; `items` must still do for new ones."""
