"""What a fit of the item graph costs at 60,000 items: seconds and memory.

A synthetic shop: 100,000 users, 1.5M events, items of power-law popularity that lean to
one of 500 kinds as users do, and 128 features of the kinds through noise. Nothing is
given: weights, popularity and walk are learned. Memory is the peak of the process above
that before the fit.

Usage: python benchmarks/item_graph.py [--items N] [--users N] [--events N]
"""

import argparse
import time

import numpy as np
from accuracy import in_own_process, peak_megabytes, present_megabytes

from skmmrec import FeatureTable, Interactions, ItemGraphRecommender

N_KINDS, N_FEATURES = 500, 128


def shop(n_items, n_users, n_events, seed=0):
    """Events of users who mostly stay with ten kinds, and features of the kinds."""
    rng = np.random.default_rng(seed)
    kinds = rng.integers(N_KINDS, size=n_items)
    by_kind = np.argsort(kinds, kind="stable")
    bounds = np.searchsorted(kinds[by_kind], np.arange(N_KINDS + 1))
    tastes = rng.integers(N_KINDS, size=(n_users, 10))
    users = rng.integers(n_users, size=n_events)
    kind = tastes[users, rng.integers(10, size=n_events)]
    n_of_kind = np.diff(bounds)[kind]
    # the first of a kind are the most popular ones
    places = (n_of_kind * rng.random(n_events) ** 3).astype(int)
    items = by_kind[bounds[kind] + places]
    centres = rng.standard_normal((N_KINDS, N_FEATURES), dtype=np.float32)
    noise = rng.standard_normal((n_items, N_FEATURES), dtype=np.float32)
    table = FeatureTable.from_blocks({"text": centres[kinds] + noise})
    X = Interactions({"user": users, "item": items}, items={"item": np.arange(n_items)})
    return X.with_table("items", table)


def fitted(X):
    before, start = present_megabytes(), time.perf_counter()
    model = ItemGraphRecommender(random_state=0).fit(X)
    seconds = time.perf_counter() - start
    settings = model.weights_, model.popularity_, model.walk_
    return seconds, peak_megabytes() - before, settings


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--items", type=int, default=60_000)
    parser.add_argument("--users", type=int, default=100_000)
    parser.add_argument("--events", type=int, default=1_500_000)
    arguments = parser.parse_args()
    X = shop(arguments.items, arguments.users, arguments.events)
    seconds, megabytes, settings = in_own_process(fitted, X)
    print(f"{len(X)} events: {seconds:.0f} s, {megabytes:.0f} MB; learned {settings}")


if __name__ == "__main__":
    main()
