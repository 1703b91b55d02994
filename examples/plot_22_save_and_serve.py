"""
Save and serve
==============

A fitted pipeline goes to another machine, and shop pages ask it over HTTP. What does a
page get for a visitor who has just looked at three things?

Needs the extra ``skmmrec[serve]``, and httpx2 for the client.
"""

import tempfile
from io import BytesIO

import matplotlib.pyplot as plt
from PIL import Image
from starlette.testclient import TestClient

import skmmrec
from skmmrec import (
    ImageStatisticsEncoder,
    ItemGraphRecommender,
    MultimodalFusion,
    SparseTextEncoder,
    make_pipeline,
)
from skmmrec.datasets import make_multimodal_shop
from skmmrec.service import create_app

X = make_multimodal_shop(200, 200, shares={"text": 1, "image": 2}, random_state=0)
fusion = MultimodalFusion(
    [
        ("text", SparseTextEncoder(n_components=32, random_state=0), "description"),
        ("image", ImageStatisticsEncoder(), "picture"),
    ]
)
pipe = make_pipeline(fusion, ItemGraphRecommender(random_state=0)).fit(X)

# %%
# A model is a folder without pickles: opening one from elsewhere runs no code. It gives
# the same answers, to the last bit.
folder = tempfile.TemporaryDirectory()
skmmrec.save(pipe, f"{folder.name}/shop")
served = skmmrec.load(f"{folder.name}/shop")
print((served.predict(X) == pipe.predict(X)).all())

# %%
# On a server, ``skmmrec serve shop --items items.parquet`` listens on port 8000, with a
# page for people at ``/``. Here the same application is asked from within Python.
client = TestClient(create_app(served, X.items))
session = ["sku-0007", "sku-0038", "sku-0120"]
answer = client.post("/recommend", json={"items": session, "k": 4}).json()
offered = [item["id"] for item in answer["items"]]
reasons = client.post("/explain", json={"items": session, "offered": offered}).json()
print(answer["items"][0])

# %%
# What was looked at, what is offered, and how much of its score is due to what.
pictures = dict(zip(X.items["item"].tolist(), X.items["picture"]))
figure, axes = plt.subplots(3, 4, figsize=(9, 6), layout="constrained", sharex="row")
for row, items in zip(axes, (session, offered)):
    for axis in row:
        axis.axis("off")
    for axis, item in zip(row, items):
        axis.imshow(Image.open(BytesIO(pictures[item])))
axes[0, 0].set_title("looked at", loc="left")
axes[1, 0].set_title("offered", loc="left")
for axis, reason in zip(axes[2], reasons["reasons"]):
    parts = reason["modalities"]
    axis.barh(list(parts), parts.values(), color="#2f7d4f")
    axis.set_xlabel("part of the score")
    axis.label_outer()
plt.show()
folder.cleanup()
