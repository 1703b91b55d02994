"""How often `compare` finds a difference where there is none.

Each run is a world of its own: users take items by lot, and recommenders that differ by
nothing but their seed are compared. Of 200 runs, 5 % at the level of 5 % are 10; the
standard error is 3. With three recommenders and no baseline the correction counts all
three pairs, two of which are independent, so that it is somewhat cautious.

Usage: python benchmarks/compare_noise.py [N_RUNS]
"""

import sys

import numpy as np

from skmmrec import ALSRecommender, Interactions, RandomHoldout, compare

LEVEL = 0.05


def world(seed, n_users=150, n_items=60, n_events=8):
    """Every user takes distinct items by lot."""
    rng = np.random.default_rng(seed)
    item = rng.permuted(np.tile(np.arange(n_items), (n_users, 1)), axis=1)[:, :n_events]
    user = np.repeat(np.arange(n_users), n_events)
    return Interactions({"user": user, "item": item.ravel()})


def rejects(run, n_recommenders, baseline):
    """Whether any of the corrected p-values of a run is at most the level."""
    seeds = range(1000 + n_recommenders * run, 1000 + n_recommenders * (run + 1))
    models = {str(i): ALSRecommender(4, random_state=s) for i, s in enumerate(seeds)}
    cv = RandomHoldout(0.3, n_splits=2, random_state=run)
    table = compare(
        models, world(run), cv, baseline=baseline, n_permutations=999, random_state=run
    )
    return np.nanmin(table["p_holm"]) <= LEVEL


def main(n_runs):
    print(f"{n_runs} runs on noise, rejected at {LEVEL:.0%}")
    for n_recommenders, baseline in ((2, None), (3, "0"), (3, None)):
        share = np.mean([rejects(r, n_recommenders, baseline) for r in range(n_runs)])
        error = (share * (1 - share) / n_runs) ** 0.5
        against = "the best" if baseline is None else "a baseline"
        print(f"{n_recommenders} recommenders, {against:10}  {share:.1%} ± {error:.1%}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
