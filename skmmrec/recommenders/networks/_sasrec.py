"""Self-attention over the events of a history."""

import math

import numpy as np
import torch
from torch import nn
from torch.nn.functional import embedding

from skmmrec.recommenders.networks._layers import ItemEmbedding, ModalityFusion
from skmmrec.recommenders.networks._network import Items, Network, in_chunks

# Windows that are read at a time, outside of training.
CHUNK = 1024


class SASRec(Network):
    """The vector of an item is E_i + f(x_i), that of a user what a history is read as.

    The "users" of the training are prefixes of histories: the number of one is that of
    its last event.

    Parameters
    ----------
    histories : Histories
    items : Items
        All of the catalogue.
    """

    def __init__(
        self,
        histories,
        items,
        columns,
        n_components,
        n_layers,
        n_heads,
        max_length,
        dropout,
    ):
        super().__init__()
        self.histories = histories
        self.item = ItemEmbedding(len(items.codes), n_components)
        self.content = ModalityFusion(columns, n_components)
        self.position = nn.Parameter(torch.zeros(max_length, n_components))
        self.dropout = nn.Dropout(dropout)
        layer = nn.TransformerEncoderLayer(
            n_components,
            n_heads,
            n_components,
            dropout,
            batch_first=True,
            norm_first=True,
        )
        norm = nn.LayerNorm(n_components)
        self.encoder = nn.TransformerEncoder(
            layer, n_layers, norm, enable_nested_tensor=False
        )
        for name, part in items._asdict().items():
            self.register_buffer(f"all_{name}", part, persistent=False)

    def items(self, items):
        return self.item(items.codes) + self.content(items.x, items.present)

    def users(self, prefixes):
        prefixes, histories = prefixes.cpu().numpy(), self.histories
        windows, row = np.unique(histories.window[prefixes], return_inverse=True)
        events, lengths = histories.events(windows)
        codes, tokens = np.unique(histories.items[events], return_inverse=True)
        every, codes = (
            (self.all_codes, self.all_x, self.all_present),
            self.tensor(codes),
        )
        V = self.items(Items(*(part[codes] for part in every)))
        states = self.states(V, tokens, lengths)
        shift = np.cumsum(lengths) - lengths - histories.first[windows]
        return embedding(self.tensor(prefixes + shift[row]), states)

    def shuffled(self, prefixes, rng):
        """Order of an epoch: windows at random, the prefixes of one together."""
        rank = rng.permutation(len(self.histories.first))
        return np.argsort(rank[self.histories.window[prefixes]], kind="stable")

    def states(self, V, tokens, lengths):
        """Vectors after each event of windows, (sum of lengths, d).

        Parameters
        ----------
        V : Tensor of shape (n, d)
        tokens : ndarray of int of shape (sum of lengths,)
            Rows of V: the items of the windows, one window after the other.
        lengths : ndarray of int of shape (n_windows,)
        """
        starts = np.cumsum(lengths) - lengths
        sizes = 2 ** np.ceil(np.log2(lengths)).astype(int)
        sizes = np.minimum(sizes, len(self.position))
        states, places = [], []
        for size in np.unique(sizes):  # alike in length, so that little is padding
            some, step = sizes == size, np.arange(size)
            place = starts[some][:, None] + step  # (n_windows of that size, size)
            real = step < lengths[some][:, None]
            padded = self.tensor(tokens[np.minimum(place, len(tokens) - 1)])
            states.append(self.encode(embedding(padded, V))[self.tensor(real)])
            places.append(place[real])
        order = np.argsort(np.concatenate(places))
        return embedding(self.tensor(order), torch.cat(states))

    def encode(self, V):
        """Vectors (n, length, d) after each event, from those of the events' items.

        No event sees a later one: what fills up the shorter windows does no harm.
        """
        n, d = V.shape[1:]
        mask = nn.Transformer.generate_square_subsequent_mask(n, device=V.device)
        h = self.dropout(math.sqrt(d) * V + self.position[:n])
        return self.encoder(h, mask, is_causal=True)

    def read(self, V, histories, n_users):
        """Vectors of users at the end of their histories, zeros without any.

        V are those of the items; all as numpy arrays.
        """
        U, V = np.zeros((n_users, V.shape[1]), dtype=np.float32), self.tensor(V)
        with torch.no_grad():
            for start in range(0, len(histories.last), CHUNK):
                last = histories.last[start : start + CHUNK]
                events, lengths = histories.events(histories.window[last])
                states = self.states(V, histories.items[events], lengths)
                ends = states[np.cumsum(lengths) - 1]
                U[histories.users[last]] = ends.cpu().numpy()
        return U

    def factors(self, n_users, items):
        V = in_chunks(self.items, items)
        return self.read(V, self.histories, n_users), V

    def tensor(self, array):
        return torch.as_tensor(array, device=self.position.device)

    def release(self):
        self.histories = self.all_codes = self.all_x = self.all_present = None
