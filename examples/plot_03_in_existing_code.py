"""
In existing scikit-learn code
=============================

The fusion step is an ordinary transformer: on a plain table it returns a matrix, for
any model. Here is a script that predicts what a reviewer thinks of a product from its
attributes. One statement of it is changed: what do texts and pictures add?
"""

import matplotlib.pyplot as plt
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.linear_model import RidgeCV
from sklearn.metrics import r2_score
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from skmmrec import (
    ImageStatisticsEncoder,
    MultimodalFusion,
    SparseTextEncoder,
    TabularEncoder,
)
from skmmrec.datasets import make_multimodal_shop

# %%
# The shop knows what every product is worth to every user: the reviewer is one of them.
X, truth = make_multimodal_shop(
    50,
    300,
    shares={"image": 4, "text": 4, "tabular": 3},
    popularity=0.3,
    random_state=0,
    return_truth=True,
)
table = pd.DataFrame(dict(X.items))
opinion = truth.utilities(slice(6, 7))[0]

# %%
# The script as it was.
features = make_column_transformer(
    (OneHotEncoder(handle_unknown="ignore"), ["category"]),
    (StandardScaler(), ["price"]),
)
model = make_pipeline(features, RidgeCV(alphas=[0.01, 0.1, 1, 10]))
before = cross_val_predict(model, table, opinion)

# %%
# As it is: another transformer in the place of the first, and nothing else.
features = MultimodalFusion(
    [
        ("tabular", TabularEncoder(), ["category", "price"]),
        ("text", SparseTextEncoder(n_components=32, random_state=0), "description"),
        ("image", ImageStatisticsEncoder(), "picture"),
    ]
)
model = make_pipeline(features, RidgeCV(alphas=[0.01, 0.1, 1, 10]))
after = cross_val_predict(model, table, opinion)

# %%
# Each product once, predicted by a model that has not seen it.
figure, panels = plt.subplots(
    1, 2, figsize=(9, 4.5), sharex=True, sharey=True, layout="constrained"
)
results = {"attributes": before, "attributes, texts and pictures": after}
for axes, (name, predicted) in zip(panels, results.items()):
    axes.scatter(opinion, predicted, s=8, color="#2f7d4f")
    axes.axline((0, 0), slope=1, color="#888888")
    axes.set(title=f"{name}: R² {r2_score(opinion, predicted):.2f}")
    axes.set_xlabel("opinion of the reviewer")
panels[0].set_ylabel("predicted")
plt.show()
