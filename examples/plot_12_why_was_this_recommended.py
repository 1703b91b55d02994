"""
Why was this recommended?
=========================

A list is easier to trust, and to mend, if it can say why. Here a score is split by
modality and by what the user liked, then by the words of a text and the squares of a
picture; and all lists are asked what they would be without each modality.
"""

import io

import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

from skmmrec import (
    ColdItemKFold,
    ImageStatisticsEncoder,
    ItemGraphRecommender,
    ModalityImportanceDisplay,
    MultimodalFusion,
    SparseTextEncoder,
    TabularEncoder,
    explain,
    get_scorer,
    make_pipeline,
    modality_importance,
    occlusion,
)
from skmmrec.datasets import make_multimodal_shop

X = make_multimodal_shop(
    300, 200, shares={"text": 5, "image": 4, "tabular": 1}, random_state=0
)
fusion = MultimodalFusion(
    [
        ("text", SparseTextEncoder(n_components=32, random_state=0), "description"),
        ("image", ImageStatisticsEncoder(), "picture"),
        ("tabular", TabularEncoder(), ["category", "price", "tags"]),
    ]
)
pipe = make_pipeline(fusion, ItemGraphRecommender(random_state=0))

# sphinx_gallery_thumbnail_number = 2

# %%
# An item that nobody has had is offered to a user for its content alone.
train, test = next(ColdItemKFold(5, random_state=0).split(X))
pipe.fit(X[train])
new = np.unique(X.item_ids[test])
user = X.user_ids[train][0].item()
(item,) = pipe.recommend([user], k=1, candidates=new)[0]
why = explain(pipe, user, item, X)
print(why)

# %%
# The same in pictures: what it is about the item, and which likes speak for it.
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3), layout="constrained")
left.barh(list(why.modalities), list(why.modalities.values()), color="#2f7d4f")
left.set_title(f"{item} for user {user}, by modality")
titles = dict(zip(X.items["item"], X.items["title"]))
liked, parts = zip(*why.items[:5])
right.barh([titles[one] for one in liked], parts, color="#2f7d4f")
right.set_title("by what the user liked")
for axes in (left, right):
    axes.invert_yaxis()
plt.show()

# %%
# Which words, and which parts of the picture? Each is taken away in turn.
row = X.items["item"].tolist().index(item)
print(X.items["description"][row])
words = occlusion(pipe, user, item, "description", X)
squares = occlusion(pipe, user, item, "picture", X, grid=(6, 6))

figure, (left, middle, right) = plt.subplots(
    1, 3, figsize=(10, 3), layout="constrained"
)
names, effects = zip(*words[:8])
left.barh(names, effects, color="#2f7d4f")
left.invert_yaxis()
left.locator_params(axis="x", nbins=4)
left.set_title("words that speak for it")
picture = Image.open(io.BytesIO(X.items["picture"][row]))
middle.imshow(picture)
middle.set_title("its picture")
right.imshow(picture.convert("L"), cmap="gray", alpha=0.5)
limit = np.abs(squares).max()
image = right.imshow(
    squares, cmap="PiYG", vmin=-limit, vmax=limit, alpha=0.7, extent=(0, 96, 96, 0)
)
figure.colorbar(image, label="effect on the score")
right.set_title("what in it speaks for it")
for axes in (middle, right):
    axes.set_axis_off()
plt.show()

# %%
# And for all users: how much worse are new items placed without each modality?
importances = modality_importance(
    pipe, X, ColdItemKFold(5, random_state=0), get_scorer("ndcg@10", candidates="cold")
)
figure, axes = plt.subplots(figsize=(6, 2.5), layout="constrained")
ModalityImportanceDisplay(importances).plot(axes, color="#2f7d4f")
axes.set_title(f"NDCG@10 of new items, {importances['score'][0]:.2f} with all")
plt.show()
