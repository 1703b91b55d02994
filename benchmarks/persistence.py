"""Saving and loading a large model, beside pickle, joblib, and the disk itself.

A fitted ALSRecommender of 1M users and 100,000 items with 64 factors, texts as ids of
users, and 20M events, all random. Prints seconds (medians) and bytes. joblib's memory
map and ours open the model without reading it; then ten users are served. `write` and
`read` are the same bytes as one .npy file, written through to the disk as `save` does.
Usage: python benchmarks/persistence.py [--users N]
"""

import argparse
import os
import pickle
import statistics
import subprocess
import sys
import tempfile
import time
from hashlib import sha256
from pathlib import Path

import joblib
import numpy as np
import scipy.sparse as sp

import skmmrec
from skmmrec import ALSRecommender, Interactions, Vocabulary

N_ITEMS, WIDTH, PER_USER, REPEATS = 100_000, 64, 20, 5


def large_model(n_users):
    """A fitted model, its factors and events replaced by many."""
    rng = np.random.default_rng(0)
    X = Interactions({"user": ["a", "b"], "item": [0, 1]})
    model = ALSRecommender(2, random_state=0).fit(X)
    model.user_factors_ = rng.standard_normal((n_users, WIDTH), dtype=np.float32)
    model.item_factors_ = rng.standard_normal((N_ITEMS, WIDTH), dtype=np.float32)
    model.item_gram_ = model.item_factors_.T @ model.item_factors_
    model.user_gram_ = model.user_factors_.T @ model.user_factors_
    model.mean_user_ = model.user_factors_.mean(axis=0)[None]
    indices = np.sort(rng.integers(0, N_ITEMS, (n_users, PER_USER), dtype=np.int32))
    indptr = np.arange(0, indices.size + 1, PER_USER, dtype=np.int32)
    ones = np.ones(indices.size, dtype=np.float32)
    shape = n_users, N_ITEMS
    model.seen_ = sp.csr_array((ones, indices.ravel(), indptr), shape=shape)
    model.user_vocabulary_ = Vocabulary([f"user-{n:09d}" for n in range(n_users)])
    model.item_vocabulary_ = Vocabulary(np.arange(N_ITEMS))
    return model


def medians(calls):
    """Median seconds of calls by name, taken in turns: other work meets all alike."""
    seconds = {name: [] for name in calls}
    for _ in range(REPEATS):
        for name, call in calls.items():
            start = time.perf_counter()
            result = call()
            seconds[name].append(time.perf_counter() - start)
            del result
    return {name: statistics.median(times) for name, times in seconds.items()}


def show(calls, paths=None):
    """Print the medians, and the bytes of files by the name of the call."""
    for name, seconds in medians(calls).items():
        size = f"{size_of(paths[name]) / 1e6:8.1f} MB" if paths else ""
        print(f"{name:42} {seconds:8.3f} s  {size}")


def size_of(path):
    files = [f for f in path.rglob("*") if f.is_file()] if path.is_dir() else [path]
    return sum(f.stat().st_size for f in files)


def pickle_to(model, path):
    with open(path, "wb") as file:
        pickle.dump(model, file, protocol=5)
        file.flush()
        os.fsync(file.fileno())


def unpickle(path):
    with open(path, "rb") as file:
        return pickle.load(file)


def write_through(array, path):
    with open(path, "wb") as file:
        np.save(file, array)
        file.flush()
        os.fsync(file.fileno())


def joblib_to(model, path):
    with open(path, "wb") as file:
        joblib.dump(model, file)
        file.flush()
        os.fsync(file.fileno())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=1_000_000)
    model = large_model(parser.parse_args().users)
    users = [f"user-{n:09d}" for n in range(0, 10_000, 1000)]
    expected = model.recommend(users, k=10)
    with tempfile.TemporaryDirectory() as folder:
        ours, one, other, plain = (
            Path(folder, name) for name in ("ours", "pickle", "joblib", "plain.npy")
        )
        skmmrec.save(model, ours)  # imports
        n_bytes = np.ones(size_of(ours), dtype=np.uint8)
        paths = dict(
            zip(["skmmrec.save", "pickle.dump", "joblib.dump"], [ours, one, other])
        )
        saved = {
            "skmmrec.save": lambda: skmmrec.save(model, ours),
            "pickle.dump": lambda: pickle_to(model, one),
            "joblib.dump": lambda: joblib_to(model, other),
            "write": lambda: write_through(n_bytes, plain),
            "SHA-256 of the same bytes": lambda: sha256(n_bytes).digest(),
        }
        show(saved, paths | {"write": plain, "SHA-256 of the same bytes": plain})
        loaded = {
            "skmmrec.load": lambda: skmmrec.load(ours),
            "skmmrec.load, check=False": lambda: skmmrec.load(ours, check=False),
            "skmmrec.load, mmap": lambda: skmmrec.load(ours, mmap=True),
            "skmmrec.load, mmap, check=False": lambda: skmmrec.load(
                ours, mmap=True, check=False
            ),
            "pickle.load": lambda: unpickle(one),
            "joblib.load": lambda: joblib.load(other),
            "joblib.load, mmap_mode='r'": lambda: joblib.load(other, mmap_mode="r"),
            "read": lambda: np.load(plain),
        }
        for name in list(loaded)[:-1]:
            assert (loaded[name]().recommend(users, k=10) == expected).all()
        show(loaded)
        model.user_vocabulary_ = Vocabulary(np.arange(len(model.user_vocabulary_)))
        skmmrec.save(model, ours)
        code = f"import skmmrec; skmmrec.load({str(ours)!r}, mmap=True, check=False)"
        show(
            {
                "mmap, check=False, numbers as ids": lambda: skmmrec.load(
                    ours, mmap=True, check=False
                ),
                "in a new process": lambda: subprocess.run(
                    [sys.executable, "-c", code]
                ),
            }
        )


if __name__ == "__main__":
    main()
