"""Writing vectors to a store, and reading them back in random order.

Prints the seconds of 50,000 vectors of 384 numbers, and for comparison the least that
a disk would need: those of the same array in one .npy file.
Usage: python benchmarks/store.py
"""

import statistics
import tempfile
import time
from hashlib import blake2b
from pathlib import Path

import numpy as np

from skmmrec import EmbeddingStore

N_VECTORS, WIDTH, AT_ONCE, REPEATS = 50_000, 384, 1024, 5
KEY = "fingerprint", "benchmark"


def seconds_of(call):
    start = time.perf_counter()
    result = call()
    return time.perf_counter() - start, result


def main():
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((N_VECTORS, WIDTH), dtype=np.float32)
    contents = [blake2b(b"%d" % n, digest_size=16).digest() for n in range(N_VECTORS)]
    order = rng.permutation(N_VECTORS)
    wanted = [contents[place] for place in order]
    with tempfile.TemporaryDirectory() as folder:
        store = EmbeddingStore(folder)

        def write():
            for start in range(0, N_VECTORS, AT_ONCE):
                part = slice(start, start + AT_ONCE)
                store.put(KEY, contents[part], vectors[part])

        written, _ = seconds_of(write)
        runs = [
            seconds_of(lambda: store.get(KEY, wanted, WIDTH)) for _ in range(REPEATS)
        ]
        read, found = runs[-1][1]
        assert found.all()
        np.testing.assert_array_equal(read, vectors[order])
        path = Path(folder, "vectors.npy")
        plain_written, _ = seconds_of(lambda: np.save(path, vectors))
        plain = [seconds_of(lambda: np.load(path)[order])[0] for _ in range(REPEATS)]
        megabytes = store.info()["n_bytes"] / 1e6
        print(f"{N_VECTORS:,} x {WIDTH} float32, {megabytes:.0f} MB")
        print(f"store: written in {written:.2f} s, read at random in "
              f"{statistics.median(run[0] for run in runs):.2f} s")  # fmt: skip
        print(f".npy:  written in {plain_written:.2f} s, read at random in "
              f"{statistics.median(plain):.2f} s")  # fmt: skip


if __name__ == "__main__":
    main()
