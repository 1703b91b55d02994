"""Tune, compare and show recommenders on one data set."""

import time
from pathlib import Path

import numpy as np
from sklearn.callback import ProgressBar
from sklearn.model_selection import GridSearchCV

from skmmrec._optional import optional_import
from skmmrec.demo._page import write_page
from skmmrec.demo._worlds import movielens_world, shop_world
from skmmrec.fusion import ConcatFusion, MultimodalFusion
from skmmrec.metrics import get_scorer
from skmmrec.model_selection import ColdItemKFold, RandomHoldout
from skmmrec.pipeline import make_pipeline
from skmmrec.recommenders import (
    ALSRecommender,
    ContentRecommender,
    PopularityRecommender,
)

METRICS = ("ndcg@10", "recall@10", "coverage@10")


def split(X):
    """Events to learn from, and held-out ones of known items, of new items, of both.

    A fifth of the items is new: all their events are held out. Of the rest, a fifth of
    each user's. Known and new items are ranked among themselves, where both are held
    out the whole catalogue is.

    Returns
    -------
    train : Interactions
    held_out : dict of {str: (Interactions, candidates)}
    """
    learned, new = next(ColdItemKFold(5, random_state=0).split(X))
    train, known = next(RandomHoldout(0.2, random_state=0).split(X[learned]))
    known = learned[known]
    return X[learned[train]], {
        "known items": (X[known], "warm"),
        "new items": (X[new], "cold"),
        "all items": (X[np.concatenate([known, new])], "all"),
    }


def tune(world, train, n_jobs):
    """Grid search of the hybrid over fusion options, judged on new items.

    Only events of `train` are used; its folds hold out items of their own.
    """
    pipe = make_pipeline(
        MultimodalFusion(world.branches), ALSRecommender(random_state=0)
    )
    # how modalities are fused, and whether the pictures earn their place
    grid = {
        "multimodalfusion__method": [
            ConcatFusion("standard"),
            ConcatFusion("l2"),
            "mean",
        ],
        "multimodalfusion__image": [
            pipe.get_params()["multimodalfusion__image"],
            "drop",
        ],
    }
    search = GridSearchCV(
        pipe,
        grid,
        cv=ColdItemKFold(3, random_state=1),
        scoring=get_scorer("ndcg@10", candidates="cold"),
        n_jobs=n_jobs,
    )
    return search.set_callbacks(ProgressBar(max_propagation_depth=0)).fit(train)


def evaluate(model, events, candidates):
    """Mean and standard error of each metric: {metric: (mean, error)}.

    Coverage is one number for all users and has no error.
    """
    result = {}
    for name in METRICS:
        scorer = get_scorer(name, candidates=candidates)
        if name.startswith("coverage"):
            result[name] = (scorer(model, events), None)
        else:
            _, values = scorer.per_user(model, events)
            error = values.std(ddof=1) / np.sqrt(len(values))
            result[name] = (values.mean(), error)
    return result


def compare(world, train, held_out, best):
    """The recommenders by name, fitted, and their table {name: {group: metrics}}."""
    models = {
        "popularity": PopularityRecommender(),
        "ALS without content": ALSRecommender(random_state=0),
        "content only": make_pipeline(
            MultimodalFusion(world.branches), ContentRecommender()
        ),
    }
    for model in models.values():
        model.fit(train)
    models["best hybrid"] = best
    table = {
        name: {group: evaluate(model, *part) for group, part in held_out.items()}
        for name, model in models.items()
    }
    return models, table


def format_table(table):
    """The table as lines of text; ± is one standard error over users."""
    lines = []
    for group in next(iter(table.values())):
        lines.append(f"{group:20}" + "".join(f"{metric:>18}" for metric in METRICS))
        for name, row in table.items():
            cells = (format_cell(*row[group][metric]) for metric in METRICS)
            lines.append(f"{name:20}" + "".join(f"{cell:>18}" for cell in cells))
        lines.append("")
    return "\n".join(lines)


def format_cell(mean, error):
    """A mean and, where there is one, its standard error."""
    return f"{mean:.4f}" if error is None else f"{mean:.4f} ± {error:.4f}"


def describe_method(method):
    """A fusion method in a word or two."""
    return method if isinstance(method, str) else repr(method)


def run_demo(movielens=None, output="skmmrec-demo.html", n_jobs=2):
    """Tune a hybrid, compare it with simpler recommenders, and write a page.

    Parameters
    ----------
    movielens : str or path, default=None
        Folder of a MovieLens release with plots and posters; None takes the synthetic
        shop.
    output : str or path, default="skmmrec-demo.html"
        The page, one file that needs no network.
    n_jobs : int, default=2
        Processes of the grid search.

    Returns
    -------
    table : dict
        ``table[recommender][group][metric]`` is (mean, standard error or None).

    Raises
    ------
    ImportError
        If matplotlib, for the plot, is not installed.
    ValueError
        If the folder holds no MovieLens release with content.
    """
    optional_import("matplotlib", extra="plot")  # before the work, not after it
    start = time.perf_counter()
    world = shop_world() if movielens is None else movielens_world(movielens)
    print(f"{world.title}: {world.X}")
    train, held_out = split(world.X)
    known, new, _ = (len(events) for events, _ in held_out.values())
    print(
        f"{len(train)} events to learn from, {known} held out of known items, "
        f"{new} of new items.\nSearching how to fuse "
        f"{', '.join(name for name, _, _ in world.branches)} ..."
    )
    search = tune(world, train, n_jobs)
    best = search.best_estimator_
    fused = [name for name, _, _ in best[0].transformers_]
    choice = f"{describe_method(best[0].method)} of {', '.join(fused)}"
    print(f"Best of {len(search.cv_results_['params'])}: {choice}.\n")
    models, table = compare(world, train, held_out, best)
    print(format_table(table))
    path = Path(output).absolute()
    seconds = time.perf_counter() - start
    write_page(path, world, train, models, table, choice, seconds)
    print(f"{time.perf_counter() - start:.0f} s. Open {path} in a browser.")
    return table
