"""Factor models with content: joint ALS beside its peers, and what wrapping costs.

- world: synthetic, 20,000 users, 10,000 items of power-law popularity, 0.8M events, 384
  dense features that tell of the items' factors through noise. NDCG@20 on a held-out
  tenth of the events of known items, warm, and on the tenth of the items that was held
  back, ranked among themselves, cold; CPU seconds of a fit. ALS without content; the
  same with a ridge regression to the factors of new items; joint ALS; LightFM (WARP)
  with identity and the same features, `--epochs` of them (one takes minutes).
- folds: `ColdItemKFold(3)` of the training parts of MovieLens and Beauty: NDCG@10 of
  the held-out items among themselves and in the whole catalogue; and NDCG@10 on the
  warm test part. Mean over users, and the paired difference to joint ALS in standard
  errors.
- ratings: RMSE on a random tenth of MovieLens' ratings, of the mean, of shrunk biases,
  and of `SVDRecommender`.
- overhead: CPU seconds of implicit's fit and of ours on one matrix of 1M events, in
  turns, order alternated; medians and the median ratio of a pair.

Other parameters are defaults; 64 factors, λ = 500 and alpha = 50 in the dense world are
of validation on another seed of it.
Usage: python benchmarks/factor_models.py DATA [--only PART ...] [--epochs N]
DATA holds movielens-small and amazon-beauty.
"""

import argparse
import time
from pathlib import Path

import content_worlds
import numpy as np
import pandas as pd
import scipy.sparse as sp
from implicit.cpu.als import AlternatingLeastSquares
from implicit.cpu.bpr import BayesianPersonalizedRanking
from threadpoolctl import threadpool_limits

from skmmrec import (
    ALSRecommender,
    BPRRecommender,
    ColdItemKFold,
    FeatureFactorizationRecommender,
    FeatureTable,
    Interactions,
    LightFMRecommender,
    MultimodalFusion,
    PopularityRecommender,
    SVDRecommender,
    get_scorer,
)
from skmmrec.recommenders._content_prior import learn_prior


class MappedALSRecommender(ALSRecommender):
    """Plain ALS, and a ridge regression to its factors for new items."""

    def _fit(self, R, items, users):
        super()._fit(R, None, None)
        rows = np.flatnonzero(R.count_nonzero(axis=0))
        self.item_prior_ = learn_prior(items, self.item_factors_, rows)


class PlainALSRecommender(ALSRecommender):
    """Without a look at the content."""

    def _fit(self, R, items, users):
        super()._fit(R, None, None)


class LibraryRecommender(LightFMRecommender):
    """The package lightfm with all features, its own way."""

    def _fit(self, R, items, users):
        import lightfm

        model = lightfm.LightFM(self.n_components, loss="warp", random_state=0)
        F = sp.hstack([sp.identity(len(items)), items.values], "csr", dtype=np.float32)
        model.fit(sp.coo_matrix(R), item_features=F, epochs=self.max_iter)
        biases, factors = model.get_item_representations(F)
        ones = np.ones((R.shape[0], 1), dtype=np.float32)
        self.item_factors_ = np.column_stack([factors, biases])
        self.user_factors_ = np.column_stack([model.user_embeddings, ones])

    def _place_cold(self, R, features):
        """Their factors are the sums of those of their features already."""


# -- synthetic world -------------------------------------------------------------------


def unit(rows):
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def power_world(n_users, n_items, n_events, n_features=384, seed=0):
    """Events of known items to learn from and to find, and those of new items."""
    rng = np.random.default_rng(seed)
    groups = rng.standard_normal((60, 32))
    U, V = (
        unit(groups[rng.integers(60, size=n)] + rng.standard_normal((n, 32)))
        for n in (n_users, n_items)
    )
    content = V @ rng.standard_normal((32, n_features))
    content = unit(content + rng.standard_normal(content.shape)).astype(np.float32)
    fame = -0.7 * np.log1p(rng.permutation(n_items))
    activity = (1.0 + rng.permutation(n_users)) ** -0.5
    counts = 5 + rng.poisson(activity / activity.sum() * n_events)
    items = []
    for user, count in enumerate(np.minimum(counts, n_items // 5)):
        # the largest of utility and Gumbel noise are draws without replacement
        wish = 6 * V @ U[user] + fame + rng.gumbel(size=n_items)
        items.append(np.argpartition(-wish, count)[:count])
    user, item = np.repeat(np.arange(n_users), list(map(len, items))), np.hstack(items)
    X = Interactions({"user": user, "item": item}, items={"item": np.arange(n_items)})
    X = X.with_table("items", FeatureTable.from_blocks({"f": content}))
    new = np.isin(item, rng.permutation(n_items)[: n_items // 10])
    held = rng.random(len(user)) < 0.1
    return X[~new & ~held], X[~new & held], X[new]


def world(epochs):
    train, test, cold = power_world(20_000, 10_000, 800_000)
    print(f"\n-- world: {train}\n{'':24}     warm     cold    CPU s")
    tuned = {"alpha": 50.0, "regularization": 500.0, "random_state": 0}
    models = {
        "ALS": PlainALSRecommender(64, **tuned),
        "ALS, then ridge map": MappedALSRecommender(64, **tuned),
        "joint ALS": ALSRecommender(64, **tuned),
        f"LightFM, {epochs} epochs": LibraryRecommender(64, max_iter=epochs),
    }
    for name, model in models.items():
        start = time.process_time()
        model.fit(train)
        seconds = time.process_time() - start
        warm = get_scorer("ndcg@20", candidates="warm")(model, test)
        new = get_scorer("ndcg@20", candidates="cold")(model, cold)
        print(f"{name:24}{warm:9.4f}{new:9.4f}{seconds:9.1f}", flush=True)


# -- real data -------------------------------------------------------------------------


def fused(world):
    branches = [(name, "passthrough", name) for name in world.modalities]
    fusion = MultimodalFusion(branches)
    return fusion.fit_transform(world.train), fusion.transform(world.test)


def judged(model, train, test):
    """NDCG@10 of each user: of cold items among themselves, among all, and of warm."""
    values = {"cold": {}, "cold, all": {}, "warm": {}}

    def add(part, candidates, X):
        scorer = get_scorer(
            "ndcg@10", **({"candidates": candidates} if candidates else {})
        )
        for user, value in zip(*scorer.per_user(model, X)):
            values[part].setdefault(user, []).append(value)

    for known, new in ColdItemKFold(3, random_state=0).split(train):
        model.fit(train[known])
        add("cold", "cold", train[new])
        add("cold, all", None, train[new])
    model.fit(train)
    add("warm", "warm", test)
    return {
        part: np.array([np.mean(by_user[user]) for user in by_user])
        for part, by_user in values.items()
    }


def folds(data):
    models = {
        "joint ALS": ALSRecommender(random_state=0),
        "ALS, then ridge map": MappedALSRecommender(random_state=0),
        "ALS": PlainALSRecommender(random_state=0),
        "BPR": BPRRecommender(random_state=0),
        "feature factorisation": FeatureFactorizationRecommender(),
        "popularity": PopularityRecommender(),
    }
    for name in ("movielens", "beauty"):
        train, test = fused(content_worlds.load(name, data))
        print(f"\n-- folds: {name}: {train}")
        ours = None
        for label, model in models.items():
            values = judged(model, train, test)
            ours = ours or values
            cells = []
            for part, value in values.items():
                gap = value - ours[part]
                error = gap.std(ddof=1) / len(gap) ** 0.5 or 1.0
                cells.append(f"{part} {value.mean():.4f} ({gap.mean() / error:+5.1f})")
            print(f"{label:24}" + "   ".join(cells), flush=True)


def rmse(predicted, X):
    return np.sqrt(np.mean((predicted - X.rating) ** 2))


def biases(train, test, shrink=4, max_iter=20):
    """μ + b_u + b_i, each mean shrunk as by 4 ratings of 0."""
    mean = train["rating"].mean()
    b = {name: pd.Series(dtype=float) for name in ("userId", "movieId")}
    for _ in range(max_iter):
        for name, other in (("movieId", "userId"), ("userId", "movieId")):
            rest = train["rating"] - mean - train[other].map(b[other]).fillna(0)
            groups = rest.groupby(train[name])
            b[name] = groups.sum() / (groups.count() + shrink)
    return mean + sum(test[name].map(b[name]).fillna(0) for name in b)


def ratings(data):
    table = pd.read_csv(Path(data) / "movielens-small" / "ratings.csv")
    part = np.random.default_rng(0).random(len(table))
    tables = table[part < 0.8], table[part >= 0.9]
    train, test = (
        Interactions(part, user="userId", item="movieId", rating="rating")
        for part in tables
    )
    print("\n-- ratings: RMSE")
    print(f"mean    {rmse(train.rating.mean(), test):.4f}")
    print(f"biases  {rmse(biases(*tables).to_numpy(), test):.4f}")
    svd = SVDRecommender(random_state=0).fit(train)
    print(f"SVD     {rmse(svd.predict(test), test):.4f}", flush=True)


# -- overhead --------------------------------------------------------------------------


def seconds(call):
    start = time.process_time()
    call()
    return time.process_time() - start


def overhead(n_users=30_000, n_items=20_000, n_events=1_000_000, repeats=5):
    rng = np.random.default_rng(0)
    item = np.minimum(rng.pareto(0.8, n_events) * 20, n_items - 1).astype(int)
    X = Interactions({"user": rng.integers(n_users, size=n_events), "item": item})
    als = ALSRecommender(64, random_state=0)
    bpr = BPRRecommender(64, random_state=0)
    R = sp.csr_matrix(als.fit(X).seen_)
    library = {
        "ALS": lambda: AlternatingLeastSquares(
            64, alpha=3.0, regularization=3.0, num_threads=1, random_state=0
        ),
        "BPR": lambda: BayesianPersonalizedRanking(64, num_threads=1, random_state=0),
    }
    print("\n-- overhead, medians: library s, ours s, median ratio")
    for name, model in (("ALS", als), ("BPR", bpr)):
        calls = [
            lambda: library[name]().fit(R, show_progress=False),  # noqa: B023
            lambda: model.fit(X),  # noqa: B023
        ]
        pairs = []
        for turn in range(repeats):
            with threadpool_limits(1, "blas"):  # as implicit asks for
                order = (0, 1) if turn % 2 else (1, 0)
                times = {which: seconds(calls[which]) for which in order}
            pairs.append((times[0], times[1]))
        theirs, ours = np.median(pairs, axis=0)
        ratio = np.median([b / a for a, b in pairs])
        print(f"{name}  {theirs:6.2f} {ours:6.2f} {ratio:6.3f}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("data")
    parts = {
        "world": lambda args: world(args.epochs),
        "folds": lambda args: folds(args.data),
        "ratings": lambda args: ratings(args.data),
        "overhead": lambda args: overhead(),
    }
    parser.add_argument("--only", nargs="+", choices=parts, default=list(parts))
    parser.add_argument("--epochs", type=int, default=2)
    args = parser.parse_args()
    for part in args.only:
        parts[part](args)


if __name__ == "__main__":
    main()
