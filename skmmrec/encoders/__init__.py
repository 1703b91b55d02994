"""One modality in, one matrix out."""

from skmmrec.encoders._audio import AudioEncoder, Waveform
from skmmrec.encoders._base import BaseEncoder
from skmmrec.encoders._image import ImageEncoder
from skmmrec.encoders._image_statistics import ImageStatisticsEncoder
from skmmrec.encoders._mel import LogMel
from skmmrec.encoders._mel_frames import MelFrameEncoder
from skmmrec.encoders._mel_statistics import MelStatisticsEncoder
from skmmrec.encoders._pixels import PixelEncoder
from skmmrec.encoders._sparse_text import SparseTextEncoder
from skmmrec.encoders._store import EmbeddingStore
from skmmrec.encoders._tabular import TabularEncoder
from skmmrec.encoders._text import TextEncoder
from skmmrec.encoders._token_sequence import TokenSequenceEncoder
from skmmrec.encoders._video import VideoEncoder
from skmmrec.encoders._video_statistics import VideoStatisticsEncoder
from skmmrec.encoders._word_vectors import WordVectorEncoder

__all__ = [
    "AudioEncoder",
    "BaseEncoder",
    "EmbeddingStore",
    "ImageEncoder",
    "ImageStatisticsEncoder",
    "LogMel",
    "MelFrameEncoder",
    "MelStatisticsEncoder",
    "PixelEncoder",
    "SparseTextEncoder",
    "TabularEncoder",
    "TextEncoder",
    "TokenSequenceEncoder",
    "VideoEncoder",
    "VideoStatisticsEncoder",
    "Waveform",
    "WordVectorEncoder",
]
