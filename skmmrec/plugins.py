"""Components found by name: our own and those of any installed package.

A package offers components through entry points, groups ``skmmrec.fusions``,
``skmmrec.metrics`` and ``skmmrec.retrievers``; ours are declared the same way. Nothing
is imported before it is asked for.
"""

from functools import cache
from importlib.metadata import entry_points

from skmmrec._checks import check_choice
from skmmrec._quote import quoted

__all__ = ["load", "names"]


KINDS = ("fusions", "metrics", "retrievers")


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
    """
    check_choice(kind, KINDS, "kind")
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
    check_choice(kind, KINDS, "kind")
    if not isinstance(name, str) or name not in _group(kind):
        raise ValueError(
            f"The name must be one of the installed {kind}, "
            f"{quoted(names(kind), 200)}; got {quoted(name)}; correct it, or install "
            f"the package that brings it."
        )
    return _group(kind)[name].load()
