"""Imports of optional dependencies, with an error that names the pip extra."""

from importlib import import_module


def optional_import(name, *, extra):
    """Import module `name`, or say which extra of skmmrec brings it.

    Parameters
    ----------
    name : str
        Dotted name of the module.
    extra : str
        The extra of skmmrec that installs it.

    Returns
    -------
    module : module

    Raises
    ------
    ImportError
        If the module, or something it needs, cannot be imported.
    """
    try:
        return import_module(name)
    except ImportError as error:
        raise ImportError(
            f"This needs the package {name.partition('.')[0]!r}, which could not be "
            f"imported ({error}); install it with: pip install 'skmmrec[{extra}]'"
        ) from error
