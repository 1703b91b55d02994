"""Modules are imported in another process: one that breaks does no harm to the report.

All in one, for most of their time is that of torch, which many share. If the process
dies or hangs, the module that it was at is broken, and the others are imported anew.
"""

import json
import os
import subprocess
import sys
from importlib import import_module

_SECONDS = 180
_CHILD = "from skmmrec.doctor._imports import report; report()"


def _error_of(module):
    """What went wrong with its import, in one line, or None."""
    try:
        import_module(module)
    except BaseException as error:  # some modules end the process
        lines = str(error).splitlines()
        return f"{type(error).__name__}: {lines[0] if lines else ''}"
    return None


def _torch_facts(torch):
    facts = {"n_threads": torch.get_num_threads(), "cuda": [], "mps": False}
    if torch.cuda.is_available():
        n_devices = torch.cuda.device_count()
        facts["cuda"] = [torch.cuda.get_device_name(n) for n in range(n_devices)]
    facts["mps"] = torch.backends.mps.is_available()
    facts["weights"] = torch.hub.get_dir()
    return facts


def _facts():
    """What is known only once modules are imported."""
    facts = {}
    if "threadpoolctl" in sys.modules:
        facts["pools"] = sys.modules["threadpoolctl"].threadpool_info()
    if "joblib" in sys.modules:
        facts["n_cores"] = sys.modules["joblib"].cpu_count()
    if hub := sys.modules.get("huggingface_hub.constants"):
        facts["hub"] = {"weights": hub.HF_HUB_CACHE, "offline": hub.HF_HUB_OFFLINE}
    if "torch" in sys.modules:
        facts["torch"] = _torch_facts(sys.modules["torch"])
    return facts


def report():
    """Import the modules that the command line names: a line of JSON for each."""
    lines = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # some modules print
    for module in sys.argv[1:]:
        print(json.dumps(_error_of(module)), file=lines, flush=True)
    print(json.dumps(_facts()), file=lines, flush=True)


def _run(modules):
    """Lines of a process that imports modules, and how it ended."""
    command = [sys.executable, "-W", "ignore", "-c", _CHILD, *modules]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_SECONDS)
        printed, end = done.stdout, f"the process ended with status {done.returncode}"
    except subprocess.TimeoutExpired as error:
        printed, end = error.stdout or b"", f"no end after {_SECONDS} seconds"
    return [json.loads(line) for line in printed.splitlines()], end


def try_imports(modules):
    """Import modules elsewhere.

    Parameters
    ----------
    modules : iterable of str

    Returns
    -------
    errors : dict
        Of each module its error, or None.
    facts : dict
        What they say of the machine; nothing, if the process died of the question.
    """
    errors, left = {}, list(modules)
    told, end = _run(left)
    while len(told) < len(left):
        errors[left.pop(len(told))] = end
        told, end = _run(left)
    errors.update(zip(left, told))
    return errors, told[-1] if len(told) > len(left) else {}
