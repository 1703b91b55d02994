"""LightFM and what `LightFMRecommender` adds to it: seconds, and quality with content.

Synthetic: 1,000,000 events of a power-law world of 30,000 users and 20,000 items with
384 dense features, 32 factors. CPU seconds; fits are alternated in one process, medians
are printed.

- fit: of both without features, 15 epochs, from events that are in memory;
- epoch: of ours without features and with 384, the whole fit divided by its epochs; of
  LightFM with 32 principal components among its features, its own way;
- top-10 of 10,000 users and 20,000 items: `recommend` beside `LightFM.predict` of all
  pairs, without a selection of the best, measured on 2 to 200 users and scaled.

Real: NDCG@20, mean over the folds, of ours and of LightFM with 32 principal components,
on `ColdItemKFold(3)` of the training part, the held-out items ranked among themselves,
and on validation events cut out of it, the whole catalogue ranked.

Defaults of all estimators; nothing is tuned.
Usage: python benchmarks/lightfm_hybrid.py DATA [--worlds NAME ...] [--only PART]
DATA holds movielens-small, tiktok and amazon-beauty; PART is speed or quality.
"""

import argparse
import time

import content_worlds
import lightfm
import numpy as np
import scipy.sparse as sp
from sklearn.decomposition import PCA

from skmmrec import (
    ColdItemKFold,
    FeatureTable,
    Interactions,
    LeaveLastOut,
    LightFMRecommender,
    MultimodalFusion,
    PopularityRecommender,
    RandomHoldout,
    get_scorer,
)

N_USERS, N_ITEMS, N_EVENTS, N_FEATURES, EPOCHS = 30_000, 20_000, 1_000_000, 384, 15


def seconds(call, *args, **kwargs):
    """Of all cores together: other work on the machine does not count."""
    start = time.process_time()
    call(*args, **kwargs)
    return time.process_time() - start


def features_of_library(content, n_components=32):
    """Identity and principal components, of unit mean length: csr for LightFM."""
    x = PCA(n_components, random_state=0).fit_transform(content)
    x /= np.sqrt(np.square(x).sum(axis=1).mean())
    return sp.hstack([sp.identity(len(x)), x], "csr", dtype=np.float32)


class LibraryRecommender(LightFMRecommender):
    """LightFM with 32 principal components among the features that it steps through."""

    def _fit(self, R, items, users):
        engine = lightfm.LightFM(32, loss="warp", random_state=self.random_state)
        features = features_of_library(items.values)
        weights = sp.coo_matrix(R)
        likes = sp.coo_matrix((np.ones_like(weights.data), weights.coords), R.shape)
        engine.fit(likes, None, features, weights, epochs=self.max_iter)
        n_users, n_items = R.shape
        cold = np.flatnonzero(R.count_nonzero(axis=0) == 0)
        features = features.tolil()
        features[cold, cold] = 0  # what they learned as negative examples
        V = features.tocsr() @ np.column_stack(
            [engine.item_embeddings, engine.item_biases]
        )
        self.item_factors_ = np.column_stack([V, np.ones(n_items, dtype=np.float32)])
        ones = np.ones(n_users, dtype=np.float32)
        self.user_factors_ = np.column_stack(
            [engine.user_embeddings, ones, engine.user_biases]
        )

    def _place_cold(self, R, features):
        """They are placed."""


# -- speed ---------------------------------------------------------------------------


def power_law_world():
    """Users who like items near their taste, the popular ones above all."""
    rng = np.random.default_rng(0)
    tastes, kinds = (rng.standard_normal((n, 8)) for n in (N_USERS, N_ITEMS))
    fame = 1 / np.arange(10, N_ITEMS + 10) ** 0.8
    user = rng.integers(0, N_USERS, 5 * N_EVENTS)
    item = rng.choice(N_ITEMS, 5 * N_EVENTS, p=fame / fame.sum())
    near = np.einsum("ij,ij->i", tastes[user], kinds[item]) > rng.normal(
        2, 1, len(user)
    )
    pairs = np.unique(user[near] * N_ITEMS + item[near])
    pairs = rng.permutation(pairs)[:N_EVENTS]
    content = kinds @ rng.standard_normal((8, N_FEATURES))
    content += rng.standard_normal(content.shape)
    events = {"user": pairs // N_ITEMS, "item": pairs % N_ITEMS}
    X = Interactions(events, items={"item": np.arange(N_ITEMS)})
    return X, X.with_table("items", FeatureTable.from_blocks({"dense": content}))


def bare_fit(likes, features=None, epochs=EPOCHS):
    model = lightfm.LightFM(32, loss="warp", random_state=0)
    return model.fit(likes, item_features=features, sample_weight=likes, epochs=epochs)


def compare_speed(repeats=3):
    plain, described = power_law_world()
    places = plain.user_codes, plain.item_codes
    likes = sp.coo_matrix((np.ones(len(plain), dtype=np.float32), places))
    ours = LightFMRecommender(max_iter=EPOCHS, random_state=0)
    runs = {"LightFM": [], "ours": [], "ours, 384 features": []}
    for _ in range(repeats):
        runs["LightFM"].append(seconds(bare_fit, likes))
        runs["ours"].append(seconds(ours.fit, plain))
        runs["ours, 384 features"].append(seconds(ours.fit, described))
    bare, fit, content = (np.median(run) for run in runs.values())
    columns = features_of_library(described.items.values)
    library = seconds(bare_fit, likes, columns, epochs=1)
    print(f"{len(plain)} events; medians of {repeats} fits of {EPOCHS} epochs")
    print(f"fit: LightFM {bare:.2f} s, ours {fit:.2f} s, ratio {fit / bare:.3f}")
    print(f"epoch, no features: ours {fit / EPOCHS:.2f} s")
    print(f"epoch, 384 features: ours {content / EPOCHS:.2f} s, {content / fit:.2f}x")
    print(
        f"epoch, 32 components: LightFM {library:.2f} s, {library / bare * EPOCHS:.2f}x"
    )
    wide = sp.hstack([sp.identity(N_ITEMS), described.items.values], "csr")
    lists = seconds(ours.recommend, np.arange(10_000), 10)
    print(f"top-10: recommend {lists:.2f} s")
    for what, features, n_users in (
        ("no features", None, 200),
        ("32 components", columns, 20),
        ("384 features", wide.astype(np.float32), 2),
    ):
        model = bare_fit(likes.tocsr()[:200].tocoo(), features, epochs=1)
        scaled = predict_all(model, features, n_users) * 10_000 / n_users
        print(f"LightFM.predict, {what}: {scaled:.1f} s, {scaled / lists:.0f}x")


def predict_all(model, features, n_users):
    """Seconds that the library takes for all pairs of some users."""
    users = np.repeat(np.arange(n_users), N_ITEMS)
    items = np.tile(np.arange(N_ITEMS), n_users)
    return seconds(model.predict, users, items, item_features=features)


# -- quality -------------------------------------------------------------------------


def judge(model, X, cv, candidates):
    """Mean NDCG@20 over the folds, and seconds of a fit."""
    scorer = get_scorer("ndcg@20", candidates=candidates)
    scores, spent = [], []
    for train, test in cv.split(X):
        spent.append(seconds(model.fit, X[train]))
        scores.append(scorer(model, X[test]))
    return np.mean(scores), np.mean(spent)


def compare_quality(name, data):
    world = content_worlds.load(name, data)
    branches = [(modality, "passthrough", modality) for modality in world.modalities]
    X = MultimodalFusion(branches).fit_transform(world.train)
    warm = LeaveLastOut() if name == "beauty" else RandomHoldout(0.2, random_state=1)
    print(f"\n{name:28}{'cold':>8}{'warm':>8}{'seconds':>9}")
    for title, model in {
        "popularity": PopularityRecommender(),
        "LightFM, 32 components": LibraryRecommender(random_state=0),
        "ours": LightFMRecommender(random_state=0),
    }.items():
        cold, _ = judge(model, X, ColdItemKFold(3, random_state=0), "cold")
        known, spent = judge(model, X, warm, "all")
        print(f"{title:28}{cold:8.4f}{known:8.4f}{spent:9.1f}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data")
    parser.add_argument("--worlds", nargs="+", default=content_worlds.NAMES)
    parser.add_argument("--only", choices=["speed", "quality"])
    args = parser.parse_args()
    if args.only != "quality":
        compare_speed()
    for name in args.worlds if args.only != "speed" else ():
        compare_quality(name, args.data)


if __name__ == "__main__":
    main()
