"""Splits of events that scikit-learn accepts as `cv`."""

from skmmrec.model_selection._split import (
    ColdItemKFold,
    LeaveLastOut,
    RandomHoldout,
    TemporalSplit,
)

__all__ = ["ColdItemKFold", "LeaveLastOut", "RandomHoldout", "TemporalSplit"]
