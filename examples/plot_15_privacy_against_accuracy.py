"""
Privacy against accuracy
========================

Can a published model tell whether a person was in its data? Here an attacker tries, and
noise that stops him is paid for in accuracy: how much, and what content gives back.
"""

import os

import matplotlib.pyplot as plt
import numpy as np
from scipy.stats import norm
from sklearn.metrics import roc_auc_score

from skmmrec import (
    ContentRecommender,
    DPItemGraphRecommender,
    EASERecommender,
    Interactions,
    MultimodalFusion,
    PopularityRecommender,
    RandomHoldout,
    TabularEncoder,
    get_scorer,
)
from skmmrec.datasets import load_movielens, make_multimodal_shop
from skmmrec.privacy import gaussian_noise_multiplier

# %%
# With the environment variable ``MOVIELENS``, the folder of a MovieLens release, it is
# told by films and their genres; else by a synthetic shop.
folder = os.environ.get("MOVIELENS")
if folder:
    X = load_movielens(folder)
    X, columns = X[X.rating >= 4], ["genres"]
else:
    X, columns = make_multimodal_shop(600, 150, random_state=0), ["category", "tags"]
user, item = (X.names[role] for role in ("user", "item"))
events = {user: X.user_ids, item: X.item_ids}
names = {"user": user, "item": item}
fusion = MultimodalFusion([("tabular", TabularEncoder(), columns)])
X = fusion.fit_transform(Interactions(events, items=X.items, **names))
train, test = next(RandomHoldout(0.2, random_state=0).split(X))
train, test = X[train], X[test]
print(train)

# %%
# The attacker has the model, and the histories of people half of whom were in its data.
# He asks it, as for strangers, what suits each history. Items in it that others with
# such tastes do not have get high scores only if the model has seen them together: so
# the scores are compared with those by models of other halves of the people, which he
# fits himself.


def explained(model, users):
    """Mean score of the items of each user, in standard deviations, (n_users,)."""
    rows = np.searchsorted(users, train.user_ids)
    history = Interactions({user: -1 - rows, item: train.item_ids}, **names)
    strangers, n_items = -1 - np.arange(len(users)), len(model.item_vocabulary_)
    lists, scores = model.recommend(
        strangers, n_items, history=history, exclude_seen=False, return_scores=True
    )
    scores -= scores.mean(axis=1, keepdims=True)
    scores /= np.maximum(scores.std(axis=1, keepdims=True), 1e-12)
    codes = model.item_vocabulary_.codes(lists.ravel()).reshape(lists.shape)
    by_item = np.empty_like(scores)
    np.put_along_axis(by_item, codes, scores, axis=1)
    own = by_item[rows, model.item_vocabulary_.codes(train.item_ids)]
    return np.bincount(rows, own) / np.bincount(rows)


def attack_auc(make, n_models=9):
    """How well members of the first half are told from the others; .5 is a guess."""
    rng = np.random.default_rng(0)
    users = np.unique(train.user_ids)
    halves = rng.permuted(np.tile(np.arange(len(users)) % 2, (n_models, 1)), axis=1)
    values = []
    for half in halves == 1:
        members = half[np.searchsorted(users, train.user_ids)]
        values.append(explained(make().fit(train[members]), users))
    inside, outside = (
        np.ma.masked_array(values[1:], halves[1:] != kind).mean(axis=0).filled(np.nan)
        for kind in (1, 0)
    )
    evidence = (inside - outside) * (values[0] - (inside + outside) / 2)
    return roc_auc_score(halves[0], np.nan_to_num(evidence))


def ndcg(make):
    """A private model knows nobody: who serves them tells it of them once more."""
    model = make().fit(train)
    known = len(model.user_vocabulary_)
    return get_scorer("ndcg@10")(model if known else model.partial_fit(train), test)


# %%
# Plain models, and private ones from much noise to none. The seed is for this page: who
# knows it can take the noise away.
epsilons = [1, 2, 5, 10, 20]
models = {
    "content alone": ContentRecommender,
    "popularity": PopularityRecommender,
    "EASE": EASERecommender,
    **{e: lambda e=e: DPItemGraphRecommender(e, random_state=0) for e in epsilons},
}
found = {name: (ndcg(make), attack_auc(make)) for name, make in models.items()}
for name, (accuracy, auc) in found.items():
    print(f"{name!s:>15}  NDCG@10 {accuracy:.3f}  AUC of the attack {auc:.3f}")

# %%
# EASE gives its members away. The private model does not, although it recommends much
# better than popularity once its epsilon is no longer small; on the right, the dotted
# line is what its noise allows at most, also to an attacker who knows everybody else.
figure, axes = plt.subplots(1, 2, figsize=(10, 4.3), layout="constrained", sharex=True)
most = [
    norm.cdf(1 / np.sqrt(2) / gaussian_noise_multiplier(e, delta=1e-5))
    for e in epsilons
]
axes[1].plot(epsilons, most, ":", color="#2f7d4f", label="any attack at most")
colors = {"content alone": "#c58b2a", "popularity": "#888888", "EASE": "#b0413e"}
for side, ax in enumerate(axes):
    private = [found[e][side] for e in epsilons]
    ax.plot(epsilons, private, "o-", color="#2f7d4f", label="DPItemGraphRecommender")
    for name, color in colors.items():
        ax.axhline(found[name][side], color=color, linestyle="--", label=name)
    ax.set_xscale("log")
    ax.set_xticks(epsilons, epsilons)
    ax.minorticks_off()
    ax.set_xlabel("epsilon, at delta = 1e-5")
axes[0].set_ylabel("NDCG@10")
axes[1].set_ylabel("AUC of membership inference")
figure.legend(*axes[1].get_legend_handles_labels(), loc="outside lower center", ncols=5)
plt.show()
