"""
What the future tells
=====================

A random split lets a model learn from events that come after those it is judged by:
what is in fashion next month, and what the user will like tomorrow. Nobody has these
when it counts. How much of a score is that?
"""

import os

import matplotlib.pyplot as plt
import numpy as np

from skmmrec import (
    ALSRecommender,
    Interactions,
    ItemKNNRecommender,
    PopularityRecommender,
    RandomHoldout,
    RollingTemporalSplit,
    check_leakage,
    compare,
)
from skmmrec.datasets import load_movielens

# %%
# With the environment variable ``MOVIELENS``, the folder of a MovieLens release, it is
# told by films. Else by a world with fashions: an item is liked most soon after it
# came, and a user, who is there for ten days, likes one kind of items best.


def fashions(n_users=400, n_items=300, n_events=20, seed=0):
    rng = np.random.default_rng(seed)
    came, kind = rng.uniform(-20, 100, n_items), rng.integers(5, size=n_items)
    user = np.repeat(np.arange(n_users), n_events)
    start = np.repeat(rng.uniform(0, 90, n_users), n_events)
    time = start + rng.uniform(0, 10, len(user))
    age = time[:, None] - came  # (n_events, n_items)
    utility = np.where(age < 0, -np.inf, -age / 10) + 2 * (kind == user[:, None] % 5)
    item = (utility + rng.gumbel(size=utility.shape)).argmax(axis=1)
    return Interactions({"user": user, "item": item, "time": time}, time="time")


folder = os.environ.get("MOVIELENS")
if folder:
    X = load_movielens(folder)
    X = X[X.rating >= 4]
else:
    X = fashions()
print(X)

# %%
# The usual random split, and a temporal one: eight windows of time, each judged by a
# model of all that was before. Of users who are new in a window nothing is known then;
# they are left out, to compare like with like. A split is any list of rows to learn
# from and to be judged by.
past = [
    (train, test[np.isin(X.user_codes[test], X.user_codes[train])])
    for train, test in RollingTemporalSplit(8, test_size=0.1).split(X)
]
# The same events to be found, with all others to learn from: those of the future too.
everything = [(np.setdiff1d(np.arange(len(X)), test), test) for _, test in past]
splits = {
    "random": RandomHoldout(0.2, random_state=0),
    "windows, all other events known": everything,
    "windows, the past known": past,
}

# %%
# Three recommenders, fitted once on each fold. The table says which of them is best, by
# how much, and whether that could be chance: a randomisation test over the users, with
# Holm's correction.
recommenders = {
    "popularity": PopularityRecommender(),
    "item KNN": ItemKNNRecommender(),
    "ALS": ALSRecommender(32, random_state=0),
}
tables = {
    name: compare(recommenders, X, cv, "ndcg@10", random_state=0)
    for name, cv in splits.items()
}
for name, table in tables.items():
    print(f"\n{name}, {table['n_users'][0]} users")
    columns = ("recommender", "mean", "standard_error", "difference", "p_holm")
    for model, *figures in zip(*(table[column] for column in columns)):
        print(f"  {model:12}" + "".join(f"{figure:9.4f}" for figure in figures))

# %%
# `check_leakage` says so before anything is compared.
for name, cv in splits.items():
    report = check_leakage(PopularityRecommender(), X, cv)
    print(f"{name}: {report['evidence'][report['check'].index('time')]}")

# %%
# The gap between the two lower bars is what the future tells, of the same events. The
# random split, whose held-out events are easier besides, promises more still. On
# ml-latest-small (2016) it says .251 for ALS and .144 for popularity; with the past
# alone both are at .113, and what was to be chosen makes no difference.
figure, axes = plt.subplots(figsize=(8, 4), layout="constrained")
rows = np.arange(len(recommenders))
for i, ((name, table), color) in enumerate(
    zip(tables.items(), ("#b9cfc0", "#7aa88a", "#2f7d4f"))
):
    place = [table["recommender"].index(model) for model in recommenders]
    means, errors = (
        np.array(table[column])[place] for column in ("mean", "standard_error")
    )
    axes.barh(rows + 0.27 * (i - 1), means, 0.25, xerr=errors, color=color, label=name)
axes.set_yticks(rows, recommenders)
axes.invert_yaxis()
axes.set_xlabel("NDCG@10, with standard errors over the users")
axes.legend()
plt.show()
