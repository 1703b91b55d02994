"""Hybrid ALS against popularity and ALS without content, on cold and warm items.

Cold: `ColdItemKFold`, the held-out items ranked among themselves. Warm:
`RandomHoldout`, the known items ranked. All: the same, the whole catalogue ranked. Of
each cell the mean over users and folds and its standard error; a user of five folds
counts as one.
Defaults of all estimators; nothing is tuned. The second table is of the films with a
plot alone, among which having content is no hint of fame.

Usage: python benchmarks/movielens.py FOLDER
"""

import sys
import time

import numpy as np

from skmmrec import (
    ALSRecommender,
    ColdItemKFold,
    ContentRecommender,
    Interactions,
    LightFMRecommender,
    MultimodalFusion,
    PopularityRecommender,
    RandomHoldout,
    get_scorer,
)
from skmmrec.demo._worlds import movielens_world

PROTOCOLS = {
    "cold": (ColdItemKFold(5, random_state=0), "cold"),
    "warm": (RandomHoldout(0.2, n_splits=5, random_state=0), "warm"),
    "all": (RandomHoldout(0.2, n_splits=5, random_state=0), "all"),
}


def per_user(model, X, cv, candidates):
    """NDCG@10 of each user, the mean over the folds that judge it: {user: value}."""
    scorer = get_scorer("ndcg@10", candidates=candidates)
    values = {}
    for train, test in cv.split(X):
        fold = X[test]
        model.fit(X[train])
        for user, value in zip(*scorer.per_user(model, fold)):
            values.setdefault(user, []).append(value)
    return {user: np.mean(value) for user, value in values.items()}


def cell(values):
    return f"{np.mean(values):.4f} ± {np.std(values, ddof=1) / len(values) ** 0.5:.4f}"


def described(X):
    """The films with a plot alone: that a film has content says it is well known."""
    has = np.array([isinstance(plot, str) for plot in X.items["plot"]])
    items = {name: values[has] for name, values in X.items.items()}
    X = X[has[X.item_codes]]
    events = {name: X[name] for name in ("userId", "movieId")}
    return Interactions(events, items=items, user="userId", item="movieId")


def compare(X, branches):
    start = time.perf_counter()
    fused = MultimodalFusion(branches).fit_transform(X)
    print(f"{fused}\nencoded in {time.perf_counter() - start:.0f} s\n")
    models = {
        "popularity": (PopularityRecommender(), X),
        "ALS without content": (ALSRecommender(random_state=0), X),
        "content only": (ContentRecommender(), fused),
        "ALS, content": (ALSRecommender(random_state=0), fused),
        "LightFM, content": (LightFMRecommender(random_state=0), fused),
    }
    print(f"{'NDCG@10':22}" + "".join(f"{name:>18}" for name in PROTOCOLS))
    results = {}
    for name, (model, data) in models.items():
        results[name] = {
            protocol: per_user(model, data, *how) for protocol, how in PROTOCOLS.items()
        }
        cells = (cell(list(values.values())) for values in results[name].values())
        print(f"{name:22}" + "".join(f"{text:>18}" for text in cells))
    hybrid, plain = results["ALS, content"], results["ALS without content"]
    for protocol in PROTOCOLS:
        users = list(plain[protocol])
        ours = np.array([hybrid[protocol][user] for user in users])
        theirs = np.array([plain[protocol][user] for user in users])
        print(
            f"{protocol}: hybrid / plain = {ours.mean() / theirs.mean():.2f}, "
            f"paired difference {cell(ours - theirs)}"
        )


def main(folder):
    world = movielens_world(folder)
    print("-- all films")
    compare(world.X, world.branches)
    print("\n-- films with a plot")
    compare(described(world.X), world.branches)


if __name__ == "__main__":
    main(sys.argv[1])
