"""Three real data sets with content, each modality encoded once: for the benchmarks.

A world has the events of its training part, those to be found, and an item table in
which each modality is a matrix, with a row of NaN for an item that lacks it. The rows
of the item tables are in random order: an item's number often tells its fame, and ties
are broken by row.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from skmmrec import (
    ConcatFusion,
    Interactions,
    LeaveLastOut,
    MultimodalFusion,
    RandomHoldout,
    SparseTextEncoder,
    TabularEncoder,
)
from skmmrec.demo._worlds import movielens_world

NAMES = ("movielens", "tiktok", "beauty")


@dataclass(frozen=True)
class World:
    """A data set of a benchmark.

    Parameters
    ----------
    train, test : Interactions
        Of known items: events to learn from, and to be found.
    modalities : list of str
        Columns of the item table.
    """

    train: Interactions
    test: Interactions
    modalities: list


def load(name, data, n_components=128):
    """The world of that name; `data` holds the folders of the data sets.

    `n_components` is the width of the titles of beauty.
    """
    if name == "beauty":
        return _beauty(Path(data), n_components)
    return {"movielens": _movielens, "tiktok": _tiktok}[name](Path(data))


def _movielens(data):
    """Plots, posters, tables of films; a random fifth of each user's likes is held."""
    world = movielens_world(data / "movielens-small")
    X = _encoded(world.X, world.branches)
    ((train, test),) = RandomHoldout(0.2, random_state=0).split(X)
    return World(X[train], X[test], [name for name, _, _ in world.branches])


def tiktok_part(part, data):
    """Sound and pictures of short videos: train, valid or test, as published."""
    folder = data / "tiktok"
    features = {
        name: np.load(folder / f"{name}_features.npy").astype(np.float32)
        for name in ("audio", "image")
    }
    items = _shuffled({"item_id": np.arange(len(features["audio"])), **features})
    events = pd.read_csv(folder / f"{part}.csv.gz")
    return Interactions(events, items, user="user_id", item="item_id")


def _tiktok(data):
    parts = [tiktok_part(part, data) for part in ("train", "test")]
    return World(*parts, ["audio", "image"])


def _beauty(data, n_components):
    """Titles and attributes of cosmetics; the last purchase of each user is held."""
    folder = data / "amazon-beauty"
    X = Interactions(
        pd.read_csv(folder / "interactions.csv.gz"),
        _shuffled(dict(pd.read_csv(folder / "items.csv"))),
        user="user_id",
        item="item_id",
        time="position",
    )
    branches = [
        ("text", SparseTextEncoder(n_components=n_components, random_state=0), "title"),
        ("attributes", TabularEncoder(max_categories=500), ["attributes"]),
    ]
    X = _encoded(X, branches)
    ((train, test),) = LeaveLastOut().split(X)
    return World(X[train], X[test], ["text", "attributes"])


def _shuffled(items):
    order = np.random.RandomState(0).permutation(len(items["item_id"]))
    return {name: np.asarray(values)[order] for name, values in items.items()}


def _encoded(X, branches):
    """The same events, with a matrix for each modality in the item table."""
    fusion = MultimodalFusion(branches, method=ConcatFusion(scaling=None))
    table = fusion.fit_transform(X).items
    items = {X.names["item"]: X.item_vocabulary.decode(np.arange(len(table)))}
    for name, has in zip(table.blocks, table.present.T):
        items[name] = np.where(has[:, None], table.block(name), np.nan)
    return X.with_table("items", items)
