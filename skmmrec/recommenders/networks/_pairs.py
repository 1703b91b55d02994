"""A multilayer perceptron over pairs of users and items."""

from torch import nn

from skmmrec.recommenders.networks._branches import Dense
from skmmrec.recommenders.networks._network import outer


class PairMLP(nn.Module):
    """MLP(a_u + b_i), where a and b are what its first layer makes of user and item.

    A first layer is linear in both, hence done once for each of them, not for each
    pair.

    Parameters
    ----------
    width : int
        That of a and b.
    """

    def __init__(self, width):
        super().__init__()
        half = max(1, width // 2)
        self.mlp = nn.Sequential(
            nn.ReLU(), Dense(width, half), nn.ReLU(), nn.Linear(half, 1, bias=False)
        )

    def forward(self, a, b, product):
        """Scores (n, m) where `product` is `outer`, (n,) where it is `paired`."""
        return self.mlp(a[:, None] + b if product is outer else a + b)[..., 0]
