"""Spark's ALS as a recommender of ours, in two threads of one process."""

import pickle

import numpy as np
import pytest
from sklearn import clone
from sklearn.utils.estimator_checks import check_estimator

import skmmrec
from skmmrec import ALSRecommender, Interactions, SparkALSRecommender, explain
from skmmrec.testing import checkerboard, colours, painted

pytestmark = pytest.mark.usefixtures("spark")

SMALL = SparkALSRecommender(8, max_iter=15, n_blocks=1, random_state=0)


@pytest.fixture(scope="module")
def fitted(spark):
    """On the checkerboard with colours as content, 28 and 29 unheard of."""
    return clone(SMALL).fit(painted()[0])


def test_colours_are_told_apart(fitted):
    """Every held-out pair scores above its neighbour of the other colour."""
    _, test = checkerboard()
    test = test[test.item_ids < 28]
    others = Interactions({"user": test.user_ids, "item": test.item_ids ^ 1})
    assert np.mean(fitted.predict(test) > fitted.predict(others)) > 0.98


def test_a_known_user_is_folded_in_where_spark_put_it(fitted):
    """The equations of fold-in are those of Spark, to the last digits of float32."""
    R = fitted._likes(fitted.seen_)
    np.testing.assert_allclose(fitted._fold_in(R), fitted.user_factors_, atol=1e-5)


def test_confidences_and_penalty_are_those_of_the_formula(spark):
    """(YᵀCY + λ n I) x = Yᵀc, solved densely, for ratings from a half to ten."""
    rng = np.random.default_rng(0)
    pairs = np.argwhere(rng.random((12, 9)) < 0.5)
    stars = rng.choice([0.1, 1.0, 10.0], len(pairs))
    X = Interactions(
        {"user": pairs[:, 0], "item": pairs[:, 1], "stars": stars}, rating="stars"
    )
    model = SparkALSRecommender(
        3, alpha=2.0, regularization=0.5, max_iter=2, n_blocks=1, random_state=0
    ).fit(X)
    Y, R = model.item_factors_, model.seen_.toarray()
    likes = R > 0
    penalty = 0.5 / np.sqrt(likes.sum(axis=1).mean() * likes.sum(axis=0).mean())
    assert model.penalty_ == pytest.approx(penalty)
    c = np.where(likes, np.maximum(2 * R / stars.mean(), 1), 1)
    for user, x in enumerate(model.user_factors_):
        A = (Y.T * c[user]) @ Y + penalty * likes[user].sum() * np.eye(3)
        expected = np.linalg.solve(A, Y.T @ (c * likes)[user])
        np.testing.assert_allclose(x, expected, atol=1e-4)


def test_a_data_frame_of_spark_is_as_good_as_interactions(spark):
    """Same ids, same factors, and histories by the names of its columns."""
    pa = pytest.importorskip("pyarrow")
    train, _ = checkerboard()
    names = np.array([f"item {i:02}" for i in train.item_ids])
    df = spark.createDataFrame(pa.table({"who": train.user_ids, "what": names}))
    model = clone(SMALL).fit(df)
    other = clone(SMALL).fit(train)
    assert model.item_vocabulary_.ids.tolist() == sorted(set(names))
    np.testing.assert_allclose(model.item_factors_, other.item_factors_, atol=1e-5)
    history = {"who": ["new"] * 3, "what": ["item 00", "item 02", "item 04"]}
    offered = model.recommend(["new"], k=5, history=history)[0]
    assert all(int(name[-2:]) % 2 == 0 for name in offered)


def test_columns_of_a_data_frame_go_by_their_names(spark):
    """In whatever order they come."""
    df = spark.createDataFrame([(7, 1), (8, 1), (7, 2)], "item int, user int")
    model = clone(SMALL).set_params(n_components=2, max_iter=1).fit(df)
    assert model.user_vocabulary_.ids.tolist() == [1, 2]


def test_other_columns_of_a_data_frame_are_refused(spark):
    df = spark.createDataFrame([(1, 2, 3.0, 4)], "u int, i int, r double, t int")
    with pytest.raises(ValueError, match="columns user, item and.*got.*'t'"):
        clone(SMALL).fit(df)


def test_new_items_are_placed_by_content(fitted):
    """White 28 and black 29, which nobody has had."""
    assert fitted.recommend([0, 1], k=1, candidates=[28, 29]).tolist() == [[28], [29]]


def test_what_other_recommenders_can_do_this_one_can(fitted):
    """Likeness, updates, reasons and pickles need Spark no more."""
    model = pickle.loads(pickle.dumps(fitted))
    assert np.mean(model.similar_items([0, 1], k=5) % 2 == [[0], [1]]) == 1
    news = Interactions({"user": ["new"] * 4, "item": [0, 2, 4, 6]})
    model.partial_fit(news)
    assert np.mean(model.recommend(["new"], k=5) % 2) == 0
    table = Interactions(
        {"user": [], "item": []}, items={"item": np.arange(32)}
    ).with_table("items", colours(32))
    model.add_items(table)
    assert model.recommend([0, 1], k=1, candidates=[30, 31]).tolist() == [[30], [31]]
    for item in (2, 28):  # by its events, by its content
        reason = explain(fitted, 0, item, painted()[0])
        (score,) = fitted.predict(Interactions({"user": [0], "item": [item]}))
        total = reason.baseline + sum(reason.modalities.values())
        assert total == pytest.approx(score, abs=1e-5)


def test_it_is_saved_as_any_other(fitted, tmp_path):
    """And opened without Spark."""
    skmmrec.save(fitted, tmp_path / "model")
    loaded = skmmrec.load(tmp_path / "model")
    assert type(loaded) is SparkALSRecommender
    X = painted()[0]
    assert np.array_equal(loaded.predict(X), fitted.predict(X))


def test_many_iterations_do_not_overflow_the_stack(spark):
    """Checkpoints cut the plan, which each iteration makes longer."""
    model = clone(SMALL).set_params(max_iter=40, n_components=2, n_blocks=4)
    assert model.fit(checkerboard()[0]).n_iter_ == 40


def test_it_ranks_as_the_one_of_a_single_machine(spark):
    """Where users and items have like numbers of events, λ means the same."""
    train, test = checkerboard(60, 60, share=0.4, random_state=1)
    model = clone(SMALL).fit(train)
    other = ALSRecommender(8, random_state=0).fit(train)
    assert model.score(test) == pytest.approx(other.score(test), abs=0.01)


@pytest.mark.filterwarnings("ignore:All factors are zero")
def test_it_passes_all_checks_of_scikit_learn(spark):
    """None expected to fail."""
    model = SparkALSRecommender(2, max_iter=1, n_blocks=1, random_state=0)
    results = check_estimator(model, on_skip=None, on_fail="raise")
    assert {result["status"] for result in results} == {"passed"}
    assert len(results) >= 41
