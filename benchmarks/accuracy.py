"""Every recommender on four data sets, beside others' packages and published figures.

For each recommender the candidates of a small grid are judged on validation events cut
from the training part; the best is fitted anew, and the test part is looked at once.
`scaling` in a grid is that of `ConcatFusion`, the step before the recommender.
All items are ranked, without those of the training part; mean over users ± standard
error. Fit seconds and peak memory above that before the fit are of the last fit, each
in a process of its own. Networks of which there is a published figure are trained with
three seeds, and the means given.

- tiktok: the split of DiffMM; its validation events are neither learned from for the
  test nor left out of the lists, as there.
- beauty: the last purchase of each user is to be found, for validation the one before.
- gowalla: the split of LightGCN; validation is a fifth of each user's training events.
- movielens: 4 stars and more are likes; a random fifth of each user's is to be found.

Cold (`--cold`): `ColdItemKFold(3)` of the training part of movielens and beauty with
the chosen parameters, NDCG@10 of the held-out items ranked among themselves and, in
the second column, among all.

Usage: python benchmarks/accuracy.py DATA [--worlds NAME ...] [--only ROW ...] [--cold]
       [--peers PYTHON] [--rows FILE] [--page FILE]
DATA holds the folders of the data sets. Rows that FILE has already are not computed
again; the page is written of all of them. PYTHON is the interpreter of an environment
with `pip install -r benchmarks/peers.txt`; without it there are no rows of peers.
"""

import argparse
import json
import multiprocessing
import resource
import subprocess
import tempfile
import time
import warnings
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import content_worlds
import numpy as np
import pandas as pd

import skmmrec
from skmmrec import (
    ColdItemKFold,
    ConcatFusion,
    Interactions,
    LeaveLastOut,
    MultimodalFusion,
    PopularityRecommender,
    RandomHoldout,
    get_scorer,
)

WORLDS = ("tiktok", "beauty", "gowalla", "movielens")
COLD_WORLDS = ("movielens", "beauty")
METRICS = {
    "tiktok": ["recall@20", "ndcg@20"],
    "beauty": ["hit_rate@5", "ndcg@5", "hit_rate@10", "ndcg@10"],
    "gowalla": ["recall@20", "ndcg@20"],
    "movielens": ["recall@20", "ndcg@20"],
}

# As printed in the papers; ranked and split in the same way.
PUBLISHED = {
    "tiktok": {
        "VBPR (in DiffMM 2024)": [0.0380, 0.0134],
        "LightGCN (in DiffMM 2024)": [0.0653, 0.0282],
        "MMGCN (in DiffMM 2024)": [0.0730, 0.0307],
        "LATTICE (in DiffMM 2024)": [0.0843, 0.0367],
        "BM3 (in DiffMM 2024)": [0.0957, 0.0404],
        "DiffMM (2024)": [0.1129, 0.0456],
    },
    "beauty": {
        "SASRec (in S3-Rec 2020)": [0.0387, 0.0249, 0.0605, 0.0318],
        "S3-Rec (2020)": [0.0387, 0.0244, 0.0647, 0.0327],
    },
    "gowalla": {
        "EASE (in SimpleX 2021)": [0.1765, 0.1467],
        "LightGCN (2020)": [0.1830, 0.1554],
        "UltraGCN (2021)": [0.1862, 0.1580],
        "SimpleX (2021)": [0.1872, 0.1557],
    },
    "movielens": {},
}


def grid(**values):
    """All combinations, a list of dicts."""
    return [dict(zip(values, chosen)) for chosen in product(*values.values())]


# Name of a row -> class, grid; `content` rows need features of the items.
NEIGHBORS = grid(n_neighbors=[50, 200], metric=["cosine", "tfidf", "bm25"])
FACTORS = {"n_components": [64, 128], "regularization": [10, 30], "alpha": [3, 10]}
SEED = {"random_state": [0]}
SCALINGS = ["standard", "whiten"]
SCALING = {"scaling": SCALINGS}
CLOSED_FORM = {
    "popularity": ("PopularityRecommender", grid()),
    "item neighbours": ("ItemKNNRecommender", NEIGHBORS),
    "user neighbours": ("UserKNNRecommender", NEIGHBORS),
    "EASE": ("EASERecommender", grid(regularization=[50, 100, 200], content=[0])),
    "SLIM": ("SLIMRecommender", grid(l1=[0.3, 1], l2=[3, 30])),
    "ALS": ("ALSRecommender", grid(**FACTORS, **SEED)),
    "BPR": (
        "BPRRecommender",
        grid(
            n_components=[64],
            learning_rate=[0.01, 0.05],
            regularization=[0.01, 0.1],
            **SEED,
        ),
    ),
}
OF_CONTENT = {
    "content": ("ContentRecommender", grid(**SCALING)),
    "EASE, content": (
        "EASERecommender",
        grid(regularization=[50, 200], content=[10, 30]),
    ),
    "ALS, content": (
        "ALSRecommender",
        grid(
            n_components=[64, 128], regularization=[30], alpha=[10], **SCALING, **SEED
        ),
    ),
    "LightFM, content": (
        "LightFMRecommender",
        grid(n_components=[64], **SCALING, **SEED),
    ),
    "feature factorisation": ("FeatureFactorizationRecommender", grid(**SCALING)),
}
# What is left out is learned in fit.
TIKTOK = {
    "weights": [{"image": 0.15, "audio": 0.05}],
    "popularity": [0.625],
    "walk": [1.0, 4.0, 8.0],
    "n_neighbors": [10, 20],
    "user_exponent": [0.4, 0.5],
}
BEAUTY = {
    "weights": [{"text": w, "attributes": w} for w in (0.1, 0.2, 0.3)],
    "popularity": [0.25, 0.375],
    "walk": [1.0],
    "window": [8],
    "decay": [0.5, 0.6],
    "scaling": ["whiten"],
}
GRAPH_GRIDS = {
    "tiktok": [*grid(**SCALING, **SEED), *grid(**TIKTOK, **SCALING, **SEED)],
    "beauty": [*grid(window=[8], **SCALING, **SEED), *grid(**BEAUTY, **SEED)],
    "movielens": grid(filter=[None, "spectral", "ridge"], **SCALING, **SEED),
    "gowalla": grid(filter=["spectral"], popularity=[0.25, 0.375, 0.5], **SEED),
}


def graph_of(world):
    return {"item graph": ("ItemGraphRecommender", GRAPH_GRIDS[world])}


NETWORKS = {
    name: (f"{name}Recommender", grid(**SEED))
    for name in (
        "Neural",
        "VBPR",
        "LightGCN",
        "DeepFM",
        "Attention",
        "MulCooNN",
        "DeepFeatureCF",
        "MultiTask",
        "MMGCN",
        "FREEDOM",
    )
}
SEQUENCES = {"SASRec": ("SASRecRecommender", grid(**SEED))}

# What a data set is for: without content no content, without times no sequence.
ROWS = {
    "tiktok": graph_of("tiktok") | CLOSED_FORM | OF_CONTENT | NETWORKS,
    "beauty": graph_of("beauty") | CLOSED_FORM | OF_CONTENT | NETWORKS | SEQUENCES,
    "movielens": {
        **graph_of("movielens"),
        **CLOSED_FORM,
        **OF_CONTENT,
        **NETWORKS,
        **SEQUENCES,
    },
    "gowalla": {
        **graph_of("gowalla"),
        **{name: row for name, row in CLOSED_FORM.items() if name != "EASE"},
        "LightGCN": NETWORKS["LightGCN"],
    },
}


@dataclass(frozen=True)
class Task:
    """Events to choose parameters by, and to test with: pairs of train and test."""

    valid: tuple
    test: tuple


def load(name, data):
    """The task of that name by scaling; items with content have a feature table."""
    if name == "gowalla":
        parts = [
            Interactions(
                pd.read_csv(Path(data) / "gowalla" / f"{part}.csv.gz"),
                user="user_id",
                item="item_id",
            )
            for part in ("train", "test")
        ]
        valid = _cut(parts[0], RandomHoldout(0.2, random_state=0))
        return {"standard": Task(valid, tuple(parts))}
    world = content_worlds.load(name, data, n_components=1024)
    return {scaling: _scaled(world, scaling, name, data) for scaling in SCALINGS}


def _scaled(world, scaling, name, data):
    branches = [(one, "passthrough", one) for one in world.modalities]
    fusion = MultimodalFusion(branches, method=ConcatFusion(scaling)).fit(world.train)
    train, test = fusion.transform(world.train), fusion.transform(world.test)
    if name == "tiktok":
        valid = fusion.transform(content_worlds.tiktok_part("valid", Path(data)))
        return Task((train, valid), (train, test))
    holdout = RandomHoldout(0.2, random_state=1)
    splitter = LeaveLastOut() if name == "beauty" else holdout
    return Task(_cut(train, splitter), (train, test))


def without_content(task):
    """The same events; of the items only their names are known."""

    def bare(X):
        ids = X.item_vocabulary.decode(np.arange(X.n_described("items")))
        return X.with_table("items", {X.names["item"]: ids}) if len(ids) else X

    return Task(tuple(map(bare, task.valid)), tuple(map(bare, task.test)))


def _cut(X, splitter):
    ((train, test),) = splitter.split(X)
    return X[train], X[test]


def made(class_name, parameters, tasks):
    """A recommender, and the task with content of the scaling that is asked for."""
    own = {key: value for key, value in parameters.items() if key != "scaling"}
    task = tasks[parameters.get("scaling", "standard")]
    return getattr(skmmrec, class_name)(**own), task


def cells(values):
    """Mean and standard error of a metric over users."""
    return float(np.mean(values)), float(np.std(values, ddof=1) / len(values) ** 0.5)


def metrics_of(model, X, metrics):
    scorers = get_scorer(metrics)
    return {name: cells(s.per_user(model, X)[1]) for name, s in scorers.items()}


def in_own_process(function, *arguments):
    """What the function returns, from a fork: its memory is its own."""
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)

    def run():
        theirs.send(function(*arguments))

    process = context.Process(target=run)
    process.start()
    theirs.close()
    try:
        return ours.recv()
    finally:
        process.join()


def peak_megabytes():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def present_megabytes():
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def tasks_for(name, tasks):
    """The tasks as a row may see them."""
    if name not in CLOSED_FORM:
        return tasks
    return {"standard": without_content(tasks["standard"])}


def judged(world, name, tasks):
    """A row: chosen parameters, metrics of the test, fit seconds, peak megabytes."""
    class_name, candidates = ROWS[world][name]
    metrics = METRICS[world]
    tasks = tasks_for(name, tasks)
    chosen = candidates[0]
    if len(candidates) > 1:
        values = [
            in_own_process(_validated, class_name, parameters, tasks, metrics[-1])
            for parameters in candidates
        ]
        for parameters, value in zip(candidates, values):
            print(f"  {name}: validation {value:.4f} {parameters}", flush=True)
        chosen = candidates[int(np.argmax(values))]
    rows = [
        in_own_process(_tested, class_name, chosen | seed, tasks, metrics)
        for seed in _seeds(world, name)
    ]
    means = np.mean([list(row["values"].values()) for row in rows], axis=0)
    seeds = [row["values"][metrics[0]][0] for row in rows] if len(rows) > 1 else []
    values = dict(zip(metrics, means.tolist()))
    return rows[0] | {"values": values, "seeds": seeds}


def _seeds(world, name):
    """What is drawn by: three times for networks with a published figure."""
    published = any(there.startswith(name) for there in PUBLISHED[world])
    if published and name in NETWORKS | SEQUENCES:
        return [{"random_state": seed} for seed in range(3)]
    return [{}]


def _validated(class_name, parameters, tasks, metric):
    model, task = made(class_name, parameters, tasks)
    train, valid = task.valid
    return get_scorer(metric)(model.fit(train), valid)


def _tested(class_name, parameters, tasks, metrics):
    model, task = made(class_name, parameters, tasks)
    (train, test), before = task.test, present_megabytes()
    start = time.perf_counter()
    model.fit(train)
    seconds, peak = time.perf_counter() - start, peak_megabytes() - before
    values = metrics_of(model, test, metrics)
    return {"parameters": parameters, "values": values, "s": seconds, "MB": peak}


# -- cold items ------------------------------------------------------------------------


def judged_cold(class_name, parameters, tasks):
    """A row: NDCG@10 of held-out items among themselves and among all."""
    model, task = made(class_name, parameters, tasks)
    X = task.test[0]
    by_user = {"cold": {}, "all": {}}
    for train, test in ColdItemKFold(3, random_state=0).split(X):
        model.fit(X[train])
        for pool, values in by_user.items():
            found = get_scorer("ndcg@10", candidates=pool).per_user(model, X[test])
            for user, value in zip(*found):
                values.setdefault(user, []).append(value)
    values = {
        f"ndcg@10 among {pool}": cells([np.mean(several) for several in users.values()])
        for pool, users in by_user.items()
    }
    return {"parameters": parameters, "values": values}


# -- peers -----------------------------------------------------------------------------


class Lists(PopularityRecommender):
    """The lists of another package, judged as ours are.

    A user without a list, of whom there are no events, gets the most popular items.
    """

    def _rank(self, users, k, *arguments):
        codes, scores = super()._rank(users, k, *arguments)
        asked = self.user_vocabulary_.codes(users)
        place = np.minimum(np.searchsorted(self.asked, asked), len(self.asked) - 1)
        known = self.asked[place] == asked
        codes[known] = self.lists[place[known], :k]
        return codes, scores

    def save_events(self, path, train, test):
        """Events by the codes of the model, and the users that are asked for."""
        asked = self.user_vocabulary_.codes(np.unique(test.user_ids))
        self.asked = np.sort(asked[asked >= 0])
        users, items = self._codes_of(train)
        arrays = {"train_user": users, "train_item": items, "asked": self.asked}
        arrays["shape"] = np.array(self.seen_.shape)
        table = train.table("items")
        if table is not None:
            features = np.zeros((self.seen_.shape[1], table.shape[1]), dtype=np.float32)
            features[: len(table)] = table.values
            arrays["features"] = features
        np.savez(path, **arrays)


def ask_peers(python, *arguments):
    """What `peers.py` says, run by another interpreter."""
    command = [python, Path(__file__).with_name("peers.py"), *map(str, arguments)]
    said = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(said.stdout.splitlines()[-1])


def judged_peer(python, name, world, task):
    """A row of another package, its parameters chosen as ours."""
    metrics = METRICS[world]
    candidates = ask_peers(python, "candidates", name)
    fits = [
        _fitted_peer(python, name, parameters, task.valid, metrics)
        for parameters in (candidates if len(candidates) > 1 else [])
    ]
    scores = [row["values"][metrics[-1]][0] for row in fits]
    chosen = candidates[int(np.argmax(scores))] if scores else candidates[0]
    return _fitted_peer(python, name, chosen, task.test, metrics)


def _fitted_peer(python, name, parameters, split, metrics):
    train, test = split
    judge = Lists().fit(train)
    with tempfile.TemporaryDirectory() as folder:
        judge.save_events(Path(folder) / "events.npz", train, test)
        row = ask_peers(python, "fit", name, json.dumps(parameters), folder)
        judge.lists = np.load(Path(folder) / "lists.npy")
    return {"parameters": parameters, "values": metrics_of(judge, test, metrics)} | row


# -- the page --------------------------------------------------------------------------


def written(rows, command):
    """The page of all rows, Markdown."""
    lines = [
        "# Accuracy",
        "",
        "Printed by `benchmarks/accuracy.py`, which says how; on two shared cores,",
        "so that seconds tell orders of magnitude.",
        "",
        f"    {command}",
    ]
    for world in WORLDS:
        mine = [row for row in rows if row["world"] == world and not row["cold"]]
        if mine:
            lines += ["", f"## {world}", "", *_table(mine, METRICS[world], world)]
    cold = [row for row in rows if row["cold"]]
    for world in dict.fromkeys(row["world"] for row in cold):
        mine = [row for row in cold if row["world"] == world]
        heads = list(mine[0]["values"])
        lines += ["", f"## {world}, new items", "", *_table(mine, heads, None)]
    return "\n".join(lines) + "\n"


def _table(rows, metrics, world):
    heads = ["", *metrics, "fit s", "peak MB", "parameters"]
    lines = ["| " + " | ".join(heads) + " |", "|---" * len(heads) + "|"]
    for name, values in PUBLISHED.get(world, {}).items():
        cells_ = [f"{value:.4f}" for value in values]
        lines.append("| " + " | ".join([f"*{name}*", *cells_, "", "", ""]) + " |")
    for row in rows:
        texts = [f"{m:.4f} ± {e:.4f}" for m, e in map(row["values"].get, metrics)]
        cost = [f"{row[key]:.0f}" if key in row else "" for key in ("s", "MB")]
        chosen = {k: v for k, v in row["parameters"].items() if k != "random_state"}
        text = ", ".join(f"{name}={value}" for name, value in chosen.items())
        if seeds := [f"{value:.4f}" for value in row.get("seeds", ())]:
            text += f" seeds: {', '.join(seeds)}"
        lines.append("| " + " | ".join([row["name"], *texts, *cost, text]) + " |")
    return lines


def read_rows(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def new_rows(world, arguments, rows):
    """The rows of a data set that are not there yet, one after another."""
    tasks, python = load(world, arguments.data), arguments.peers

    def lacks(name, cold=False):
        known = ((r["world"], r["name"], r["cold"]) for r in rows)
        wanted = not arguments.only or name in arguments.only
        return wanted and (world, name, cold) not in known

    for name in filter(lacks, ROWS[world]):
        yield {"name": name, "cold": False} | judged(world, name, tasks)
    peers = ask_peers(python, "names", world) if python else []
    for name in filter(lacks, peers):
        row = judged_peer(python, name, world, tasks["standard"])
        yield {"name": name, "cold": False} | row
    if arguments.cold and world in COLD_WORLDS:
        chosen = {r["name"]: r["parameters"] for r in rows if r["world"] == world}
        for name, (class_name, _) in ROWS[world].items():
            if name in chosen and lacks(name, cold=True):
                known = tasks_for(name, tasks)
                row = in_own_process(judged_cold, class_name, chosen[name], known)
                yield {"name": name, "cold": True} | row


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("data")
    parser.add_argument("--worlds", nargs="+", default=WORLDS)
    parser.add_argument("--only", nargs="+", help="rows; all without it")
    parser.add_argument("--cold", action="store_true")
    parser.add_argument("--peers", help="python of an environment with the peers")
    parser.add_argument("--rows", type=Path, default=Path("accuracy.jsonl"))
    parser.add_argument("--page", type=Path)
    arguments = parser.parse_args()
    warnings.simplefilter("error")
    warnings.simplefilter("ignore", DeprecationWarning)  # of torch, within its own
    arguments.rows.touch()
    rows = read_rows(arguments.rows)
    for world in arguments.worlds:
        for row in new_rows(world, arguments, rows):
            rows.append({"world": world} | row)
            with arguments.rows.open("a") as file:
                file.write(json.dumps(rows[-1]) + "\n")
            print(json.dumps(rows[-1]), flush=True)
    if arguments.page:
        command = "python benchmarks/accuracy.py DATA --cold --peers PYTHON --page PAGE"
        arguments.page.write_text(written(rows, command))


if __name__ == "__main__":
    main()
