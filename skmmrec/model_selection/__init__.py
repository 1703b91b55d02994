"""Splits of events that scikit-learn accepts as `cv`, and comparisons upon them."""

from skmmrec.model_selection._compare import compare, modality_effect
from skmmrec.model_selection._leakage import check_leakage
from skmmrec.model_selection._split import (
    ColdItemKFold,
    ColdUserKFold,
    LeaveLastOut,
    RandomHoldout,
    RollingTemporalSplit,
    TemporalSplit,
)

__all__ = [
    "ColdItemKFold",
    "ColdUserKFold",
    "LeaveLastOut",
    "RandomHoldout",
    "RollingTemporalSplit",
    "TemporalSplit",
    "check_leakage",
    "compare",
    "modality_effect",
]
