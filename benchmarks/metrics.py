"""Seconds of all metrics for 100,000 users and lists of 20 of 10,000 items.

The lists are made before, as they are needed to recommend; what is timed is everything
after them, from the hits on, for the metrics at k = 20 and those of a million ratings.
`auc` needs the scores of all items of all users, a billion, and is timed by itself.
Usage: python benchmarks/metrics.py
"""

import time

import numpy as np

from skmmrec import FeatureTable, Interactions, SVDRecommender, get_scorer, plugins
from skmmrec.metrics._evaluation import Evaluation

N_USERS, N_ITEMS, N_EVENTS, N_FEATURES, K = 100_000, 10_000, 1_000_000, 64, 20


def make_events():
    """Users at random, items by a power law, stars, dense features, two groups."""
    rng = np.random.default_rng(0)
    events = {
        "user": rng.integers(0, N_USERS, 2 * N_EVENTS),
        "item": (N_ITEMS * rng.power(0.4, 2 * N_EVENTS)).astype(np.int64),
        "stars": rng.integers(1, 6, 2 * N_EVENTS),
    }
    features = rng.standard_normal((N_ITEMS, N_FEATURES), dtype=np.float32)
    items = {"item": np.arange(N_ITEMS)}
    X = Interactions(events, items, rating="stars")
    X = X.with_table("items", FeatureTable.from_blocks({"text": features}))
    return X[:N_EVENTS], X[N_EVENTS:]


def timed(function, *args):
    start = time.perf_counter()
    value = function(*args)
    return time.perf_counter() - start, value


def main():
    train, test = make_events()
    model = SVDRecommender(16, max_iter=2, random_state=0).fit(train)
    alone = ("auc", "pearson")
    names = [
        name if name in alone or name.startswith("neg_") else f"{name}@{K}"
        for name in plugins.names("metrics")
    ]
    scorers = get_scorer(
        names,
        item_groups={item: item % 5 for item in range(N_ITEMS)},
        user_groups={user: user % 5 for user in range(N_USERS)},
    )
    seconds, evaluation = timed(Evaluation, model, test, "all", K)
    print(f"{'what is to be found':30} {seconds:6.2f} s")
    for name, function in (
        ("ranking", lambda: evaluation.codes(K)),
        ("prediction", lambda: evaluation.y_pred),
    ):
        print(f"{name:30} {timed(function)[0]:6.2f} s")
    total = 0
    for name, scorer in scorers.items():
        seconds, value = timed(scorer._value, evaluation)
        total += seconds * (name != "auc")
        print(f"{name:30} {seconds:6.2f} s   {value:8.4f}")
    print(f"{'all but auc':30} {total:6.2f} s for {len(evaluation.user_ids)} users")


if __name__ == "__main__":
    main()
