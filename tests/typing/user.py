"""Code of a user, for mypy alone: `tests/test_typing.py` runs it."""

from typing import Any, assert_type

import numpy as np
from numpy.typing import NDArray

import skmmrec
from skmmrec import (
    ALSRecommender,
    Interactions,
    MultimodalFusion,
    Pipeline,
    SparseTextEncoder,
    get_scorer,
    make_pipeline,
)

X = Interactions({"user": [1, 1, 2], "item": ["tea", "jam", "tea"]}, rating=None)
assert_type(len(X), int)
assert_type(X.columns, list[str])
assert_type(X.user_ids, NDArray[Any])

model = ALSRecommender(n_components=2).fit(X)
assert_type(model, ALSRecommender)
assert_type(model.predict(X), NDArray[np.float64])
assert_type(model.score(X), float)
assert_type(model.partial_fit(X).add_items(X).forget([1]), ALSRecommender)
model.recommend(["ann", "bob"], k=2, candidates=np.arange(3))
model.recommend([1], modality_weights={"image": 2, "text": 0})
texts = SparseTextEncoder().fit(["tea", "jam"])
assert_type(texts.transform(["tea"]), NDArray[np.float32])
fusion = MultimodalFusion([("text", texts, "title")], method="concat")
pipe = make_pipeline(fusion, model)
assert_type(pipe, Pipeline)
pipe.fit(X).recommend(["ann"], k=1)
get_scorer("ndcg@10", candidates="cold")(pipe, X)
skmmrec.save(model, "folder")
assert_type(skmmrec.get_config(), dict[str, Any])

model.recommend([1], k="ten")  # type: ignore[arg-type]
model.recommend([1], 10, X)  # type: ignore[call-arg]
model.similar_items(["tea"], return_score=True)  # type: ignore[call-arg]
Interactions(X, user=1)  # type: ignore[arg-type]
print(skmmrec.ALSrecommender)  # type: ignore[attr-defined]
