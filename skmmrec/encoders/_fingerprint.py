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
    sources = []
    for kind in type(encoder).__mro__:
        if issubclass(kind, BaseEstimator) and kind is not BaseEstimator:
            if kind.__module__.partition(".")[0] == "skmmrec":
                sources.append(str(kind._revision))
                break
            sources.append(_source(kind))
    return digest("\n".join(sources).encode()).hex()


def _source(kind):
    try:
        return inspect.getsource(kind)
    except (OSError, TypeError) as error:
        raise ValueError(
            f"The source of {kind.__name__} must be readable, so that a store notices "
            f"when it changes; got none; define it in a file, or set store=False."
        ) from error


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
