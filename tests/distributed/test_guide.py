"""The blocks of the guide's page on clusters run, on a cluster that is this machine."""

import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV

from skmmrec import ALSRecommender, Interactions, RandomHoldout, get_scorer
from skmmrec.datasets import make_multimodal_shop
from skmmrec.distributed import write_interactions
from tests._docs import DOCS, run_blocks


def test_the_page_runs(spark, tmp_path):
    """distributed.rst: Spark from events to lists, then Dask, at other addresses."""
    pa = pytest.importorskip("pyarrow")
    distributed = pytest.importorskip("distributed")
    shop = make_multimodal_shop(60, 70, random_state=0)
    events = {"user": shop.user_ids, "item": shop.item_ids}
    events["stars"] = 1.0 + np.arange(len(shop)) % 5
    write_interactions(Interactions(events, rating="stars"), tmp_path / "events")
    titles = list(shop.items["description"])
    table = pa.table({"item": shop.items["item"], "title": titles})
    spark.createDataFrame(table).write.parquet(str(tmp_path / "items"))
    search = GridSearchCV(
        ALSRecommender(4, random_state=0),
        {"alpha": [1.0, 10.0]},
        cv=RandomHoldout(random_state=0),
        scoring=get_scorer("ndcg@10"),
    )
    options = {"n_workers": 1, "threads_per_worker": 1, "dashboard_address": None}
    with distributed.LocalCluster(processes=True, **options) as cluster:
        names = run_blocks(
            DOCS / "guide" / "distributed.rst",
            {"spark": spark, "titles": titles, "search": search},
            ("s3a://shop", str(tmp_path)),
            ("tcp://scheduler:8786", cluster.scheduler_address),
        )
        names["client"].close()
    lists = spark.read.parquet(str(tmp_path / "lists"))
    first = lists.filter("user = 1").first()
    assert first["items"] == names["pipe"].recommend([1], k=50)[0].tolist()
    assert len(search.cv_results_["params"]) == 2
