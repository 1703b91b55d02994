"""On a master and two workers, processes of their own, of which one is killed."""

import threading
import time

import numpy as np

from skmmrec import ALSRecommender, Interactions, SparkALSRecommender, SparseTextEncoder
from skmmrec.distributed import (
    read_interactions,
    recommend_all,
    spark_encode,
    write_interactions,
)
from skmmrec.testing import checkerboard


def wait_until_under_way(spark, n_done):
    """Until a stage has finished some of its tasks, and has more to do."""
    tracker = spark.sparkContext.statusTracker()
    end = time.monotonic() + 60
    while time.monotonic() < end:
        for stage in tracker.getActiveStageIds():
            info = tracker.getStageInfo(stage)
            if info and n_done <= info.numCompletedTasks <= info.numTasks // 2:
                return
        time.sleep(0.005)
    raise AssertionError("No stage got under way in a minute")


def test_all_of_it_runs_on_two_workers(cluster_spark, tmp_path):
    """Events to Parquet and back, factors, vectors."""
    train, test = checkerboard()
    write_interactions(train, tmp_path / "events")
    X = read_interactions(tmp_path / "events")
    model = SparkALSRecommender(8, n_blocks=2, random_state=0).fit(X)
    assert model.score(test) > 0.95
    encoder = SparseTextEncoder(n_components=2, random_state=0)
    vectors = encoder.fit_transform(["warm tea", "cold tea", "warm jam"])
    df = cluster_spark.createDataFrame(
        [(1, "cold tea"), (2, "warm jam")], "n int, t string"
    )
    rows = spark_encode(df, encoder, "t").orderBy("n").collect()
    np.testing.assert_array_equal([row["vector"] for row in rows], vectors[1:])


def test_a_worker_killed_in_mid_job_changes_no_list(cluster, cluster_spark, tmp_path):
    """Its tasks are run again by the other one, bit for bit."""
    rng = np.random.default_rng(0)
    X = Interactions(
        {
            "user": rng.integers(4000, size=20_000),
            "item": rng.integers(9000, size=20_000),
        }
    )
    model = ALSRecommender(64, max_iter=1, random_state=0).fit(X)
    expected = recommend_all(model, tmp_path / "whole", k=20).orderBy("user").toArrow()
    job = threading.Thread(
        target=recommend_all, args=(model, tmp_path / "hit"), kwargs={"k": 20}
    )
    job.start()
    wait_until_under_way(cluster_spark, n_done=2)
    cluster.kill(2)
    job.join(timeout=60)
    found = cluster_spark.read.parquet(str(tmp_path / "hit")).orderBy("user").toArrow()
    assert found.num_rows == len(model.user_vocabulary_)
    assert found.equals(expected)
