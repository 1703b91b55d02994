"""Which types may stand in a saved model.

skops trusts scikit-learn's estimators, numpy's arrays and functions, and Python's own
containers. Here is what our models hold besides. A name is trusted whichever way a file
uses it, be it by calling it: so none is here whose call does more than keep or compute.
"""

import inspect
from importlib import import_module

from sklearn.base import BaseEstimator
from sklearn.model_selection import BaseCrossValidator

from skmmrec._optional import optional_import
from skmmrec._sklearn import BaseScorer

OURS = {
    "_projection": {"BlockProjection", "Projection"},
    "_vectors": {"Blocks"},
    "data._feature_table": {"FeatureTable"},
    "data._vocabulary": {"Vocabulary"},
    "encoders._audio": {"Waveform"},
    "encoders._mel": {"LogMel"},
    "encoders._store": {"EmbeddingStore"},
    "encoders._tabular_columns": {
        *("CategoryColumn", "DateColumn", "LabelColumn", "LabelSplitter"),
        "NumberColumn",
    },
    "fusion._moments": {"Moments"},
    "persistence._placeholders": {
        *("ArrayPart", "Pairs", "PlainPart", "Sparse", "Tensor", "TreeNodes"),
        "WeightsPart",
    },
    "privacy._redact": {"redact_personal_data"},
    "recommenders._content_prior": {"ContentPrior"},
    "recommenders._content_space": {"ContentNeighbors", "ContentSpace"},
    "recommenders._graph": {
        *("CoConsumption", "ContentGraph", "LearnedEdges", "Successions")
    },
    "recommenders._neighbor_weights": {"NeighborWeights"},
    "recommenders._raw": {"Frames", "Grid", "Pixels", "Tokens"},
    "recommenders._ridge_map": {"RidgeMap"},
}
THEIRS = {
    *("builtins.frozenset", "builtins.slice", "collections.OrderedDict"),
    *("datetime.date", "datetime.datetime", "datetime.time", "datetime.timedelta"),
    *("datetime.timezone", "decimal.Decimal", "uuid.UUID", "zoneinfo.ZoneInfo"),
    *("pathlib.PosixPath", "pathlib.WindowsPath"),
    *("pathlib._local.PosixPath", "pathlib._local.WindowsPath"),  # Python 3.13
    *("numpy.dtype", "sklearn.utils._bunch.Bunch"),
    "torch.nn.functional.relu",
}
JUDGES = {  # splitters, scorers and metrics, which a search holds
    "sklearn.model_selection._split",
    *(f"sklearn.metrics._{kind}" for kind in ("classification", "ranking")),
    *(f"sklearn.metrics._{kind}" for kind in ("regression", "scorer")),
}
ESTIMATORS = BaseEstimator, BaseCrossValidator, BaseScorer


def _found(module, name):
    """What a module defines, not what it imports; None if it does not."""
    try:
        found = getattr(import_module(module), name, None)
    except ImportError:
        return None
    return found if getattr(found, "__module__", None) == module else None


def _is_ours(module, name):
    _, _, place = module.partition(".")
    if name in OURS.get(place, ()):
        return True
    if place.startswith("recommenders.networks."):
        return _is_module(module, name)
    found = _found(module, name)
    if place.startswith("metrics._") and inspect.isfunction(found):
        return True
    return inspect.isclass(found) and issubclass(found, ESTIMATORS)


def _is_module(module, name):
    base = optional_import("torch.nn", extra="neural").Module
    found = _found(module, name)
    return inspect.isclass(found) and issubclass(found, base)


def is_known(kind):
    """Whether a type may stand in a model, whoever wrote it.

    Parameters
    ----------
    kind : str
        Module and name.

    Returns
    -------
    is_known : bool

    Raises
    ------
    ImportError
        If it is one of torch's, which is not installed.
    """
    module, _, name = kind.rpartition(".")
    if kind in THEIRS:
        return True
    if module.partition(".")[0] == "skmmrec":
        return _is_ours(module, name)
    if module.startswith("torch.nn.modules."):
        return _is_module(module, name)
    if module in JUDGES:
        found = _found(module, name)
        return inspect.isfunction(found) or inspect.isclass(found)
    return False
