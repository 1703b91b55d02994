"""
When pictures are missing
=========================

Some items have no picture. Are pictures still worth having when half of the shop lacks
them, and is it better to guess what they would show?
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.pipeline import make_pipeline as make_steps

from skmmrec import (
    ColdItemKFold,
    ConcatFusion,
    ContentRecommender,
    ImageStatisticsEncoder,
    Interactions,
    MissingModalityImputer,
    MultimodalFusion,
    SparseTextEncoder,
    get_scorer,
)
from skmmrec.datasets import make_multimodal_shop

# %%
# Two thirds of the variance of taste lie in the pictures, one third in the texts.
shop = make_multimodal_shop(300, 300, shares={"text": 1, "image": 2}, random_state=0)
text = ("text", SparseTextEncoder(n_components=32, random_state=0), "description")
image = ("image", ImageStatisticsEncoder(), "picture")
guess = make_steps(MissingModalityImputer(), ConcatFusion())
fusions = {
    "text alone": MultimodalFusion([text]),
    "both, gaps left as they are": MultimodalFusion([text, image]),
    "both, gaps guessed from the text": MultimodalFusion([text, image], method=guess),
}


def without_pictures(share):
    """The shop, with a share of its pictures gone."""
    gone = np.random.default_rng(0).permutation(300) < 300 * share
    items = dict(shop.items)
    items["picture"] = np.where(gone, None, items["picture"])
    events = {name: shop[name] for name in ("user", "item")}
    return Interactions(events, items=items)


# %%
# A pipeline needs no change: that a picture is missing is a fact about the item, and
# the item is placed by what it has. Judged on items that nobody has had.
shares = [0, 0.2, 0.4, 0.6, 0.8, 1]
scorer = get_scorer("ndcg@10", candidates="cold")
curves = {name: [] for name in fusions}
for share in shares:
    X = without_pictures(share)
    for name, fusion in fusions.items():
        fused = fusion.fit_transform(X)
        folds = ColdItemKFold(2, random_state=0).split(X)
        scores = [
            scorer(ContentRecommender().fit(fused[train]), fused[test])
            for train, test in folds
        ]
        curves[name].append(np.mean(scores))

# %%
# Pictures are worth having as long as there are some. In this shop a text says nothing
# about the picture beside it, so that guesses change little; where the two go together,
# as in :ref:`sphx_glr_auto_examples_plot_07_words_find_pictures.py`, they may help.
figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
for (name, scores), color in zip(curves.items(), ("#888888", "#2f7d4f", "#c58b2a")):
    print(f"{name:34}", np.round(scores, 3))
    axes.plot(100 * np.array(shares), scores, "o-", color=color, label=name)
axes.set(xlabel="items without a picture (%)", ylabel="NDCG@10 on new items")
axes.set_ylim(bottom=0)
axes.legend()
plt.show()
