"""
What content is good for
========================

Of items with many events, the events say most. Of a new item there is only the content.
Five recommenders, judged on both.

Needs the extra ``skmmrec[lightfm]``.
"""

import matplotlib.pyplot as plt
import numpy as np

from skmmrec import (
    ALSRecommender,
    ColdItemKFold,
    ContentRecommender,
    LightFMRecommender,
    MultimodalFusion,
    PopularityRecommender,
    RandomHoldout,
    SparseTextEncoder,
    get_scorer,
)
from skmmrec.datasets import make_multimodal_shop

X = make_multimodal_shop(300, 300, shares={"text": 1}, random_state=0)

# %%
# Encoding needs no events, so that it can be done once for all folds.
encoder = SparseTextEncoder(n_components=32, random_state=0)
fused = MultimodalFusion([("text", encoder, "description")]).fit_transform(X)

recommenders = {
    "popularity": (PopularityRecommender(), X),
    "ALS": (ALSRecommender(16, random_state=0), X),
    "content": (ContentRecommender(), fused),
    "ALS with content": (ALSRecommender(16, random_state=0), fused),
    "LightFM with content": (LightFMRecommender(16, random_state=0), fused),
}

# %%
# The scorer gives a value for each user, hence a standard error.
protocols = {
    "known items": (RandomHoldout(0.2, random_state=0), "warm"),
    "new items": (ColdItemKFold(5, random_state=0), "cold"),
}
figure, panels = plt.subplots(1, 2, figsize=(8, 4.5), sharey=True, layout="constrained")
for axes, (title, (cv, candidates)) in zip(panels, protocols.items()):
    scorer = get_scorer("ndcg@10", candidates=candidates)
    train, test = next(cv.split(X))
    means, errors = [], []
    for model, data in recommenders.values():
        _, values = scorer.per_user(model.fit(data[train]), data[test])
        means.append(values.mean())
        errors.append(values.std() / np.sqrt(len(values)))
    axes.barh(list(recommenders), means, xerr=errors, color="#2f7d4f", capsize=3)
    axes.set_title(f"NDCG@10 on {title}")
panels[0].invert_yaxis()
plt.show()
