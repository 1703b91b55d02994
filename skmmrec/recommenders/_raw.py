"""Content that a network sees as it is: numbered words, pixels, frames of sound."""

import math

import numpy as np

from skmmrec.data import FeatureTable
from skmmrec.encoders._token_sequence import N_EXACT, N_SPECIAL, UNKNOWN
from skmmrec.recommenders._network import NetworkRecommender


def are_tokens(values):
    """Whether rows are numbers of words, padded by zeros at their end."""
    words = values > 0
    return bool(
        values.shape[1] > 1
        and (values == np.floor(values)).all()
        and (values >= 0).all()
        and (values < N_EXACT).all()
        and words[:, 0].all()
        and (words[:, :-1] >= words[:, 1:]).all()
    )


class Tokens:
    """Numbered words; those that `fit` has not seen are unknown.

    Parameters
    ----------
    values : ndarray of shape (n, length)
        Of the items that have the modality.
    """

    def __init__(self, values):
        self.n_words = int(values.max(initial=N_SPECIAL - 1)) + 1

    def __call__(self, values):
        return np.where(values < self.n_words, values, np.float32(UNKNOWN))


class Grid:
    """Pixels or spectrograms: numbers of one kind, brought to mean 0 and variance 1.

    Parameters
    ----------
    values : ndarray of shape (n, d)
        Of the items that have the modality.
    """

    def __init__(self, values):
        self.mean = values.mean(dtype=np.float64) if values.size else 0.0
        self.scale = (values.std(dtype=np.float64) if values.size else 0.0) or 1.0

    def __call__(self, values):
        return ((values - self.mean) / self.scale).astype(np.float32)


class Pixels(Grid):
    """Pictures of side * side pixels in three colours."""

    def __init__(self, values):
        super().__init__(values)
        self.side = math.isqrt(values.shape[1] // 3)


class Frames(Grid):
    """Spectrograms of n_mels bands."""

    def __init__(self, values, n_mels):
        super().__init__(values)
        self.n_mels = n_mels


def _part(items, names):
    """The named blocks of a FeatureTable, which keep their columns."""
    places = [list(items.blocks).index(name) for name in names]
    blocks = {name: items.blocks[name] for name in names}
    return FeatureTable(items.values, blocks, items.present[:, places])


class RawRecommender(NetworkRecommender):
    """Base class of networks that see some blocks as they are.

    A subclass writes `_raw(name, values)`: what a block is, as `Tokens`, `Pixels` or
    `Frames` of its values, or None for numbers, which are reduced as always; and
    `_branch(raw, width)`, the module that reads it.
    """

    def _raw(self, name, values):
        raise NotImplementedError

    def _branch(self, raw, width):
        raise NotImplementedError

    def _dense_relu(self, shape, columns, n_out):
        """The network whose items are z_i = ReLU(W F_i + c), of width n_out."""
        from skmmrec.recommenders.networks._branches import Branches, Dense
        from skmmrec.recommenders.networks._fields import FieldNetwork, dense_relu
        from skmmrec.recommenders.networks._layers import SCALE

        d = self.n_components
        branches = [
            self._branch(self.raw_[name], d)
            if name in self.raw_
            else Dense(c.stop - c.start, d, SCALE)
            for name, c in zip(self.blocks_["items"], columns)
        ]
        branches = Branches(columns, branches, d)
        return FieldNetwork(
            *shape, branches, dense_relu(len(columns) + 1, d, n_out), n_out
        )

    def _learn_inputs(self, items):
        self.raw_ = {}
        for name, has in zip(items.blocks, items.present.T):
            values = items.block(name)[has]
            raw = self._raw(name, values) if values.shape[1] else None
            if raw is not None:
                self.raw_[name] = raw
        numbers = [name for name in items.blocks if name not in self.raw_]
        columns = super()._learn_inputs(_part(items, numbers))
        columns, start = dict(zip(numbers, columns)), self.projection_.width
        for name in self.raw_:
            stop = start + items.block(name).shape[1]
            columns[name], start = slice(start, stop), stop
        return [columns[name] for name in items.blocks]

    def _inputs(self, items):
        numbers = _part(items, self.projection_.projections)
        parts = [super()._inputs(numbers)]
        for name, raw in self.raw_.items():
            has = items.present[:, [list(items.blocks).index(name)]]
            parts.append(np.where(has, raw(items.block(name)), np.float32(0)))
        return np.hstack(parts)
