"""How good rankings, lists and predictions are, and scorers for scikit-learn."""

from skmmrec.metrics._coverage import coverage, gini
from skmmrec.metrics._diversity import intra_list_diversity
from skmmrec.metrics._fairness import exposure_by_group, mean_by_group, ndcg_by_group
from skmmrec.metrics._novelty import novelty, popularity_lift, serendipity
from skmmrec.metrics._ranking import (
    auc,
    average_precision,
    hit_rate,
    ndcg,
    precision,
    recall,
    reciprocal_rank,
)
from skmmrec.metrics._rating import (
    neg_mean_absolute_error,
    neg_mean_squared_error,
    neg_root_mean_squared_error,
    pearson,
)
from skmmrec.metrics._scorer import RankingScorer, get_scorer

__all__ = [
    "RankingScorer",
    "auc",
    "average_precision",
    "coverage",
    "exposure_by_group",
    "get_scorer",
    "gini",
    "hit_rate",
    "intra_list_diversity",
    "mean_by_group",
    "ndcg",
    "ndcg_by_group",
    "neg_mean_absolute_error",
    "neg_mean_squared_error",
    "neg_root_mean_squared_error",
    "novelty",
    "pearson",
    "popularity_lift",
    "precision",
    "recall",
    "reciprocal_rank",
    "serendipity",
]
