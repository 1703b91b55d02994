"""Where pretrained weights come from, and what is said when they do not come.

The hub's client repeats a request that finds no network for a minute, and waits without
limit for one that is never answered. So the network is asked once, briefly, and without
it only the local cache is read.
"""

import os
import ssl
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from skmmrec._optional import optional_import


def hub_is_out_of_reach(*, extra, timeout=5):
    """Whether the Hugging Face hub cannot be reached, or must not be.

    Parameters
    ----------
    extra : str
        The extra of skmmrec that brings the hub's client.
    timeout : float, default=5
        In seconds.

    Returns
    -------
    out_of_reach : bool
    """
    constants = optional_import("huggingface_hub.constants", extra=extra)
    if constants.HF_HUB_OFFLINE:
        return True
    try:
        with urlopen(Request(constants.ENDPOINT, method="HEAD"), timeout=timeout):
            return False
    except HTTPError:
        return False  # a refusal is an answer
    except URLError as error:
        # an answer too, with a certificate that the hub's client may well trust
        return not isinstance(error.reason, ssl.SSLError)
    except OSError:
        return True


def folder_stamp(model):
    """What changes when the files of a local folder do; None for a name.

    A cache of loaded models that knew only the path would go on using the old weights
    after they were trained again.

    Parameters
    ----------
    model : str

    Returns
    -------
    stamp : tuple or None
    """
    if not Path(model).is_dir():
        return None
    files = ((path, path.stat()) for path in sorted(Path(model).rglob("*")))
    return tuple((str(path), stat.st_size, stat.st_mtime_ns) for path, stat in files)


@contextmanager
def one_error(model, kinds, *, extra):
    """Whatever a library says of a model that it cannot load, as one sentence.

    Parameters
    ----------
    model : str
    kinds : str
        What may be passed instead.
    extra : str
        The extra of skmmrec that brings the library.

    Raises
    ------
    OSError
    """
    safetensors = optional_import("safetensors", extra=extra)
    known = OSError, RuntimeError, ValueError, LookupError, safetensors.SafetensorError
    try:
        yield
    except known as error:
        first_sentence = str(error).strip().partition("\n")[0].partition(". ")[0]
        reason = first_sentence.rstrip(".") or type(error).__name__
        raise OSError(
            f"model must be {kinds}; got {model!r}, which could not be loaded "
            f"({reason}); where there is no network, pass a folder that holds the "
            f"weights, or the module itself."
        ) from error


def loaded(model, load, device, kinds, is_module):
    """The model of an encoder: what it was given, or what its name stands for.

    Parameters
    ----------
    model : str, Path or module
    load : callable
        Of (name, device, stamp), with a cache.
    device : str or None
    kinds : str
        What `model` may be, for the message.
    is_module : callable
        Whether an object is a model already.

    Returns
    -------
    model : module

    Raises
    ------
    TypeError
        If `model` is neither a name nor a module.
    """
    if isinstance(model, (str, os.PathLike)):
        name = os.fspath(model)
        return load(name, device, folder_stamp(name))
    if is_module(model):
        return model
    raise TypeError(
        f"model must be {kinds}; got {type(model).__name__}; pass one of these."
    )
