"""What keeps people out of data, texts and models that are handed on."""

from skmmrec.privacy._federated import FederatedALSRecommender
from skmmrec.privacy._k_anonymous import KAnonymousFilter
from skmmrec.privacy._pseudonymizer import Pseudonymizer
from skmmrec.privacy._redact import redact_personal_data

__all__ = [
    "FederatedALSRecommender",
    "KAnonymousFilter",
    "Pseudonymizer",
    "redact_personal_data",
]
