"""Components found by name: our own and those of any installed package.

A package offers components through entry points, groups ``skmmrec.encoders``,
``skmmrec.fusions``, ``skmmrec.recommenders``, ``skmmrec.retrievers`` and
``skmmrec.metrics``; ours are declared the same way. Nothing is imported before it is
asked for, and what is wrong with a plug-in is said when its own name is.
"""

from functools import cache
from importlib.metadata import entry_points
from inspect import Parameter, isclass, signature
from pkgutil import resolve_name

from skmmrec._checks import check_choice
from skmmrec._quote import quoted
from skmmrec._reports import as_columns

__all__ = ["KINDS", "load", "make", "names", "table"]

# What a component of each kind must be; a metric is any function.
_BASES = {
    "encoders": "sklearn.base:TransformerMixin",
    "fusions": "skmmrec.fusion:BaseFusionMethod",
    "recommenders": "skmmrec:BaseRecommender",
    "retrievers": "skmmrec:BaseRetriever",
    "metrics": None,
}
KINDS = tuple(_BASES)


@cache
def _group(kind):
    """Entry points of a kind by name, a list where several packages took one."""
    found = {}
    for entry in entry_points(group=f"skmmrec.{kind}"):
        found.setdefault(entry.name, []).append(entry)
    return found


def _origin(entry):
    """Where a plug-in comes from, for messages."""
    return f"{entry.dist.name} {entry.dist.version} ({entry.value})"


def _entry(kind, name):
    """The one entry point of that name."""
    check_choice(kind, KINDS, "kind")
    if not isinstance(name, str) or name not in _group(kind):
        raise ValueError(
            f"The name must be one of the installed {kind}, "
            f"{quoted(names(kind), 200)}; got {quoted(name)}; correct it, or install "
            f"the package that brings it."
        )
    entries = _group(kind)[name]
    if len(entries) > 1:
        raise ValueError(
            f"The name {name!r} must be that of one package among the {kind}; got "
            f"{' and '.join(sorted(map(_origin, entries)))}; uninstall all but one, or "
            f"pass an instance in place of the name."
        )
    return entries[0]


def names(kind):
    """Names of the installed components of a kind.

    Parameters
    ----------
    kind : {"encoders", "fusions", "recommenders", "retrievers", "metrics"}

    Returns
    -------
    names : list of str, sorted

    Examples
    --------
    >>> from skmmrec import plugins
    >>> "usearch" in plugins.names("retrievers")
    True
    """
    check_choice(kind, KINDS, "kind")
    return sorted(_group(kind))


def load(kind, name):
    """The component of that name.

    Parameters
    ----------
    kind : {"encoders", "fusions", "recommenders", "retrievers", "metrics"}
    name : str

    Returns
    -------
    component : class, or function for a metric
        What the entry point names.

    Raises
    ------
    ValueError
        If nothing of that name is installed, or several packages bring one.
    ImportError
        If the plug-in fails when it is imported.
    TypeError
        If it is no component of that kind.

    See Also
    --------
    make : An instance of it.

    Examples
    --------
    >>> from skmmrec import plugins
    >>> plugins.load("fusions", "concat").__name__
    'ConcatFusion'
    """
    entry = _entry(kind, name)
    try:
        component = entry.load()
    except Exception as error:  # whatever the code of others raises
        raise ImportError(
            f"The plug-in {name!r} of {_origin(entry)} must be importable; got "
            f"{type(error).__name__}: {error}; repair or uninstall the package."
        ) from error
    base = _BASES[kind] and resolve_name(_BASES[kind])
    if not (callable(component) if base is None else _is_a(component, base)):
        wanted = "a function" if base is None else f"a subclass of {base.__name__}"
        raise TypeError(
            f"The plug-in {name!r} of {_origin(entry)} must be {wanted} to be among "
            f"the {kind}; got {quoted(component)}; correct its entry point."
        )
    return component


def _is_a(component, base):
    return isclass(component) and issubclass(component, base)


def _required(component):
    """Names of the parameters that have no default."""
    parameters = signature(component).parameters.values()
    varying = Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD
    return [
        p.name for p in parameters if p.default is p.empty and p.kind not in varying
    ]


def make(kind, name):
    """The component of that name, with the defaults of its parameters.

    Parameters
    ----------
    kind : {"encoders", "fusions", "recommenders", "retrievers"}
    name : str

    Returns
    -------
    component : estimator

    Raises
    ------
    ValueError, ImportError, TypeError
        As in `load`; also a ValueError if it has a parameter without a default.

    Examples
    --------
    >>> from skmmrec import plugins
    >>> plugins.make("recommenders", "popularity")
    PopularityRecommender()
    """
    component = load(kind, name)
    if required := _required(component):
        raise ValueError(
            f"What is asked for by name must do with its defaults; got {name!r}, which "
            f"must be given {required}; pass an instance, {component.__name__}(...)."
        )
    return component()


def table(kind=None):
    """What is installed, from which package, and what it can do.

    Everything is imported for it.

    Parameters
    ----------
    kind : str, default=None
        One of ``skmmrec.plugins.KINDS``; None for all.

    Returns
    -------
    table : dict of {str: list}
        Columns of equal length: `kind`, `name`, `component` (its class or function),
        `package`, `version`, `extra` of the package that it needs (empty if none),
        `can` (a list of the capabilities that its tags and methods tell), and `problem`
        (None, or the message of the error that `load` raises).
        ``pandas.DataFrame(table)`` makes a data frame of it.

    Examples
    --------
    >>> from skmmrec import plugins
    >>> table = plugins.table("retrievers")
    >>> table["name"], table["extra"]
    (['exact', 'faiss', 'usearch'], ['', 'ann', 'ann'])
    """
    if kind is not None:
        check_choice(kind, KINDS, "kind")
    kinds = KINDS if kind is None else (kind,)
    rows = [
        _described(kind, name, entry)
        for kind in kinds
        for name in names(kind)
        for entry in _group(kind)[name]
    ]
    columns = [
        "kind",
        "name",
        "component",
        "package",
        "version",
        "extra",
        "can",
        "problem",
    ]
    return as_columns(columns, rows)


def _described(kind, name, entry):
    from skmmrec._capabilities import capabilities

    can, problem = [], None
    try:
        can = capabilities(kind, load(kind, name))
    except Exception as error:  # also of a constructor: the others are listed
        problem = str(error)
    package, extra = entry.dist, ", ".join(entry.extras)
    return kind, name, entry.attr, package.name, package.version, extra, can, problem
