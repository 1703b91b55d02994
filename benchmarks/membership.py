"""Who was in the training data: attacks on plain and private models, beside NDCG.

Half of the users are members, drawn anew for each seed; a model learns from their
events. The attacker holds that model and the history of a candidate, member or not, and
asks it, as for a stranger, what suits that history:

- threshold: a member is whose own items get high scores, in standard deviations of all
  scores of that user;
- shadow: that value beside those of 8 models of other random halves, by the difference
  of its distances from their means with and without the candidate (the likelihood ratio
  of equal normals; Carlini et al. "Membership Inference Attacks From First Principles",
  2022), so that a typical taste is not taken for membership.

AUC over all users, .5 is a guess; its standard error is .022. "Any attack" is what the
noise allows at most, also to those who know all the others: Φ(1 / (√2 noise)).

NDCG is that of a model of all users, for the fifth of their likes that was held out of
the 3,170 films of MovieLens of which more than genres is known; 4 stars are a like.
Medians over the seeds.

Usage: python benchmarks/membership.py DATA [--seeds N] [--only ROW ...] [--rows FILE]
DATA holds the folder movielens-small.
"""

import argparse
import copy
import json
import time
import warnings
from pathlib import Path

import content_worlds
import numpy as np
from scipy.special import ndtr
from sklearn.metrics import roc_auc_score

from skmmrec import (
    ALSRecommender,
    ConcatFusion,
    ContentRecommender,
    DPItemGraphRecommender,
    EASERecommender,
    Interactions,
    ItemGraphRecommender,
    MultimodalFusion,
    PopularityRecommender,
    get_scorer,
)
from skmmrec._vectors import for_products, unit_rows
from skmmrec.privacy import gaussian_noise_multiplier

N_SHADOWS, DELTA = 8, 1e-5
EPSILONS = (0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, np.inf)
SOME = (1.0, 5.0, 10.0)


class NoisyPopularity(PopularityRecommender):
    """One private sum: how often items are liked, each user of length 1."""

    def __init__(self, epsilon, random_state):
        self.epsilon = epsilon
        self.random_state = random_state

    def _fit(self, R, items, users):
        R.data[:] = 1
        super()._fit(unit_rows(R), items, users)
        noise = np.random.default_rng(self.random_state).standard_normal(R.shape[1])
        noise *= gaussian_noise_multiplier(self.epsilon, DELTA)
        self.item_factors_ += noise[:, None].astype(np.float32)


def private(epsilon, seed):
    return DPItemGraphRecommender(epsilon, DELTA, random_state=seed)


# name -> (epsilon, whether it sees content, recommender of a seed)
MODELS = {
    "content": (0, True, lambda seed: ContentRecommender()),
    "popularity": (None, False, lambda seed: PopularityRecommender()),
    "ALS": (
        None,
        False,
        lambda seed: ALSRecommender(64, regularization=30, alpha=10, random_state=seed),
    ),
    "EASE": (None, False, lambda seed: EASERecommender()),
    "item graph": (
        None,
        True,
        lambda seed: ItemGraphRecommender(filter="spectral", random_state=seed),
    ),
}
for e in SOME:
    MODELS[f"popularity, {e:g}"] = e, False, lambda s, e=e: NoisyPopularity(e, s)
for e in SOME:
    MODELS[f"private, no content, {e:g}"] = e, False, lambda s, e=e: private(e, s)
for e in EPSILONS:
    MODELS[f"private, {e:g}"] = e, True, lambda s, e=e: private(e, s)


def load(data):
    """Train and test events of described films, with content and without."""
    world = content_worlds.load("movielens", data)
    known = np.isfinite(world.train.items["text"]).all(axis=1)
    for name in ("cast", "image"):
        known |= np.isfinite(world.train.items[name]).all(axis=1)
    items = {name: np.asarray(v)[known] for name, v in world.train.items.items()}
    train, test = (_of_films(X, known, items) for X in (world.train, world.test))
    bare = {"movieId": items["movieId"]}
    branches = [(name, "passthrough", name) for name in world.modalities]
    fusion = MultimodalFusion(branches, method=ConcatFusion())
    return {
        True: (fusion.fit_transform(train), fusion.transform(test)),
        False: tuple(X.with_table("items", bare) for X in (train, test)),
    }


def _of_films(X, known, items):
    use = np.flatnonzero(known[X.item_codes])
    events = {name: X[name][use] for name in X.columns}
    return Interactions(events, items, user="userId", item="movieId", time="timestamp")


def explained(model, X, users):
    """How far the items of each history stand out of all scores for it, (n_users,)."""
    asked = {name: X[name] for name in X.columns}
    asked["userId"] = -asked["userId"]  # strangers
    history = Interactions(asked, user="userId", item="movieId", time="timestamp")
    U, _ = model._tastes(-users, history)
    scores = model._scores(U, for_products(model.item_factors_), [])  # of all items
    rows = np.searchsorted(users, X.user_ids)
    own = scores[rows, model.item_vocabulary_.codes(X.item_ids)]
    own = (own - scores.mean(axis=1)[rows]) / np.maximum(scores.std(axis=1)[rows], 1e-9)
    return np.bincount(rows, own) / np.bincount(rows)


def attacked(make, X, seed):
    """AUC of both attacks on a model of one half of the users."""
    rng = np.random.default_rng(seed)
    users = np.unique(X.user_ids)
    members = [
        rng.permutation(len(users)) < len(users) // 2 for _ in range(1 + N_SHADOWS)
    ]
    values = []
    for number, mine in enumerate(members):
        events = X[mine[np.searchsorted(users, X.user_ids)]]
        model = make(1000 * seed + number).fit(events)
        values.append(explained(model, X, users))
    (member, *shadows), (value, *others) = members, values
    shadows, others = np.array(shadows), np.array(others)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # in all shadows, or in none
        inside = np.nanmean(np.where(shadows, others, np.nan), axis=0)
        outside = np.nanmean(np.where(shadows, np.nan, others), axis=0)
    ratio = (inside - outside) * (value - (inside + outside) / 2)
    return (
        roc_auc_score(member, value),
        roc_auc_score(member, np.nan_to_num(ratio)),
    )


def quality(make, train, test, seed):
    model = make(seed).fit(train)
    if not len(model.user_vocabulary_):
        model = copy.copy(model).partial_fit(train)
    scorers = get_scorer(["ndcg@10", "ndcg@20"])
    return [scorer(model, test) for scorer in scorers.values()]


def judged(name, tasks, n_seeds):
    """A row: epsilon, NDCG, AUC, the most that any attack may reach."""
    epsilon, content, make = MODELS[name]
    train, test = tasks[content]
    start = time.perf_counter()
    values = [
        (*quality(make, train, test, seed), *attacked(make, train, seed))
        for seed in range(n_seeds)
    ]
    most = None
    if epsilon and np.isfinite(epsilon):
        most = float(ndtr(1 / np.sqrt(2) / gaussian_noise_multiplier(epsilon, DELTA)))
    medians = np.median(values, axis=0).tolist()
    seconds = time.perf_counter() - start
    return {"name": name, "values": medians, "most": most, "s": seconds}


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("data")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--only", nargs="+", default=MODELS, help="rows")
    parser.add_argument("--rows", type=Path, help="where to keep the rows, as JSON")
    arguments = parser.parse_args()
    tasks = load(arguments.data)
    print(tasks[True][0])
    heads = ("NDCG@10", "NDCG@20", "threshold", "shadow", "any attack")
    print(
        f"{'model, epsilon':24}" + "".join(f"{head:>12}" for head in heads), flush=True
    )
    for name in arguments.only:
        row = judged(name, tasks, arguments.seeds)
        cells = [f"{value:12.4f}" for value in row["values"][:2]]
        cells += [f"{value:12.3f}" for value in row["values"][2:]]
        most = "" if row["most"] is None else f"{row['most']:12.3f}"
        print(f"{name:24}" + "".join(cells) + most, flush=True)
        if arguments.rows:
            with arguments.rows.open("a") as file:
                file.write(json.dumps(row) + "\n")


if __name__ == "__main__":
    main()
