"""How modalities meet: the ColumnTransformer-like step and the methods it can use."""

from skmmrec.fusion._aligner import ModalityAligner
from skmmrec.fusion._attention import AttentionFusion
from skmmrec.fusion._auto import AutoFusion
from skmmrec.fusion._base import BaseFusionMethod
from skmmrec.fusion._bilinear import BilinearFusion
from skmmrec.fusion._cca import CCAFusion
from skmmrec.fusion._concat import ConcatFusion
from skmmrec.fusion._dropout import ModalityDropout
from skmmrec.fusion._forest import ForestFusion
from skmmrec.fusion._gated import GatedFusion
from skmmrec.fusion._imputer import MissingModalityImputer
from skmmrec.fusion._mean import WeightedMeanFusion
from skmmrec.fusion._multimodal import MultimodalFusion
from skmmrec.fusion._nmf import NMFFusion
from skmmrec.fusion._sum import WeightedSumFusion
from skmmrec.fusion._svd import SVDFusion

__all__ = [
    "AttentionFusion",
    "AutoFusion",
    "BaseFusionMethod",
    "BilinearFusion",
    "CCAFusion",
    "ConcatFusion",
    "ForestFusion",
    "GatedFusion",
    "MissingModalityImputer",
    "ModalityAligner",
    "ModalityDropout",
    "MultimodalFusion",
    "NMFFusion",
    "SVDFusion",
    "WeightedMeanFusion",
    "WeightedSumFusion",
]
