"""From scores to ranked lists: exact top-k, and indexes that find it approximately."""

from skmmrec.ranking._exact import ExactRetriever
from skmmrec.ranking._faiss import FaissRetriever
from skmmrec.ranking._recall import retrieval_recall
from skmmrec.ranking._retriever import BaseRetriever
from skmmrec.ranking._topk import blocks_of_rows, top_k, top_k_of_blocks
from skmmrec.ranking._usearch import UsearchRetriever

__all__ = [
    "BaseRetriever",
    "ExactRetriever",
    "FaissRetriever",
    "UsearchRetriever",
    "blocks_of_rows",
    "retrieval_recall",
    "top_k",
    "top_k_of_blocks",
]
