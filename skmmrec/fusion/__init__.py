"""How modalities meet: the ColumnTransformer-like step and the methods it can use."""

from skmmrec.fusion._concat import ConcatFusion
from skmmrec.fusion._mean import WeightedMeanFusion
from skmmrec.fusion._multimodal import MultimodalFusion

__all__ = ["ConcatFusion", "MultimodalFusion", "WeightedMeanFusion"]
