"""Settings of the whole process, kept in its environment.

Workers of joblib and of a grid search are new processes, and inherit the environment;
a module-level variable would stay behind.
"""

import os
from numbers import Integral
from typing import Any

from skmmrec._quote import quoted

_NUMBERS = {  # limits on untrusted media: (default, unit)
    "max_bytes": (2**30, "bytes of one file"),
    "max_pixels": (50_000_000, "pixels of one picture or frame"),
    "max_seconds": (1200, "seconds of one sound"),
}


def _variable(name):
    return f"SKMMREC_{name.upper()}"


def _limit(name, text):
    """A limit as a positive integer."""
    try:
        limit = int(text)
    except ValueError:
        limit = 0
    if limit < 1:
        raise ValueError(
            f"{name} must be a positive integer, {_NUMBERS[name][1]}; got "
            f"{quoted(text)}; correct it with set_config, or the environment variable "
            f"{_variable(name)}."
        )
    return limit


def get_config() -> dict[str, Any]:
    """The settings that hold for every encoder of this process.

    Returns
    -------
    config : dict
        With the keys of `set_config`.

    Raises
    ------
    ValueError
        If an environment variable holds what is no positive integer.

    See Also
    --------
    set_config : Change them.

    Examples
    --------
    >>> import skmmrec
    >>> skmmrec.get_config()["max_pixels"]
    50000000
    """
    config = {"store": os.environ.get(_variable("store")) or None}
    for name, (default, _) in _NUMBERS.items():
        config[name] = _limit(name, os.environ.get(_variable(name)) or default)
    return config


def set_config(**settings: Any) -> None:
    """Change settings of this process and of the workers that it starts.

    Parameters
    ----------
    store : str, Path, EmbeddingStore or None
        Where encoders remember what they have encoded, unless they have a store of
        their own. None, as at first: nowhere.
    max_bytes : int
        Files of more bytes are refused; at first 2**30, and again after None.
    max_pixels : int
        Pictures and video frames of more pixels are refused before they are decoded; at
        first 50,000,000. Pillow itself reads no picture of more than 178,956,970.
    max_seconds : int
        Sounds of more seconds are refused, unless an encoder reads only their beginning
        (`duration`); at first 1200.

    Raises
    ------
    TypeError
        If there is no such setting, or a value is of a wrong type.
    ValueError
        If a limit is below 1.

    See Also
    --------
    get_config : The settings as they are.

    Notes
    -----
    Settings are environment variables, ``SKMMREC_STORE``, ``SKMMREC_MAX_BYTES`` and so
    on, which may as well be set before Python starts. Workers of joblib that idle are
    stopped, as they were started with the old settings; those at work keep them.

    Examples
    --------
    >>> import skmmrec
    >>> skmmrec.set_config(max_pixels=100_000_000)
    >>> skmmrec.get_config()["max_pixels"]
    100000000
    >>> skmmrec.set_config(max_pixels=50_000_000)
    """
    texts = {name: _as_text(name, value) for name, value in settings.items()}
    for name, text in texts.items():
        if text is None:
            os.environ.pop(_variable(name), None)
        else:
            os.environ[_variable(name)] = text
    _stop_idle_workers()


def _as_text(name, value):
    """A setting as the environment holds it; None removes it."""
    if name == "store":
        return _as_folder(getattr(value, "folder", value))
    if name in _NUMBERS and value is None:
        return None
    if name not in _NUMBERS:
        known = ", ".join(["store", *_NUMBERS])
        raise TypeError(
            f"A setting must be one of {known}; got {quoted(name)}; correct it."
        )
    if not isinstance(value, Integral) or isinstance(value, bool):
        raise TypeError(
            f"{name} must be an integer, {_NUMBERS[name][1]}; got "
            f"{type(value).__name__}; pass one."
        )
    return str(_limit(name, value))


def _as_folder(folder):
    if folder is None or (isinstance(folder, str) and not folder):
        return None  # as the environment variable
    if not isinstance(folder, (str, os.PathLike)):
        raise TypeError(
            f"store must be a folder, an EmbeddingStore or None; got "
            f"{type(folder).__name__}; pass one of these."
        )
    path = os.path.abspath(os.path.expanduser(os.fspath(folder)))
    try:
        fits = b"\0" not in os.fsencode(path)
    except UnicodeEncodeError:
        fits = False
    if not fits:
        raise ValueError(
            f"store must be a path that the system can hold; got {quoted(folder)}; "
            f"leave out NUL and surrogates."
        )
    return path


def _stop_idle_workers():
    """Processes that joblib keeps for the next call have the old environment."""
    from joblib.externals.loky import get_reusable_executor, reusable_executor

    executor = reusable_executor._executor
    if executor is not None and not executor._pending_work_items:
        get_reusable_executor(reuse=True).shutdown(wait=True)
