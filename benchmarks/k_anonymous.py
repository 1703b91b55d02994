"""What a filter of rare items costs, and how little it hides.

MovieLens, every rating an event. For each k, of the items and the events the share that
`KAnonymousFilter` leaves; of the users the share whom no other matches in four, and in
eight, of their films, drawn at random; and NDCG@10 of ALS that is fitted on what is
left of the training events, over the whole catalogue, on a fifth of each user's events,
held out at random before: what was dropped cannot be found.

Usage: python benchmarks/k_anonymous.py DATA
DATA holds movielens-small.
"""

import argparse
from pathlib import Path

import numpy as np

from skmmrec import (
    ALSRecommender,
    Interactions,
    KAnonymousFilter,
    RandomHoldout,
    get_scorer,
)
from skmmrec._sparse import count_events
from skmmrec.datasets import load_movielens


def singled_out(X, n_known):
    """Share of users whom some of their items, drawn at random, match alone."""
    rng = np.random.default_rng(0)
    shape = len(X.user_vocabulary), len(X.item_vocabulary)
    had = count_events(X.user_codes, X.item_codes, np.ones(len(X)), shape)
    by_item = (had > 0).T.tocsr()
    alone = []
    for user in range(shape[0]):
        items = had.indices[had.indptr[user] : had.indptr[user + 1]]
        known = rng.choice(items, min(n_known, len(items)), replace=False)
        match = by_item[known].sum(axis=0) == len(known)
        alone.append(np.count_nonzero(match) == 1)
    return np.mean(alone)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    X = load_movielens(parser.parse_args().data / "movielens-small")
    X = Interactions({"user": X.user_ids, "item": X.item_ids})
    train, test = (X[rows] for rows in next(RandomHoldout(random_state=0).split(X)))
    scorer = get_scorer("ndcg@10")
    print("   k  items  events  by 4  by 8  NDCG@10")
    for k in (1, 2, 5, 10, 20, 50):
        keep = KAnonymousFilter(min_users=k)
        left = keep.filter(X)
        shares = [after / before for before, after in keep.report_.values()]
        alone = [singled_out(left, n_known) for n_known in (4, 8)]
        als = ALSRecommender(random_state=0).fit(KAnonymousFilter(k).filter(train))
        print(
            f"{k:4} {shares[2]:6.0%} {shares[0]:7.0%} {alone[0]:5.0%} {alone[1]:5.0%} "
            f"{scorer(als, test):8.3f}"
        )


if __name__ == "__main__":
    main()
