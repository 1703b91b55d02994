"""What functions and objects do, told by their code, the same in every process.

Neither the source (it is not always there) nor a pickle (it names functions instead of
holding them, and depends on the order of sets) can tell it.
"""

import inspect
import re
from functools import cached_property, partial

import joblib

# told apart by their versions
LIBRARIES = {
    *("numpy", "sentence_transformers", "sklearn", "skmmrec", "timm", "tokenizers"),
    *("torch", "torchaudio", "torchvision", "transformers"),
}
CONSTANTS = bool, int, float, complex, str, bytes, tuple, frozenset, re.Pattern


def of_library(kind):
    """Whether a class or a function is from a library whose version is known."""
    module = getattr(kind, "__module__", None) or ""
    return module.partition(".")[0] in LIBRARIES | {"builtins", "abc", "collections"}


def facts_of(value):
    """What a value is, as text, equal for equal values.

    Parameters
    ----------
    value : object

    Returns
    -------
    facts : str

    Raises
    ------
    ValueError
        If there is no way to tell it from others.
    """
    if value is None or isinstance(value, (bool, int, float, complex, str, bytes)):
        return repr(value)
    if isinstance(value, (list, tuple)):
        return f"{type(value).__name__}({','.join(map(facts_of, value))})"
    if isinstance(value, (set, frozenset)):
        return f"set({','.join(sorted(map(facts_of, value)))})"
    if isinstance(value, dict):
        return f"dict({[(facts_of(k), facts_of(v)) for k, v in value.items()]})"
    if isinstance(value, partial):
        return f"partial({facts_of([value.func, value.args, value.keywords])})"
    if inspect.ismodule(value):
        return f"module {value.__name__}"
    if inspect.isclass(value):
        return value.__qualname__ if of_library(value) else repr(class_facts(value))
    function = inspect.unwrap(getattr(value, "__func__", value))
    if inspect.isfunction(function):
        return repr(function_facts(function))
    try:
        return f"{type(value).__qualname__} {joblib.hash(value)}"
    except Exception as error:  # whatever a pickler meets
        raise ValueError(
            f"A {type(value).__name__} must be picklable, so that a store can tell it "
            f"from others; got one that is not ({error}); set store=False."
        ) from error


def function_facts(function):
    """Code, defaults, and what the function has closed over, or takes from its module.

    Of the latter constants and functions, and not what these take in turn.
    """
    cells = [cell.cell_contents for cell in function.__closure__ or ()]
    inner = [cell for cell in cells if cell is not function and not _is_class(cell)]
    return (
        _code_facts(function.__code__),
        _global_facts(function),
        facts_of(function.__defaults__),
        facts_of(function.__kwdefaults__),
        facts_of(inner),
    )


def _names(code):
    """Names that code uses, also the code within, such as that of comprehensions."""
    inner = (
        _names(constant) for constant in code.co_consts if inspect.iscode(constant)
    )
    return set(code.co_names).union(*inner)


def _global_facts(function):
    """Constants and functions of the module that a function names."""
    facts = []
    for name in sorted(_names(function.__code__) & set(function.__globals__)):
        value = function.__globals__[name]
        if isinstance(value, CONSTANTS):
            facts.append((name, facts_of(value)))
        elif inspect.isfunction(value) and not of_library(value):
            facts.append((name, _code_facts(value.__code__)))
    return facts


def _is_class(cell):
    """`super()` closes over the class that the function is part of."""
    return inspect.isclass(cell)


def _code_facts(code):
    """Instructions and constants of a function, and of those within."""
    constants = [
        _code_facts(constant) if inspect.iscode(constant) else facts_of(constant)
        for constant in code.co_consts
        if constant is not Ellipsis
    ]
    return code.co_code.hex(), code.co_names, constants


def class_facts(kind):
    """Methods and attributes of a class itself, without those that it inherits."""
    facts = []
    for name, value in sorted(vars(kind).items()):
        if name in ("__doc__", "__module__", "__dict__", "__weakref__", "__slots__"):
            continue
        if name.startswith(("_abc_", "_sklearn_", "__annotations", "__firstlineno")):
            continue
        if isinstance(value, property):
            value = value.fget
        elif isinstance(value, cached_property):
            value = value.func
        elif isinstance(value, (staticmethod, classmethod)):
            value = value.__func__
        if inspect.isroutine(value) and not inspect.isfunction(inspect.unwrap(value)):
            continue  # a slot of the interpreter
        facts.append((name, facts_of(value)))
    return facts
