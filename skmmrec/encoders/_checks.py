"""Checks of the encoders' parameters, made in fit."""

from numbers import Integral

from skmmrec._quote import quoted


def check_choice(name, value, choices):
    """Refuse a value that is not one of the choices.

    Parameters
    ----------
    name : str
        Name of the parameter, for the message.
    value : object
    choices : tuple of str

    Raises
    ------
    ValueError
    """
    if not isinstance(value, str) or value not in choices:
        known = ", ".join(map(repr, choices))
        raise ValueError(
            f"{name} must be one of {known}; got {quoted(value)}; choose one of these."
        )


def check_count(name, value):
    """Refuse what is not an integer of at least 1.

    Parameters
    ----------
    name : str
        Name of the parameter, for the message.
    value : object

    Raises
    ------
    TypeError
        If it is no integer.
    ValueError
        If it is below 1.
    """
    if not isinstance(value, Integral) or isinstance(value, bool):
        raise TypeError(
            f"{name} must be an integer; got {type(value).__name__}; pass one, "
            f"1 or more."
        )
    if value < 1:
        raise ValueError(f"{name} must be at least 1; got {quoted(value)}; raise it.")
