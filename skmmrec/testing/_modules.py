"""Modules that are not there, for tests of what is optional."""

import sys
from contextlib import contextmanager


class _Hiding:
    """A finder that finds nothing of some packages, and lets nobody else look."""

    def __init__(self, names):
        self.names = names

    def hides(self, name):
        return any(name == n or name.startswith(f"{n}.") for n in self.names)

    def find_spec(self, name, path=None, target=None):
        if self.hides(name):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


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
    >>> with hidden_modules("json"):
    ...     import json
    Traceback (most recent call last):
    ModuleNotFoundError: No module named 'json'
    """
    hiding = _Hiding(names)
    hidden = {name: sys.modules[name] for name in sys.modules if hiding.hides(name)}
    for name in hidden:
        del sys.modules[name]
    sys.meta_path.insert(0, hiding)
    try:
        yield
    finally:
        sys.meta_path.remove(hiding)
        sys.modules.update(hidden)
