"""Lists of all users: in blocks of items, and as a job of Spark."""

from pathlib import Path
from runpy import run_path

import numpy as np
import pytest
from sklearn import clone

from skmmrec import (
    ALSRecommender,
    EASERecommender,
    PopularityRecommender,
    RankFusionRecommender,
    SwitchingRecommender,
    VotingRecommender,
    make_pipeline,
)
from skmmrec.distributed import recommend_all
from skmmrec.distributed._recommend import best_items, item_side, user_side
from skmmrec.testing import painted

ALS = ALSRecommender(8, random_state=0)
MEMBERS = [("als", ALS), ("popular", PopularityRecommender())]


@pytest.fixture(scope="module")
def fitted():
    return clone(ALS).fit(painted()[0])


@pytest.mark.parametrize(
    "model",
    [
        ALS,
        PopularityRecommender(),
        EASERecommender(10),
        VotingRecommender(MEMBERS),
        RankFusionRecommender(MEMBERS),
        SwitchingRecommender([MEMBERS[1], MEMBERS[0]]),
    ],
    ids=str,
)
@pytest.mark.parametrize("exclude_seen", [True, False])
def test_blocks_of_items_change_nothing(model, exclude_seen):
    """Dense and sparse factors, several side by side, ranks; also long lists."""
    model = clone(model).fit(painted()[0])
    users = np.array([*range(40), 99])  # a stranger too
    for k in (3, 30):
        items, scores = model.recommend(
            users, k, exclude_seen=exclude_seen, return_scores=True
        )
        codes, values = best_items(
            item_side(model), user_side(model, users), k, exclude_seen, n_in_block=7
        )
        np.testing.assert_allclose(values, scores, rtol=1e-5)
        same = np.where(codes < 0, None, codes) == items
        tied = np.isclose(np.diff(scores, axis=1, append=np.nan), 0, atol=1e-6)
        tied |= np.roll(tied, 1, axis=1)
        assert (same | tied).all()


def test_equal_scores_keep_the_order_of_the_catalogue():
    """Whatever the blocks."""
    model = PopularityRecommender().fit(painted()[0])
    model.item_factors_[:] = 1
    users = user_side(model, np.arange(3))
    for n_in_block in (4, 30):
        codes, _ = best_items(item_side(model), users, 5, False, n_in_block)
        assert codes.tolist() == [[0, 1, 2, 3, 4]] * 3


def test_the_job_writes_what_recommend_returns(spark, fitted, tmp_path):
    """For every user of fit, lists end where there is nothing left."""
    lists = recommend_all(fitted, tmp_path / "lists", k=28)
    rows = {row.user: row for row in lists.collect()}
    items, scores = fitted.recommend(list(range(40)), k=28, return_scores=True)
    assert sorted(rows) == list(range(40))
    for user in range(40):
        n = np.count_nonzero(~np.isnan(scores[user]))
        assert rows[user]["items"] == items[user, :n].tolist()
        np.testing.assert_allclose(rows[user]["scores"], scores[user, :n], rtol=1e-5)
    assert any(np.isnan(scores[:, -1]))


def test_some_users_of_a_pipeline(spark, fitted, tmp_path):
    """From a DataFrame, with a stranger, twice the same, and once more to append."""
    pipe = make_pipeline(fitted)
    users = spark.createDataFrame([(3,), (99,), (3,)], "user bigint")
    lists = recommend_all(pipe, tmp_path / "lists", users, k=2, exclude_seen=False)
    recommend_all(pipe, tmp_path / "lists", [5], k=2, mode="append")
    found = {
        row.user: row["items"]
        for row in lists.sparkSession.read.parquet(str(tmp_path / "lists")).collect()
    }
    expected = fitted.recommend([3, 99], k=2, exclude_seen=False).tolist()
    assert [found[3], found[99]] == expected
    assert found[5] == fitted.recommend([5], k=2)[0].tolist()
    nobody = recommend_all(fitted, tmp_path / "none", users=np.empty(0, dtype=int))
    assert nobody.collect() == []
    assert nobody.columns == ["user", "items", "scores"]


def test_k_is_checked_before_the_job(fitted, tmp_path):
    with pytest.raises(ValueError, match="k must be a whole number"):
        recommend_all(fitted, tmp_path, k=31)


def test_the_script_of_the_guide_runs(spark, tmp_path):
    """From events to lists; vectors of text, encoded once."""
    path = Path(__file__).parents[2] / "examples" / "spark" / "shop_on_a_cluster.py"
    pipe, lists = run_path(str(path))["nightly"](tmp_path, spark)
    assert lists.count() == 100
    assert pipe[-1].blocks_["items"] == {"text": slice(0, 16)}
    first = lists.filter("user = 1").first()
    assert first["items"] == pipe.recommend([1])[0].tolist()
