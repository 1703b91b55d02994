"""With what a model was saved: releases of libraries, the machine, and its threads."""

import platform
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version

from threadpoolctl import threadpool_info

from skmmrec._version import __version__

LIBRARIES = (
    *("numpy", "scipy", "scikit-learn", "skops", "implicit"),
    *("torch", "torch-geometric", "rectools-lightfm"),
)
# of a pool of threads; where its file lies is nobody's business
FACTS = "user_api", "internal_api", "version", "architecture", "num_threads"


def versions():
    """Releases of Python, of skmmrec and of what it uses, as far as it is there."""
    found = {"skmmrec": __version__, "python": platform.python_version()}
    for name in LIBRARIES:
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def machine():
    """The platform, and the libraries that compute in threads, with their number."""
    pools = [{fact: pool.get(fact) for fact in FACTS} for pool in threadpool_info()]
    return {"platform": platform.platform(), "threads": pools}


def _series(name, release):
    """The part of a release that changes when models may."""
    return release if name == "skmmrec" else str(release).partition(".")[0]


def apart(theirs):
    """What is of another major release now, or another skmmrec, as two texts.

    Parameters
    ----------
    theirs : dict of {str: str}
        What `versions` said when the model was saved.

    Returns
    -------
    then, now : str
        Empty if nothing is.
    """
    ours = versions()
    names = [
        name
        for name in theirs.keys() & ours.keys() - {"python", "scikit-learn"}
        if _series(name, theirs[name]) != _series(name, ours[name])
    ]
    return tuple(
        ", ".join(f"{name} {releases[name]}" for name in sorted(names))
        for releases in (theirs, ours)
    )
