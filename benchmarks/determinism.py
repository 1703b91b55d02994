"""Which models are the same to the last bit, whatever the threads and workers.

Each is fitted by processes of their own, with other numbers of threads for BLAS and
OpenMP, other `n_jobs`, and other hashes of strings; then scores, lists and features are
compared with those of one thread and one job. Where bits differ, the table says by how
much scores do, relative to the largest, and how many of the lists of ten stay the same.

Usage: python benchmarks/determinism.py [NAME ...] [--users N] [--items N]
"""

import argparse
import os
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np
from sklearn import clone
from threadpoolctl import threadpool_limits

import skmmrec
from skmmrec import datasets, recommenders

# threads, n_jobs, seed of the hashes of strings; the first is what others are held to
SETTINGS = {
    "one": (1, 1, 0),
    "again": (1, 1, 1),
    "n_jobs": (1, 2, 2),
    "all jobs": (1, -1, 3),
    "threads": (2, 1, 4),
    "more": (4, 1, 5),
    "both": (4, -1, 6),
}
COLUMNS = {
    "SparseTextEncoder": "description",
    "ImageStatisticsEncoder": "picture",
    "MelStatisticsEncoder": "sound",
}


def members():
    kinds = recommenders.ItemKNNRecommender, recommenders.EASERecommender
    return [(kind.__name__, kind()) for kind in kinds]


def models():
    """Estimators by the kind of their data, all with a seed where they take one."""
    named = {}
    for name in sorted(recommenders.__all__):
        kind = getattr(recommenders, name)
        if name in ("NetworkRecommender", "AttentionRecommender"):
            continue
        combines = issubclass(kind, recommenders._meta.BaseMetaRecommender)
        named[name] = kind(members()) if combines else kind()
    named["AttentionRecommender"] = recommenders.AttentionRecommender("feature")
    for method in skmmrec.plugins.names("fusions"):
        named[f"{method} fusion"] = skmmrec.plugins.load("fusions", method)()
    for name in (*COLUMNS, "TabularEncoder"):
        named[name] = getattr(skmmrec, name)()
    return named


def prepared(model, n_jobs):
    """A model with the seed 0, and few iterations where they are slow."""
    wanted = {"random_state": 0, "n_jobs": n_jobs, "max_iter": 3}
    known = model.get_params()
    if isinstance(model, recommenders.SLIMRecommender):
        wanted.pop("max_iter")
    return clone(model).set_params(**{k: v for k, v in wanted.items() if k in known})


def described(n_users, n_items):
    """A shop with its media, and the same with blocks of features."""
    X = datasets.make_multimodal_shop(n_users, n_items, random_state=0)
    rng = np.random.default_rng(0)
    taste = rng.standard_normal((n_items, 8))
    blocks = {
        name: taste @ rng.standard_normal((8, 96)) + rng.standard_normal((n_items, 96))
        for name in ("style", "mood")
    }
    table = skmmrec.FeatureTable.from_blocks(blocks)
    return X, X.with_table("items", table)


def answers(name, model, X, encoded):
    """What a model says, {what: array}."""
    if isinstance(model, skmmrec.BaseRecommender):
        model.fit(encoded)
        lists, scores = model.recommend(
            model.user_vocabulary_.ids[:300], k=10, return_scores=True
        )
        return {"scores": model.predict(encoded), "best": scores, "lists": lists}
    if isinstance(model, skmmrec.fusion._base.BaseFusionMethod):
        return {"scores": model.fit(encoded).transform(encoded).table("items").values}
    items = X.table("items")
    if name in COLUMNS:
        return {"scores": model.fit_transform(items[COLUMNS[name]])}
    columns = {column: items[column] for column in ("price", "category", "released")}
    return {"scores": model.fit_transform(columns)}


def work(arguments):
    """Fit all, with the threads of this process, and write what they say."""
    threads, n_jobs, _ = SETTINGS[arguments.setting]
    X, encoded = described(arguments.users, arguments.items)
    with threadpool_limits(threads):
        for name, model in chosen(arguments.names).items():
            try:
                said = answers(name, prepared(model, n_jobs), X, encoded)
            except ImportError as error:
                print(f"{name}: {error}", file=sys.stderr)
                continue
            np.savez(Path(arguments.out, f"{name}.npz"), **said)


def chosen(names):
    return {n: m for n, m in models().items() if not names or n in names}


def run(setting, out, arguments):
    threads, _, seed = SETTINGS[setting]
    out.mkdir()
    command = [sys.executable, __file__, *arguments.names, "--setting", setting]
    command += ["--out", out, "--users", arguments.users, "--items", arguments.items]
    environment = {"OMP_NUM_THREADS": str(threads), "PYTHONHASHSEED": str(seed)}
    subprocess.run(list(map(str, command)), check=True, env=os.environ | environment)


def difference(ours, theirs):
    """What differs between what two processes say, in words; "=" if no bit does."""
    if all(ours[what].tobytes() == theirs[what].tobytes() for what in ours):
        return "="
    one, other = ours["scores"], theirs["scores"]
    apart = np.nanmax(np.abs(one - other)) / np.nanmax(np.abs(one))
    said = f"{apart:.0e}"
    if "lists" in ours:
        same = (ours["lists"] == theirs["lists"]).all(axis=1).mean()
        said += f", {same:.0%} of lists"
    return said


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*")
    parser.add_argument("--users", type=int, default=600)
    parser.add_argument("--items", type=int, default=500)
    parser.add_argument("--setting", help=argparse.SUPPRESS)
    parser.add_argument("--out", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.setting:
        warnings.simplefilter("ignore")
        return work(arguments)
    with tempfile.TemporaryDirectory() as folder:
        for setting in SETTINGS:
            run(setting, Path(folder, setting), arguments)
        print("| model | " + " | ".join(list(SETTINGS)[1:]) + " |")
        for name in chosen(arguments.names):
            files = [Path(folder, setting, f"{name}.npz") for setting in SETTINGS]
            if all(file.exists() for file in files):
                first, *rest = (np.load(file, allow_pickle=True) for file in files)
                said = " | ".join(difference(first, other) for other in rest)
                print(f"| {name} | {said} |")


if __name__ == "__main__":
    main()
