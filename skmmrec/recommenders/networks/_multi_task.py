"""The network of several tasks on shared towers."""

from typing import NamedTuple

import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits, mse_loss

from skmmrec.recommenders.networks._branches import towers
from skmmrec.recommenders.networks._fields import FieldNetwork, FieldProduct
from skmmrec.recommenders.networks._network import Items


class Signals(NamedTuple):
    """Events with what else is known of them.

    Attributes
    ----------
    users, items : Tensor of int64 of shape (n_events,)
    values : Tensor of float32 of shape (n_events, n_signals)
        NaN where unknown.
    is_flag : list of bool
        Which signals are yes (1) or no (0).
    """

    users: torch.Tensor
    items: torch.Tensor
    values: torch.Tensor
    is_flag: list


class MultiTask(FieldNetwork):
    """A head for each signal over p_u ⊙ (1 + z_i); events have the sum of p_u ⊙ z_i.

    Parameters
    ----------
    n_users, n_items : int
    columns : list of slice
    n_components : int
    catalogue : Items
    signals : Signals
    signal_weight : float
        Of the losses of the heads, beside that of the events.
    """

    def __init__(
        self, n_users, n_items, columns, n_components, catalogue, signals, signal_weight
    ):
        branches = towers(columns, n_components)
        super().__init__(n_users, n_items, branches, FieldProduct(), n_components)
        n_signals = len(signals.is_flag)
        self.heads = nn.Linear(n_components + 1, n_signals) if n_signals else None
        self.is_flag, self.signal_weight = signals.is_flag, signal_weight
        parts = (signals.users, signals.items, signals.values, *catalogue)
        self.names = [f"event_{n}" for n in range(len(parts))]
        for name, part in zip(self.names, parts):
            self.register_buffer(name, part, persistent=False)

    def auxiliary(self, users, items, weights, U, V):
        """Losses of the heads, over as many events with signals as are in the step."""
        users, codes, values, *catalogue = (getattr(self, n) for n in self.names)
        if self.heads is None or not len(users):
            return 0.0
        rows = torch.randint(len(users), (len(U),), device=U.device)
        items = Items(*(part[codes[rows]] for part in catalogue))
        outputs = self.heads(self.users(users[rows]) * (1 + self.items(items)))
        loss = 0.0
        for output, value, is_flag in zip(outputs.T, values[rows].T, self.is_flag):
            known = torch.isfinite(value)
            if known.any():
                of = binary_cross_entropy_with_logits if is_flag else mse_loss
                loss = loss + of(output[known], value[known])
        return self.signal_weight * loss

    def release(self):
        for name in self.names:
            setattr(self, name, None)
