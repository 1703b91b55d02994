"""
Look at recommendations
=======================

A mean over users hides what a person sees at once: that all are offered the same, or
that lists are sensible for the wrong reason. Lists with their pictures, sounds and
reasons first, then what the means are made of.
"""

import tempfile

import matplotlib.pyplot as plt

from skmmrec import (
    AutoFusion,
    ColdItemKFold,
    ContentRecommender,
    CoverageAccuracyDisplay,
    FusionWeightsDisplay,
    ImageStatisticsEncoder,
    ItemGraphRecommender,
    MelStatisticsEncoder,
    MultimodalFusion,
    PopularityRecommender,
    RandomHoldout,
    RankingCurveDisplay,
    RecommendationDisplay,
    SparseTextEncoder,
    WarmthCurveDisplay,
    make_pipeline,
)
from skmmrec.datasets import make_multimodal_shop

X = make_multimodal_shop(300, 300, random_state=0, missing=0.1)

# %%
# A tenth of the items is new, and a fifth of the other events is held out.
train, new = next(ColdItemKFold(10, random_state=0).split(X))
learned, known = next(RandomHoldout(0.2, random_state=0).split(X[train]))
X_train, X_test = X[train[learned]], X[[*train[known], *new]]


def fusion(method="concat"):
    """Texts, pictures and sounds of an item, as one row of numbers."""
    return MultimodalFusion(
        [
            ("text", SparseTextEncoder(n_components=32, random_state=0), "description"),
            ("image", ImageStatisticsEncoder(), "picture"),
            ("audio", MelStatisticsEncoder(), "sound"),
        ],
        method=method,
    )


models = {
    "popularity": PopularityRecommender(),
    "content": make_pipeline(fusion(AutoFusion(random_state=0)), ContentRecommender()),
    "item graph": make_pipeline(fusion(), ItemGraphRecommender(random_state=0)),
}
for model in models.values():
    model.fit(X_train)

# %%
# What three users liked, beside what they are offered and why. In a notebook, the
# display shows itself; saved, it is one file that needs no network.
display = RecommendationDisplay.from_estimator(
    models["content"],
    X_train,
    [12, 57, 101],
    title="title",
    image="picture",
    audio="sound",
)
with tempfile.TemporaryDirectory() as folder:
    page = display.save(f"{folder}/recommendations.html")
    print(f"{page.stat().st_size / 1e3:.0f} kB")
print(display.reasons[0][0])

# %%
# All users together: how long lists have to be, how much of the shop they show, whether
# new items are found, and how much the graph makes of each modality.
figure, axes = plt.subplots(2, 2, figsize=(10, 7), layout="constrained")
RankingCurveDisplay.from_estimator(models, X_test, metric="recall", ax=axes[0, 0])
CoverageAccuracyDisplay.from_estimator(models, X_test, ax=axes[0, 1])
WarmthCurveDisplay.from_estimator(models, X_test, ax=axes[1, 0])
FusionWeightsDisplay.from_estimator(models["item graph"], ax=axes[1, 1])
plt.show()
