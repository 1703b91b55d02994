"""
More like this photo
====================

A customer sends a photo, or a few words, of a thing that the shop does not have. What
does it have that is like it? And what will a visitor like who has just looked at two
things?
"""

from io import BytesIO

import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

from skmmrec import (
    ImageStatisticsEncoder,
    Interactions,
    ItemGraphRecommender,
    MultimodalFusion,
    SparseTextEncoder,
    make_pipeline,
)
from skmmrec.datasets import make_multimodal_shop

world = make_multimodal_shop(300, 400, random_state=0)
table = {name: np.asarray(values) for name, values in world.items.items()}

# %%
# The last fifty things are not in the shop: customers will ask for them.
X = world[world.item_codes < 350]
X = Interactions(
    {"user": X.user_ids, "item": X.item_ids},
    items={name: values[:350] for name, values in table.items()},
)
fusion = MultimodalFusion(
    [
        ("text", SparseTextEncoder(n_components=32, random_state=0), "description"),
        ("image", ImageStatisticsEncoder(), "picture"),
    ]
)
pipe = make_pipeline(fusion, ItemGraphRecommender(random_state=0)).fit(X)

# %%
# A row for each question, with what is known of it. ``picture`` may also be a path.
wanted = 377
questions = {
    "picture": [table["picture"][wanted], None, table["picture"][wanted]],
    "description": [None, table["description"][wanted], table["description"][wanted]],
}
found = pipe.similar_items_to(questions, k=5)

# %%
# A visitor has looked at the two best answers to the last question.
looked_at = found[2, :2]
found = np.vstack([found, pipe.recommend_for(looked_at, k=5)])

place = dict(zip(table["item"].tolist(), table["picture"]))
titles = ["by its photo", "by its words", "by both", "to who looked at two of these"]
figure, axes = plt.subplots(4, 6, figsize=(8, 6), layout="constrained")
for axis in axes.flat:
    axis.axis("off")
for row, items, title in zip(axes, found.tolist(), titles):
    for axis, item in zip(row[1:], items):
        axis.imshow(Image.open(BytesIO(place[item])))
    row[1].set_title(title, loc="left", fontsize=9)
for axis in axes[:3, 0]:
    axis.imshow(Image.open(BytesIO(table["picture"][wanted])))
    axis.set_title("wanted", fontsize=9)
plt.show()
