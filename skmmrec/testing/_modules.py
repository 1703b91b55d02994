"""Modules that are not there, for tests of what is optional."""

import sys
from contextlib import contextmanager


@contextmanager
def hidden_modules(*names):
    """Let imports of modules fail, as where they are not installed.

    What has imported one of them before goes on having it.

    Parameters
    ----------
    *names : str
        Modules or packages, such as ``"torch"``; with all that is in them.

    Examples
    --------
    >>> from skmmrec.testing import hidden_modules
    >>> with hidden_modules("faiss"):
    ...     import faiss
    Traceback (most recent call last):
    ModuleNotFoundError: import of faiss halted; None in sys.modules
    """
    parts = tuple(f"{name}." for name in names)
    loaded = {
        name: module
        for name, module in sys.modules.items()
        if name in names or name.startswith(parts)
    }
    sys.modules.update(dict.fromkeys([*names, *loaded]))
    try:
        yield
    finally:
        for name in set(names):
            del sys.modules[name]
        sys.modules.update(loaded)
