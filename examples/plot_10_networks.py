"""
Networks
========

Two towers, factors beside content, a graph, attention: the networks of the field are
recommenders like any other. In this shop half of the variance of taste lies in texts,
half in pictures.

Needs the extra ``skmmrec[neural]``.
"""

import matplotlib.pyplot as plt
import numpy as np

from skmmrec import (
    AttentionRecommender,
    ImageStatisticsEncoder,
    LightGCNRecommender,
    MultimodalFusion,
    NeuralRecommender,
    PopularityRecommender,
    RandomHoldout,
    SparseTextEncoder,
    VBPRRecommender,
    get_scorer,
)
from skmmrec.datasets import make_multimodal_shop

X = make_multimodal_shop(150, 150, shares={"text": 1, "image": 1}, random_state=0)
fusion = MultimodalFusion(
    [
        ("text", SparseTextEncoder(n_components=32, random_state=0), "description"),
        ("image", ImageStatisticsEncoder(), "picture"),
    ]
)
X = fusion.fit_transform(X)
train, test = next(RandomHoldout(0.2, random_state=0).split(X))

# %%
# All networks share one training loop: a slice of the events is held out in `fit`, and
# the epoch that ranks it best is kept.
settings = {"max_iter": 12, "learning_rate": 0.01, "batch_size": 256, "random_state": 0}
networks = [
    PopularityRecommender(),
    NeuralRecommender(16, **settings),
    VBPRRecommender(16, **settings),
    LightGCNRecommender(16, **settings),
    AttentionRecommender("user", 16, **settings),
]
scorer = get_scorer("ndcg@10")
names = [type(network).__name__.removesuffix("Recommender") for network in networks]
scores = [scorer(network.fit(X[train]), X[test]) for network in networks]

# %%
# Twelve epochs are few: the figure is about how networks are used, not which is best.
figure, axes = plt.subplots(figsize=(6, 4), layout="constrained")
axes.barh(names, np.array(scores), color="#2f7d4f")
axes.invert_yaxis()
axes.set_xlabel("NDCG@10 of held-out events")
plt.show()
