"""What is lost without a modality: the lists of masked items, judged by hand."""

import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV

from skmmrec import (
    ALSRecommender,
    ColdItemKFold,
    ConcatFusion,
    ContentRecommender,
    FeatureTable,
    Interactions,
    ItemGraphRecommender,
    ItemKNNRecommender,
    LeaveLastOut,
    MultimodalFusion,
    RandomHoldout,
    VotingRecommender,
    get_scorer,
    make_pipeline,
    modality_importance,
)
from skmmrec.datasets import make_multimodal_shop

SHARES = {"text": 0.6, "image": 0.3, "audio": 0.1}


def planted_shop(n_users=200):
    """Styles as they are, in the place of content that shows them."""
    X, truth = make_multimodal_shop(
        n_users, 100, shares=SHARES, random_state=0, return_truth=True
    )
    blocks = {name: np.eye(8)[styles] for name, styles in truth.styles.items()}
    blocks["noise"] = np.random.default_rng(0).standard_normal((100, 8))
    table = ConcatFusion().fit_transform(FeatureTable.from_blocks(blocks))
    return X.with_table("items", table)


@pytest.fixture(scope="module")
def shop():
    return planted_shop()


@pytest.mark.parametrize(
    "model",
    [
        ContentRecommender(),
        ALSRecommender(16, random_state=0),
        ItemGraphRecommender(
            dict.fromkeys([*SHARES, "noise"], 0.1), popularity=0.3, walk=0.1
        ),
        VotingRecommender(
            [("a", ALSRecommender(16, random_state=0)), ("c", ContentRecommender())]
        ),
    ],
    ids=str,
)
def test_importances_are_in_the_planted_order(model, shop):
    """Of items that nobody has had; what is noise is not missed."""
    folds = ColdItemKFold(3, random_state=0)
    scorer = get_scorer("ndcg@10", candidates="cold")
    found = modality_importance(model, shop, folds, scorer)
    importance = dict(zip(found["modality"], found["importance"]))
    assert importance["text"] > importance["image"] > importance["noise"]
    assert importance["text"] > importance["audio"]
    low = dict(zip(found["modality"], found["low"]))
    assert low["text"] > 0 > low["noise"]


def test_the_drop_is_that_of_masked_lists():
    """Users 1 and 2 want c and d; both are found by x, and by y alone only d is."""
    nan = np.nan
    items = {"item": list("abcd"), "x": [1.0, -1, 1, -1], "y": [1.0, 1, -1, nan]}
    events = {"user": [1, 2, 1, 2], "item": list("abcd")}
    X = Interactions(events, items=items)
    branches = [("x", "passthrough", ["x"]), ("y", "passthrough", ["y"])]
    fusion = MultimodalFusion(branches, method=ConcatFusion(scaling=None))
    pipe = make_pipeline(fusion, ContentRecommender()).fit(X[:2])
    found = modality_importance(pipe, X[2:], scoring="hit_rate@1")
    scorer = get_scorer("hit_rate@1")
    assert found["score"] == [scorer(pipe, X[2:])] * 2
    masked = items | {"x": [nan] * 4}
    masked = Interactions(events, items=masked)
    model, vectors = pipe[-1], pipe[:-1].transform(masked).items
    model.item_factors_ = model._item_vectors(vectors)
    _, without = scorer.per_user(model, X[2:])
    assert found["importance"][0] == found["score"][0] - without.mean()


def test_standard_errors_are_of_paired_differences(shop):
    """Over the users, of whom each counts once whatever the number of folds."""
    train, test = next(RandomHoldout(0.3, random_state=0).split(shop))
    model = ContentRecommender().fit(shop[train])
    found = modality_importance(model, shop[test], scoring="recall@10")
    scorer = get_scorer("recall@10")
    _, whole = scorer.per_user(model, shop[test])
    columns = shop.items.blocks["text"]
    model.item_factors_[:, columns] = 0
    _, without = scorer.per_user(model, shop[test])
    lost = whole - without
    error = lost.std(ddof=1) / np.sqrt(len(lost))
    assert found["importance"][0] == pytest.approx(lost.mean())
    assert found["standard_error"][0] == pytest.approx(error)
    assert found["low"][0] == pytest.approx(lost.mean() - 1.96 * error)
    assert found["high"][0] == pytest.approx(lost.mean() + 1.96 * error)


def test_the_estimator_stays_as_it_was(shop):
    """What is masked is a copy."""
    model = ItemGraphRecommender(random_state=0).fit(shop)
    before = model.item_factors_.toarray()
    with pytest.warns(UserWarning, match="held-out events; got those of fit"):
        modality_importance(model, shop)
    assert (model.item_factors_.toarray() == before).all()


def test_events_alone_miss_no_modality(shop):
    """Of items that have some."""
    train, test = next(RandomHoldout(0.3, random_state=0).split(shop))
    found = modality_importance(ItemKNNRecommender().fit(shop[train]), shop[test])
    assert max(map(abs, found["importance"])) < 1e-3


def test_a_search_is_judged_by_its_best(shop):
    """As scorers do."""
    train, test = next(RandomHoldout(0.3, random_state=0).split(shop))
    grid = {"metric": ["cosine"]}
    search = GridSearchCV(ContentRecommender(), grid, cv=LeaveLastOut())
    search.fit(shop[train])
    best = modality_importance(search.best_estimator_, shop[test])
    assert modality_importance(search, shop[test]) == best


def test_what_has_no_modalities_is_refused(shop):
    """And more than one metric, and one of all lists together."""
    events = {"user": shop.user_ids, "item": shop.item_ids}
    bare = Interactions(events)
    with pytest.raises(ValueError, match="items with modalities"):
        modality_importance(ItemKNNRecommender().fit(bare), bare)
    model = ContentRecommender().fit(shop)
    with pytest.raises(TypeError, match="scoring must be the name of one metric, or"):
        modality_importance(model, shop, scoring=["ndcg@10"])
    with pytest.raises(ValueError, match="a value for each user"):
        modality_importance(model, shop, scoring="coverage@10")
    with pytest.raises(ValueError, match="events that can be found"):
        modality_importance(model, shop[:5])
