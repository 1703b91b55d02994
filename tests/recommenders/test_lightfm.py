"""LightFM with content: what is minimised, what it costs, and where new ones go."""

import pickle

import numpy as np
import pytest
import scipy.sparse as sp

from skmmrec import (
    FeatureTable,
    Interactions,
    LightFMRecommender,
    PopularityRecommender,
)
from skmmrec.testing import checkerboard, painted

lightfm = pytest.importorskip("lightfm")


def planted(n_users=150, n_items=120, width=40, seed=0):
    """Users like what content says they like; items from 100 on have no events.

    Returns the events, and what each user would like most of the new items.
    """
    rng = np.random.default_rng(seed)
    F = rng.standard_normal((n_items, width)).astype(np.float32)
    scores = rng.standard_normal((n_users, 3)) @ (F @ rng.standard_normal((width, 3))).T
    user, item = np.nonzero(scores[:, :100] > np.quantile(scores, 0.85))
    X = Interactions({"user": user, "item": item}, items={"item": np.arange(n_items)})
    X = X.with_table("items", FeatureTable.from_blocks({"dense": F}))
    truth = 100 + np.argsort(-scores[:, 100:], axis=1)[:, :5]
    return X, truth


def hits(lists, truth):
    return np.mean([len(set(a) & set(b)) for a, b in zip(lists, truth)]) / 5


def test_new_items_are_found_by_planted_content():
    """From 40 dense features of which 3 combinations count; chance is 0.25."""
    X, truth = planted()
    model = LightFMRecommender(8, random_state=0).fit(X)
    lists = model.recommend(np.arange(150), k=5, candidates=np.arange(100, 120))
    assert hits(lists, truth) > 0.6


def test_items_without_events_are_no_negative_examples():
    """Their number in the catalogue changes nothing that was learned."""
    X, _ = planted()
    known = X.items.take(np.arange(100))
    events = {"user": X.user_ids, "item": X.item_ids}
    less = Interactions(events, items={"item": np.arange(100)})
    models = [
        LightFMRecommender(4, max_iter=3, random_state=0).fit(data)
        for data in (X, less.with_table("items", known))
    ]
    first, second = (model.item_factors_[:100] for model in models)
    np.testing.assert_allclose(first, second, atol=1e-5)


@pytest.mark.parametrize("on", ["items", "users"])
def test_the_penalty_holds_factors_to_their_content(on):
    """With much of it they are a linear map of the features; with none they are not."""
    rng = np.random.default_rng(0)
    user, item = np.nonzero(rng.random((60, 50)) < 0.2)
    n = {"users": 60, "items": 50}[on]
    table = {on[:-1]: np.arange(n)}
    F = rng.standard_normal((n, 3)).astype(np.float32)
    X = Interactions({"user": user, "item": item}, **{on: table})
    X = X.with_table(on, FeatureTable.from_blocks({"f": F}))
    shares = []
    for penalty in (0, 1e6):
        model = LightFMRecommender(4, content_penalty=penalty, random_state=0).fit(X)
        factors = getattr(model, f"{on[:-1]}_factors_")[:, :4]
        factors = factors - factors.mean(axis=0)
        inputs = np.column_stack([F, np.ones(n)])
        left = factors - inputs @ np.linalg.lstsq(inputs, factors)[0]
        shares.append(np.square(left).sum() / np.square(factors).sum())
    assert shares[0] > 0.5
    assert shares[1] < 0.01


def test_without_features_the_penalty_plays_no_part():
    train, _ = checkerboard()
    first, second = (
        LightFMRecommender(4, content_penalty=c, max_iter=2, random_state=0).fit(train)
        for c in (0, 1000)
    )
    np.testing.assert_array_equal(first.item_factors_, second.item_factors_)


@pytest.mark.parametrize("alpha", [0.0, 0.01])
@pytest.mark.parametrize("loss", ["warp", "bpr"])
def test_lightfm_is_lightfm(loss, alpha):
    """Factors, biases, weights and penalties: the scores of the bare library."""
    rng = np.random.default_rng(0)
    user, item = np.nonzero(rng.random((12, 8)) < 0.5)
    events = {"user": user, "item": item, "r": rng.integers(1, 9, len(user))}
    X = Interactions(events, rating="r")
    model = LightFMRecommender(
        4, loss=loss, alpha=alpha, learning_rate=0.1, max_iter=3, random_state=0
    ).fit(X)
    weights = (X.rating / X.rating.mean()).astype(np.float32)
    R = sp.coo_matrix((weights, (X.user_codes, X.item_codes)))
    bare = lightfm.LightFM(
        4,
        loss=loss,
        learning_rate=0.1,
        item_alpha=alpha,
        user_alpha=alpha,
        random_state=np.random.RandomState(0),
    )
    likes = sp.coo_matrix((np.ones_like(R.data), (R.row, R.col)), R.shape)
    bare.fit(likes, sample_weight=R, epochs=3, num_threads=1)
    expected = bare.predict(X.user_codes, X.item_codes)
    np.testing.assert_allclose(model.predict(X), expected, atol=1e-4)


def test_the_library_sees_no_features(monkeypatch):
    """It steps through one column an item, however wide the content: the cost."""
    widths = []
    fit = lightfm.LightFM.fit_partial

    def spy(self, *args, **kwargs):
        fit(self, *args, **kwargs)
        widths.append(len(self.item_embeddings))

    monkeypatch.setattr(lightfm.LightFM, "fit_partial", spy)
    X, _ = planted()
    LightFMRecommender(2, max_iter=3, random_state=0).fit(X)
    assert widths == [len(np.unique(X.item_codes))] * 3


def test_a_new_item_with_events_is_placed_by_its_users():
    """White and black items without content go to users of that colour."""
    train, _ = painted()
    model = LightFMRecommender(8, random_state=0).fit(train)
    users = np.repeat(np.arange(20), 1)
    news = {"user": users, "item": np.array(["w", "b"])[users % 2]}
    model.partial_fit(Interactions(news))
    lists = model.recommend(np.arange(20, 40), k=1, candidates=["w", "b"])
    assert np.mean(lists[:, 0] == np.array(["w", "b"])[np.arange(20, 40) % 2]) > 0.9


def test_an_item_with_more_events_is_placed_higher():
    """Of two that are liked by users alike."""
    rng = np.random.default_rng(0)
    fame = np.linspace(0.9, 0.05, 30)
    user, item = np.nonzero(rng.random((200, 30)) < fame)
    model = LightFMRecommender(4, random_state=0)
    model.fit(Interactions({"user": user, "item": item}))
    news = {"user": np.r_[:150, :10], "item": ["much"] * 150 + ["little"] * 10}
    model.partial_fit(Interactions(news))
    lists = model.recommend(np.arange(150, 200), k=1, candidates=["much", "little"])
    assert np.mean(lists == "much") > 0.9


def test_an_item_that_lacks_content_is_placed_by_its_events():
    """Item 3 is black by its users alone."""
    train, _ = painted(missing=[3])
    model = LightFMRecommender(8, random_state=0).fit(train)
    ask = Interactions({"user": np.arange(40), "item": [3] * 40})
    white, black = model.predict(ask).reshape(-1, 2).T
    assert black.min() > white.max()


def test_a_pickle_holds_no_training_data():
    """What a fit needs for its epochs is gone: a few matrices of factors stay."""
    X, _ = planted(n_items=2000, width=100)
    model = LightFMRecommender(4, max_iter=1, random_state=0).fit(X)
    assert len(pickle.dumps(model)) < X.items.values.nbytes


def test_content_beats_popularity_on_what_is_known_too():
    """Warm quality floor: held-out events of the planted world."""
    X, _ = planted()
    held = np.random.default_rng(0).random(len(X)) < 0.2
    model = LightFMRecommender(8, random_state=0).fit(X[~held])
    popular = PopularityRecommender().fit(X[~held])
    assert model.score(X[held]) > 2 * popular.score(X[held])
