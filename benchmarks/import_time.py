"""What `import skmmrec` adds to `import sklearn`.

Prints medians of fresh processes, taken in turns.
Usage: python benchmarks/import_time.py
"""

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
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - start


def main():
    for code in CODES.values():  # files into memory, and compiled
        seconds_of(code)
    runs = [
        {name: seconds_of(code) for name, code in CODES.items()} for _ in range(REPEATS)
    ]
    for name in CODES:
        print(f"{name:<38} {statistics.median(run[name] for run in runs):.3f} s")


if __name__ == "__main__":
    main()
