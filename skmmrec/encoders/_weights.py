"""Where pretrained weights come from, and what is said when they do not come.

The hub's client repeats a request that finds no network for a minute, and waits without
limit for one that is never answered. So the network is asked once, briefly, and without
it only the local cache is read.
"""

import os
import ssl
from contextlib import contextmanager
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from skmmrec._optional import optional_import
from skmmrec.encoders._modules import module_digest
from skmmrec.encoders._store import stat_text


def is_out_of_reach(address, timeout=5):
    """Whether a server does not answer.

    Parameters
    ----------
    address : str
    timeout : float, default=5
        In seconds.

    Returns
    -------
    out_of_reach : bool
    """
    try:
        request = Request(address, method="HEAD")  # noqa: S310  nothing is read of it
        with urlopen(request, timeout=timeout):  # noqa: S310
            return False
    except HTTPError:
        return False  # a refusal is an answer
    except URLError as error:
        # an answer too, with a certificate that the client may well trust
        return not isinstance(error.reason, ssl.SSLError)
    except OSError:
        return True


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
    return constants.HF_HUB_OFFLINE or is_out_of_reach(constants.ENDPOINT, timeout)


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
    return tuple((path, stat_text(path)) for path in files_in(model))


def stamp_of(model):
    """The same for whatever may be passed as a model.

    Parameters
    ----------
    model : str, Path or module

    Returns
    -------
    stamp : tuple or None
    """
    return folder_stamp(model) if isinstance(model, (str, os.PathLike)) else None


def files_in(folder):
    """Paths of all files, also behind links, sorted."""
    walk = os.walk(folder, followlinks=True)
    return sorted(
        os.path.join(place, file) for place, _, files in walk for file in files
    )


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


def loaded(model, load, settings, kinds, is_module):
    """The model of an encoder: what it was given, or what its name stands for.

    Parameters
    ----------
    model : str, Path or module
    load : callable
        Of (name, *settings, stamp), with a cache.
    settings : tuple
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
        return load(name, *settings, folder_stamp(name))
    if is_module(model):
        return model
    raise TypeError(
        f"model must be {kinds}; got {type(model).__name__}; pass one of these."
    )


def weights_facts(model, load):
    """What tells weights apart, for the fingerprint of an encoder.

    Those of a local folder are hashed as files, so that what is in a store already can
    be read without loading a model, or having the library for it.

    Parameters
    ----------
    model : str, Path or module
    load : callable
        Returns the module that a name on the hub stands for.

    Returns
    -------
    facts : dict
        With the key "model".
    """
    if isinstance(model, (str, os.PathLike)):
        stamp = folder_stamp(os.fspath(model))
        if stamp is not None:
            return {"model": _folder_digest(os.fspath(model), stamp)}
        return {"model": _named_digest(load())}
    return {"model": module_digest(load())}


@lru_cache(maxsize=4)
def _named_digest(module):
    """Of a module that nobody but us has in hand, and so stays as it is."""
    return module_digest(module)


@lru_cache(maxsize=16)
def _folder_digest(folder, stamp):
    """Hash of all files; `stamp` makes a folder whose files changed another key."""
    hasher = blake2b(digest_size=16)
    for path in map(Path, files_in(folder)):
        content = path.read_bytes()
        hasher.update(f"{path.relative_to(folder)} {len(content)} ".encode())
        hasher.update(content)
    return hasher.hexdigest()


@contextmanager
def inference(model, device, dtype, *, extra):
    """Compute without gradients, and multiply in another type of number.

    The weights stay in float32, and so do sums and norms: as fast as a model that is
    bfloat16 throughout, and two to three times nearer to float32.

    Parameters
    ----------
    model : str, Path or module
        A module computes in the type of its own weights.
    device : torch.device
    dtype : torch.dtype
        Both as from `placement`.
    extra : str
        The extra of skmmrec that brings torch.
    """
    torch = optional_import("torch", extra=extra)
    is_ours = isinstance(model, (str, os.PathLike)) and dtype != torch.float32
    with torch.inference_mode(), torch.autocast(device.type, dtype, enabled=is_ours):
        yield


def placement(device, dtype, *, extra):
    """Where a network computes, and in what type of number.

    Parameters
    ----------
    device : str or None
        None is a GPU if there is one.
    dtype : {"auto", "float32", "bfloat16"}
        "auto" is bfloat16 where the processor computes in it, about twice as fast, else
        float32.
    extra : str
        The extra of skmmrec that brings torch.

    Returns
    -------
    device : torch.device
    dtype : torch.dtype
    """
    torch = optional_import("torch", extra=extra)
    if device is None:
        device = "cuda" if torch.cuda.is_available() else "cpu"
    device = torch.device(device)
    if dtype == "auto":
        if device.type == "cuda":
            native = torch.cuda.get_device_capability(device) >= (8, 0)
        else:
            can = getattr(torch.cpu, "get_capabilities", dict)()
            native = can.get("avx512_bf16") or can.get("amx_bf16")
        dtype = "bfloat16" if native else "float32"
    return device, getattr(torch, dtype)
