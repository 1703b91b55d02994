"""What `import skmmrec` adds to `import sklearn`.

Prints medians of fresh processes, taken in turns: seconds on the clock, and seconds of
processor, which other work disturbs less.
Usage: python benchmarks/import_time.py
"""

import os
import statistics
import subprocess
import sys
import time

REPEATS = 9
CODES = {
    "python": "pass",
    "import sklearn": "import sklearn",
    "import skmmrec": "import skmmrec",
    "both": "import sklearn, skmmrec",
    "from sklearn.pipeline import Pipeline": "from sklearn.pipeline import Pipeline",
    "from skmmrec import Pipeline": "from skmmrec import Pipeline",
}


def seconds_of(code):
    """On the clock, and of processor."""
    before, start = os.times(), time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    clock, after = time.perf_counter() - start, os.times()
    used = after.children_user + after.children_system
    return clock, used - before.children_user - before.children_system


def main():
    for code in CODES.values():  # files into memory, and compiled
        seconds_of(code)
    runs = [
        {name: seconds_of(code) for name, code in CODES.items()} for _ in range(REPEATS)
    ]
    for name in CODES:
        clock, used = map(statistics.median, zip(*(run[name] for run in runs)))
        print(f"{name:<38} {clock:6.3f} s  {used:6.3f} s of processor")


if __name__ == "__main__":
    main()
