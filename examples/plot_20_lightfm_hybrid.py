"""
What features add to LightFM
============================

LightFM learns a vector for each feature, and an item is the sum of its features and of
a part of its own. Given ids alone it is a matrix factorisation. When is it worth
describing the items?

Needs the extra ``skmmrec[lightfm]``.
"""

import matplotlib.pyplot as plt
import numpy as np

from skmmrec import (
    ColdItemKFold,
    LightFMRecommender,
    MultimodalFusion,
    RandomHoldout,
    SparseTextEncoder,
    TabularEncoder,
    get_scorer,
)
from skmmrec.datasets import make_multimodal_shop

X = make_multimodal_shop(300, 300, shares={"text": 2, "tabular": 1}, random_state=0)
fusion = MultimodalFusion(
    [
        ("text", SparseTextEncoder(n_components=32, random_state=0), "description"),
        ("tabular", TabularEncoder(), ["category", "price", "tags"]),
    ]
)
tables = {"ids alone": X, "ids and features": fusion.fit_transform(X)}
lightfm = LightFMRecommender(16, loss="warp", random_state=0)

# %%
# A fifth of the items is new. A fifth of the other events is held out, and of the rest
# more and more is learned from.
train, new = next(ColdItemKFold(5, random_state=0).split(X))
learned, known = next(RandomHoldout(0.2, random_state=0).split(X[train]))
learned = np.random.default_rng(0).permutation(train[learned])
held_out = {"known items": (train[known], "warm"), "new items": (new, "cold")}
counts = [300, 600, 1200, 2400, len(learned)]
curves = {}
for name, data in tables.items():
    for count in counts:
        lightfm.fit(data[learned[:count]])
        for title, (rows, candidates) in held_out.items():
            score = get_scorer("ndcg@10", candidates=candidates)(lightfm, data[rows])
            curves.setdefault((title, name), []).append(score)

# %%
# In this shop all taste lies in the features. They are worth most for new items, of
# which ids tell nothing, and help where events of known items are few; with enough
# events, ids alone do as well.
figure, panels = plt.subplots(1, 2, figsize=(8, 4.8), sharey=True, layout="constrained")
for axes, title in zip(panels, held_out):
    for name, color in zip(tables, ("#888888", "#2f7d4f")):
        print(f"{title:12}{name:18}", np.round(curves[title, name], 3))
        axes.plot(
            np.array(counts) / 300, curves[title, name], "o-", color=color, label=name
        )
    axes.set(title=title, xlabel="events of a user in training", ylim=(0, None))
panels[0].set_ylabel("NDCG@10")
panels[0].legend()
plt.show()
