"""The recommenders, one algorithm a file."""

from skmmrec.recommenders._als import ALSRecommender
from skmmrec.recommenders._content import ContentRecommender
from skmmrec.recommenders._lightfm import LightFMRecommender
from skmmrec.recommenders._popularity import PopularityRecommender

__all__ = [
    "ALSRecommender",
    "ContentRecommender",
    "LightFMRecommender",
    "PopularityRecommender",
]
