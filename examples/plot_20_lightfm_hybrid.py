"""
What features add to LightFM
============================

LightFM learns a vector for each feature, an item being the sum of its own. Given ids
alone it is a matrix factorisation. For which items is it worth describing them?

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
    WarmthCurveDisplay,
    make_pipeline,
)
from skmmrec.datasets import make_multimodal_shop

X = make_multimodal_shop(
    300, 400, shares={"text": 2, "tabular": 1}, popularity=1, random_state=0
)

# %%
# A tenth of the items is new, and a fifth of the other events is held out.
train, new = next(ColdItemKFold(10, random_state=0).split(X))
learned, known = next(RandomHoldout(0.2, random_state=0).split(X[train]))
X_train, X_test = X[train[learned]], X[np.concatenate([train[known], new])]

# %%
# Both with the WARP loss, which looks for items ranked too high.
lightfm = LightFMRecommender(16, loss="warp", random_state=0)
fusion = MultimodalFusion(
    [
        ("text", SparseTextEncoder(n_components=32, random_state=0), "description"),
        ("tabular", TabularEncoder(), ["category", "price", "tags"]),
    ]
)
models = {
    "ids alone": LightFMRecommender(16, loss="warp", random_state=0).fit(X_train),
    "ids and features": make_pipeline(fusion, lightfm).fit(X_train),
}

# %%
# Items by the number of their events in the training data.
figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
WarmthCurveDisplay.from_estimator(models, X_test, ax=axes)
plt.show()
