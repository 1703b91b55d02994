"""One modality in, one matrix out."""

from skmmrec.encoders._base import BaseEncoder
from skmmrec.encoders._image import ImageEncoder
from skmmrec.encoders._image_statistics import ImageStatisticsEncoder
from skmmrec.encoders._sparse_text import SparseTextEncoder
from skmmrec.encoders._store import EmbeddingStore
from skmmrec.encoders._tabular import TabularEncoder
from skmmrec.encoders._text import TextEncoder

__all__ = [
    "BaseEncoder",
    "EmbeddingStore",
    "ImageEncoder",
    "ImageStatisticsEncoder",
    "SparseTextEncoder",
    "TabularEncoder",
    "TextEncoder",
]
