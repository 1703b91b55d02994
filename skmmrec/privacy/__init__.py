"""What a model may tell of those it learned from."""

from skmmrec.privacy._dp_item_graph import DPItemGraphRecommender
from skmmrec.privacy._gaussian import gaussian_epsilon, gaussian_noise_multiplier

__all__ = [
    "DPItemGraphRecommender",
    "gaussian_epsilon",
    "gaussian_noise_multiplier",
]
