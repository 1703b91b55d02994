"""Others' packages, fitted in their own environment; `accuracy.py` asks and judges.

peers.py names WORLD            their names, as JSON
peers.py candidates NAME        the parameters to choose among
peers.py fit NAME PARAMETERS FOLDER
    reads FOLDER/events.npz, writes FOLDER/lists.npy, codes (n_users, 20) of the best
    items without those of the training part, prints seconds and megabytes of the fit
"""

import json
import resource
import sys
import time
from pathlib import Path

import numpy as np
import scipy.sparse as sp

K = 20
FACTORS = [
    {"factors": factors, "regularization": regularization, "alpha": alpha}
    for factors in (64, 128)
    for regularization in (10, 30)
    for alpha in (3, 10)
]
BPR = [
    {"factors": 64, "learning_rate": rate, "regularization": regularization}
    for rate in (0.01, 0.05)
    for regularization in (0.01, 0.1)
]
RATES = [{"learning_rate": rate} for rate in (0.001, 0.01)]

# name -> parameters to choose among, what it needs: features, few items
PEERS = {
    "implicit ALS": (FACTORS, ()),
    "implicit BPR": (BPR, ()),
    "implicit BM25": ([{"K": 50}, {"K": 200}], ()),
    "LightFM": ([{"no_components": 64}], ()),
    "Cornac BPR": (RATES, ()),
    "Cornac VBPR": (RATES, ("features",)),
    "RecTools EASE": ([{"regularization": r} for r in (50, 100, 200)], ("small",)),
}
KNOWN = {
    "tiktok": {"features", "small"},
    "beauty": {"features", "small"},
    "movielens": {"features", "small"},
    "gowalla": set(),
}


class Events:
    """The training part: matrix, and features where there are any."""

    def __init__(self, folder):
        arrays = np.load(Path(folder) / "events.npz")
        self.user, self.item = arrays["train_user"], arrays["train_item"]
        self.shape, self.asked = tuple(arrays["shape"]), arrays["asked"]
        ones = np.ones(len(self.user), dtype=np.float32)
        self.R = sp.csr_matrix((ones, (self.user, self.item)), self.shape)
        self.features = arrays.get("features")


def best_of(score, events):
    """Lists from a function that scores all items (n, n_items) for some users."""
    lists = np.empty((len(events.asked), K), dtype=np.int64)
    for start in range(0, len(lists), 512):
        users = events.asked[start : start + 512]
        scores = np.array(score(users), dtype=np.float32)
        scores[events.R[users].nonzero()] = -np.inf
        near = np.argpartition(-scores, K, axis=1)[:, :K]
        order = np.argsort(-np.take_along_axis(scores, near, axis=1), axis=1)
        lists[start : start + 512] = np.take_along_axis(near, order, axis=1)
    return lists


# -- one function for each: fits, and returns a function that gives the lists ----------


def implicit_als(events, parameters):
    from implicit.cpu.als import AlternatingLeastSquares

    model = AlternatingLeastSquares(iterations=15, **parameters)
    return _implicit(model, events)


def implicit_bpr(events, parameters):
    from implicit.cpu.bpr import BayesianPersonalizedRanking

    return _implicit(BayesianPersonalizedRanking(iterations=100, **parameters), events)


def implicit_bm25(events, parameters):
    from implicit.nearest_neighbours import BM25Recommender

    return _implicit(BM25Recommender(**parameters), events)


def _implicit(model, events):
    model.fit(events.R, show_progress=False)
    return lambda: model.recommend(events.asked, events.R[events.asked], N=K)[0]


def lightfm(events, parameters):
    from lightfm import LightFM

    model = LightFM(loss="warp", random_state=0, **parameters)
    model.fit(events.R, epochs=30, num_threads=2)
    items, users = (
        model.get_item_representations(),
        model.get_user_representations(),
    )
    return lambda: best_of(
        lambda u: users[1][u] @ items[1].T + items[0],
        events,
    )


def _cornac(events, make, **modalities):
    from cornac.data import Dataset

    rows = zip(
        events.user.tolist(), events.item.tolist(), np.ones(len(events.user)).tolist()
    )
    n_users, n_items = events.shape
    data = Dataset.build(
        rows,
        global_uid_map={u: u for u in range(n_users)},
        global_iid_map={i: i for i in range(n_items)},
    )
    for name, modality in modalities.items():
        setattr(data, name, modality)
    model = make().fit(data)
    back = np.array([data.iid_map.get(i, -1) for i in range(n_items)])

    def score(users):
        out = np.full((len(users), n_items), -np.inf, dtype=np.float32)
        for row, user in enumerate(users):
            if user in data.uid_map:
                scores = np.asarray(model.score(data.uid_map[user]))
                out[row, back >= 0] = scores[back[back >= 0]]
        return out

    return lambda: best_of(score, events)


def cornac_bpr(events, parameters):
    from cornac.models import BPR

    return _cornac(
        events, lambda: BPR(k=64, max_iter=200, lambda_reg=0.01, seed=0, **parameters)
    )


def cornac_vbpr(events, parameters):
    from cornac.data import ImageModality
    from cornac.models import VBPR

    modality = ImageModality(
        features=events.features, ids=list(range(events.shape[1])), normalized=True
    )
    modality.build(id_map={i: i for i in range(events.shape[1])})
    return _cornac(
        events,
        lambda: VBPR(k=32, k2=32, n_epochs=20, batch_size=1024, seed=0, **parameters),
        item_image=modality,
    )


def _rectools(model, events):
    import pandas as pd
    from rectools import Columns
    from rectools.dataset import Dataset

    frame = pd.DataFrame(
        {
            Columns.User: events.user,
            Columns.Item: events.item,
            Columns.Weight: 1.0,
            Columns.Datetime: pd.Timestamp("2020-01-01"),
        }
    )
    data = Dataset.construct(frame)
    model.fit(data)

    def lists():
        known = np.intersect1d(events.asked, events.user)
        found = model.recommend(known, data, k=K, filter_viewed=True)
        out = np.full((len(events.asked), K), -1)
        row = np.searchsorted(events.asked, found[Columns.User].to_numpy())
        out[row, found[Columns.Rank].to_numpy() - 1] = found[Columns.Item].to_numpy()
        return out

    return lists


def rectools_ease(events, parameters):
    from rectools.models import EASEModel

    return _rectools(EASEModel(**parameters), events)


def fit(name, parameters, folder):
    events = Events(folder)
    function = globals()[name.lower().replace(" ", "_")]
    start = time.perf_counter()
    lists = function(events, parameters)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    np.save(Path(folder) / "lists.npy", lists())
    return {"s": seconds, "MB": peak}


def names(world):
    return [name for name, (_, needs) in PEERS.items() if set(needs) <= KNOWN[world]]


def main():
    command, *arguments = sys.argv[1:]
    if command == "names":
        said = names(*arguments)
    elif command == "candidates":
        said = PEERS[arguments[0]][0]
    else:
        name, parameters, folder = arguments
        said = fit(name, json.loads(parameters), folder)
    print(json.dumps(said))


if __name__ == "__main__":
    main()
