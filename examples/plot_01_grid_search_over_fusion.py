"""
Which fusion, and which modalities?
===================================

A shop whose customers choose by text, by picture and by attributes. A grid search finds
out how to fuse the three, and whether each earns its place, on items that nobody has
had.
"""

import matplotlib.pyplot as plt
from sklearn.model_selection import GridSearchCV

from skmmrec import (
    ALSRecommender,
    ColdItemKFold,
    ConcatFusion,
    ImageStatisticsEncoder,
    MultimodalFusion,
    SparseTextEncoder,
    TabularEncoder,
    get_scorer,
    make_pipeline,
)
from skmmrec.datasets import make_multimodal_shop

X = make_multimodal_shop(300, 200, random_state=0)
print(X)

# %%
# A branch for each modality: a name, an encoder, and the columns it reads.
text, image, tabular = (
    SparseTextEncoder(n_components=32, random_state=0),
    ImageStatisticsEncoder(),
    TabularEncoder(),
)
fusion = MultimodalFusion(
    [
        ("text", text, "description"),
        ("image", image, "picture"),
        ("tabular", tabular, ["category", "price", "tags", "released"]),
    ]
)
pipe = make_pipeline(fusion, ALSRecommender(random_state=0))

# %%
# Methods are tried by name or as instances; "drop" leaves a modality out.
grid = {
    "multimodalfusion__method": ["concat", ConcatFusion("l2"), "mean"],
    "multimodalfusion__text": [text, "drop"],
    "multimodalfusion__image": [image, "drop"],
}
search = GridSearchCV(
    pipe,
    grid,
    cv=ColdItemKFold(3, random_state=0),
    scoring=get_scorer("ndcg@10", candidates="cold"),
)
search.fit(X)
best = search.best_estimator_
print("best:", best[0].method, [name for name, _, _ in best[0].transformers_])

# %%
# What a user is offered of all the catalogue, and what is like the first of it.
offered = best.recommend([1], k=3)
print(offered, best.similar_items(offered[0][:1], k=3))

# %%
# Bars of all candidates, best on top.
names, scores = [], search.cv_results_["mean_test_score"]
for candidate in search.cv_results_["params"]:
    method = candidate["multimodalfusion__method"]
    kept = ["tabular"] + [
        name
        for name in ("text", "image")
        if candidate[f"multimodalfusion__{name}"] != "drop"
    ]
    names.append(f"{method}: {', '.join(kept)}")
order = scores.argsort()
plt.figure(figsize=(9, 4.5), layout="constrained")
plt.barh([names[i] for i in order], scores[order], color="#2f7d4f")
plt.xlabel("NDCG@10 on items that nobody has had")
plt.show()
