"""
Early, late, hybrid
===================

Modalities can meet before the model (early fusion), after it (late fusion), or both.
Content finds what is new, events know what is liked: which way of putting them together
is good for known items, and which for new ones?
"""

import matplotlib.pyplot as plt
import numpy as np

from skmmrec import (
    ALSRecommender,
    AutoFusion,
    ColdItemKFold,
    ContentRecommender,
    ImageStatisticsEncoder,
    MultimodalFusion,
    RandomHoldout,
    RankFusionRecommender,
    SparseTextEncoder,
    TabularEncoder,
    VotingRecommender,
    get_scorer,
    make_pipeline,
)
from skmmrec.datasets import make_multimodal_shop

X = make_multimodal_shop(300, 300, random_state=0)


def early():
    """Every modality of an item, as one row of numbers."""
    return MultimodalFusion(
        [
            ("text", SparseTextEncoder(n_components=32, random_state=0), "description"),
            ("image", ImageStatisticsEncoder(), "picture"),
            ("tabular", TabularEncoder(), ["category", "price", "tags"]),
        ],
        method=AutoFusion(random_state=0),
    )


# %%
# Early inside late: a member of the vote is a pipeline of its own. Late over early: one
# fusion serves all members, in one Pipeline.
content, als = ContentRecommender(), ALSRecommender(random_state=0)
models = {
    "events alone": als,
    "content, fused early": make_pipeline(early(), content),
    "early inside late": VotingRecommender(
        [("content", make_pipeline(early(), content)), ("als", als)],
    ),
    "late over early": make_pipeline(
        early(),
        VotingRecommender(
            [("content", content), ("als", als)], weights="learned", random_state=0
        ),
    ),
    "late over early, by ranks": make_pipeline(
        early(), RankFusionRecommender([("content", content), ("als", als)])
    ),
}

# %%
# Known items: a fifth of the events of each user is held out. New items: all events of
# a fifth of the items.
protocols = {
    "known items": (RandomHoldout(0.2, random_state=0), "warm"),
    "new items": (ColdItemKFold(5, random_state=0), "cold"),
}
scores = {}
for protocol, (cv, candidates) in protocols.items():
    train, test = next(iter(cv.split(X)))
    scorer = get_scorer("ndcg@10", candidates=candidates)
    for name, model in models.items():
        _, values = scorer.per_user(model.fit(X[train]), X[test])
        scores[protocol, name] = values.mean(), values.std() / len(values) ** 0.5
        print(f"{protocol:12} {name:28} {values.mean():.3f}")

# %%
figure, axes = plt.subplots(1, 2, figsize=(9, 5), sharey=True, layout="constrained")
for axis, protocol in zip(axes, protocols):
    means, errors = np.array([scores[protocol, name] for name in models]).T
    axis.barh(list(models), means, xerr=2 * errors, color="#2f7d4f")
    axis.set_title(f"NDCG@10, {protocol}")
axes[0].invert_yaxis()
plt.show()
