"""What the vectors of an encoder depend on, besides the content, as one short text."""

import json
from hashlib import blake2b
from importlib.metadata import PackageNotFoundError, version
from os import PathLike

import joblib
from sklearn.base import BaseEstimator

from skmmrec.encoders._code import class_facts, facts_of, of_library

# what changes how encoding is done, but not its result
WITHOUT_EFFECT = {"batch_size", "on_error", "show_progress", "store"}
WITHOUT_EFFECT_IN_OURS = {"device", "random_state", "root"}


def digest(data, kind=b""):
    """Sixteen bytes that stand for any others, of this kind of content."""
    return blake2b(data, digest_size=16, person=kind).digest()


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
    description = {"encoder": type(encoder).__name__, **_shown(encoder, facts)}
    return digest(text.encode()).hex(), json.dumps(description, sort_keys=True)


def _shown(encoder, facts):
    """What a person is told of an encoder: its parameters, models by their names."""
    shown = dict(facts["parameters"])
    for name, value in encoder.get_params(deep=False).items():
        if name in facts["depends_on"] and value is not None:
            is_name = isinstance(value, (str, PathLike))
            shown[name] = str(value) if is_name else type(value).__name__
        elif callable(value) and name in shown:  # whose fact is all of its code
            shown[name] = getattr(value, "__qualname__", type(value).__name__)
    return shown


def encoder_facts(encoder):
    """The same in full, as what JSON can hold."""
    depends_on = encoder._depends_on()
    skipped = WITHOUT_EFFECT | set(depends_on)
    if getattr(encoder, "redact", None) is None:
        skipped |= {"redact"}  # what stores kept before there was one still holds
    if of_library(type(encoder)):
        skipped |= WITHOUT_EFFECT_IN_OURS
    return {
        "class": f"{type(encoder).__module__}.{type(encoder).__qualname__}",
        "code": _code(encoder),
        "parameters": {
            name: _as_fact(value)
            for name, value in encoder.get_params(deep=False).items()
            if name not in skipped
        },
        "learned": joblib.hash(learned(encoder)),
        "libraries": {name: _version(name) for name in encoder._libraries},
        "depends_on": depends_on,
    }


def learned(encoder):
    """What `fit` has learned from the column, by the name of the attribute."""
    return {
        name: value
        for name, value in sorted(vars(encoder).items())
        if name.endswith("_") and not name.startswith("_") and name != "n_features_in_"
    }


def _code(encoder):
    """The code of classes that are not ours; the revision stands for that of ours."""
    own = [class_facts(kind) for kind in type(encoder).__mro__ if not of_library(kind)]
    return digest(repr((own, encoder._revision)).encode("utf-8", "replace")).hex()


def _as_fact(value):
    """A parameter as what JSON can hold, equal for equal values."""
    if isinstance(value, BaseEstimator) and hasattr(value, "_depends_on"):
        return encoder_facts(value)
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return facts_of(value)


def _version(name):
    try:
        return version(name)
    except PackageNotFoundError:
        return None
