"""
Exact, or by an index?
======================

To recommend is to find the items whose vectors have the largest products with that of a
user. An index looks at some of them only: how much faster is that, and what is missed?

Needs the extra ``skmmrec[ann]``.
"""

import time

import matplotlib.pyplot as plt
import numpy as np
from threadpoolctl import threadpool_limits

from skmmrec import ExactRetriever, FaissRetriever

# %%
# Vectors as factors are: in clusters, of different lengths. Of a model the same is
# asked by ``recommend(users, retriever="faiss")``, and by `retrieval_recall`.
rng = np.random.default_rng(0)
centres = rng.normal(size=(200, 32))
items = centres[rng.integers(200, size=80_000)] + 0.7 * rng.normal(size=(80_000, 32))
items *= rng.lognormal(sigma=0.3, size=(len(items), 1))
users = centres[rng.integers(200, size=200)] + 0.7 * rng.normal(size=(200, 32))
items, users = items.astype(np.float32), users.astype(np.float32)

# %%
# Inverted lists read the clusters nearest to the question: the more, the surer.
retrievers = {"exact": ExactRetriever()}
for n in (1, 2, 4, 8, 16, 32):
    retrievers[f"{n} of 128 lists"] = FaissRetriever("IVF128,Flat", f"nprobe={n}")

seconds, lists = {}, {}
with threadpool_limits(1):
    for name, retriever in retrievers.items():
        retriever.fit(items)
        seconds[name], lists[name] = [], []
        for user in users:
            start = time.perf_counter()
            lists[name].append(retriever.search(user[None], k=10)[0][0])
            seconds[name].append(time.perf_counter() - start)
times = {name: 1e3 * np.median(values) for name, values in seconds.items()}
recalls = {
    name: np.mean([np.isin(a, b).mean() for a, b in zip(lists["exact"], found)])
    for name, found in lists.items()
}
for name in retrievers:
    print(f"{name:16} recall {recalls[name]:.3f}, {times[name]:.2f} ms a user")

# %%
# One user at a time, as a service is asked, in one thread of this machine. The fewer
# items, the less there is to be gained, and what is missed depends on the vectors:
# measure both on your own.
x, y = (np.array([*values.values()]) for values in (times, recalls))
figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
axes.plot(x[1:], y[1:], "o-", color="#2f7d4f")
axes.plot(x[0], y[0], "o", color="#b0413e")
for name, place in zip(retrievers, zip(x, y)):
    axes.annotate(name, place, (8, -12), textcoords="offset points", fontsize=9)
axes.set(xlim=(0, 1.2 * max(x)), xlabel="milliseconds a user (median)")
axes.margins(y=0.1)
axes.set_ylabel("share of the exact ten that are found")
plt.show()
