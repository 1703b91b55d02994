"""Spark's ALS beside implicit's: quality, time and memory, by events and workers.

Synthetic worlds: a user has three of 200 tastes, each of which draws from some dozens
of items, and well-known ones more often; 50 events a user, 100 an item. A tenth of the
events is held out: NDCG@10 of 5,000 users, seen items excluded, mean ± standard error.
Both get the same parameters.

Each line is a process of its own: `ALSRecommender` with one and two threads,
`SparkALSRecommender` with one and two executors of one core, processes of
`local-cluster`. Seconds of `fit`, from `Interactions` to factors in numpy, and CPU
seconds of all processes; for Spark after a small fit, which starts processes. Memory is
the most that all processes had together.
Usage: python benchmarks/spark.py [--events N ...]
"""

import argparse
import os
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import numpy as np

from skmmrec import ALSRecommender, Interactions, SparkALSRecommender, get_scorer

PARAMETERS = {"n_components": 64, "alpha": 3.0, "regularization": 3.0}
PARAMETERS |= {"max_iter": 10, "random_state": 0}
RUNS = {
    "implicit, 1 thread": (ALSRecommender, 1),
    "implicit, 2 threads": (ALSRecommender, 2),
    "Spark, 1 worker": (SparkALSRecommender, 1),
    "Spark, 2 workers": (SparkALSRecommender, 2),
}


def tastes_world(n_events, n_tastes=200, seed=0):
    """Events to learn from and to find."""
    rng = np.random.default_rng(seed)
    n_users, n_items = n_events // 50, n_events // 100
    fame = (1.0 + np.arange(n_items)) ** -0.5
    mixed = rng.integers(n_tastes, size=(n_users, 3))
    user = np.sort(rng.integers(n_users, size=n_events))
    taste = mixed[user, rng.integers(3, size=n_events)]
    item = np.empty(n_events, dtype=np.int64)
    for number in range(n_tastes):
        rows = np.flatnonzero(taste == number)
        chances = np.cumsum(fame * rng.gamma(50 / n_items, size=n_items))
        item[rows] = np.searchsorted(chances, rng.random(len(rows)) * chances[-1])
    X = Interactions({"user": user, "item": item})
    held = rng.random(n_events) < 0.1
    return X[~held], X[held]


# -- one run ---------------------------------------------------------------------------


def family(process):
    """A process and all that any of its threads has started, by number."""
    found = [process]
    for file in Path(f"/proc/{process}/task").glob("*/children"):
        with suppress(OSError):  # the thread has ended
            for child in file.read_text().split():
                found += family(child)
    return found


def total(read):
    """Sum over this process and all that it has started."""
    values = []
    for process in family(os.getpid()):
        with suppress(OSError, IndexError):  # it has ended
            values.append(read(f"/proc/{process}"))
    return sum(values)


def resident(folder):
    """Bytes in memory."""
    return int(Path(folder, "statm").read_text().split()[1]) * os.sysconf(
        "SC_PAGE_SIZE"
    )


def cpu(folder):
    """CPU seconds so far."""
    fields = Path(folder, "stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Peak:
    """The most memory that this process and its children had at once."""

    def __enter__(self):
        self.bytes, self._over = 0, threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()
        return self

    def _watch(self):
        while not self._over.wait(0.5):
            self.bytes = max(self.bytes, total(resident))

    def __exit__(self, *error):
        self._over.set()


def started(n_workers):
    from pyspark.sql import SparkSession

    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    builder = SparkSession.builder.master(f"local-cluster[{n_workers},1,3072]")
    settings = {
        "spark.driver.memory": "3g",
        "spark.executor.memory": "3g",
        "spark.driver.maxResultSize": "2g",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    for name, value in settings.items():
        builder = builder.config(name, value)
    builder.getOrCreate().sparkContext.setLogLevel("OFF")


def run(name, n_events):
    cls, n = RUNS[name]
    train, test = tastes_world(n_events)
    with Peak() as peak:
        if cls is SparkALSRecommender:
            started(n)
            model = cls(**PARAMETERS, n_blocks=4)
            model.fit(tastes_world(50_000)[0])
        else:
            model = cls(**PARAMETERS, n_jobs=n)
        start, start_cpu = time.perf_counter(), total(cpu)
        model.fit(train)
        seconds, seconds_cpu = time.perf_counter() - start, total(cpu) - start_cpu
    some = np.random.default_rng(0).permutation(len(test.user_vocabulary))[:5000]
    _, values = get_scorer("ndcg@10").per_user(
        model, test[np.isin(test.user_codes, some)]
    )
    error = values.std() / len(values) ** 0.5
    print(
        f"{name:22}{n_events:>12,}   {values.mean():.4f} ± {error:.4f}"
        f"{seconds:9.1f}{seconds_cpu:9.1f}{peak.bytes / 2**30:9.2f}",
        flush=True,
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--events", type=int, nargs="+", default=[10**6, 10**7])
    parser.add_argument("--run", choices=RUNS)
    args = parser.parse_args()
    if args.run:
        return run(args.run, *args.events)
    print(
        f"{'':22}{'events':>12}   NDCG@10{'':10}{'fit s':>8}{'CPU s':>9}{'GB':>9}",
        flush=True,
    )
    for n_events in args.events:
        for name in RUNS:
            command = [sys.executable, __file__, "--run", name, "--events", n_events]
            subprocess.run(list(map(str, command)), check=True, stderr=subprocess.PIPE)


if __name__ == "__main__":
    main()
