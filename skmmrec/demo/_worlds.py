"""The data sets of the demo, and which of their columns is which modality."""

from dataclasses import dataclass

import numpy as np

from skmmrec.data import Interactions
from skmmrec.datasets import load_movielens, make_multimodal_shop
from skmmrec.encoders import (
    ImageStatisticsEncoder,
    SparseTextEncoder,
    TabularEncoder,
)


@dataclass(frozen=True)
class World:
    """A data set of the demo.

    Parameters
    ----------
    title : str
    X : Interactions
        Every event is a like.
    branches : list of (name, encoder, columns)
        For `MultimodalFusion`; there is one named `"image"`.
    caption, picture : str
        Columns of the item table that a person would look at.
    """

    title: str
    X: Interactions
    branches: list
    caption: str
    picture: str


def shop_world():
    """The synthetic shop, whose taste is planted in the content."""
    return World(
        "Synthetic shop",
        make_multimodal_shop(600, 800, random_state=0),
        [
            ("text", SparseTextEncoder(n_components=64, random_state=0), "description"),
            ("image", ImageStatisticsEncoder(), "picture"),
            ("tabular", TabularEncoder(), ["category", "price", "tags", "released"]),
        ],
        caption="title",
        picture="picture",
    )


def movielens_world(folder):
    """A MovieLens release with plots and posters; 4 stars and more are a like.

    Tags are left out: they are written by those who saw the film, so that a film nobody
    has seen has none. The rows of the item table are put in random order: a film's
    number tells its age and fame, and ties are broken by row.
    """
    X = load_movielens(folder)
    missing = {"plot", "poster", "cast", "director"} - set(X.items)
    if missing:
        raise ValueError(
            f"The demo must have a content.csv with plots and posters beside the "
            f"ratings; got {folder} without {sorted(missing)}; run the demo on the "
            f"synthetic shop, without --movielens."
        )
    order = np.random.RandomState(0).permutation(len(X.items["movieId"]))
    items = {name: values[order] for name, values in X.items.items()}
    likes = X[X.rating >= 4]
    events = {name: likes[name] for name in ("userId", "movieId", "timestamp")}
    names = {"user": "userId", "item": "movieId", "time": "timestamp"}
    columns = ["genres", "year", "runtime", "language", "country", "certificate"]
    return World(
        "MovieLens",
        Interactions(events, items=items, **names),
        [
            (
                "text",
                SparseTextEncoder(
                    n_components=64, stop_words="english", random_state=0
                ),
                "plot",
            ),
            ("cast", SparseTextEncoder(n_components=64, random_state=0), "cast"),
            (
                "director",
                SparseTextEncoder(n_components=32, random_state=0),
                "director",
            ),
            ("image", ImageStatisticsEncoder(), "poster"),
            ("tabular", TabularEncoder(), columns),
        ],
        caption="title",
        picture="poster",
    )
