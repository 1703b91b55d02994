"""How long a newcomer who follows the start page waits for the first recommendations.

    python benchmarks/start_page.py [--no-cache]

Makes a new environment in a temporary folder, installs this clone with pip, and runs
the first program of docs/index.rst in it. With --no-cache pip fetches, and builds,
everything anew.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests._docs import DOCS, blocks  # noqa: E402


def timed(what, *command, cwd):
    """Run a command, print the seconds it took, and return them."""
    start = time.perf_counter()
    subprocess.run(command, cwd=cwd, check=True)
    seconds = time.perf_counter() - start
    print(f"{what}: {seconds:.0f} s", flush=True)
    return seconds


def megabytes(folder):
    return sum(p.stat().st_size for p in folder.rglob("*") if p.is_file()) / 1e6


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--no-cache", action="store_true")
    args = parser.parse_args()
    cache = ["--no-cache-dir"] if args.no_cache else []
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        python = folder / ".venv" / "bin" / "python"
        (folder / "start.py").write_text(blocks(DOCS / "index.rst", "python")[0])
        pip = [python, "-m", "pip", "install", "-q", *cache]
        total = timed("environment", sys.executable, "-m", "venv", ".venv", cwd=folder)
        total += timed("pip install", *pip, ROOT, cwd=folder)
        total += timed("tuned, and recommended", python, "start.py", cwd=folder)
        size = megabytes(folder / ".venv")
    print(f"{date.today()}: {total:.0f} s in all, {size:.0f} MB")


if __name__ == "__main__":
    main()
