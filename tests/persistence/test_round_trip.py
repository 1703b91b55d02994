"""What is loaded is what was saved, to the last bit, whatever it was."""

import datetime
import decimal
import inspect
import uuid
import warnings

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn import clone
from sklearn.base import BaseEstimator
from sklearn.callback import ScoringMonitor
from sklearn.ensemble import GradientBoostingRegressor, RandomForestClassifier
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.model_selection import GridSearchCV

import skmmrec
from skmmrec import (
    ALSRecommender,
    ContentRecommender,
    EmbeddingStore,
    Interactions,
    LeaveLastOut,
    LightFMRecommender,
    MultimodalFusion,
    PopularityRecommender,
    SparseTextEncoder,
    TabularEncoder,
    get_scorer,
    make_pipeline,
)
from skmmrec.persistence import _structure
from skmmrec.ranking import BaseRetriever
from skmmrec.testing import checkerboard, painted
from tests.recommenders.test_recommenders import Remembering
from tests.test_common import COLUMN_TRANSFORMERS, MATRIX_TRANSFORMERS
from tests.test_common import RECOMMENDERS as COMMON

RNG = np.random.default_rng(0)
MATRIX = RNG.standard_normal((60, 6))

# files hold the private model itself, not the one that is made for the tests
RECOMMENDERS = [skmmrec.DPItemGraphRecommender(10, random_state=0)]
RECOMMENDERS += [model for model in COMMON if not isinstance(model, Remembering)]


@pytest.fixture(params=[False, True], ids=["read", "mapped"])
def mmap(request):
    return request.param


@pytest.fixture
def all_arrays_apart(monkeypatch):
    """Also small arrays are parts of their own, as those of large models are."""
    monkeypatch.setattr(_structure, "LARGE", 1)


def again(model, path, **settings):
    """Saved and loaded."""
    skmmrec.save(model, path / "model")
    return skmmrec.load(path / "model", **settings)


def answers(recommender, X):
    users, items = X.user_ids[:5], X.item_ids[:3]
    return [
        *recommender.recommend(users, k=5, return_scores=True),
        *recommender.similar_items(items, k=5, return_scores=True),
        recommender.recommend(["new"], k=5, history={"user": ["new"], "item": [2]}),
        recommender.predict(X),
    ]


def assert_same(ours, theirs):
    for one, other in zip(ours, theirs, strict=True):
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)


# -- every estimator ---------------------------------------------------------------


def test_none_of_our_estimators_is_left_out():
    """Those of test_common are tried below; encoders with weights in test_weights."""
    tried = {type(e) for e in RECOMMENDERS + MATRIX_TRANSFORMERS + COLUMN_TRANSFORMERS}
    public = {getattr(skmmrec, name) for name in skmmrec.__all__}
    ours = {c for c in public if inspect.isclass(c) and issubclass(c, BaseEstimator)}
    elsewhere = {skmmrec.NetworkRecommender, skmmrec.Pipeline}
    elsewhere |= {skmmrec.SparkALSRecommender}  # beside the others of Spark
    elsewhere |= {skmmrec.Pseudonymizer, skmmrec.KAnonymousFilter}  # tests/privacy
    rest = {c for c in ours - tried if not c.__name__.startswith("Base")}
    # indexes lie beside a model, and are built anew
    assert {c for c in rest if not issubclass(c, BaseRetriever)} == elsewhere


@pytest.mark.usefixtures("all_arrays_apart")
@pytest.mark.filterwarnings("ignore:All factors are zero")  # those of a few events
@pytest.mark.parametrize("recommender", RECOMMENDERS, ids=str)
def test_recommenders_give_the_very_same(recommender, tmp_path):
    if isinstance(recommender, LightFMRecommender):
        pytest.importorskip("lightfm")
    train, _ = painted()
    model = clone(recommender).fit(train)
    said = answers(model, train)
    skmmrec.save(model, tmp_path / "model")
    for mmap in (False, True):
        loaded = skmmrec.load(tmp_path / "model", mmap=mmap)
        assert_same(said, answers(loaded, train))
        assert repr(loaded) == repr(model)


@pytest.mark.parametrize("kind", ["EndToEndRecommender", "DeepFeatureCFRecommender"])
def test_networks_that_read_words_pixels_and_frames(kind, tmp_path, mmap):
    pytest.importorskip("torch_geometric")
    from tests.recommenders.test_content_networks import shop

    X, *_ = shop("text")
    model = getattr(skmmrec, kind)(4, max_iter=1, random_state=0).fit(X)
    loaded = again(model, tmp_path, mmap=mmap)
    assert_same([model.predict(X)], [loaded.predict(X)])
    known = X[X.item_codes < 40]  # others are placed by their content
    model.fit(known)
    assert_same([model.predict(X)], [again(model, tmp_path).predict(X)])


@pytest.mark.parametrize("transformer", MATRIX_TRANSFORMERS, ids=str)
def test_transformers_give_the_very_same(transformer, tmp_path):
    model = clone(transformer).fit(MATRIX, MATRIX[:, 0])
    loaded = again(model, tmp_path)
    assert_same([model.transform(MATRIX)], [loaded.transform(MATRIX)])


@pytest.mark.parametrize("estimator", RECOMMENDERS + COLUMN_TRANSFORMERS, ids=str)
def test_parameters_before_the_fit_are_saved(estimator, tmp_path, monkeypatch):
    monkeypatch.setattr(type(estimator), "_depends_on", lambda self: {}, raising=False)
    assert repr(again(estimator, tmp_path)) == repr(estimator)


@pytest.mark.parametrize(
    "model",
    [RandomForestClassifier(5, random_state=0), GradientBoostingRegressor()],
    ids=str,
)
def test_trees_of_scikit_learn(model, tmp_path, mmap):
    model.fit(MATRIX, MATRIX[:, 0] > 0)
    loaded = again(model, tmp_path, mmap=mmap)
    assert_same([model.predict(MATRIX)], [loaded.predict(MATRIX)])


def test_a_vocabulary_of_many_words(tmp_path):
    model = CountVectorizer().fit([f"word{n}" for n in range(1000)])
    assert again(model, tmp_path).vocabulary_ == model.vocabulary_


# -- wholes ------------------------------------------------------------------------


def films():
    rng = np.random.default_rng(0)
    table = {
        "item": np.arange(30),
        "plot": [f"a {['ghost', 'ship'][n % 2]} of {n}" for n in range(30)],
        "year": rng.integers(1950, 2020, 30).astype(float),
        "genres": ["Comedy|Drama", "Drama", None] * 10,
        "language": ["en", "fr"] * 15,
        "seen": np.datetime64("2020-01-01") + np.arange(30),
    }
    train, _ = checkerboard()
    events = {"user": train.user_ids, "item": train.item_ids}
    return Interactions(events, items=table)


def pipeline(recommender, **settings):
    text = SparseTextEncoder(n_components=3, random_state=0, **settings)
    facts = ["year", "genres", "language", "seen"]
    branches = [("text", text, "plot"), ("facts", TabularEncoder(), facts)]
    return make_pipeline(MultimodalFusion(branches), recommender)


def test_a_pipeline_encodes_and_recommends_as_before(tmp_path, mmap):
    X = films()
    model = pipeline(ALSRecommender(4, random_state=0)).fit(X)
    loaded = again(model, tmp_path, mmap=mmap)
    assert_same([model.predict(X)], [loaded.predict(X)])
    news = {"item": [77], "plot": ["a ghost on a ship"], "year": [1999.0]}
    news |= {
        "genres": ["Drama"],
        "language": ["fr"],
        "seen": [np.datetime64("2020-02")],
    }
    for fitted in (model, loaded):
        fitted.add_items(news)
    assert_same(model.similar_items([77], k=3), loaded.similar_items([77], k=3))


def test_a_search_is_saved_with_all_its_results(tmp_path):
    X = films()
    search = GridSearchCV(
        pipeline(ContentRecommender()),
        {"multimodalfusion__method": ["concat", "mean"]},
        cv=LeaveLastOut(),
        scoring={"ndcg": get_scorer("ndcg@5"), "coverage": get_scorer("coverage@5")},
        refit="ndcg",
    ).fit(X)
    loaded = again(search, tmp_path)
    assert loaded.best_params_ == search.best_params_
    assert str(loaded.cv_results_) == str(search.cv_results_)
    assert_same([search.predict(X)], [loaded.predict(X)])
    assert loaded.fit(X).best_score_ == search.best_score_


def test_callbacks_are_left_out_and_stores_are_named(tmp_path):
    X = films()
    store = EmbeddingStore(tmp_path / "store")
    model = pipeline(ALSRecommender(4, random_state=0), store=store)
    monitor = ScoringMonitor(scoring=get_scorer("ndcg@5"))
    model[-1].set_callbacks(monitor)
    loaded = again(model.fit(X), tmp_path)
    assert loaded[0].transformers[0][1].store == store
    assert not hasattr(loaded[-1], "_skl_callbacks")
    assert hasattr(model[-1], "_skl_callbacks")
    assert_same([model.predict(X)], [loaded.predict(X)])


def test_random_states_go_on_where_they_were(tmp_path):
    for random_state in (np.random.RandomState(3), 3):
        model = ALSRecommender(4, random_state=random_state)
        loaded = again(model, tmp_path)
        train, _ = checkerboard()
        assert_same([model.fit(train).user_factors_], [loaded.fit(train).user_factors_])


# -- what they hold ----------------------------------------------------------------

MANY = range(1, 301)
IDS = {
    "text": [f"Zoë ☃ \ud800 \x00 {n}" for n in MANY],
    "int": list(MANY),
    "huge": [2**70 + n for n in MANY],
    "float": [n / 3 for n in MANY],
    "tuple": [(n, ("x", 2.5)) for n in MANY],
    "pair": [(n, n + 1) for n in MANY],
    "bytes": [b"%d" % n for n in MANY],
    "mixed": [1, "1", (1,), b"1", 1.5],
    "of numpy": [np.int64(3), np.str_("x"), np.float32(0.1)],
    "uuid": [uuid.UUID(int=n) for n in MANY],
    "date": [datetime.date(2020, 1, 1) + datetime.timedelta(n) for n in MANY],
    "decimal": [decimal.Decimal(n) / 7 for n in MANY],
    "datetime64": np.arange(300).astype("datetime64[D]"),
    "array of texts": np.array([f"ü{n}" for n in MANY]),
}


@pytest.mark.parametrize("kind", IDS)
def test_ids_stay_what_they_are(kind, tmp_path, mmap):
    ids = IDS[kind]
    X = Interactions({"user": ids, "item": np.arange(len(ids)) % 3})
    before = PopularityRecommender().fit(X).user_vocabulary_.ids
    loaded = again(PopularityRecommender().fit(X), tmp_path, mmap=mmap)
    vocabulary = loaded.user_vocabulary_
    assert vocabulary.ids.dtype == before.dtype
    types = [list(map(type, ids.tolist())) for ids in (vocabulary.ids, before)]
    assert types[0] == types[1]
    assert vocabulary.codes(before).tolist() == list(range(len(before)))


@pytest.mark.usefixtures("all_arrays_apart")
@pytest.mark.parametrize("form", ["csr", "csc", "bsr", "coo", "dia", "lil", "dok"])
@pytest.mark.parametrize("make", [sp.random_array, sp.random])
def test_sparse_matrices_keep_their_format(form, make, tmp_path, mmap):
    shape = [(6, 4)] if make is sp.random_array else [6, 4]
    matrix = make(*shape, density=0.4, rng=0).asformat(form)
    holder = CountVectorizer()
    holder.matrix_ = matrix
    loaded = again(holder, tmp_path, mmap=mmap).matrix_
    assert type(loaded) is type(matrix)
    np.testing.assert_array_equal(loaded.toarray(), matrix.toarray())


@pytest.mark.usefixtures("all_arrays_apart")
@pytest.mark.parametrize(
    "array",
    [
        np.asfortranarray(RNG.standard_normal((5, 4))),
        RNG.standard_normal((8, 6))[::2, ::3],
        np.zeros((0, 3)),
        np.array(3.5),
        np.arange(3, dtype=">i4"),
        np.array([True, False]),
        np.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")]),
        np.array([["a", None], [(1, 2), 3.5]], dtype=object),
    ],
    ids=lambda array: f"{array.dtype} {array.shape}",
)
def test_arrays_of_all_kinds(array, tmp_path, mmap):
    holder = CountVectorizer()
    holder.array_ = holder.same_ = array
    holder.table_ = {1: array, (2, "b"): slice(3), None: {4}, "1": True}
    loaded = again(holder, tmp_path, mmap=mmap)
    assert loaded.array_.dtype == array.dtype
    assert loaded.array_.flags.f_contiguous == array.flags.f_contiguous or not (
        array.flags.f_contiguous
    )
    np.testing.assert_array_equal(loaded.array_, array)
    assert loaded.same_ is loaded.array_
    assert loaded.table_.keys() == holder.table_.keys()
    assert loaded.table_[2, "b"] == slice(3)
    assert loaded.table_["1"] is True


def test_tensors_of_types_that_numpy_lacks(tmp_path, mmap):
    torch = pytest.importorskip("torch")
    network = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2))
    holder = CountVectorizer()
    holder.network_ = network.to(torch.bfloat16).eval()
    holder.network_[0].weight.requires_grad_(False)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        loaded = again(holder, tmp_path, mmap=mmap).network_
    assert str(loaded) == str(network)
    x = torch.ones(2, 3, dtype=torch.bfloat16)
    assert torch.equal(loaded(x), network(x))
    kept = [p.requires_grad for p in loaded.parameters()]
    assert kept == [False, True, True, True]


# -- memory maps -------------------------------------------------------------------


@pytest.mark.usefixtures("all_arrays_apart")
def test_a_mapped_model_is_updated_in_memory_alone(tmp_path):
    train, _ = painted()
    news = Interactions({"user": train.user_ids[:3], "item": train.item_ids[-3:]})
    model = ALSRecommender(4, random_state=0).fit(train)
    loaded = again(model, tmp_path, mmap=True)
    assert_same(
        answers(model.partial_fit(news), train),
        answers(loaded.partial_fit(news), train),
    )
    skmmrec.load(tmp_path / "model")  # what is on the disk has its hashes


def test_large_arrays_are_not_read_when_mapped(tmp_path):
    train, _ = checkerboard(400, 200)
    model = ALSRecommender(64, random_state=0).fit(train)
    loaded = again(model, tmp_path, mmap=True)
    base = loaded.user_factors_
    while getattr(base, "base", None) is not None:
        base = base.base
    assert type(base).__name__ == "mmap"
