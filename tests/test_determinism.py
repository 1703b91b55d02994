"""The same bits on any number of threads and jobs, and with any hashes of strings."""

from argparse import Namespace

import numpy as np
import pytest

from benchmarks import determinism

SAME_BITS = [
    *("PopularityRecommender", "ContentRecommender", "FeatureFactorizationRecommender"),
    *("ItemKNNRecommender", "UserKNNRecommender", "ItemGraphRecommender"),
    *("SLIMRecommender", "SVDRecommender", "ALSRecommender", "BPRRecommender"),
    *("align fusion", "bilinear fusion", "cca fusion", "concat fusion"),
    *("forest fusion", "impute fusion", "mean fusion", "nmf fusion", "svd fusion"),
    *("SparseTextEncoder", "ImageStatisticsEncoder", "MelStatisticsEncoder"),
    "TabularEncoder",
]
NEARLY = ["EASERecommender", "VotingRecommender"]


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    """What processes say that have one thread and one job, or four and all."""
    out = tmp_path_factory.mktemp("said")
    arguments = Namespace(names=SAME_BITS + NEARLY, users=150, items=200)
    for setting in ("one", "both"):
        determinism.run(setting, out / setting, arguments)

    def of(name):
        files = [out / setting / f"{name}.npz" for setting in ("one", "both")]
        return [dict(np.load(file, allow_pickle=True)) for file in files]

    return of


@pytest.mark.parametrize("name", SAME_BITS)
def test_threads_and_jobs_change_no_bit(name, said):
    assert determinism.difference(*said(name)) == "="


@pytest.mark.parametrize("name", NEARLY)
def test_where_threads_change_the_last_digits_lists_stay(name, said):
    one, both = said(name)
    largest = np.abs(one["scores"]).max()
    np.testing.assert_allclose(both["scores"], one["scores"], atol=2e-6 * largest)
    assert (one["lists"] == both["lists"]).mean() > 0.99
