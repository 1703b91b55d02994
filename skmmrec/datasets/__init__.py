"""Data to try things on: a shop with planted truth, and readers of public sets."""

from skmmrec.datasets._movielens import load_movielens
from skmmrec.datasets._shop import make_multimodal_shop
from skmmrec.datasets._shop_truth import ShopTruth

__all__ = ["ShopTruth", "load_movielens", "make_multimodal_shop"]
