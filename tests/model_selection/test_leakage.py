"""Planted leaks are found; an honest column is none, however well it foretells."""

import numpy as np
import pytest
from sklearn.frozen import FrozenEstimator

from skmmrec import (
    ColdItemKFold,
    ContentRecommender,
    Interactions,
    LeaveLastOut,
    MultimodalFusion,
    PopularityRecommender,
    RandomHoldout,
    TabularEncoder,
    TemporalSplit,
    check_leakage,
    make_pipeline,
)
from skmmrec.fusion import BilinearFusion
from tests._shared import shared

SPLITS = [
    TemporalSplit(),
    RandomHoldout(0.2, random_state=0),
    LeaveLastOut(),
    ColdItemKFold(3, random_state=0),
]


def world(seed=0, n_users=200, n_items=150):
    """Items of known popularity and quality, taken and rated by lot."""
    rng = np.random.default_rng(seed)
    appeal, quality = rng.normal(size=n_items), rng.normal(3, 0.7, n_items)
    chance = appeal[None] + rng.gumbel(size=(n_users, n_items))
    item = np.argsort(-chance, axis=1)[:, :15]
    item = rng.permuted(item, axis=1).ravel()
    stars = np.clip(np.round(quality[item] + rng.normal(size=len(item))), 1, 5)
    events = {
        "user": np.repeat(np.arange(n_users), 15),
        "item": item,
        "stars": stars,
        "time": rng.permutation(len(item)),
    }
    n = np.bincount(item, minlength=n_items)
    items = {
        "item": np.arange(n_items),
        "appeal": appeal,  # known before: what the shop paid to advertise
        "quality": quality,
        "sales": n,
        "log_sales": np.log1p(n),
        "mean_stars": np.bincount(item, stars, n_items) / np.maximum(n, 1),
        "words": [f"item {i}" for i in range(n_items)],
        "two": np.column_stack([appeal, n]),
    }
    return Interactions(events, items=items, rating="stars", time="time")


def piped(*names, how="passthrough"):
    fusion = MultimodalFusion([(name, how, [name]) for name in names])
    return make_pipeline(fusion, ContentRecommender())


def leaks(report, check):
    rows = zip(report["check"], report["what"], report["leak"])
    return [what for of, what, leak in rows if of == check and leak]


@pytest.mark.parametrize("cv", SPLITS, ids=lambda cv: type(cv).__name__)
def test_a_count_of_all_events_is_found(cv):
    """In any split, before and after encoding, and by no other name than its own."""
    pipe = piped("appeal", "sales", "quality", how=TabularEncoder())
    report = check_leakage(pipe, world(), cv)
    assert leaks(report, "column") == ["column 'sales'", "block 'sales'"]
    advice = dict(zip(report["what"], report["advice"]))
    assert "before the split" in advice["column 'sales'"]
    assert advice["column 'appeal'"] == ""


@pytest.mark.parametrize("name", ["log_sales", "mean_stars", "two"])
def test_other_sums_of_all_events_are_found(name):
    """On another scale, of ratings, and as a column of a matrix."""
    report = check_leakage(piped("appeal", name), world(), SPLITS[0])
    assert leaks(report, "column") == [f"column {name!r}", f"block {name!r}"]


@pytest.mark.parametrize("cv", SPLITS, ids=lambda cv: type(cv).__name__)
def test_no_leak_no_alarm(cv):
    """The true popularity and quality foretell held-out events, and have not seen them.

    Nor has a count of the training part.
    """
    for seed in range(5):
        X = world(seed)
        train, _ = next(cv.split(X))
        X.items["so_far"] = np.bincount(X.item_codes[train], minlength=150)
        fold = [next(cv.split(X))]
        report = check_leakage(piped("appeal", "quality", "so_far"), X, fold)
        assert not leaks(report, "column") + leaks(report, "repeated events")
        assert not leaks(report, "model") + leaks(report, "frozen step")


def test_a_column_that_is_not_used_is_no_leak():
    """Nor one of texts."""
    fusion = MultimodalFusion(
        [("a", "passthrough", ["appeal"]), ("b", "drop", ["sales"])]
    )
    report = check_leakage(
        make_pipeline(fusion, ContentRecommender()), world(), SPLITS[0]
    )
    assert report["check"].count("column") == 2
    assert True not in report["leak"]


def test_encoded_tables_and_frames_are_looked_at():
    """Without a pipeline, the content of the rows."""
    X = world()
    encoded = MultimodalFusion([("n", "passthrough", ["sales"])]).fit_transform(X)
    model = ContentRecommender()
    assert leaks(check_leakage(model, encoded, SPLITS[0]), "column") == ["block 'n'"]
    frame = np.column_stack([X.user_ids, X.item_ids, X.items["sales"][X.item_codes]])
    report = check_leakage(model, frame, RandomHoldout(0.2, random_state=0))
    assert leaks(report, "column") == ["block 'content'"]


def test_the_future_and_repetitions_are_told():
    """100 % of a random split have something later in the training part."""
    X = world()
    report = check_leakage(PopularityRecommender(), X, SPLITS[1])
    assert leaks(report, "time") == ["events"]
    twice = X[np.repeat(np.arange(len(X)), 2)]
    report = check_leakage(PopularityRecommender(), twice, SPLITS[1])
    assert leaks(report, "repeated events") == ["events"]
    timeless = Interactions({"user": X.user_ids, "item": X.item_ids})
    report = check_leakage(PopularityRecommender(), timeless, SPLITS[1])
    assert report["leak"][report["check"].index("time")] is None


def test_a_recommender_that_was_frozen_is_found():
    """Fitted on all events; one fitted on the training part is none."""
    X = world()
    train, test = next(SPLITS[0].split(X))
    for events, leak in ((X, ["PopularityRecommender"]), (X[train], [])):
        frozen = FrozenEstimator(PopularityRecommender().fit(events))
        report = check_leakage(make_pipeline(frozen), X, [(train, test)])
        assert leaks(report, "model") == leak


def test_a_frozen_recommender_alone_is_found():
    X = world()
    report = check_leakage(
        FrozenEstimator(PopularityRecommender().fit(X)), X, SPLITS[1]
    )
    assert report["leak"][report["check"].index("model")] is True


def test_held_out_counts_alone_are_found():
    """The future itself, without the past."""
    X = world()
    train, test = next(TemporalSplit().split(X))
    X.items["future"] = np.bincount(X.item_codes[test], minlength=150)
    report = check_leakage(piped("future"), X, [(train, test)])
    assert "column 'future'" in leaks(report, "column")


def test_of_few_items_it_cannot_be_told():
    """Twelve new items, whose counts are known beforehand: neither a leak nor none."""
    X = world(n_items=36)
    report = check_leakage(piped("sales"), X, ColdItemKFold(3, random_state=0))
    column = report["what"].index("column 'sales'")
    assert report["leak"][column] is None
    assert "too few items" in report["evidence"][column]


@pytest.mark.parametrize("rows", [[], [0.5]])
def test_a_split_without_events_is_refused(rows):
    with pytest.raises(ValueError, match="Each part of a split must be indices"):
        check_leakage(PopularityRecommender(), world(), [([0, 1], rows)])


def test_a_frozen_step_is_judged_by_what_it_does():
    """Found if it learned from all events; no finding if it learns from none."""
    X = world()
    branches = [(n, "passthrough", [n]) for n in ("appeal", "quality")]
    learned = MultimodalFusion(branches, method=BilinearFusion(random_state=0))
    for fusion, leak in ((learned, True), (MultimodalFusion(branches), False)):
        pipe = make_pipeline(FrozenEstimator(fusion.fit(X)), ContentRecommender())
        report = check_leakage(pipe, X, SPLITS[0])
        assert report["leak"][report["check"].index("frozen step")] is leak
    other = learned.fit(world(1))
    pipe = make_pipeline(FrozenEstimator(other), ContentRecommender())
    report = check_leakage(pipe, X, SPLITS[0])
    assert report["leak"][report["check"].index("frozen step")] is None


def test_on_real_films():
    """Year and length foretell fame honestly; the number of ratings has seen all."""
    from skmmrec.datasets import load_movielens

    X = load_movielens(shared("data/movielens-small"))
    n_items = len(X.items["movieId"])
    X.items["n_ratings"] = np.bincount(X.item_codes, minlength=n_items)
    pipe = piped("year", "runtime", "n_ratings")
    report = check_leakage(pipe, X, TemporalSplit())
    assert leaks(report, "column") == ["column 'n_ratings'", "block 'n_ratings'"]
    assert not leaks(report, "time")


def test_the_report_is_a_table():
    """Equally long columns, as pandas takes them."""
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(check_leakage(piped("appeal"), world(), SPLITS[0]))
    assert list(frame) == ["check", "what", "leak", "evidence", "advice"]
