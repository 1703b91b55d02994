"""What others wrote, as a part of a sentence of ours: on one line, and not long."""

import reprlib

MOST, MOST_REASON = 150, 100  # characters

_repr = reprlib.Repr()
_repr.maxlist = 20
_repr.maxstring = _repr.maxlong = _repr.maxother = MOST


def quoted(value, longest=MOST):
    """`repr` of a value, with something left out where it is long.

    Parameters
    ----------
    value : object
    longest : int, default=150
        Of characters.

    Returns
    -------
    text : str
    """
    text = " ".join(_repr.repr(value).split())
    return text if len(text) <= longest else f"{text[:longest]}..."


def reason(error):
    """What an error of a library says; the name of its class where that is nothing.

    Parameters
    ----------
    error : Exception

    Returns
    -------
    text : str
    """
    said = getattr(error, "strerror", None) or str(error)  # the one without the path
    text = " ".join(said.split()).rstrip(".") or type(error).__name__
    return text if len(text) <= MOST_REASON else f"{text[:MOST_REASON]}..."
