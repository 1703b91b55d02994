"""The recommenders, one algorithm a file."""

from skmmrec.recommenders._als import ALSRecommender
from skmmrec.recommenders._content import ContentRecommender
from skmmrec.recommenders._lightfm import LightFMRecommender
from skmmrec.recommenders._popularity import PopularityRecommender
from skmmrec.recommenders._rank_fusion import RankFusionRecommender
from skmmrec.recommenders._stacking import StackingRecommender
from skmmrec.recommenders._switching import SwitchingRecommender
from skmmrec.recommenders._union import UnionRecommender
from skmmrec.recommenders._voting import VotingRecommender

__all__ = [
    "ALSRecommender",
    "ContentRecommender",
    "LightFMRecommender",
    "PopularityRecommender",
    "RankFusionRecommender",
    "StackingRecommender",
    "SwitchingRecommender",
    "UnionRecommender",
    "VotingRecommender",
]
