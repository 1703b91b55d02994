"""What users pass by mistake is told in a sentence, each by a known answer."""

from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from scipy.sparse import csr_array

from skmmrec import (
    ALSRecommender,
    BPRRecommender,
    ColdItemKFold,
    ContentRecommender,
    ExactRetriever,
    FaissRetriever,
    FeatureFactorizationRecommender,
    FeatureTable,
    Interactions,
    ItemGraphRecommender,
    NeuralRecommender,
    PopularityRecommender,
    StackingRecommender,
    TemporalSplit,
    UnionRecommender,
    UsearchRetriever,
    Vocabulary,
    check_leakage,
    compare,
    load,
    metrics,
    plugins,
    retrieval_recall,
    save,
    set_config,
)
from skmmrec.__main__ import _parser
from skmmrec._quote import quoted
from skmmrec.datasets import load_movielens


def events(**columns):
    return Interactions({"user": [1, 1, 2, 2, 3], "item": list("abbca")} | columns)


def described(values):
    """Five events of three items, with these features."""
    X = events()
    return X.with_table("items", FeatureTable.from_blocks({"f": values}))


@pytest.mark.parametrize(
    "ids",
    [
        [1, np.int64(2), 3],
        [np.int32(1), np.int64(2), 0.5],
        [2**63, -1, 0],  # no integer type of numpy holds both
        [2**53, 2**53 + 1, 0.5],  # one and the same as floats
        [2**1100, 0.5],
        [1e300, -0.0, 7],
    ],
)
def test_numbers_of_several_types_stay_what_they_are(ids):
    """None becomes another one, and ratings may come so too."""
    X = Interactions({"user": ids, "item": ids})
    assert X.user_ids.tolist() == ids
    assert len(X.user_vocabulary) == len(set(ids))


def test_ratings_of_several_types_are_numbers():
    """A list of Python's and numpy's integers."""
    columns = {"user": [1, 1], "item": [1, 2], "rating": [5, np.int64(3)]}
    assert Interactions(columns, rating="rating").rating.tolist() == [5, 3]


def test_arrow_arrays_are_columns():
    """Of texts, which Arrow does not lend to numpy without a copy."""
    column = pa.array(["a", "b"])
    assert Interactions({"user": column, "item": column}).item_ids.tolist() == [
        "a",
        "b",
    ]


@pytest.mark.parametrize("series", [pd.Series, pl.Series])
def test_times_as_ids_keep_their_zone(series):
    """As columns, and in lists of what is asked for."""
    zone = ZoneInfo("Asia/Kathmandu")
    ids = [datetime(2020, 1, day, tzinfo=zone) for day in (1, 2, 3)]
    X = Interactions({"user": series(ids), "item": series(ids)})
    assert X.user_ids.tolist() == ids
    model = PopularityRecommender().fit(X)
    assert model.recommend(ids[:1], 3).tolist() == [[*ids[1:], None]]


def test_numbers_that_numpy_has_not_are_ids():
    """Integers of 128 bits."""
    column = pl.Series([2**100, 1], dtype=pl.Int128)
    X = Interactions({"user": column, "item": [1, 2]})
    assert X.user_ids.tolist() == [2**100, 1]


def test_an_empty_column_of_objects_is_one_of_times():
    """As a filter of a frame leaves it."""
    empty = pd.DataFrame({"user": [], "item": [], "t": []}, dtype=object)
    assert len(Interactions(empty, time="t")) == 0


def test_short_values_are_whole_and_long_ones_one_line():
    """Whatever they say of themselves."""
    assert quoted("ab") == "'ab'"
    assert len(quoted("a" * 10_000)) <= 150
    assert "\n" not in quoted(pd.DataFrame({"a": range(9)}))


NOTHING = Interactions({"user": [], "item": [], "t": []}, time="t")
MISTAKES = [
    (lambda: events()[[99]], IndexError, "among the 5 events; got 99 to 99"),
    (lambda: events()[[True]], IndexError, "got a mask of 1"),
    (lambda: events()[[[1], [1, 2]]], TypeError, "Rows are chosen by"),
    (lambda: events().table("item"), ValueError, "on must be one of"),
    (lambda: Interactions({"u": [1]}, user=["u"]), TypeError, "name of a column"),
    (lambda: Vocabulary([1]).codes([[1]]), TypeError, "a list of ids"),
    (lambda: Vocabulary([1]).decode([1]), ValueError, "codes must be from -1 to 0"),
    (lambda: Vocabulary([1]).decode(["a"]), TypeError, "array of whole numbers"),
    (lambda: FeatureTable(None, {}, None), ValueError, "use FeatureTable.from_blocks"),
    (lambda: FeatureTable.from_blocks({}), ValueError, "one modality or more"),
    (lambda: FeatureTable.from_blocks({"a": "b"}), TypeError, "in 2 dimension"),
    (lambda: FeatureTable.from_blocks({"a": [[1e39]]}), ValueError, "be finite"),
    (lambda: ALSRecommender().fit([[1, 2], [3]]), ValueError, "rows of one length"),
    (
        lambda: ALSRecommender().fit(pd.DataFrame()),
        ValueError,
        "columns of user and item",
    ),
    (
        lambda: ALSRecommender().fit(pd.DataFrame([[1, 2]], columns=["a", "a"])),
        ValueError,
        "must have distinct names",
    ),
    (lambda: next(TemporalSplit().split(NOTHING)), ValueError, "got 0 to learn from"),
    (lambda: UsearchRetriever(1).fit(np.eye(3)), ValueError, "connectivity"),
    (lambda: next(ColdItemKFold().split(3)), TypeError, "an array of rows of user"),
    (lambda: compare({"a": 1, "b": 2}, events(), 2), TypeError, "be an estimator"),
    (lambda: check_leakage(ALSRecommender, events(), 2), TypeError, "be an estimator"),
    (lambda: load(None), TypeError, "path must be a text or a pathlib.Path; got None"),
    (lambda: save(ALSRecommender(), None), TypeError, "path must be a text"),
    (lambda: load_movielens(None), TypeError, "folder must be a text"),
    (lambda: set_config(store="a\x00"), ValueError, "that the system can hold"),
    (lambda: plugins.names("metric"), ValueError, "kind must be one of"),
    (lambda: plugins.load("metrics", []), ValueError, "one of the installed metrics"),
    (lambda: retrieval_recall(3, [1]), TypeError, "model must be a recommender"),
    (lambda: FaissRetriever("a").fit(np.eye(3)), ValueError, "must suit faiss"),
    (lambda: NeuralRecommender(device="?").fit(events()), ValueError, "torch can use"),
    (
        lambda: StackingRecommender([("a", ALSRecommender())], cv="a").fit(events()),
        TypeError,
        "cv must be a splitter",
    ),
    (
        lambda: UnionRecommender([("a", ALSRecommender())], np.array(1)).fit(events()),
        ValueError,
        "quotas must be a list of a number",
    ),
    (
        lambda: StackingRecommender([(3, ALSRecommender())]).fit(events()),
        TypeError,
        "names of members must be texts",
    ),
    (
        lambda: (
            PopularityRecommender().fit(events()).recommend([1], 1, exclude_seen=[])
        ),
        TypeError,
        "exclude_seen must be True or False",
    ),
]


@pytest.mark.parametrize(("call", "kind", "words"), MISTAKES)
def test_mistakes_are_told_in_words(call, kind, words):
    """None ends in an error of numpy, faiss or torch."""
    with pytest.raises(kind, match=words) as caught:
        call()
    assert str(caught.value).strip().endswith((".", "instead"))


HITS, ONE = np.ones((2, 3), dtype=bool), np.ones(2, dtype=int)
MISFITS = [
    ("recall", (HITS, ONE[:1]), "be of one length"),
    ("recall", (HITS, 0 * ONE), "must be 1 or more; got 0"),
    ("ndcg", (HITS[:, :0], ONE), "a place or more"),
    ("precision", (None, ONE), "an array of bools in 2 dimension"),
    ("pearson", ([1, np.nan], [1, 2]), "y_true must be finite"),
    ("novelty", (np.full((2, 1), 7), ONE, 2), "a row for each item of the lists"),
    ("popularity_lift", (HITS.astype(int), HITS, ONE), "must be a csr matrix"),
    ("auc", (np.full((2, 3), np.nan), HITS, ONE), "scores must hold no NaN"),
    ("auc", (np.ones((2, 3)), HITS[:, :2], ONE), "be of one length"),
    ("popularity_lift", (ONE[:, None], csr_array(HITS), ONE), "column of histories"),
    ("ndcg_by_group", (HITS, ONE, ["a"]), "be of one length"),
]


@pytest.mark.parametrize(("name", "given", "words"), MISFITS)
def test_metrics_refuse_what_does_not_fit(name, given, words):
    """By the roles that the names of their parameters stand for."""
    with pytest.raises((TypeError, ValueError), match=words):
        getattr(metrics, name)(*given)


def test_huge_codes_cost_no_memory():
    """The Gini index of a list that names items far apart."""
    assert metrics.gini(np.array([[0, 2**40]]), 2) == 0


def test_groups_of_several_kinds_have_no_order():
    """Texts and numbers beside each other."""
    found = metrics.mean_by_group(np.array([1.0, 3.0, 5.0]), ["a", 1, "a"])
    assert found == {"a": 3.0, 1: 3.0}


def test_a_retriever_that_refuses_is_as_it_was():
    """Rows that are not there, or vectors that do not fit."""
    index = ExactRetriever().fit(np.eye(3))
    for change in (
        lambda: index.update([7], [[1, 1, 1]]),
        lambda: index.update([1], [[1, 1]]),
        lambda: index.update([1, 1], np.eye(3)[:2]),
        lambda: index.remove([-1]),
        lambda: index.add(3),
    ):
        with pytest.raises((TypeError, ValueError)):
            change()
    assert index.search([[0, 1.0, 0]], 1)[0].tolist() == [[1]]


@pytest.mark.parametrize(
    "model", [ContentRecommender("euclidean"), FeatureFactorizationRecommender()]
)
def test_features_out_of_range_are_refused(model):
    """Squares of them would not be finite: scores were NaN."""
    values = np.arange(6.0).reshape(3, 2)
    with pytest.raises(ValueError, match="within 1e\\+15 in size; got 5e\\+30"):
        model.fit(described(1e30 * values))
    assert np.isfinite(
        model.fit(described(1e9 * values)).predict(described(values))
    ).all()


@pytest.mark.parametrize(
    "model",
    [
        BPRRecommender(learning_rate=1e30, random_state=0),
        ItemGraphRecommender({}, 1e300, 0.0),
    ],
)
def test_fits_that_leave_the_range_of_floats_say_so(model):
    """One sentence, and no warning of numpy's."""
    with pytest.raises(ValueError, match="must come to finite factors; got"):
        model.fit(events())


def test_blocks_without_columns_are_no_pictures():
    """A network reads nothing of them."""
    from skmmrec import EndToEndRecommender

    X = events()
    table = FeatureTable.from_blocks({"image": np.empty((3, 0))})
    model = EndToEndRecommender(2, max_iter=1, random_state=0)
    assert model.fit(X.with_table("items", table)).raw_ == {}


@pytest.mark.parametrize(
    "option",
    ["--timeout=-1", "--timeout=nan", "--port=-1", "--port=65536", "--max-bytes=-1"],
)
def test_options_of_serve_are_checked(option, capsys):
    """Before a model is loaded."""
    with pytest.raises(SystemExit):
        _parser().parse_args(["serve", "model", option])
    assert "must be" in capsys.readouterr().err
