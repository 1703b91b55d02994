"""
Between two fits
================

A shop does not wait for the next fit: customers click, and new things arrive. The
fitted pipeline encodes and places them.
"""

import matplotlib.pyplot as plt
import numpy as np

from skmmrec import (
    ALSRecommender,
    Interactions,
    MultimodalFusion,
    SparseTextEncoder,
    get_scorer,
    make_pipeline,
)
from skmmrec.datasets import make_multimodal_shop

shop = make_multimodal_shop(300, 300, shares={"text": 1}, random_state=0)
user, item = shop.names["user"], shop.names["item"]

# %%
# A sixth of the items, and of the customers, are of tomorrow.
is_new_item = shop.item_codes % 6 == 0
is_new_user = shop.user_codes % 6 == 0
items = dict(shop.items)
ids = np.asarray(items[item])
old = np.isin(ids, shop.item_ids[is_new_item], invert=True)
today = {name: np.asarray(values)[old] for name, values in items.items()}
arrivals = {name: np.asarray(values)[~old] for name, values in items.items()}

known = shop[~is_new_item & ~is_new_user]
X = Interactions(
    {user: known.user_ids, item: known.item_ids}, items=today, user=user, item=item
)
fusion = MultimodalFusion(
    [("text", SparseTextEncoder(n_components=32, random_state=0), "description")]
)
pipe = make_pipeline(fusion, ALSRecommender(16, random_state=0)).fit(X)

# %%
# New items come in by their descriptions; nobody has had them yet. How well are those
# found that customers of today will buy tomorrow?
pipe.add_items(arrivals)
tomorrow = shop[is_new_item & ~is_new_user]
scorer = get_scorer("ndcg@10", candidates="cold")
by_content = scorer(pipe, tomorrow)

# %%
# New customers come, and every click counts at once.
clicks = shop[is_new_user & ~is_new_item]
rank = np.zeros(len(clicks), dtype=int)
for code in np.unique(clicks.user_codes):
    mine = clicks.user_codes == code
    rank[mine] = np.arange(np.count_nonzero(mine))
still_to_come = clicks[rank >= 10]
scores = []
for n in range(6):
    scores.append(get_scorer("ndcg@10")(pipe, still_to_come))
    now = clicks[(rank == 2 * n) | (rank == 2 * n + 1)]
    pipe.partial_fit(
        Interactions({user: now.user_ids, item: now.item_ids}, user=user, item=item)
    )

figure, axes = plt.subplots(figsize=(7, 4.2), layout="constrained")
axes.plot(2 * np.arange(6), scores, marker="o", color="#2f7d4f")
axes.set(xlabel="clicks of each new customer so far", ylabel="NDCG@10 of later ones")
axes.set_title(
    f"New items, by content alone: NDCG@10 {by_content:.2f} among each other"
)
plt.show()
