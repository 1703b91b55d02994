"""What a network computes, as one hash: weights, settings, code and tokenizer.

Two modules of one structure and equal weights may still differ: in an attribute, a
hook, their own code, or how a text becomes tokens.
"""

import inspect
import json
from hashlib import blake2b

from skmmrec._optional import optional_import
from skmmrec.encoders._code import class_facts, facts_of, of_library

STATE = {
    "_parameters",
    "_buffers",
    "_modules",
    "training",
}  # hashed below, or set by us
HOOKS = ("_forward_hooks", "_forward_pre_hooks")


def module_digest(module):
    """Hash of all that decides what a module makes of an input.

    Parameters
    ----------
    module : torch.nn.Module

    Returns
    -------
    digest : str

    Raises
    ------
    ValueError
        If it has a hook or a class that cannot be told from others.
    """
    hasher = blake2b(digest_size=16)
    for name, part in module.named_modules():
        hasher.update(f"{name} {_part_facts(part)}\n".encode("utf-8", "replace"))
    for tensors in (module.named_parameters(), module.named_buffers()):
        for name, tensor in tensors:
            hasher.update(f"{name} {tensor.dtype} {tuple(tensor.shape)} ".encode())
            hasher.update(_tensor_bytes(tensor))
    return hasher.hexdigest()


def _tensor_bytes(tensor):
    torch = optional_import("torch", extra="neural")
    return tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy()


def _part_facts(part):
    """Class, settings and hooks of one module."""
    kind = type(part)
    facts = [kind.__qualname__, part.extra_repr()]
    facts += [class_facts(k) for k in kind.__mro__ if not of_library(k)]
    for name, value in sorted(vars(part).items()):
        if name in HOOKS:
            facts.append([facts_of(hook) for hook in value.values()])
        elif name in STATE or (name.startswith("_") and of_library(kind)):
            continue  # inner state of a library, some of it set in passing
        elif _can_tell(value):
            facts.append((name, facts_of(value)))
        elif hasattr(value, "backend_tokenizer"):
            facts.append(_tokenizer_facts(value.backend_tokenizer))
            facts.append(value.model_max_length)  # where texts are cut
        elif hasattr(value, "to_str"):
            facts.append(_tokenizer_facts(value))
        elif name == "config" and hasattr(value, "to_dict"):
            facts.append((name, json.dumps(value.to_dict(), default=str)))
    return facts


def _can_tell(value):
    """Whether it is plain data or a function, and not one of many inner objects."""
    if isinstance(value, (list, tuple, set, frozenset)):
        return all(map(_can_tell, value))
    if isinstance(value, dict):
        return all(map(_can_tell, value)) and all(map(_can_tell, value.values()))
    plain = value is None or isinstance(value, (bool, int, float, str, bytes))
    return plain or inspect.isfunction(value) or inspect.ismethod(value)


def _tokenizer_facts(tokenizer):
    """Its rules; padding and truncation are set by each call."""
    rules = json.loads(tokenizer.to_str())
    return json.dumps({**rules, "padding": None, "truncation": None}, sort_keys=True)
