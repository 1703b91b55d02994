"""The report of ``skmmrec doctor``: what works, and what to do about the rest."""

import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

import skmmrec
from skmmrec._config import get_config
from skmmrec.doctor._imports import try_imports
from skmmrec.doctor._places import describe
from skmmrec.doctor._requirements import packages, parts


def _install(part, *options):
    what = "skmmrec" if part == "core" else f"'skmmrec[{part}]'"
    return " ".join(["pip install", *options, what])


def _verdict(part, needed, errors):
    """Whether the core or an extra works, and else what to do."""
    if any(errors.get(package.module) for package in needed):
        return "broken", _install(part, "--force-reinstall")
    if not all(package.version for package in needed):
        return "not installed", _install(part)
    if not all(package.fits for package in needed):
        return "broken", _install(part)
    return "works", None


def _print_packages(part, needed, errors):
    """The verdict, and a line for each package; returns whether something is broken."""
    verdict, remedy = _verdict(part, needed, errors)
    print(f"{part:<10}{verdict}{f': {remedy}' if remedy else ''}")
    for package in needed:
        wrong = errors.get(package.module)
        if not wrong and package.version and not package.fits:
            wrong = "a version that was not tested"
        here = package.version or "-"
        line = f"  {package.name:<22} {here:<14} {package.bounds:<15} {wrong or ''}"
        print(line.rstrip())
    return verdict == "broken"


def _gpus(torch):
    """GPUs that torch can use."""
    if torch["cuda"]:
        return f"cuda: {', '.join(torch['cuda'])}"
    if torch["mps"]:
        return "mps: the GPU of this Mac"
    return None


def _print_devices(facts):
    torch, pools = facts.get("torch"), facts.get("pools", [])
    gpus = torch and _gpus(torch)
    print(f"device    {gpus or ('cpu' if facts else 'unknown')}")
    if torch and not gpus and shutil.which("nvidia-smi"):
        print("  torch sees no GPU of NVIDIA's: install a build of it from pytorch.org")
    counts = [f"{facts['n_cores']} cores"] if "n_cores" in facts else []
    counts += [f"torch on {torch['n_threads']} threads"] if torch else []
    counts += sorted(
        {
            f"{pool['internal_api']} on {pool['num_threads']}"
            for pool in pools
            if pool["user_api"] == "blas"
        }
    )
    if counts:
        print(f"  {', '.join(counts)}")


def _java():
    """Path and version of the Java that Spark would take, or what is wrong."""
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home, "bin", "java")) if home else shutil.which("java")
    if java is None:
        return None, "not installed; Spark needs Java 17 or newer"
    try:
        done = subprocess.run([java, "-version"], capture_output=True, text=True)
    except OSError as error:
        return None, f"{error}; correct the variable JAVA_HOME"
    version = re.search(r'version "(\d+)', done.stderr)
    if version is None or int(version[1]) < 17:
        return None, f"{java} is too old: Spark needs Java 17 or newer"
    return java, done.stderr.splitlines()[0]


def _print_java():
    """Returns whether Spark is installed in vain."""
    path, what = _java()
    print(f"java      {f'{path}: {what}' if path else what}")
    return path is None


def _print_places(facts):
    """Where the store and weights are; returns whether settings are broken."""
    hub, torch = facts.get("hub"), facts.get("torch")
    if hub:
        offline = "; offline" if hub["offline"] else ""
        print(
            f"weights   {describe(hub['weights'])}{offline} (HF_HOME, HF_HUB_OFFLINE)"
        )
    if torch:
        print(f"          {describe(torch['weights'])} (TORCH_HOME)")
    try:
        store = get_config()["store"]
    except ValueError as error:
        print(f"settings  broken: {error}")
        return True
    print(
        f"store     {describe(store)} (SKMMREC_STORE)"
        if store
        else "store     none: with SKMMREC_STORE=FOLDER, contents are encoded once"
    )
    return False


def run_doctor(only=()):
    """Print the report.

    Parameters
    ----------
    only : list of str, default=()
        Look at "core" or extras; none, all of them.

    Returns
    -------
    status : int
        1 if something that is installed is broken, else 0.

    Raises
    ------
    ValueError
        If there is no such extra.
    """
    known = parts()
    if unknown := set(only).difference(known):
        raise ValueError(
            f"What the doctor looks at must be of {', '.join(known)}; got "
            f"{', '.join(sorted(unknown))}; correct it."
        )
    print(f"skmmrec   {skmmrec.__version__} in {Path(skmmrec.__file__).parent}")
    print(f"python    {platform.python_version()} ({sys.executable})")
    print(f"system    {platform.platform()}", flush=True)  # imports take their time
    needed = {part: packages(part) for part in only or known}
    here = [p.module for many in needed.values() for p in many if p.version]
    errors, facts = try_imports(dict.fromkeys(here))
    broken = [_print_packages(part, many, errors) for part, many in needed.items()]
    if "pyspark" in here:
        broken.append(_print_java())
    _print_devices(facts)
    broken.append(_print_places(facts))
    return int(any(broken))
