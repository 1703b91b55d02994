"""The whole way, inside scikit-learn's own machinery."""

import pickle

import numpy as np
import pytest
from sklearn import clone
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.model_selection import (
    GridSearchCV,
    HalvingGridSearchCV,
    cross_val_score,
    cross_validate,
)
from sklearn.pipeline import Pipeline as PlainPipeline

from skmmrec import (
    ALSRecommender,
    ConcatFusion,
    ContentRecommender,
    Interactions,
    LeaveLastOut,
    MultimodalFusion,
    RandomHoldout,
    SparseTextEncoder,
    TabularEncoder,
    get_scorer,
    make_pipeline,
)
from skmmrec.datasets import make_multimodal_shop

SCORERS = get_scorer(["ndcg@10", "recall@10", "mrr@10", "coverage@10"])


def renamed(X, kind):
    """The same events under ids of another kind."""
    change = {
        "strings": lambda code: f"id {code}",
        "integers": lambda code: 1000 + 7 * code,
        "mixed": lambda code: code if code % 2 else str(code),
    }[kind]
    users = [change(code) for code in X.user_codes.tolist()]
    items = [change(code) for code in X.item_codes.tolist()]
    catalogue = [change(code) for code in range(len(X.items["item"]))]
    events = {"user": users, "item": items, "time": X.time}
    return Interactions(events, items=X.items | {"item": catalogue}, time="time")


@pytest.fixture(scope="module")
def shop():
    return make_multimodal_shop(120, 80, random_state=0)


@pytest.fixture(params=["strings", "integers", "mixed"])
def X(request, shop):
    return renamed(shop, request.param)


def pipeline(recommender=None, **params):
    fusion = MultimodalFusion(
        [
            ("text", SparseTextEncoder(n_components=16, random_state=0), "description"),
            ("tabular", TabularEncoder(), ["category", "price", "tags"]),
        ]
    )
    recommender = recommender or ALSRecommender(8, random_state=0)
    return make_pipeline(fusion, recommender, **params)


def test_grid_search_over_fusion_in_two_processes(X):
    """Names, instances, branches: everything a person would try."""
    grid = {
        "multimodalfusion__method": ["concat", "mean", ConcatFusion("l2")],
        "multimodalfusion__tabular": ["drop", TabularEncoder()],
        "multimodalfusion__text__n_components": [8, 16],
    }
    search = GridSearchCV(
        pipeline(), grid, cv=LeaveLastOut(), scoring=SCORERS["ndcg@10"], n_jobs=2
    )
    search.fit(X)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    offered = search.best_estimator_.recommend(X.user_ids[:3], k=5)
    assert offered.shape == (3, 5)
    assert set(offered.ravel().tolist()) <= set(X.item_vocabulary.ids.tolist())


def test_halving_grid_search(X):
    """Rows are its resource."""
    search = HalvingGridSearchCV(
        pipeline(),
        {"alsrecommender__alpha": [1, 3, 10]},
        cv=RandomHoldout(random_state=0),
        scoring=SCORERS["ndcg@10"],
        min_resources=300,
        random_state=0,
    )
    assert search.fit(X).best_params_["alsrecommender__alpha"] in (1, 3, 10)


def test_cross_validate_with_four_metrics(X):
    """And the default score is NDCG@10."""
    cv = RandomHoldout(n_splits=2, random_state=0)
    scores = cross_validate(pipeline(), X, cv=cv, scoring=SCORERS)
    for name in SCORERS:
        assert np.isfinite(scores[f"test_{name}"]).all()
    plain = cross_val_score(pipeline(), X, cv=cv)
    np.testing.assert_allclose(plain, scores["test_ndcg@10"])


def test_pipeline_with_memory_gives_the_same(X, tmp_path):
    """The fusion step is kept on disk."""
    plain, cached = pipeline(), pipeline(memory=str(tmp_path))
    cached.fit(X)
    again = clone(cached).fit(X)  # from the cache
    users = X.user_ids[:5]
    expected = plain.fit(X).recommend(users)
    assert again.recommend(users).tolist() == expected.tolist()
    assert cached.recommend(users).tolist() == expected.tolist()


def test_clone_and_pickle(X):
    """Fitted or not."""
    pipe = clone(pipeline()).fit(X)
    loaded = pickle.loads(pickle.dumps(pipe))
    users = X.user_ids[:5]
    assert loaded.recommend(users).tolist() == pipe.recommend(users).tolist()
    np.testing.assert_array_equal(loaded.predict(X[:50]), pipe.predict(X[:50]))


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_set_output_leaves_containers_alone(shop, library):
    """A pipeline set to frames still hands containers to its recommender."""
    pytest.importorskip(library)
    pipe = pipeline().set_output(transform=library).fit(shop)
    assert pipe.recommend([1], k=3).shape == (1, 3)
    frame = pipe[0].fit_transform({k: shop.items[k] for k in shop.items})
    assert len(frame.columns) == len(pipe[0].get_feature_names_out())
    assert frame.columns[0] == "text__sparsetextencoder0"


def test_the_plain_pipeline_of_scikit_learn_works(X):
    """Ours only adds two methods."""
    ours = pipeline()
    plain = PlainPipeline(ours.steps)
    plain.fit(X)
    assert plain.score(X) >= 0
    assert np.isfinite(plain.predict(X[:20])).all()
    offered = plain[-1].recommend(X.user_ids[:2], k=3)
    assert offered.tolist() == clone(ours).fit(X).recommend(X.user_ids[:2], 3).tolist()
    assert not hasattr(plain, "recommend")


def test_a_pipeline_without_recommender_does_not_recommend():
    """The attribute is not there, as scikit-learn has it."""
    pipe = make_pipeline(TabularEncoder())
    assert not hasattr(pipe, "recommend")
    assert not hasattr(pipe, "similar_items")


def test_history_and_new_items_go_through_the_pipeline(shop):
    """A new user's events, and an item that only their table has."""
    pipe = pipeline().fit(shop)
    ids = shop.items["item"][:4]
    history = Interactions(
        {"user": ["new"] * 3, "item": ids[:3]},
        items={name: values[:4] for name, values in shop.items.items()},
    )
    offered = pipe.recommend(["new"], k=5, history=history)
    assert not set(ids[:3]) & set(offered[0])
    table = {name: values[:2] for name, values in shop.items.items()}
    table["item"] = ["sku-new", ids[1]]
    later = Interactions({"user": [1, 1], "item": ["sku-new", ids[0]]}, items=table)
    scores = pipe.predict(later)
    assert np.isfinite(scores).all()
    assert scores[0] != 0
    assert pipe.similar_items(ids[:1], k=2).shape == (1, 2)


# -- planted truth --------------------------------------------------------------------

BRANCHES = {
    "text": ("text", SparseTextEncoder(n_components=32, random_state=0), "description"),
    "tabular": ("tabular", TabularEncoder(), ["category", "price", "tags", "released"]),
}


def image_branch():
    from skmmrec import ImageStatisticsEncoder

    return ("image", ImageStatisticsEncoder(), "picture")


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
@pytest.mark.parametrize("modality", ["text", "image", "tabular"])
def test_the_planted_modality_is_found(modality, metric):
    """Where one modality is all of taste, content finds it; shuffled, it does not."""
    X = make_multimodal_shop(
        150, 160, shares={modality: 1}, popularity=0, random_state=0
    )
    branch = image_branch() if modality == "image" else BRANCHES[modality]
    train, test = next(LeaveLastOut().split(X))
    pipe = make_pipeline(MultimodalFusion([branch]), ContentRecommender(metric))
    found = pipe.fit(X[train]).score(X[test])
    order = np.random.default_rng(0).permutation(160)
    columns = [branch[2]] if isinstance(branch[2], str) else branch[2]
    shuffled = X.items | {name: X.items[name][order] for name in columns}
    lost = pipe.fit(X[train].with_table("items", shuffled)).score(X[test])
    chance = np.mean([1 / np.log2(p + 1) if p <= 10 else 0 for p in range(1, 141)])
    assert found > 3 * chance
    assert lost < 2 * chance


def test_the_planted_modality_places_new_items():
    """ALS with the content beats ALS without, on items nobody has had."""
    from skmmrec import ColdItemKFold

    X = make_multimodal_shop(200, 160, shares={"text": 1}, random_state=0)
    cv = ColdItemKFold(3, random_state=0)
    cold = get_scorer("ndcg@10", candidates="cold")
    als = ALSRecommender(16, random_state=0)
    plain = cross_val_score(als, X, cv=cv, scoring=cold).mean()
    fusion = MultimodalFusion([BRANCHES["text"]])
    hybrid = cross_val_score(make_pipeline(fusion, als), X, cv=cv, scoring=cold).mean()
    assert hybrid > 1.9 * plain
