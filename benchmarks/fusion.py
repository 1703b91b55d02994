"""Every fusion method on three data sets: known and new items, complete and with gaps.

First table of each data set: mean over users ± standard error of NDCG@10, NDCG@20 and
recall@20, and the seconds of a fit. Warm: the events of the test part, known items
ranked. Cold: `ColdItemKFold(3)` of the training part, the held-out items ranked among
themselves. Early methods are judged by `ContentRecommender` on what they return. The
last column is the paired difference of NDCG@10 on cold items to plain concat, in
standard errors.

Second table (`--gaps`): NDCG@10 on cold items after 30 % and 70 % of each modality were
removed at random, as a share of that with all of it; beside them concat with zeros for
what is missing, and concat on the items that lack nothing, the others dropped.

Defaults of all estimators; nothing is tuned.
Usage: python benchmarks/fusion.py DATA [--worlds NAME ...] [--only ROW ...] [--gaps]
DATA holds movielens-small, tiktok and amazon-beauty.
"""

import argparse
import time
import warnings
from functools import partial

import content_worlds
import numpy as np
from sklearn.pipeline import make_pipeline as make_steps

from skmmrec import (
    ALSRecommender,
    AttentionFusion,
    AutoFusion,
    BilinearFusion,
    CCAFusion,
    ColdItemKFold,
    ConcatFusion,
    ContentRecommender,
    ForestFusion,
    GatedFusion,
    MissingModalityImputer,
    MultimodalFusion,
    NMFFusion,
    PopularityRecommender,
    RankFusionRecommender,
    StackingRecommender,
    SVDFusion,
    SwitchingRecommender,
    UnionRecommender,
    VotingRecommender,
    WeightedMeanFusion,
    WeightedSumFusion,
    get_scorer,
    make_pipeline,
)

METRICS = ["ndcg@10", "ndcg@20", "recall@20"]
COLD = ColdItemKFold(3, random_state=0)

EARLY = {
    "concat": ConcatFusion(),
    "concat, l2": ConcatFusion("l2"),
    "concat, whiten": ConcatFusion("whiten"),
    "mean": WeightedMeanFusion(),
    "mean, learned": WeightedMeanFusion(weights="learned", random_state=0),
    "sum": WeightedSumFusion(),
    "sum, learned": WeightedSumFusion(weights="learned", random_state=0),
    "svd": SVDFusion(),
    "nmf": NMFFusion(random_state=0),
    "cca": CCAFusion(),
    "bilinear": BilinearFusion(random_state=0),
    "forest, leaves": ForestFusion(random_state=0),
    "forest, importance": ForestFusion(output="importance", random_state=0),
    "gated": GatedFusion(random_state=0),
    "attention": AttentionFusion(random_state=0),
    "auto": AutoFusion(random_state=0),
    "imputer, concat": make_steps(MissingModalityImputer(), ConcatFusion()),
}


def fusion_of(names, method):
    """Blocks that are encoded already, fused."""
    branches = [(name, "passthrough", name) for name in names]
    return MultimodalFusion(branches, method=method)


def by_content(names, method="concat"):
    return make_pipeline(fusion_of(names, method), ContentRecommender())


def hybrid_members(names):
    """Members of late fusion: content, fused early, and events."""
    return [
        ("content", by_content(names, AutoFusion(random_state=0))),
        ("als", ALSRecommender(random_state=0)),
    ]


def als_with_content(names):
    return make_pipeline(fusion_of(names, "concat"), ALSRecommender(random_state=0))


def late_models(names):
    members = hybrid_members(names)
    placed = [members[0], ("als", als_with_content(names))]
    return {
        "voting, equal": VotingRecommender(members),
        "voting, learned": VotingRecommender(placed, weights="learned", random_state=0),
        "union": UnionRecommender(members),
        "reciprocal rank": RankFusionRecommender(members),
        "borda": RankFusionRecommender(members, method="borda"),
        "stacking": StackingRecommender(placed, random_state=0),
        "switching": SwitchingRecommender(members),
    }


def models_of(names):
    """All that is compared, name -> recommender."""
    alone = {f"{name} alone": by_content([name]) for name in names}
    early = {name: by_content(names, method) for name, method in EARLY.items()}
    return {
        "popularity": PopularityRecommender(),
        "ALS without content": ALSRecommender(random_state=0),
        **alone,
        **early,
        "ALS, concat": als_with_content(names),
        **late_models(names),
    }


def collect(values, model, X, candidates):
    """Add the metrics of each user to `values`: metric -> user -> list."""
    for name, scorer in get_scorer(METRICS, candidates=candidates).items():
        for user, value in zip(*scorer.per_user(model, X)):
            values[name].setdefault(user, []).append(value)


def judged(model, world):
    """Metrics of each user on warm and on cold items, and the seconds of a fit."""
    start = time.perf_counter()
    model.fit(world.train)
    seconds = time.perf_counter() - start
    warm, cold = ({name: {} for name in METRICS} for _ in range(2))
    collect(warm, model, world.test, "warm")
    for train, test in COLD.split(world.train):
        model.fit(world.train[train])
        collect(cold, model, world.train[test], "cold")
    return warm, cold, seconds


def means(by_user, users):
    """One number for each user, the mean over the folds that judged it."""
    return np.array([np.mean(by_user[user]) for user in users])


def cell(by_user):
    values = means(by_user, by_user)
    error = values.std(ddof=1) / len(values) ** 0.5
    return f"{values.mean():.4f} ± {error:.4f}"


def in_errors(ours, theirs):
    """Mean paired difference over its standard error."""
    difference = means(ours, theirs) - means(theirs, theirs)
    error = difference.std(ddof=1) / len(difference) ** 0.5
    return difference.mean() / error if error else 0.0


def compare(world, only):
    heads = [f"{part} {metric}" for part in ("warm", "cold") for metric in METRICS]
    print(f"{'':22}" + "".join(f"{head:>18}" for head in heads) + "   fit s  vs concat")
    plain = None
    for name, model in models_of(world.modalities).items():
        if only and name not in ("concat", *only):
            continue
        warm, cold, seconds = judged(model, world)
        plain = cold["ndcg@10"] if name == "concat" else plain
        cells = [cell(part[metric]) for part in (warm, cold) for metric in METRICS]
        versus = f"{in_errors(cold['ndcg@10'], plain):+8.1f}" if plain else ""
        print(
            f"{name:22}" + "".join(f"{text:>18}" for text in cells),
            f"{seconds:7.1f}   {versus}",
            flush=True,
        )


# -- gaps ------------------------------------------------------------------------------


def with_gaps(X, names, share, rng):
    """The same events, each modality of each item gone with some probability."""
    items = dict(X.items)
    for name in names:
        gone = rng.random(len(items[name])) < share
        items[name] = np.where(gone[:, None], np.nan, items[name])
    return X.with_table("items", items)


def zero_filled(X, names):
    items = dict(X.items)
    for name in names:
        items[name] = np.nan_to_num(items[name])
    return X.with_table("items", items)


def complete(X, names):
    """Ids of the items that lack nothing."""
    has = [~np.isnan(X.items[name]).any(axis=1) for name in names]
    return X.items[X.names["item"]][np.all(has, axis=0)]


def cold_ndcg(model, X, offered=None):
    """Mean over users of NDCG@10 of held-out items; only `offered` can be found."""
    total = {}
    for train, test in COLD.split(X):
        model.fit(X[train])
        scorer = get_scorer("ndcg@10", candidates="cold")
        held = X[test]
        if offered is None:
            users, values = scorer.per_user(model, held)
        else:
            users, values = among(model, held, offered)
        for user, value in zip(users, values):
            total.setdefault(user, []).append(value)
    return np.mean([np.mean(values) for values in total.values()])


def among(model, held, offered):
    """NDCG@10 where all held-out items are to be found, but only some are offered."""
    from skmmrec.metrics import ndcg

    recommender = model[-1]
    warm = recommender.item_vocabulary_.ids[np.unique(recommender.seen_.indices)]
    pool = np.setdiff1d(offered, warm)
    users, rows = np.unique(held.user_ids, return_inverse=True)
    lists = model.recommend(users, 10, candidates=pool)
    wanted = set(zip(rows.tolist(), held.item_ids.tolist()))
    hits = [[(row, item) in wanted for item in lists[row]] for row in range(len(users))]
    n_wanted = np.bincount([row for row, _ in wanted], minlength=len(users))
    return users, ndcg(np.array(hits), n_wanted)


def compare_gaps(world, only, shares=(0.0, 0.3, 0.7)):
    names, rng = world.modalities, np.random.default_rng(0)
    worlds = [with_gaps(world.train, names, share, rng) for share in shares]
    print(f"{'':22}" + "".join(f"{f'{share:.0%} removed':>20}" for share in shares))
    ways = {
        name: partial(cold_ndcg, by_content(names, method))
        for name, method in EARLY.items()
    }
    concat = by_content(names)
    ways["zeros for gaps"] = lambda X: cold_ndcg(concat, zero_filled(X, names))
    ways["items dropped"] = lambda X: cold_ndcg(concat, X, complete(X, names))
    for name, way in ways.items():
        if only and name not in only:
            continue
        values = [way(X) for X in worlds]
        cells = [f"{value:.4f} ({value / values[0]:4.0%})" for value in values]
        print(f"{name:22}" + "".join(f"{text:>20}" for text in cells), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("data")
    parser.add_argument("--worlds", nargs="+", default=content_worlds.NAMES)
    parser.add_argument("--only", nargs="+", help="rows; all without it")
    parser.add_argument("--gaps", action="store_true")
    arguments = parser.parse_args()
    warnings.simplefilter("error")
    for name in arguments.worlds:
        world = content_worlds.load(name, arguments.data)
        print(f"\n-- {name}: {world.train}")
        (compare_gaps if arguments.gaps else compare)(world, arguments.only)


if __name__ == "__main__":
    main()
