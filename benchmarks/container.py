"""Cross-validation of a million events whose ten thousand items have 384 features.

Prints the seconds of a 3-fold `cross_validate` with four metrics and the growth of the
peak memory of the process while it runs. Usage: python benchmarks/container.py
"""

import resource
import time

import numpy as np
from sklearn.model_selection import KFold, cross_validate

from skmmrec import FeatureTable, Interactions, PopularityRecommender, get_scorer

N_EVENTS, N_ITEMS, N_USERS, N_FEATURES = 1_000_000, 10_000, 50_000, 384


def peak_megabytes():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def make_events():
    """Users at random, items by a power law, dense features."""
    rng = np.random.default_rng(0)
    items = (N_ITEMS * rng.power(0.4, N_EVENTS)).astype(np.int64)
    events = {"user": rng.integers(0, N_USERS, N_EVENTS), "item": items}
    features = rng.standard_normal((N_ITEMS, N_FEATURES), dtype=np.float32)
    X = Interactions(events, items={"item": np.arange(N_ITEMS)})
    return X.with_table("items", FeatureTable.from_blocks({"text": features}))


def main():
    X = make_events()
    start, before = time.perf_counter(), peak_megabytes()
    scores = cross_validate(
        PopularityRecommender(),
        X,
        cv=KFold(3, shuffle=True, random_state=0),
        scoring=get_scorer(["ndcg@10", "recall@10", "hit_rate@10", "coverage@10"]),
    )
    seconds = time.perf_counter() - start
    print(X)
    print(f"3-fold cross_validate, four metrics: {seconds:.2f} s")
    print(f"growth of peak memory: {peak_megabytes() - before:.0f} MB")
    print(f"peak memory of the process: {peak_megabytes():.0f} MB")
    print({name: values.mean().round(4) for name, values in scores.items()})


if __name__ == "__main__":
    main()
