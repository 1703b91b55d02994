"""Writes oracles.json: what other libraries say of the lists in it.

RecTools wants another numpy and LensKit another pandas than the tests: each runs once,
in an environment of its own, from the root of the repository:

    pip install rectools==0.19.0 && python tests/metrics/record_oracles.py rectools
    pip install lenskit==2025.8.1 && python tests/metrics/record_oracles.py lenskit

ranx runs in the tests themselves.
"""

import json
import sys
import warnings
from importlib.metadata import version
from pathlib import Path

import numpy as np

FILE = Path(__file__).with_name("oracles.json")
K = (1, 3, 10)
N_USERS, N_ITEMS, N_FIT = 40, 30, 32


def make_case():
    """Lists with gaps at their ends, and what was to be found; all by code.

    User 0 has an empty list, user 1 wants only what is outside of the catalogue, user 2
    has nothing to find, user 3 wants more than the list holds. Items 0 to 2 were had by
    nobody, no two of the others equally often.
    """
    rng = np.random.default_rng(0)
    lists = rng.permuted(np.tile(np.arange(N_ITEMS), (N_USERS, 1)), axis=1)[:, :10]
    lengths = rng.choice([1, 2, 9, 10, 10, 10], N_USERS)
    lengths[:4] = 0, 10, 10, 10
    wanted = [rng.permutation(N_ITEMS)[: rng.integers(1, 15)] for _ in lengths]
    wanted[1], wanted[2], wanted[3] = [N_ITEMS + 1], [], np.arange(N_ITEMS)
    counts = np.maximum(0, np.arange(N_ITEMS) - 2)
    stars = rng.integers(1, 6, 200)
    return {
        "lists": [row[:n].tolist() for row, n in zip(lists, lengths)],
        "wanted": [list(map(int, items)) for items in wanted],
        "had": [rng.permutation(N_FIT)[:count].tolist() for count in counts],
        "features": rng.standard_normal((N_ITEMS, 4)).round(3).tolist(),
        "y_true": stars.tolist(),
        # LensKit keeps scores in float32: eighths are exact there
        "y_pred": (stars + (8 * rng.standard_normal(200)).round() / 8).tolist(),
    }


def rectools(case):
    """Per user, as a dict of user to value; coverage is one number."""
    import pandas as pd
    from rectools import metrics
    from rectools.metrics.distances import PairwiseDistanceCalculator

    class Cosine(PairwiseDistanceCalculator):
        def _get_distances_for_item_pairs(self, first, second):
            F = np.array(case["features"])
            F /= np.linalg.norm(F, axis=1, keepdims=True)
            return 1 - (F[first] * F[second]).sum(axis=1)

    def table(rows, **ranks):
        users = np.repeat(range(len(rows)), [len(row) for row in rows])
        columns = {"user_id": users, "item_id": np.concatenate(rows).astype(int)}
        return pd.DataFrame(columns | ranks)

    places = np.concatenate([np.arange(1, len(row) + 1) for row in case["lists"]])
    recommended, wanted = table(case["lists"], rank=places), table(case["wanted"])
    had = table(case["had"]).rename(
        columns={"user_id": "item_id", "item_id": "user_id"}
    )
    catalog = np.arange(N_ITEMS)
    histories = had.assign(rank=had.groupby("user_id").cumcount() + 1)
    usual = metrics.AvgRecPopularity(N_ITEMS).calc_per_user(histories, had)
    answers = {}
    for k in K:
        named = {
            "precision": metrics.Precision(k),
            "recall": metrics.Recall(k),
            "hit_rate": metrics.HitRate(k),
            "map": metrics.MAP(k),
            "mrr": metrics.MRR(k),
            "ndcg": metrics.NDCG(k, divide_by_achievable=True),
        }
        values = {n: m.calc_per_user(recommended, wanted) for n, m in named.items()}
        values["novelty"] = metrics.MeanInvUserFreq(k).calc_per_user(recommended, had)
        values["serendipity"] = metrics.Serendipity(k).calc_per_user(
            recommended, wanted, had, catalog
        )
        popularity = metrics.AvgRecPopularity(k).calc_per_user(recommended, had)
        values["popularity_lift"] = (popularity / usual - 1).dropna()
        if k > 1:
            diversity = metrics.IntraListDiversity(k, Cosine())
            values["diversity"] = diversity.calc_per_user(recommended)
        for name, of_users in values.items():
            answers[f"{name}@{k}"] = {str(u): float(v) for u, v in of_users.items()}
        coverage = metrics.CatalogCoverage(k, normalize=True)
        answers[f"coverage@{k}"] = float(coverage.calc(recommended, catalog))
    return answers


def lenskit(case):
    """Per user, as a dict of user to value; gini and errors are one number."""
    from lenskit import metrics
    from lenskit.data import ItemList
    from lenskit.metrics.ranking import AveragePrecision

    lists = [ItemList(item_ids=row, ordered=True) for row in case["lists"]]
    wanted = [ItemList(item_ids=items) for items in case["wanted"]]
    answers = {}
    for k in K:
        named = {
            "precision": metrics.Precision(k),
            "recall": metrics.Recall(k),
            "hit_rate": metrics.Hit(k),
            "map": AveragePrecision(k),
            "mrr": metrics.RecipRank(k),
            "ndcg": metrics.NDCG(k, weight=metrics.LogRankWeight(offset=1)),
        }
        for name, metric in named.items():
            answers[f"{name}@{k}"] = {
                str(u): float(metric.measure_list(*pair))
                for u, pair in enumerate(zip(lists, wanted))
                if len(pair[0]) and len(pair[1])
            }
        gini = metrics.ListGini(k, items=N_ITEMS)
        shown = [gini.compute_list_data(row, None) for row in lists if len(row)]
        answers[f"gini@{k}"] = float(gini.global_aggregate(shown))
    items = np.arange(len(case["y_true"]))
    predicted = ItemList(item_ids=items, scores=np.array(case["y_pred"]))
    rated = ItemList(item_ids=items, rating=np.array(case["y_true"], dtype=float))
    answers["neg_root_mean_squared_error"] = float(
        metrics.RMSE().measure_list(predicted, rated)
    )
    answers["neg_mean_absolute_error"] = float(
        metrics.MAE().measure_list(predicted, rated)
    )
    return answers


def main(library):
    case = make_case()
    found = json.loads(FILE.read_text()) if FILE.exists() else {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        answers = {"rectools": rectools, "lenskit": lenskit}[library](case)
    recorded = {"version": version(library), "answers": answers}
    FILE.write_text(json.dumps(found | {"case": case, library: recorded}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
