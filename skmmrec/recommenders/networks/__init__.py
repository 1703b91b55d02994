"""Networks of the recommenders, as torch modules; imported in `fit` alone."""

from skmmrec.recommenders.networks._layers import (
    Embedding,
    ModalityFusion,
    ModalityMaps,
)
from skmmrec.recommenders.networks._network import Items, Network, outer, paired
from skmmrec.recommenders.networks._training import Trainer

__all__ = [
    "Embedding",
    "Items",
    "ModalityFusion",
    "ModalityMaps",
    "Network",
    "Trainer",
    "outer",
    "paired",
]
