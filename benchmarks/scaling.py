"""What an event, a user and an item cost, and what that makes of 100M users.

Constants, in CPU time of one core, each the median of three runs:

- bytes of an event in `Interactions` and in `seen_`, and of an id of text;
- ALS: nanoseconds an event and microseconds a user or item in one alternation, by least
  squares over worlds of several shapes; `ALSRecommender`, 64 factors;
- fold-in: microseconds a user of 20 events;
- top-k: picoseconds a user and item, k = 20, as `recommend_all` goes about it;
- encoders: milliseconds a text or picture, without a store and with all of it there.

Then the same, multiplied out. Usage: python benchmarks/scaling.py
"""

import os

os.environ["OMP_NUM_THREADS"] = "1"  # before numpy is imported

import tempfile
import time

import numpy as np
from threadpoolctl import threadpool_limits

from skmmrec import (
    ALSRecommender,
    EmbeddingStore,
    ImageStatisticsEncoder,
    Interactions,
    SparseTextEncoder,
)
from skmmrec.datasets import make_multimodal_shop
from skmmrec.distributed._recommend import best_items, item_side, user_side

D = 64
SIZES = [(10**6, 10**5), (10**7, 10**6), (10**8, 10**7)]
EVENTS_A_USER = 20


def seconds(call, repeats=3):
    times = []
    for _ in range(repeats):
        start = time.process_time()
        call()
        times.append(time.process_time() - start)
    return np.median(times)


def world(n_users, n_items, n_events):
    """Events spread evenly, such that every user and item has some."""
    rng = np.random.default_rng(0)
    user = rng.permutation(np.arange(n_events) % n_users)
    item = rng.permutation(np.arange(n_events) % n_items)
    return Interactions({"user": user, "item": item})


def bytes_of(X, model):
    codes = X.user_codes.nbytes + X.item_codes.nbytes
    seen = model.seen_.data.nbytes + model.seen_.indices.nbytes
    return codes / len(X), seen / model.seen_.nnz


def als_costs():
    """Seconds an event and a row in one alternation; a fitted model and its events."""
    shapes = [(20_000, 10_000, 1_000_000), (60_000, 40_000, 1_000_000)]
    shapes += [(20_000, 10_000, 300_000)]
    A, b = [], []
    for n_users, n_items, n_events in shapes:
        X = world(n_users, n_items, n_events)
        times = []
        for max_iter in (1, 4):
            model = ALSRecommender(D, max_iter=max_iter, n_jobs=1, random_state=0)
            times.append(seconds(lambda: model.fit(X)))  # noqa: B023
        A.append([model.seen_.nnz, n_users + n_items])
        b.append((times[1] - times[0]) / 3)
    return np.linalg.lstsq(np.array(A, float), np.array(b), rcond=None)[0], model, X


def fold_in_cost(model, n=2000):
    H = model._likes(model.seen_[:n])
    return seconds(lambda: model._fold_in(H)) / n


def topk_cost(n_items=500_000, n_users=1000):
    """Seconds a pair of user and item."""
    rng = np.random.default_rng(0)
    X = Interactions({"user": [0], "item": [0]}, items={"item": np.arange(n_items)})
    model = ALSRecommender(D, max_iter=1).fit(X)
    model.item_factors_ = rng.standard_normal((n_items, D), dtype=np.float32)
    model.mean_user_ = rng.standard_normal((1, D), dtype=np.float32)
    users = user_side(model, np.arange(n_users))
    users["user_factors_"] = rng.standard_normal((n_users, D), dtype=np.float32)
    side = item_side(model)
    return seconds(lambda: best_items(side, users, 20, True)) / n_users / n_items


def encoder_costs(n=400):
    """Seconds a value: (name, encoded, read from a store)."""
    X = make_multimodal_shop(10, n, random_state=0)
    for name, encoder, column in (
        ("SparseTextEncoder", SparseTextEncoder(random_state=0), "description"),
        ("ImageStatisticsEncoder", ImageStatisticsEncoder(), "picture"),
    ):
        values = X.items[column]
        fresh = seconds(lambda: encoder.fit(values).transform(values)) / n  # noqa: B023
        with tempfile.TemporaryDirectory() as folder:
            encoder.set_params(store=EmbeddingStore(folder)).fit(values)
            encoder.transform(values)
            kept = seconds(lambda: encoder.transform(values)) / n  # noqa: B023
        yield name, fresh, kept


def line(label, *cells):
    print(f"{label:40}" + "".join(f"{cell:>14}" for cell in cells), flush=True)


def multiplied(event, seen, per_event, per_row, fold, pair, encoders):
    print()
    line("users", *(f"{users:,}" for users, _ in SIZES))
    line("items", *(f"{items:,}" for _, items in SIZES))
    rows = {
        "events, of 20 a user": lambda u, i: f"{20 * u:,}",
        "GB of codes of Interactions": lambda u, i: 20 * u * event / 1e9,
        "GB of seen_": lambda u, i: 20 * u * seen / 1e9,
        f"GB of factors of users, {D}": lambda u, i: 4 * D * u / 1e9,
        f"GB of factors of items, {D}": lambda u, i: 4 * D * i / 1e9,
        "core-hours of 15 alternations": lambda u, i: (
            15 * (20 * u * per_event + (u + i) * per_row) / 3600
        ),
        "core-hours of folding all users in": lambda u, i: u * fold / 3600,
        "core-hours of lists of all users": lambda u, i: u * i * pair / 3600,
        "core-seconds of a list of one": lambda u, i: i * pair,
    }
    for name, fresh, _ in encoders:
        rows[f"core-hours of {name}"] = lambda u, i, s=fresh: i * s / 3600
    for label, cost in rows.items():
        cells = [cost(*size) for size in SIZES]
        line(label, *(c if isinstance(c, str) else f"{c:,.3g}" for c in cells))


def main():
    with threadpool_limits(1):
        (per_event, per_row), model, X = als_costs()
        event, seen = bytes_of(X, model)
        fold, pair = fold_in_cost(model), topk_cost()
        encoders = list(encoder_costs())
    line("bytes of an event, codes", f"{event:.1f}")
    line("bytes of a pair in seen_", f"{seen:.1f}")
    line("ALS, ns an event and alternation", f"{per_event * 1e9:.0f}")
    line("ALS, us a row and alternation", f"{per_row * 1e6:.1f}")
    line("fold-in, us a user", f"{fold * 1e6:.0f}")
    line("top-20, ps a user and item", f"{pair * 1e12:.0f}")
    for name, fresh, kept in encoders:
        line(f"{name}, ms a value", f"{fresh * 1e3:.2f}", f"{kept * 1e3:.3f} kept")
    multiplied(event, seen, per_event, per_row, fold, pair, encoders)


if __name__ == "__main__":
    main()
