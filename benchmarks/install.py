"""What an installation costs: the core beside everything.

Prints seconds and size of `pip install .` and `pip install ".[all]"` in fresh
environments, which are removed afterwards; pip may use its cache of downloads and of
built wheels.
Usage: python benchmarks/install.py [EXTRA ...]
"""

import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

ROOT = Path(__file__).parents[1]


def size_of(folder):
    """Bytes of all files below."""
    paths = (path for path in folder.rglob("*") if not path.is_symlink())
    return sum(path.stat().st_size for path in paths if path.is_file())


def install(what):
    """Seconds, bytes and packages of an installation."""
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        before = size_of(Path(folder))
        pip = [f"{folder}/bin/python", "-m", "pip"]
        start = time.perf_counter()
        subprocess.run([*pip, "install", "--quiet", what], check=True)
        seconds = time.perf_counter() - start
        listed = subprocess.run(
            [*pip, "list", "--format", "freeze"], capture_output=True, check=True
        )
        n_bytes = size_of(Path(folder)) - before
        return seconds, n_bytes, len(listed.stdout.splitlines())


def main():
    for extra in ["", *(sys.argv[1:] or ["all"])]:
        seconds, n_bytes, n_packages = install(f"{ROOT}[{extra}]" if extra else ROOT)
        name = f"[{extra}]" if extra else "core"
        print(
            f"{name:<8} {seconds:6.0f} s {n_bytes / 1e6:7,.0f} MB "
            f"{n_packages:4} packages",
            flush=True,
        )


if __name__ == "__main__":
    main()
