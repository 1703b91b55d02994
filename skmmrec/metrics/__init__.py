"""How good a ranked list is, and scorers that scikit-learn accepts."""

from skmmrec.metrics._coverage import coverage
from skmmrec.metrics._ranking import (
    average_precision,
    hit_rate,
    ndcg,
    precision,
    recall,
    reciprocal_rank,
)
from skmmrec.metrics._scorer import RankingScorer, get_scorer

__all__ = [
    "RankingScorer",
    "average_precision",
    "coverage",
    "get_scorer",
    "hit_rate",
    "ndcg",
    "precision",
    "recall",
    "reciprocal_rank",
]
