"""Searches by processes of Dask, as on several machines."""

import sys

import joblib
import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV

from skmmrec import (
    ALSRecommender,
    MultimodalFusion,
    RandomHoldout,
    SparseTextEncoder,
    get_scorer,
    make_pipeline,
)
from skmmrec.datasets import make_multimodal_shop


@pytest.fixture(scope="module")
def workers():
    """A scheduler and two workers, processes of one thread on loopback."""
    distributed = pytest.importorskip("distributed")
    options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None}
    with (
        distributed.LocalCluster(processes=True, **options) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


def test_a_grid_search_by_two_processes_finds_the_same(workers, tmp_path):
    """Events are sent once, a store is shared, every candidate is tried."""
    X = make_multimodal_shop(60, 40, random_state=0)
    encoder = SparseTextEncoder(n_components=4, random_state=0, store=tmp_path)
    fusion = MultimodalFusion([("text", encoder, "description")])
    search = GridSearchCV(
        make_pipeline(fusion, ALSRecommender(4, random_state=0)),
        {"alsrecommender__alpha": [1.0, 10.0]},
        cv=RandomHoldout(random_state=0),
        scoring=get_scorer("ndcg@10"),
        n_jobs=2,
    )
    alone = search.fit(X).cv_results_["mean_test_score"]
    with joblib.parallel_config("dask", scatter=[X]):
        together = search.fit(X).cv_results_["mean_test_score"]
    np.testing.assert_allclose(together, alone, atol=1e-6)
    loaded = workers.run(lambda: "skmmrec.recommenders._als" in sys.modules)
    assert any(loaded.values())  # these fitted, and not we
