"""How modalities meet: the ColumnTransformer-like step and the methods it can use."""

from skmmrec.fusion._aligner import ModalityAligner
from skmmrec.fusion._auto import AutoFusion
from skmmrec.fusion._cca import CCAFusion
from skmmrec.fusion._concat import ConcatFusion
from skmmrec.fusion._dropout import ModalityDropout
from skmmrec.fusion._imputer import MissingModalityImputer
from skmmrec.fusion._mean import WeightedMeanFusion
from skmmrec.fusion._multimodal import MultimodalFusion
from skmmrec.fusion._nmf import NMFFusion
from skmmrec.fusion._sum import WeightedSumFusion
from skmmrec.fusion._svd import SVDFusion

__all__ = [
    "AutoFusion",
    "CCAFusion",
    "ConcatFusion",
    "MissingModalityImputer",
    "ModalityAligner",
    "ModalityDropout",
    "MultimodalFusion",
    "NMFFusion",
    "SVDFusion",
    "WeightedMeanFusion",
    "WeightedSumFusion",
]
