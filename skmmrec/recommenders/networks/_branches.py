"""A module for each modality; those of raw words, pixels and sounds among them."""

import math

import torch
from torch import nn
from torch.nn.functional import pad

from skmmrec.recommenders.networks._layers import SCALE

# Rows that a branch sees at a time: a convolution makes many numbers of each.
CHUNK = 1024

# Widths in words of the filters of a TextCNN.
KERNELS = (2, 3, 4)

# Filters of the two layers of a PictureCNN.
CHANNELS = (16, 32)


class Branches(nn.Module):
    """A branch for each modality: x (n, d) to h (n, n_modalities, width).

    What an item lacks is a vector of zeros, and goes through no branch.

    Parameters
    ----------
    columns : list of slice
        Those of each modality in x.
    branches : list of Module
        Each takes its columns of some rows to (n, width).
    width : int
    """

    def __init__(self, columns, branches, width):
        super().__init__()
        self.columns, self.width = columns, width
        self.branches = nn.ModuleList(branches)

    def forward(self, x, present):
        h = x.new_zeros(len(x), len(self.columns), self.width)
        for m, (columns, branch) in enumerate(zip(self.columns, self.branches)):
            rows = torch.nonzero(present[:, m])[:, 0]
            if len(rows):
                parts = x[:, columns][rows].split(CHUNK)
                h[rows, m] = torch.cat([branch(part) for part in parts])
        return h


class Dense(nn.Module):
    """x W + b, which starts at b = 0; also of no columns.

    A bias that outweighs x at first would make a ReLU behind it the same for all items.
    What adds the same to the scores of all has no gradient but rounding errors, which
    Adam blows up: so leave the bias out where no ReLU follows.
    """

    def __init__(self, n_in, n_out, scale=None, bias=True):
        super().__init__()
        scale = max(1, n_in) ** -0.5 if scale is None else scale
        self.weight = nn.Parameter(scale * torch.randn(n_in, n_out))
        self.bias = nn.Parameter(torch.zeros(n_out)) if bias else 0.0

    def forward(self, x):
        return x @ self.weight + self.bias


def linear_part(columns):
    """β·x, zero at first."""
    return Dense(columns[-1].stop if columns else 0, 1, scale=0, bias=False)


def dense(columns, width):
    """A linear map for each modality."""
    branches = [Dense(c.stop - c.start, width, SCALE) for c in columns]
    return Branches(columns, branches, width)


def towers(columns, width):
    """A perceptron with one hidden layer for each modality, as small at first."""
    scale = SCALE * math.sqrt(2 / width)
    branches = [
        # rows of x have a length of about 1
        nn.Sequential(
            Dense(c.stop - c.start, width, 1),
            nn.ReLU(),
            Dense(width, width, scale, bias=False),
        )
        for c in columns
    ]
    return Branches(columns, branches, width)


class _Words(nn.Embedding):
    """Vectors of numbered words; 0 is padding, and has zeros."""

    def __init__(self, n_words, width):
        super().__init__(n_words, width, padding_idx=0)


class WordMean(nn.Module):
    """Mean of the vectors of a text's words."""

    def __init__(self, n_words, width):
        super().__init__()
        self.words = _Words(n_words, width)

    def forward(self, x):
        codes = x.long()
        n = (codes > 0).sum(1, keepdim=True).clamp(min=1)
        return self.words(codes).sum(1) / n


class TextCNN(nn.Module):
    """Convolutions over the words of a text, the maximum of each filter, a dense layer.

    References
    ----------
    Kim. "Convolutional Neural Networks for Sentence Classification", EMNLP 2014,
    section 2.
    """

    def __init__(self, n_words, width):
        super().__init__()
        self.words = _Words(n_words, width)
        self.filters = nn.ModuleList(nn.Conv1d(width, width, k) for k in KERNELS)
        self.dense = nn.Linear(len(KERNELS) * width, width)

    def forward(self, x):
        # the end of the texts that is padding to all of them says nothing
        length = max(int((x > 0).sum(1).max()), 1) + max(KERNELS) - 1
        codes = pad(x[:, :length].long(), (0, max(0, length - x.shape[1])))
        words = self.words(codes).transpose(1, 2)  # (n, width, length)
        maxima = [torch.relu(f(words)).amax(2) for f in self.filters]
        return self.dense(torch.cat(maxima, 1))


class PictureCNN(nn.Sequential):
    """Two convolutions, each with pooling, and a dense layer.

    Parameters
    ----------
    side : int
        Pictures are rows of 3 * side² numbers, channel by channel.
    width : int
    """

    def __init__(self, side, width):
        first, second = CHANNELS
        pooled = math.ceil(side / 4)
        super().__init__(
            nn.Unflatten(1, (3, side, side)),
            nn.Conv2d(3, first, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2, ceil_mode=True),
            nn.Conv2d(first, second, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2, ceil_mode=True),
            nn.Flatten(),
            nn.Linear(second * pooled**2, width),
        )


class FrameLSTM(nn.Module):
    """Mean state of a long short-term memory that reads a sound frame by frame.

    The mean, and not the last state: short sounds end in silence.

    References
    ----------
    Hochreiter, Schmidhuber. "Long Short-Term Memory", Neural Computation 9(8), 1997.
    """

    def __init__(self, n_mels, width):
        super().__init__()
        self.n_mels = n_mels
        self.lstm = nn.LSTM(n_mels, width, batch_first=True)

    def forward(self, x):
        return self.lstm(x.unflatten(1, (-1, self.n_mels)))[0].mean(1)
