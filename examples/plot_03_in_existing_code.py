"""
In existing scikit-learn code
=============================

The fusion step is an ordinary transformer: on a plain table it returns a matrix, for
any model. Here, what one reviewer thinks of a product is predicted from its text and
picture.
"""

import matplotlib.pyplot as plt
import pandas as pd
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline

from skmmrec import ImageStatisticsEncoder, MultimodalFusion, SparseTextEncoder
from skmmrec.datasets import make_multimodal_shop

# %%
# The shop knows what every product is worth to every user: the reviewer is one of them.
X, truth = make_multimodal_shop(
    50, 400, shares={"image": 1, "text": 1}, random_state=0, return_truth=True
)
table = pd.DataFrame({name: X.items[name] for name in ("description", "picture")})
opinion = truth.utilities(slice(0, 1))[0]

# %%
# y = b0 + b·F, with F the fused features.
fusion = MultimodalFusion(
    [
        ("text", SparseTextEncoder(n_components=32, random_state=0), "description"),
        ("image", ImageStatisticsEncoder(), "picture"),
    ]
)
model = make_pipeline(fusion, RidgeCV(alphas=[0.01, 0.1, 1, 10]))
predicted = cross_val_predict(model, table, opinion)

# %%
# Each product once, predicted by a model that has not seen it.
plt.figure(figsize=(4.5, 4.5), layout="constrained")
plt.scatter(opinion, predicted, s=8, color="#2f7d4f")
plt.axline((opinion.mean(), opinion.mean()), slope=1, color="#888")
plt.xlabel("opinion of the reviewer")
plt.ylabel("predicted from text and picture")
plt.show()
