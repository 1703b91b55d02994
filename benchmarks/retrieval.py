"""Top-20 of a million items: exactly, beside the limits and peers, and by index.

Items are like those of factor models: 32 directions that matter among 128, noise, and
lengths by a power law of popularity. Runs on one core, and counts its seconds alone,
whatever else the machine does. Prints

- exact: queries per second of all ways in turn, and their share of what the machine
  could do, by its measured rates of single-precision products and of reading memory;
- indexes: seconds to build, queries per second at the first setting with a recall of
  .95, and how many rows a second can be changed.

Usage: python benchmarks/retrieval.py [--items N] [--index-items N] [--repeats N]
Needs the extra ann.
"""

import argparse
import os
import statistics
import time
from functools import partial

os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})  # before libraries count cores

import faiss  # noqa: E402
import numpy as np  # noqa: E402
from implicit.cpu.topk import topk  # noqa: E402

from skmmrec.ranking import (  # noqa: E402
    ExactRetriever,
    FaissRetriever,
    UsearchRetriever,
)

D, K, N_QUERIES, RECALL = 128, 20, 512, 0.95
WIDTHS = [16, 32, 64, 128, 256, 512, 1024]  # of searches, from fast to thorough


def vectors(n_items, seed=0):
    rng = np.random.default_rng(seed)
    tastes = rng.standard_normal((32, D), dtype=np.float32) / 8
    V = rng.standard_normal((n_items, 32), dtype=np.float32) @ tastes
    V += 0.3 * rng.standard_normal((n_items, D), dtype=np.float32)
    V *= rng.permutation(np.arange(1, n_items + 1, dtype=np.float32) ** -0.4)[:, None]
    return V, rng.standard_normal((N_QUERIES, 32), dtype=np.float32) @ tastes


def seconds_of(call):
    start = time.process_time()
    result = call()
    return time.process_time() - start, result


def by_numpy(V, Q, at_once=32):
    lists = []
    for start in range(0, len(Q), at_once):
        scores = Q[start : start + at_once] @ V.T
        best = np.argpartition(-scores, K, axis=1)[:, :K]
        order = np.argsort(-np.take_along_axis(scores, best, axis=1), axis=1)
        lists.append(np.take_along_axis(best, order, axis=1))
    return np.concatenate(lists)


def limits(V):
    """Seconds of the products of one query, and of reading all items."""
    A, B = V[: 128 * D].reshape(2, 8 * D, 8 * D)
    product, _ = seconds_of(lambda: A @ B)
    reading, _ = seconds_of(lambda: V.ravel() @ V.ravel())
    return product / A.shape[0] ** 3 * V.size, reading


def exact(V, Q, repeats):
    ours, flat = ExactRetriever().fit(V), faiss.IndexFlatIP(D)
    flat.add(V)
    ways = {
        "skmmrec": lambda Q: ours.search(Q, K)[0],
        "implicit": lambda Q: topk(V, Q, K, num_threads=1)[0],
        "faiss, flat": lambda Q: flat.search(Q, K)[1],
        "numpy": lambda Q: by_numpy(V, Q),
    }
    expected = by_numpy(V, Q)
    for asked in (Q, Q[:1]):
        seconds = {name: [] for name in [*ways, "product", "memory"]}
        for _ in range(repeats):
            product, reading = limits(V)
            seconds["product"].append(product * len(asked))
            seconds["memory"].append(reading)
            for name, way in ways.items():
                took, found = seconds_of(partial(way, asked))
                seconds[name].append(took)
                assert (found == expected[: len(asked)]).mean() > 0.99
        report(len(asked), seconds, ways)


def report(n, seconds, ways):
    medians = {name: statistics.median(of) for name, of in seconds.items()}
    limit = max(medians["product"], medians["memory"])
    print(f"\n{n} at once; products would allow {n / medians['product']:.0f} queries "
          f"a second, memory {n / medians['memory']:.0f}")  # fmt: skip
    for name in ways:
        print(f"{name:<20}{n / medians[name]:>8.0f}/s{limit / medians[name]:>8.0%}")


def width_setter(retriever):
    """How the index of a retriever is told how much to look at."""
    if isinstance(retriever, UsearchRetriever):
        return lambda n: setattr(retriever.index_, "expansion_search", n)
    name = "nprobe" if retriever.factory.startswith("IVF") else "efSearch"
    space = faiss.ParameterSpace()
    return lambda n: space.set_index_parameter(retriever.index_, name, n)


def by_index(title, retriever, V, Q, best):
    built, _ = seconds_of(lambda: retriever.fit(V))
    set_width = width_setter(retriever)
    for width in WIDTHS:
        set_width(width)
        took, (found, _) = seconds_of(lambda: retriever.search(Q, K))
        hits = [np.isin(row, rows).mean() for row, rows in zip(best, found)]
        if np.mean(hits) >= RECALL:
            break
    n = len(V) // 1000
    changed, _ = seconds_of(lambda: retriever.update(np.arange(n), V[:n]))
    print(f"{title:<20}{built:>8.0f} s{width:>6}{np.mean(hits):>8.3f}"
          f"{len(Q) / took:>8.0f}/s{n / changed:>8.0f}/s", flush=True)  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--items", type=int, default=1_000_000)
    parser.add_argument("--index-items", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    V, Q = vectors(arguments.items)
    print(f"exact top-{K} of {len(V)} x {D}, one core")
    exact(V, Q, arguments.repeats)
    V, Q = vectors(arguments.index_items)
    best, _ = ExactRetriever().fit(V).search(Q, K)
    print(f"\nindexes of {len(V)} x {D}: build, width of the search, recall, queries "
          f"and changed rows a second")  # fmt: skip
    n_lists = int(4 * len(V) ** 0.5)
    for title, retriever in {
        "faiss, lists": FaissRetriever(f"IVF{n_lists},Flat", ""),
        "faiss, graph": FaissRetriever(),
        "usearch": UsearchRetriever(),
    }.items():
        by_index(title, retriever, V, Q, best)


if __name__ == "__main__":
    main()
