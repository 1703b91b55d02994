"""What the estimators pass around: events, ids, and matrices of features."""

from skmmrec.data._feature_table import FeatureTable
from skmmrec.data._interactions import Interactions
from skmmrec.data._vocabulary import Vocabulary

__all__ = ["FeatureTable", "Interactions", "Vocabulary"]
