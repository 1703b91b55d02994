"""What the vectors of an encoder depend on, besides the content, as one short text."""

import inspect
import json
from hashlib import blake2b
from importlib.metadata import PackageNotFoundError, version

import joblib
from sklearn.base import BaseEstimator

# what changes how encoding is done, but not its result
WITHOUT_EFFECT = {
    *("batch_size", "device", "on_error", "random_state", "root", "show_progress"),
    "store",
}


def digest(data):
    """Sixteen bytes that stand for any others."""
    return blake2b(data, digest_size=16).digest()


def fingerprint(encoder):
    """Everything that decides what an encoder makes of a content.

    Parameters
    ----------
    encoder : BaseEncoder

    Returns
    -------
    fingerprint : str of 32 hexadecimal digits
    description : str
        Class and parameters, for people.
    """
    facts = encoder_facts(encoder)
    text = json.dumps(facts, sort_keys=True)
    description = json.dumps(
        {"encoder": type(encoder).__name__, **facts["parameters"]}, sort_keys=True
    )
    return digest(text.encode()).hex(), description


def encoder_facts(encoder):
    """The same in full, as what JSON can hold."""
    parameters = encoder.get_params(deep=False)
    depends_on = encoder._depends_on()
    return {
        "class": f"{type(encoder).__module__}.{type(encoder).__qualname__}",
        "code": _code(encoder),
        "parameters": {
            name: _as_fact(value)
            for name, value in parameters.items()
            if name not in WITHOUT_EFFECT and name not in depends_on
        },
        "learned": joblib.hash(learned(encoder)),
        "libraries": {name: _version(name) for name in encoder._libraries},
        **depends_on,
    }


def learned(encoder):
    """What `fit` has learned from the column, by the name of the attribute."""
    return {
        name: value
        for name, value in sorted(vars(encoder).items())
        if name.endswith("_") and not name.startswith("_") and name != "n_features_in_"
    }


def _code(encoder):
    """Number of the revision of our own encoders, a hash of the code of others."""
    parts = []
    for kind in type(encoder).__mro__:
        if kind.__module__.partition(".")[0] == "skmmrec":
            parts.append(getattr(kind, "_revision", None))
            break
        parts.append(_class_facts(kind))
    return digest(repr(parts).encode()).hex()


def _class_facts(kind):
    """The methods of a class as bytecode, which, unlike source, is always there."""
    facts = []
    for name, value in sorted(vars(kind).items()):
        function = getattr(value, "fget", None) or getattr(value, "__func__", value)
        code = getattr(inspect.unwrap(function), "__code__", None)
        if code is not None:
            facts.append((name, _code_facts(code)))
        elif isinstance(value, (bool, int, float, str, tuple)) and name[:2] != "__":
            facts.append((name, repr(value)))
    return facts


def _code_facts(code):
    """What a function does, the same in every process."""
    constants = [
        _code_facts(constant)
        if inspect.iscode(constant)
        else sorted(map(repr, constant))  # sets have no order
        if isinstance(constant, frozenset)
        else repr(constant)
        for constant in code.co_consts
    ]
    return code.co_code.hex(), code.co_names, constants


def _as_fact(value):
    """A parameter as what JSON can hold, equal for equal values."""
    if isinstance(value, BaseEstimator) and hasattr(value, "_depends_on"):
        return encoder_facts(value)
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return f"{type(value).__name__} {joblib.hash(value)}"


def _version(name):
    try:
        return version(name)
    except PackageNotFoundError:
        return None
