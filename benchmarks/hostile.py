"""Hostile input for the whole public surface: how much is answered, refused, failed.

Runs the properties of tests/hostile with so many cases in all, or fewer where some have
fewer, other ones each time, and counts by file. A failure is printed by pytest, with
the case that leads to it.
Usage: python benchmarks/hostile.py [N_CASES]     Needs the extras test and all.
"""

import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDER = "tests/hostile"
KINDS = ("answered", "refused", "failed")


class Counts:
    """A plugin of pytest that counts the cases of hypothesis, and what became of them.

    A case is refused if a call of it is, by a judge that says so in its `OUTCOMES`.
    """

    def __init__(self):
        self.cases = Counter()
        self._wrapped = set()
        self.out = os.fdopen(os.dup(1), "w")  # failures are told at once

    def pytest_runtest_setup(self, item):
        test = getattr(item.obj, "hypothesis", None)
        if test is not None and item.obj not in self._wrapped:
            self._wrapped.add(item.obj)  # one for all its parameters
            test.inner_test = self._counted(test.inner_test, item.path.stem)

    def _counted(self, inner, family):
        from tests.hostile._judge import OUTCOMES

        def case(*args, **kwargs):
            refused = OUTCOMES["refused"]
            inner(*args, **kwargs)
            kind = "refused" if OUTCOMES["refused"] > refused else "answered"
            self.cases[family, kind] += 1

        return case

    def pytest_runtest_logreport(self, report):
        if report.failed:
            print(
                f"\n{report.nodeid}\n{report.longreprtext}", file=self.out, flush=True
            )
            self.cases[Path(report.fspath).stem, "failed"] += 1


def n_properties():
    """How many tests there are in the folder."""
    listed = subprocess.run(
        [sys.executable, "-m", "pytest", FOLDER, "--collect-only", "-q"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
    )
    return listed.stdout.count("::")


def main(n_cases=20_000):
    """Run them, and print the table."""
    os.chdir(ROOT)
    os.environ["SKMMREC_HOSTILE_CASES"] = str(-(-n_cases // n_properties()))
    counts, start = Counts(), time.perf_counter()
    status = pytest.main(
        [FOLDER, "-q", "--tb=short", "--no-summary", "-p", "no:randomly"], [counts]
    )
    seconds = time.perf_counter() - start
    print(f"\n{'family':25}" + "".join(f"{kind:>10}" for kind in KINDS))
    for family in sorted({family for family, _ in counts.cases}):
        numbers = [counts.cases[family, kind] for kind in KINDS]
        print(f"{family:25}" + "".join(f"{n:10,}" for n in numbers))
    totals = [
        sum(counts.cases[key] for key in counts.cases if key[1] == k) for k in KINDS
    ]
    print(f"{'total':25}" + "".join(f"{n:10,}" for n in totals))
    print(f"{sum(totals):,} cases in {seconds:,.0f} s")
    return status


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
