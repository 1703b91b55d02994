"""Looking into a fitted recommender: what it does, and for whom it does it well."""

from skmmrec.inspection._coverage_accuracy import CoverageAccuracyDisplay
from skmmrec.inspection._explain import Explanation, explain
from skmmrec.inspection._fusion_weights import FusionWeightsDisplay
from skmmrec.inspection._importance import modality_importance
from skmmrec.inspection._importance_display import ModalityImportanceDisplay
from skmmrec.inspection._occlusion import occlusion
from skmmrec.inspection._presence import presence_report
from skmmrec.inspection._ranking_curve import RankingCurveDisplay
from skmmrec.inspection._recommendation import RecommendationDisplay
from skmmrec.inspection._warmth_curve import WarmthCurveDisplay

__all__ = [
    "CoverageAccuracyDisplay",
    "Explanation",
    "FusionWeightsDisplay",
    "ModalityImportanceDisplay",
    "RankingCurveDisplay",
    "RecommendationDisplay",
    "WarmthCurveDisplay",
    "explain",
    "modality_importance",
    "occlusion",
    "presence_report",
]
