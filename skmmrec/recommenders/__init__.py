"""The recommenders, one algorithm a file."""

from skmmrec.recommenders._als import ALSRecommender
from skmmrec.recommenders._attention import AttentionRecommender
from skmmrec.recommenders._bpr import BPRRecommender
from skmmrec.recommenders._content import ContentRecommender
from skmmrec.recommenders._deep_feature_cf import DeepFeatureCFRecommender
from skmmrec.recommenders._deepfm import DeepFMRecommender
from skmmrec.recommenders._ease import EASERecommender
from skmmrec.recommenders._end_to_end import EndToEndRecommender
from skmmrec.recommenders._feature_factorization import (
    FeatureFactorizationRecommender,
)
from skmmrec.recommenders._freedom import FREEDOMRecommender
from skmmrec.recommenders._item_graph import ItemGraphRecommender
from skmmrec.recommenders._item_knn import ItemKNNRecommender
from skmmrec.recommenders._lightfm import LightFMRecommender
from skmmrec.recommenders._lightgcn import LightGCNRecommender
from skmmrec.recommenders._mmgcn import MMGCNRecommender
from skmmrec.recommenders._mulcoonn import MulCooNNRecommender
from skmmrec.recommenders._multi_task import MultiTaskRecommender
from skmmrec.recommenders._network import NetworkRecommender
from skmmrec.recommenders._neural import NeuralRecommender
from skmmrec.recommenders._popularity import PopularityRecommender
from skmmrec.recommenders._rank_fusion import RankFusionRecommender
from skmmrec.recommenders._sasrec import SASRecRecommender
from skmmrec.recommenders._slim import SLIMRecommender
from skmmrec.recommenders._stacking import StackingRecommender
from skmmrec.recommenders._svd import SVDRecommender
from skmmrec.recommenders._switching import SwitchingRecommender
from skmmrec.recommenders._union import UnionRecommender
from skmmrec.recommenders._user_knn import UserKNNRecommender
from skmmrec.recommenders._vbpr import VBPRRecommender
from skmmrec.recommenders._voting import VotingRecommender

__all__ = [
    "ALSRecommender",
    "AttentionRecommender",
    "BPRRecommender",
    "ContentRecommender",
    "DeepFMRecommender",
    "DeepFeatureCFRecommender",
    "EASERecommender",
    "EndToEndRecommender",
    "FREEDOMRecommender",
    "FeatureFactorizationRecommender",
    "ItemGraphRecommender",
    "ItemKNNRecommender",
    "LightFMRecommender",
    "LightGCNRecommender",
    "MMGCNRecommender",
    "MulCooNNRecommender",
    "MultiTaskRecommender",
    "NetworkRecommender",
    "NeuralRecommender",
    "PopularityRecommender",
    "RankFusionRecommender",
    "SASRecRecommender",
    "SLIMRecommender",
    "SVDRecommender",
    "StackingRecommender",
    "SwitchingRecommender",
    "UnionRecommender",
    "UserKNNRecommender",
    "VBPRRecommender",
    "VotingRecommender",
]
