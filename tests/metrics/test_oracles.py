"""Metrics against those of other libraries, to 1e-9: ranx here, two by record.

`record_oracles.py` says how the answers of RecTools and LensKit came about.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp
from scipy.stats import mannwhitneyu, pearsonr
from sklearn import metrics as of_sklearn

from skmmrec import metrics

RECORD = json.loads(Path(__file__).with_name("oracles.json").read_text())
CASE = RECORD["case"]
N_ITEMS = len(CASE["features"])
LISTS = np.array([row + [-1] * (10 - len(row)) for row in CASE["lists"]])
N_RELEVANT = np.array([len(items) for items in CASE["wanted"]])
WANTED = [np.isin(row, items) for row, items in zip(LISTS, CASE["wanted"])]
HITS = np.array(WANTED) & (LISTS >= 0)
COUNTS = np.array([len(users) for users in CASE["had"]])
PLACES = [(u, i) for i, users in enumerate(CASE["had"]) for u in users]
ROWS, COLUMNS = np.transpose(PLACES)
HISTORIES = sp.csr_array(
    (np.ones(len(ROWS)), (ROWS, COLUMNS)), shape=(len(LISTS), N_ITEMS)
)
ACCURACY = {
    "precision": metrics.precision,
    "recall": metrics.recall,
    "hit_rate": metrics.hit_rate,
    "map": metrics.average_precision,
    "mrr": metrics.reciprocal_rank,
    "ndcg": metrics.ndcg,
}
RATINGS = np.array(CASE["y_true"], dtype=float), np.array(CASE["y_pred"])


# What a library divides by, where it is not what we divide by: of k places, m of them
# filled, and n items to be found.
RESCALED = {
    ("rectools", "map"): lambda k, m, n: np.minimum(n, k) / n,
    ("rectools", "serendipity"): lambda k, m, n: k / m,
    ("ranx", "map"): lambda k, m, n: np.minimum(n, k) / n,
    ("lenskit", "precision"): lambda k, m, n: k / m,
    ("lenskit", "recall"): lambda k, m, n: n / np.minimum(n, k),
    ("lenskit", "map"): lambda k, m, n: np.minimum(n, k) / np.minimum(n, m),
}


def ours(metric, k):
    """Our value, one for each user, or one for all."""
    lists, hits = LISTS[:, :k], HITS[:, :k]
    if metric in ACCURACY:
        # the user who has nothing to find is left out by all
        return ACCURACY[metric](hits, np.maximum(1, N_RELEVANT))
    return {
        "coverage": lambda: metrics.coverage(lists, N_ITEMS),
        "gini": lambda: metrics.gini(lists, N_ITEMS),
        "diversity": lambda: metrics.intra_list_diversity(lists, CASE["features"]),
        "novelty": lambda: metrics.novelty(lists, COUNTS, len(np.unique(ROWS))),
        "serendipity": lambda: metrics.serendipity(hits, lists, COUNTS),
        "popularity_lift": lambda: metrics.popularity_lift(lists, HISTORIES, COUNTS),
    }[metric]()


def check(library, name, theirs):
    """`theirs` is a number, or one for each user, by code."""
    metric, _, k = name.partition("@")
    k = int(k)
    values = ours(metric, k)
    if not isinstance(theirs, dict):
        assert values == pytest.approx(theirs, abs=1e-9)
        return
    users = np.array([int(user) for user in theirs])
    values = values[users]
    m, n = (LISTS[users, :k] >= 0).sum(axis=1), N_RELEVANT[users]
    if (library, metric) in RESCALED:
        values = values * RESCALED[library, metric](k, m, n)
    if (library, metric) == ("rectools", "diversity"):  # of one item, to them 0
        assert (np.isnan(values) == (m < 2)).all()
        values = np.nan_to_num(values)
    assert len(users) >= 20
    assert values == pytest.approx([*theirs.values()], abs=1e-9)


def recorded(library):
    answers = RECORD[library]["answers"].items()
    return [pytest.param(name, values, id=name) for name, values in answers]


@pytest.mark.parametrize(("name", "theirs"), recorded("rectools"))
def test_metrics_are_those_of_rectools(name, theirs):
    """Lists with gaps, an empty one, users with nothing that can be found."""
    check("rectools", name, theirs)


@pytest.mark.parametrize(("name", "theirs"), recorded("lenskit"))
def test_metrics_are_those_of_lenskit(name, theirs):
    """The same lists."""
    if "@" in name:
        check("lenskit", name, theirs)
    else:
        assert -getattr(metrics, name)(*RATINGS) == pytest.approx(theirs, abs=1e-9)


ASK_RANX = """
import json, sys
import ranx
found, runs, names = json.load(sys.stdin)
qrels, run = ranx.Qrels(found), ranx.Run(runs)
said = ranx.evaluate(qrels, run, names, return_mean=False, make_comparable=True)
of_users = {name: dict(zip(run.keys(), map(float, said[name]))) for name in names}
json.dump(of_users, sys.stdout)
"""


@pytest.fixture(scope="module")
def of_ranx():
    """Its values by metric and user: of the same lists, ranked anew by scores of ours.

    In a process of its own without its compiler, which takes a minute for what runs in
    milliseconds, and is switched off by the environment only.
    """
    pytest.importorskip("ranx")
    users = [u for u, n in enumerate(N_RELEVANT) if n]
    found = {u: {i: 1 for i in CASE["wanted"][u]} for u in users}
    runs = {
        u: {i: -float(place) for place, i in enumerate(CASE["lists"][u])} for u in users
    }
    names = [f"{metric}@{k}" for metric in ACCURACY for k in (1, 3, 10)]
    said = subprocess.run(
        [sys.executable, "-c", ASK_RANX],
        input=json.dumps([found, runs, names]),
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(said.stdout)


@pytest.mark.parametrize("k", [1, 3, 10])
@pytest.mark.parametrize("metric", ACCURACY)
def test_metrics_are_those_of_ranx(of_ranx, metric, k):
    check("ranx", f"{metric}@{k}", of_ranx[f"{metric}@{k}"])


@pytest.mark.parametrize("seed", range(5))
def test_auc_is_that_of_scikit_learn_and_of_scipy(seed):
    """Also with many ties, and where some items do not compete."""
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, 6, (20, 30)).astype(np.float32)
    relevant = rng.random(scores.shape) < 0.2
    relevant[:, :2] = True, False
    competes = (rng.random(scores.shape) < 0.8) | relevant
    competes[:, 1] = True
    masked = np.where(competes, scores, -np.inf)
    values = metrics.auc(masked, relevant, relevant.sum(axis=1))
    for value, s, r, c in zip(values, scores, relevant, competes):
        assert value == pytest.approx(of_sklearn.roc_auc_score(r[c], s[c]), abs=1e-9)
        won = mannwhitneyu(s[r], s[c & ~r]).statistic
        assert value == pytest.approx(won / (r.sum() * (c & ~r).sum()), abs=1e-9)


@pytest.mark.parametrize("name", ["mean_squared", "root_mean_squared", "mean_absolute"])
def test_errors_are_those_of_scikit_learn(name):
    """Under the names that they have there."""
    theirs = of_sklearn.get_scorer(f"neg_{name}_error")._score_func(*RATINGS)
    value = getattr(metrics, f"neg_{name}_error")(*RATINGS)
    assert value == pytest.approx(-theirs, abs=1e-9)


def test_pearson_is_that_of_scipy():
    """And of numpy, also for numbers far from 0."""
    r, p = RATINGS
    assert metrics.pearson(r, p) == pytest.approx(pearsonr(r, p).statistic, abs=1e-9)
    assert metrics.pearson(r, p + 1e6) == pytest.approx(np.corrcoef(r, p)[0, 1])
