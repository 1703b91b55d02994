"""Plain data as JSON, and back to exactly what it was.

JSON has neither tuples nor bytes, and only texts as keys: an object of JSON with one
key is a note of what its value was.
"""

import json

import numpy as np

SIMPLE = {str, int, float, bool, type(None)}
# numbers of numpy that Python's own hold exactly
NUMBERS = {np.dtype(code).str for code in "?bhiqBHIQefd"}


class NotPlainError(TypeError):
    """Something has no place in JSON."""


def _encoded(value):
    kind = type(value)
    if kind in SIMPLE:
        return value
    if kind is list:
        return value if set(map(type, value)) <= SIMPLE else list(map(_encoded, value))
    if kind is tuple:
        return {"tuple": list(map(_encoded, value))}
    if kind is dict:
        return {"dict": [_encoded(list(value)), _encoded(list(value.values()))]}
    if kind is bytes:
        return {"bytes": value.hex()}
    if isinstance(value, np.generic) and value.dtype.str in NUMBERS:
        return {"numpy": [value.dtype.str, value.item()]}
    if kind is np.str_:
        return {"numpy": ["U", str(value)]}
    raise NotPlainError(f"{kind.__module__}.{kind.__qualname__}")


def _decoded(note):
    ((kind, value),) = note.items()
    if kind == "tuple":
        return tuple(value)
    if kind == "dict":
        return dict(zip(*value, strict=True))
    if kind == "bytes":
        return bytes.fromhex(value)
    if kind == "numpy":
        dtype, item = value
        if dtype in NUMBERS or dtype == "U":
            return np.dtype(dtype).type(item)
    raise ValueError(f"a note of {kind!r}")


def to_json(value):
    """Plain data as bytes of JSON.

    Parameters
    ----------
    value : object
        Made of texts, numbers, None, bytes, tuples, lists and dicts.

    Returns
    -------
    data : bytes

    Raises
    ------
    NotPlainError
        If it holds anything else, whose type is the message.
    """
    return json.dumps(_encoded(value)).encode()


def from_json(data):
    """What `to_json` was given."""
    return json.loads(data, object_hook=_decoded)
