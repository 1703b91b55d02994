"""The judge of hostile input: a right answer, or one clear sentence, and in time.

A test passes a call to `judge`, and looks itself at what the call answers. Files of
this folder name the public things they cover in a list `COVERS`.
"""

import faulthandler
import re
import time
import traceback
import warnings
from collections import Counter
from pathlib import Path

import joblib
import sklearn

import skmmrec

OURS = str(Path(skmmrec.__file__).parent)
# scikit-learn's sentences about parameters and arrays are told as they are
THEIRS = str(Path(sklearn.__file__).parent)
SLOW = 20  # seconds of work, not of waiting for others; every input here is tiny
HANGS = 300
HANGS_TO = 2  # number of the file that shows where it hangs
LONGEST = 400  # characters of a sentence

INTERNAL = re.compile(
    r"zero-size array|out of bounds|cannot reindex|'NoneType' object|has no attribute|"
    r"not subscriptable|unsupported operand|broadcast together|unhashable|"
    r"truth value|positional argument|unexpected keyword|inhomogeneous|"
    r"not iterable|'float' object|Cannot cast|index out of range"
)

OUTCOMES = Counter()  # for benchmarks/hostile.py: calls answered and refused


def is_sentence(text):
    """Whether this is one sentence that a user can act on."""
    return (
        bool(re.match(r"[\w']", text))
        and text.endswith(".")
        and "\n" not in text
        and len(text) <= LONGEST
    )


def check_refusal(error):
    """Fail unless an exception is a refusal: of the right class, in clear words."""
    files = [frame.filename for frame in traceback.extract_tb(error.__traceback__)]
    inner = [name for name in files if name.endswith(".py")][-1]  # none compiled
    text = str(error)
    clear = inner.startswith(THEIRS) or (inner.startswith(OURS) and is_sentence(text))
    told = isinstance(error, (ValueError, TypeError, IndexError, ImportError, OSError))
    if not (told and clear) or INTERNAL.search(text.partition("; got")[0]):
        raise AssertionError(
            f"not a clear refusal: {type(error).__name__}: {text}"
        ) from error


def check_warning(warning):
    """Fail unless a warning is one of ours: a sentence for the user."""
    text = str(warning.message)
    if warning.category is DeprecationWarning and "/torch/" in warning.filename:
        return  # of its own import, as in pyproject.toml
    assert warning.category is UserWarning, f"{warning.category.__name__}: {text}"
    assert is_sentence(text) or warning.filename.startswith(THEIRS), text


def state(thing):
    """A hash of all that an object holds."""
    return joblib.hash(thing)


def judge(call, *inputs):
    """What a call answers, and None; or None and the error by which it is refused.

    Parameters
    ----------
    call : callable
    *inputs : objects
        Which the call may not change.
    """
    before = [state(thing) for thing in inputs]
    answer = refusal = None
    faulthandler.dump_traceback_later(HANGS, exit=True, file=HANGS_TO)
    start = time.process_time()
    try:
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            answer = call()
    except Exception as error:
        check_refusal(error)
        refusal = error
    finally:
        faulthandler.cancel_dump_traceback_later()
    assert time.process_time() - start < SLOW, "it took too long"
    for warning in told:
        check_warning(warning)
    assert [state(thing) for thing in inputs] == before, "an input was changed"
    OUTCOMES["answered" if refusal is None else "refused"] += 1
    return answer, refusal
