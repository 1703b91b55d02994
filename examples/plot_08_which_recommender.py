"""
Which recommender?
==================

There is no best one: closed forms fit in a blink and are hard to beat where events are
few; networks take longer, and can read anything. Here are several of each kind on one
small shop, for items that are known and for new ones.
"""

import time

import matplotlib.pyplot as plt

from skmmrec import (
    ALSRecommender,
    BPRRecommender,
    ColdItemKFold,
    ContentRecommender,
    EASERecommender,
    FeatureFactorizationRecommender,
    ImageStatisticsEncoder,
    ItemGraphRecommender,
    ItemKNNRecommender,
    MultimodalFusion,
    PopularityRecommender,
    RandomHoldout,
    SLIMRecommender,
    SparseTextEncoder,
    UserKNNRecommender,
    get_scorer,
)
from skmmrec.datasets import make_multimodal_shop

X = make_multimodal_shop(300, 300, shares={"text": 2, "image": 1}, random_state=0)
fusion = MultimodalFusion(
    [
        ("text", SparseTextEncoder(n_components=32, random_state=0), "description"),
        ("image", ImageStatisticsEncoder(), "picture"),
    ]
)
X = fusion.fit_transform(X)

recommenders = [
    PopularityRecommender(),
    ContentRecommender(),
    ItemGraphRecommender(random_state=0),
    ItemKNNRecommender(),
    UserKNNRecommender(),
    EASERecommender(30),
    SLIMRecommender(0.3, 3),
    ALSRecommender(16, random_state=0),
    BPRRecommender(16, random_state=0),
    FeatureFactorizationRecommender(),
]

# %%
# Every one of them places items that nobody has had by their content.
protocols = {
    "known items": (RandomHoldout(0.2, random_state=0), "warm"),
    "new items": (ColdItemKFold(5, random_state=0), "cold"),
}
figure, panels = plt.subplots(1, 2, figsize=(9, 5.5), sharey=True, layout="constrained")
for axes, (title, (cv, candidates)) in zip(panels, protocols.items()):
    scorer = get_scorer("ndcg@10", candidates=candidates)
    train, test = next(cv.split(X))
    names, scores = [], []
    for recommender in recommenders:
        start = time.perf_counter()
        recommender.fit(X[train])
        seconds = time.perf_counter() - start
        names.append(type(recommender).__name__.removesuffix("Recommender"))
        scores.append(scorer(recommender, X[test]))
        print(f"{names[-1]:22} {scores[-1]:.3f} in {seconds:.2f} s, {title}")
    axes.barh(names, scores, color="#2f7d4f")
    axes.set_title(f"NDCG@10 on {title}")
panels[0].invert_yaxis()
plt.show()
