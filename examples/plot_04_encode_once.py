"""
Encode once, search at leisure
==============================

A grid search fits its pipeline once for each candidate and fold, and each time it
encodes the same pictures and sounds. With a store it encodes them once, today and ever
after.
"""

import tempfile
import time

import matplotlib.pyplot as plt
from sklearn.model_selection import GridSearchCV

from skmmrec import (
    ColdItemKFold,
    ContentRecommender,
    EmbeddingStore,
    ImageStatisticsEncoder,
    MelStatisticsEncoder,
    MultimodalFusion,
    get_scorer,
    make_pipeline,
    set_config,
)
from skmmrec.datasets import make_multimodal_shop

X = make_multimodal_shop(150, 80, shares={"image": 1, "audio": 2}, random_state=0)

# %%
# Which of the modalities are good for new items, and how should they be fused?
fusion = MultimodalFusion(
    [
        ("image", ImageStatisticsEncoder(), "picture"),
        ("sound", MelStatisticsEncoder(), "sound"),
    ]
)
search = GridSearchCV(
    make_pipeline(fusion, ContentRecommender()),
    {
        "multimodalfusion__method": ["concat", "mean"],
        "multimodalfusion__weights": [
            {"image": 1, "sound": 0},
            {"image": 0, "sound": 1},
            {"image": 1, "sound": 1},
            {"image": 1, "sound": 2},
        ],
    },
    cv=ColdItemKFold(2, random_state=0),
    scoring=get_scorer("ndcg@10", candidates="cold"),
)

# %%
# The same search three times: without a store, with an empty one, and with what it then
# holds. One line switches it on, for every encoder and every worker.
seconds = {}
folder = tempfile.TemporaryDirectory()
for name, store in [
    ("no store", None),
    ("empty store", folder.name),
    ("the next day", folder.name),
]:
    set_config(store=store)
    start = time.perf_counter()
    search.fit(X)
    seconds[name] = time.perf_counter() - start
set_config(store=None)

info = EmbeddingStore(folder.name).info()
print(f"{info['n_vectors']} vectors, {info['n_bytes'] / 1e6:.1f} MB")
print(search.best_params_)

# %%
figure, (top, bottom) = plt.subplots(
    2, 1, figsize=(7, 5), height_ratios=[3, 8], layout="constrained"
)
top.barh(list(seconds), list(seconds.values()), color="#2f7d4f")
top.invert_yaxis()
top.set_xlabel("seconds of the search")
results = search.cv_results_
names = [
    f"{method}, image {weights['image']} : sound {weights['sound']}"
    for method, weights in zip(
        results["param_multimodalfusion__method"],
        results["param_multimodalfusion__weights"],
    )
]
bottom.barh(names, results["mean_test_score"], color="#2f7d4f")
bottom.invert_yaxis()
bottom.set_xlabel("NDCG@10 on new items")
plt.show()
folder.cleanup()
