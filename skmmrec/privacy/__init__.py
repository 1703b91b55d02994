"""What keeps people out of data, texts and models that are handed on."""

from skmmrec.privacy._dp_item_graph import DPItemGraphRecommender
from skmmrec.privacy._federated import FederatedALSRecommender
from skmmrec.privacy._gaussian import gaussian_epsilon, gaussian_noise_multiplier
from skmmrec.privacy._k_anonymous import KAnonymousFilter
from skmmrec.privacy._pseudonymizer import Pseudonymizer
from skmmrec.privacy._redact import redact_personal_data

__all__ = [
    "DPItemGraphRecommender",
    "FederatedALSRecommender",
    "KAnonymousFilter",
    "Pseudonymizer",
    "gaussian_epsilon",
    "gaussian_noise_multiplier",
    "redact_personal_data",
]
