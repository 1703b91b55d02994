"""A package of one encoder and one recommender for skmmrec: copy it, and change it."""

from skmmrec_plugin._encoder import PunctuationEncoder
from skmmrec_plugin._recommender import CoOccurrenceRecommender

__all__ = ["CoOccurrenceRecommender", "PunctuationEncoder"]
