"""From scores to ranked lists."""

from skmmrec.ranking._topk import blocks_of_rows, top_k, top_k_of_blocks

__all__ = ["blocks_of_rows", "top_k", "top_k_of_blocks"]
