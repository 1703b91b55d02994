"""Federated ALS beside ALS on one machine: accuracy and what is sent.

MovieLens, every rating an event, a fifth of each user's events held out at random.
NDCG@10 over the whole catalogue, seen items left out; mean over `--seeds` starts, which
also deal out the users. Megabytes that all shards send in one round. Parameters are
defaults; 671 users, so that 10 shards have 67 each.

Usage: python benchmarks/federated.py DATA [--seeds N]
DATA holds movielens-small.
"""

import argparse
from pathlib import Path

import numpy as np

from skmmrec import ALSRecommender, Interactions, RandomHoldout, get_scorer
from skmmrec.datasets import load_movielens
from skmmrec.privacy import FederatedALSRecommender
from skmmrec.privacy import _federated as federated

SETTINGS = [(10, "factors"), (30, "factors"), (100, "factors")]
SETTINGS += [(n, "statistics") for n, _ in SETTINGS]


def counting(kind, sizes):
    """A server that notes the bytes of the messages it gets."""
    server = getattr(federated, kind)

    def served(messages, *arguments):
        messages = list(messages)
        arrays = [array for m in messages for array in vars(m).values()]
        sizes.append(sum(array.nbytes for array in arrays))
        return server(messages, *arguments)

    return served


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    arguments = parser.parse_args()
    X = load_movielens(arguments.data / "movielens-small")
    X = Interactions({"user": X.user_ids, "item": X.item_ids})
    train, test = (X[rows] for rows in next(RandomHoldout(random_state=0).split(X)))
    scorer, sizes = get_scorer("ndcg@10"), []
    for kind in ("averaged", "solved"):
        setattr(federated, kind, counting(kind, sizes))

    def report(name, make):
        scores = [
            scorer(make(seed).fit(train), test) for seed in range(arguments.seeds)
        ]
        sent = f"{np.mean(sizes) / 1e6:8.1f} MB" if sizes else ""
        print(f"{name:28} {np.mean(scores):.4f} ± {np.std(scores):.4f} {sent}")
        sizes.clear()

    report("one machine", lambda seed: ALSRecommender(random_state=seed))
    for n_shards, message in SETTINGS:
        report(
            f"{n_shards} shards, {message}",
            lambda seed, n=n_shards, m=message: FederatedALSRecommender(
                n_shards=n, message=m, random_state=seed
            ),
        )


if __name__ == "__main__":
    main()
