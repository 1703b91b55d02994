"""Components found by name: our own and those of any installed package.

A package offers components through entry points, groups ``skmmrec.fusions``,
``skmmrec.metrics`` and ``skmmrec.retrievers``; ours are declared the same way. Nothing
is imported before it is asked for.
"""

from functools import cache
from importlib.metadata import entry_points

__all__ = ["load", "names"]


@cache
def _group(kind):
    return {entry.name: entry for entry in entry_points(group=f"skmmrec.{kind}")}


def names(kind):
    """Names of the installed components of a kind.

    Parameters
    ----------
    kind : {"fusions", "metrics", "retrievers"}

    Returns
    -------
    names : list of str, sorted

    Examples
    --------
    >>> from skmmrec import plugins
    >>> "usearch" in plugins.names("retrievers")
    True
    """
    return sorted(_group(kind))


def load(kind, name):
    """The component of that name.

    Parameters
    ----------
    kind : {"fusions", "metrics", "retrievers"}
    name : str

    Returns
    -------
    component : object
        What the entry point names: a class or a function.

    Raises
    ------
    ValueError
        If nothing of that name is installed.

    Examples
    --------
    >>> from skmmrec import plugins
    >>> plugins.load("fusions", "concat").__name__
    'ConcatFusion'
    """
    if name not in _group(kind):
        raise ValueError(
            f"The name must be one of the installed {kind}, {names(kind)}; got "
            f"{name!r}; correct it, or install the package that brings it."
        )
    return _group(kind)[name].load()
