"""Every recommender under hostile events, content, questions and parameters."""

import copy
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import clone
from sklearn.exceptions import NotFittedError

from skmmrec import (
    ALSRecommender,
    AttentionRecommender,
    BPRRecommender,
    ContentRecommender,
    DeepFeatureCFRecommender,
    DeepFMRecommender,
    DPItemGraphRecommender,
    EASERecommender,
    EndToEndRecommender,
    FeatureFactorizationRecommender,
    FeatureTable,
    FederatedALSRecommender,
    FREEDOMRecommender,
    Interactions,
    ItemGraphRecommender,
    ItemKNNRecommender,
    LightFMRecommender,
    LightGCNRecommender,
    MMGCNRecommender,
    MulCooNNRecommender,
    MultiTaskRecommender,
    NeuralRecommender,
    Pipeline,
    PopularityRecommender,
    RankFusionRecommender,
    SASRecRecommender,
    SLIMRecommender,
    StackingRecommender,
    SVDRecommender,
    SwitchingRecommender,
    UnionRecommender,
    UserKNNRecommender,
    VBPRRecommender,
    VotingRecommender,
)
from tests.hostile._judge import judge, state
from tests.hostile._strategies import (
    HOSTILE,
    columns,
    junk,
    matrices,
    tables,
    world,
)

TINY = {"n_components": 2, "max_iter": 2, "random_state": 0}
MEMBERS = [("popular", PopularityRecommender()), ("content", ContentRecommender())]
RECOMMENDERS = [
    PopularityRecommender(),
    ContentRecommender(),
    ContentRecommender("euclidean"),
    ALSRecommender(**TINY),
    BPRRecommender(**TINY),
    SVDRecommender(**TINY),
    FeatureFactorizationRecommender(),
    LightFMRecommender(**TINY),
    ItemGraphRecommender(random_state=0),
    FederatedALSRecommender(n_shards=2, **TINY),
    DPItemGraphRecommender(random_state=0),
    ItemKNNRecommender(),
    UserKNNRecommender(),
    EASERecommender(),
    SLIMRecommender(0.1, 0.1),
    NeuralRecommender(**TINY),
    NeuralRecommender(scorer="ncf", loss="bpr", **TINY),
    VBPRRecommender(**TINY),
    LightGCNRecommender(**TINY),
    DeepFMRecommender(**TINY),
    AttentionRecommender("feature", **TINY),
    MulCooNNRecommender(**TINY),
    DeepFeatureCFRecommender(**TINY),
    MultiTaskRecommender(**TINY),
    EndToEndRecommender(text="words", image="pixels", **TINY),
    SASRecRecommender(**TINY),
    MMGCNRecommender(**TINY),
    FREEDOMRecommender(**TINY),
    VotingRecommender(MEMBERS),
    VotingRecommender(MEMBERS, weights="learned", random_state=0),
    RankFusionRecommender(MEMBERS),
    UnionRecommender(MEMBERS),
    StackingRecommender(MEMBERS, random_state=0),
    SwitchingRecommender(MEMBERS),
    Pipeline([("als", ALSRecommender(**TINY))]),
]
COVERS = sorted({type(recommender).__name__ for recommender in RECOMMENDERS})
each = pytest.mark.parametrize("recommender", RECOMMENDERS, ids=str)


@cache
def fitted(index):
    return clone(RECOMMENDERS[index]).fit(world())


def a_fitted(recommender):
    return copy.deepcopy(fitted(RECOMMENDERS.index(recommender)))


def check_lists(model, lists, scores, users, k):
    """Items of the catalogue that the users have not had, with finite scores."""
    model = model[-1] if isinstance(model, Pipeline) else model
    assert lists.shape == scores.shape == (len(users), k)
    known = set(model.item_vocabulary_.ids.tolist())
    for user, row, found in zip(users, lists.tolist(), scores):
        codes = model.user_vocabulary_.codes([user])
        had = model.seen_[codes[codes >= 0]].indices
        offered = [item for item in row if item is not None]
        assert set(offered) <= known - set(model.item_vocabulary_.decode(had).tolist())
        assert len(set(offered)) == len(offered)
        assert np.isfinite(found[: len(offered)]).all()
        assert np.isnan(found[len(offered) :]).all()


def check_model(model, X):
    """What a model that was fitted must answer for its own events."""
    last = model[-1] if isinstance(model, Pipeline) else model
    n_items = len(last.item_vocabulary_)
    users = [*last.user_vocabulary_.ids.tolist()[:3], "nobody knows"]
    answer, refusal = judge(
        lambda: model.recommend(
            np.fromiter(users, object, len(users)), n_items, return_scores=True
        )
    )
    assert refusal is None, refusal
    check_lists(model, *answer, users, n_items)
    scores, refusal = judge(lambda: model.predict(X))
    assert refusal is None, refusal
    assert scores.shape == (len(X),)
    assert np.isfinite(scores).all()
    if n_items > 1:
        items = last.item_vocabulary_.ids[:2]
        similar, refusal = judge(lambda: model.similar_items(items, n_items - 1))
        assert refusal is None, refusal
        assert all(item not in row for item, row in zip(items, similar.tolist()))


@each
@HOSTILE
@given(
    events=tables(),
    rating=st.sampled_from([None, "rating"]),
    time=st.sampled_from([None, "time"]),
)
def test_events_of_any_kind_are_learned_from_or_refused(
    recommender, events, rating, time
):
    """Interactions of whatever can be made one."""
    X, refusal = judge(lambda: Interactions(events, rating=rating, time=time))
    if refusal is None:
        model = clone(recommender)
        _, refusal = judge(lambda: model.fit(X), X.user_codes, X.item_codes)
        if refusal is None:
            check_model(model, X)


@each
@HOSTILE
@given(X=st.one_of(matrices, tables(), junk))
def test_anything_as_X_is_learned_from_or_refused(recommender, X):
    """Frames, arrays, sparse matrices, and what is none of these."""
    model = clone(recommender)
    _, refusal = judge(lambda: model.fit(X))
    if refusal is None:
        judge(lambda: model.recommend([1, 2], 1))


CONTENT = [
    np.ones((9, 3)),
    np.zeros((9, 3)),
    np.full((9, 3), np.nan),
    np.full((9, 3), 3e38),
    np.full((9, 3), 1e-40),
    np.arange(27.0).reshape(9, 3) * 1e30,
    np.where(np.arange(9)[:, None] == 4, np.ones((9, 3)), np.nan),
    np.asfortranarray(np.arange(27.0).reshape(9, 3)),
    np.empty((9, 0)),
    np.arange(9.0)[:, None],
]


@each
@HOSTILE
@given(
    text=st.sampled_from(CONTENT),
    image=st.sampled_from([None, *CONTENT]),
    of_users=st.sampled_from([None, None, *CONTENT]),
    n_events=st.sampled_from([1, 2, 25]),
    of_one=st.sampled_from([None, "user", "item"]),
)
def test_content_of_any_kind(recommender, text, image, of_users, n_events, of_one):
    """Constant, missing, huge, tiny, of no width; one event, one user, one item."""
    blocks = {"text": text} | ({} if image is None else {"image": image})
    X = world()[:n_events].with_table("items", FeatureTable.from_blocks(blocks))
    if of_users is not None:
        users = FeatureTable.from_blocks({"profile": of_users[:7]})
        X = X.with_table("users", users)
    if of_one == "user":
        X = X[X.user_codes == X.user_codes[0]]
    if of_one == "item":
        X = X[X.item_codes == X.item_codes[0]]
    model = clone(recommender)
    _, refusal = judge(lambda: model.fit(X), X.items.values)
    if refusal is None:
        check_model(model, X)


ids = st.one_of(columns(), st.lists(st.integers(0, 9), max_size=4), junk)
histories = st.one_of(st.none(), tables(), matrices, junk)
QUESTIONS = {
    "recommend": {
        "users": ids,
        "k": st.one_of(st.just(3), junk),
        "history": histories,
        "candidates": st.one_of(st.none(), ids),
        "exclude_seen": st.one_of(st.booleans(), junk),
        "modality_weights": st.one_of(
            st.none(), st.none(), st.dictionaries(st.sampled_from(["text", 3]), junk)
        ),
        "retriever": st.one_of(st.just("exact"), st.just("exact"), junk),
        "return_scores": st.booleans(),
    },
    "similar_items": {
        "items": ids,
        "k": st.one_of(st.just(3), junk),
        "retriever": st.one_of(st.just("exact"), junk),
    },
    "similar_items_to": {
        "content": st.one_of(matrices, tables(), junk),
        "k": st.one_of(st.just(3), junk),
        "candidates": st.one_of(st.none(), ids),
    },
    "recommend_for": {"items": ids, "k": st.one_of(st.just(3), junk)},
    "predict": {"X": histories},
    "score": {"X": histories},
    "partial_fit": {"X": histories},
    "add_items": {"items": histories},
    "remove_items": {"items": ids},
    "forget": {"users": ids},
}


@each
@HOSTILE
@given(data=st.data(), method=st.sampled_from(list(QUESTIONS)))
def test_questions_of_any_kind(recommender, data, method):
    """An answer, or a refusal that changed nothing; and the model goes on."""
    model = a_fitted(recommender)
    asked = {name: data.draw(how) for name, how in QUESTIONS[method].items()}
    before = state(model)
    answer, refusal = judge(lambda: getattr(model, method)(**asked))
    if refusal is not None:
        assert state(model) == before
    elif method == "predict":
        assert np.isfinite(answer).all()
    judge(lambda: model.recommend([0, 1], 2))
    if method in ("partial_fit", "add_items", "remove_items", "forget"):
        check_model(model, world()[:3])


def is_no_size(value):
    """What asks for gigabytes gets them, or a MemoryError."""
    return not isinstance(value, (int, np.integer)) or value < 1000


@each
@HOSTILE
@given(data=st.data(), value=junk.filter(is_no_size))
def test_parameters_of_any_kind(recommender, data, value):
    """A model, or scikit-learn's sentence about the parameter."""
    names = sorted(set(recommender.get_params(deep=False)) - {"n_jobs", "memory"})
    if names:
        params = {data.draw(st.sampled_from(names)): value}
        model = clone(recommender)
        _, refusal = judge(lambda: model.set_params(**params).fit(world()))
        if refusal is None:
            check_model(model, world())


def test_methods_before_fit():
    """scikit-learn's NotFittedError, of every method that asks."""
    for recommender in RECOMMENDERS:
        for method in ("recommend", "similar_items", "remove_items", "forget"):
            _, refusal = judge(
                lambda m=method, r=recommender: getattr(clone(r), m)([1])
            )
            assert isinstance(refusal, NotFittedError)
