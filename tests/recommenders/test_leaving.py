"""Items that leave the catalogue, and users who want to be forgotten."""

import pickle
import tempfile
from pathlib import Path

import numpy as np
import pytest
from sklearn import clone

import skmmrec.recommenders
from skmmrec import (
    ALSRecommender,
    ConcatFusion,
    ContentRecommender,
    EASERecommender,
    FeatureTable,
    Interactions,
    ItemGraphRecommender,
    ItemKNNRecommender,
    MultimodalFusion,
    PopularityRecommender,
    StackingRecommender,
    UserKNNRecommender,
    VotingRecommender,
    make_pipeline,
)
from skmmrec.testing import colours, painted
from tests.recommenders.test_recommenders import ALL, _installed

VISITOR = "user of whom nothing may stay"
FAKE = "item that nobody may be offered"

CLOSED = [
    *(model for model in ALL if model.closed_form),
    ItemGraphRecommender(filter="ridge", weights={"colour": 0.3}, popularity=0, walk=0),
    ItemGraphRecommender(filter="spectral", decay=0.9, random_state=0),
    UserKNNRecommender(metric="bm25"),
    ItemKNNRecommender(metric="tfidf"),
    VotingRecommender(
        [("ease", EASERecommender(10)), ("content", ContentRecommender())],
        weights=[1, 2],
    ),
]


@pytest.fixture(params=ALL, ids=str)
def recommender(request):
    return _installed(request.param)


def named():
    """The painted world with texts as ids, and an event of the visitor with the fake.

    The fake is in no table.
    """
    train, _ = painted()
    users = np.array([f"u{user:02}" for user in train.user_ids], dtype=object)
    users[users == "u03"] = VISITOR
    items = [f"i{item:02}" for item in train.item_ids]
    rng = np.random.default_rng(0)
    events = {
        "user": [*users, VISITOR, VISITOR],
        "item": [*items, FAKE, "i28"],
        "stars": np.append(rng.integers(0, 6, len(users)), [5, 5]),
        "when": rng.permutation(len(users) + 2),
    }
    # some have an item twice
    rows = np.r_[: len(users) + 2, :9]
    events = {name: np.asarray(values)[rows] for name, values in events.items()}
    items = {"item": [f"i{item:02}" for item in range(30)]}
    people = {"user": [f"u{user:02}" for user in range(42) if user != 3] + [VISITOR]}
    X = Interactions(events, items=items, users=people, rating="stars", time="when")
    X = X.with_table("items", colours(missing=[29]))
    ages = np.random.default_rng(1).standard_normal((42, 2))
    return X.with_table("users", FeatureTable.from_blocks({"age": ages}))


def others(X):
    """The same world, had the visitor never come."""
    rest = X[X.user_ids != VISITOR]
    events = {name: rest[name] for name in rest.columns}
    n = X.n_described("users") - 1
    without = Interactions(
        events,
        items={"item": X.item_vocabulary.ids[: X.n_described("items")]},
        users={"user": X.user_vocabulary.ids[:n]},
        rating="stars",
        time="when",
    )
    without = without.with_table("items", X.items)
    return without.with_table("users", X.users.take(np.arange(n)))


def holds(model, text):
    """Whether a file of the model has the text in it, however it is written."""
    with tempfile.TemporaryDirectory() as folder:
        skmmrec.save(model, f"{folder}/model")
        saved = [f.read_bytes() for f in Path(folder).rglob("*") if f.is_file()]
    written = [text.encode(code) for code in ("utf8", "utf-32-le", "utf-16-le")]
    files = [pickle.dumps(model), *saved]
    return any(letters in file for letters in written for file in files)


def assert_same(one, other, users):
    """Lists and scores of everybody."""
    k = len(other.item_vocabulary_)
    assert set(one.item_vocabulary_.ids) == set(other.item_vocabulary_.ids)
    items = other.item_vocabulary_.ids
    pairs = {"user": np.repeat(users, k), "item": np.tile(items, len(users))}
    expected = other.predict(pairs)
    scale = np.abs(expected).max()
    np.testing.assert_allclose(one.predict(pairs), expected, atol=1e-6 * scale)
    mine, theirs = (m.recommend(users, k=5, return_scores=True) for m in (one, other))
    np.testing.assert_allclose(mine[1], theirs[1], rtol=1e-5, atol=1e-6 * scale)


# -- users -------------------------------------------------------------------------


@pytest.mark.parametrize("model", CLOSED, ids=str)
def test_closed_forms_forget_exactly(model):
    """Others are served as by a fit without the user, to 1e-6."""
    X = named()
    before, after = clone(model).fit(X), clone(model).fit(others(X))
    assert holds(before, VISITOR)
    assert holds(before, FAKE)
    before.forget([VISITOR])
    assert_same(before, after, after.user_vocabulary_.ids)
    history = {"user": ["new"] * 2, "item": ["i00", "i02"]}
    lists = (m.recommend(["new"], k=5, history=history) for m in (before, after))
    assert np.array_equal(*lists)


def test_the_list_of_closed_forms_is_complete():
    """Whoever says so is tested above."""
    said = {
        name
        for name in skmmrec.recommenders.__all__
        if getattr(skmmrec.recommenders, name).closed_form is True
    }
    assert said == {type(m).__name__ for m in CLOSED if m.closed_form} - {
        "VotingRecommender",
        "SwitchingRecommender",
    }


def test_what_came_after_fit_is_forgotten_as_exactly():
    X = named()
    news = {"user": [VISITOR, "u04", "late"], "item": ["i01", "i01", "i02"]}
    news |= {"stars": [2, 3, 4], "when": [2000, 2001, 2002]}
    model = ItemKNNRecommender().fit(X).partial_fit(news)
    model.forget([VISITOR])
    rest = {name: values[1:] for name, values in news.items()}
    X = others(X)
    joined = {
        name: np.append(X[name], rest[name]) for name in ("user", "item", "stars")
    }
    whole = Interactions(
        joined,
        items={"item": X.item_vocabulary.ids[:30]},
        users={"user": X.user_vocabulary.ids[:41]},
        rating="stars",
    )
    people = X.users.take(np.arange(41))
    whole = whole.with_table("items", X.items).with_table("users", people)
    fitted = ItemKNNRecommender().fit(whole)
    assert_same(model, fitted, fitted.user_vocabulary_.ids)


def test_nothing_of_a_user_stays_in_a_file(recommender):
    """Neither the id, nor the vector, nor an item that only they had."""
    X = named()
    if not recommender._keeps_users:  # a private one, which refuses features of users
        ids = X.user_vocabulary.ids[: X.n_described("users")]
        X = X.with_table("users", {"user": ids})
    model = recommender.fit(X)
    U = model.user_factors_[model.user_vocabulary_.codes([VISITOR])]
    own = [np.asarray(part) for part in getattr(U, "parts", [U]) if part.shape[1] > 4]
    own = [part.tobytes() for part in own if part.dtype != object]
    model.forget([VISITOR])
    assert not holds(model, VISITOR)
    assert not holds(model, FAKE)
    file = pickle.dumps(model)
    assert not any(vector in file for vector in own)
    lists = model.recommend([VISITOR, "u00"], k=5)
    assert lists.tolist()[0] == model.recommend(["stranger"], k=5).tolist()[0]
    news = {"user": [VISITOR], "item": ["i05"], "stars": [5], "when": [999]}
    model.partial_fit(news)
    assert "i05" not in model.recommend([VISITOR], k=5)


def test_vectors_in_networks_leave_too():
    """Also those that the network was trained with."""
    models = [m for m in ALL if hasattr(m, "validation_fraction")]
    for model in models:
        model = _installed(model).fit(named())
        n_users, n_items = model.seen_.shape
        model.forget([VISITOR])
        for weight in model.network_.parameters():
            assert n_users not in weight.shape
        model.remove_items(["i04", "i05"])
        for weight in model.network_.parameters():
            assert n_items - 1 not in weight.shape


def test_what_stays_of_a_user_in_other_models():
    """The vectors of the others and of the items, as they were."""
    model = ALSRecommender(4, random_state=0).fit(named())
    items = model.item_factors_[:30].copy()
    mine = model.recommend(["u07"], k=5).tolist()
    model.forget([VISITOR])
    assert np.array_equal(model.item_factors_, items)
    assert model.recommend(["u07"], k=5).tolist() == mine
    U = model.user_factors_[(model.seen_ > 0).sum(axis=1) > 0]
    np.testing.assert_allclose(model.user_gram_, U.T @ U, rtol=1e-5)


# -- items -------------------------------------------------------------------------


def test_a_removed_item_is_never_recommended_again(recommender):
    """And all goes on as before without it."""
    train, _ = painted()
    model = recommender.fit(train)
    model.add_items(
        Interactions(
            {"user": [], "item": []}, items={"item": np.arange(32)}
        ).with_table("items", colours(32))
    )
    model.remove_items([2, 28, 31])
    assert len(model.item_vocabulary_) == 29
    assert not (model.seen_.indices >= 29).any()
    lists, scores = model.recommend(
        np.arange(40), k=29, exclude_seen=False, return_scores=True
    )
    assert np.isfinite(scores).all()
    assert not {2, 28, 31} & set(lists.ravel().tolist())
    if not isinstance(model, PopularityRecommender) and "popular" not in str(model):
        offered = model.recommend([0, 1], k=1, candidates=[30, 29])
        assert offered.tolist() == [[30], [29]]
    assert model.similar_items([0], k=28).shape == (1, 28)
    model.partial_fit({"user": [0, "new"], "item": [2, 4]})  # it may come back
    assert 2 not in model.recommend([0], k=29)
    assert 4 not in model.recommend(["new"], k=29)


def test_a_closed_form_is_a_fit_without_the_item():
    train, _ = painted()
    gone = train.item_ids == 6
    left = np.delete(np.arange(30), 6)
    rest = Interactions(
        {"user": train.user_ids[~gone], "item": train.item_ids[~gone]},
        items={"item": left},
    ).with_table("items", train.items.take(left))
    for model in (EASERecommender(10), ItemKNNRecommender(5), ContentRecommender()):
        removed = clone(model).fit(train).remove_items([6])
        assert_same(removed, model.fit(rest), np.arange(40))


def test_late_events_do_not_bring_a_removed_item_back():
    """Its row in a table does."""
    train, _ = painted()
    late = Interactions({"user": [0, 99], "item": [6, 6]})
    for model in (ItemKNNRecommender(5), ALSRecommender(4, random_state=0)):
        model.fit(train).remove_items([6]).partial_fit(late)
        assert 6 not in model.item_vocabulary_.ids
        again = Interactions({"user": [], "item": []}, items={"item": [6]})
        table = again.with_table("items", train.items.take(np.array([6])))
        model.add_items(table).partial_fit(late)
        assert 6 in model.item_vocabulary_.ids


def test_an_event_without_ratings_is_an_average_like():
    """Not the weakest one there is."""
    train, _ = painted()
    stars = np.random.default_rng(0).integers(3, 6, len(train))
    events = {"user": train.user_ids, "item": train.item_ids, "stars": stars}
    X = Interactions(events, rating="stars")
    models = [ALSRecommender(4, random_state=0).fit(X) for _ in range(2)]
    models[0].partial_fit(Interactions({"user": [0], "item": [1]}))
    mean = Interactions({"user": [0], "item": [1], "s": [stars.mean()]}, rating="s")
    models[1].partial_fit(mean)
    one, other = (model.recommend([0], 9, return_scores=True)[1] for model in models)
    np.testing.assert_allclose(one, other, rtol=1e-5)


# -- bad input, pipelines and combinations -----------------------------------------


@pytest.mark.parametrize(
    ("method", "ids", "message"),
    [
        ("remove_items", ["i00", "i99"], r"items must be known .* got 'i99' \(1 unkn"),
        ("forget", ["u99"], "users must be known to the model; got 'u99'"),
        ("forget", [7], "users must be known to the model; got 7"),
        ("remove_items", [f"i{n:02}" for n in range(30)] + [FAKE], "must be left"),
        ("forget", None, "must be left"),
        ("forget", "u01", "users must be a list of ids"),
    ],
)
def test_what_cannot_leave(method, ids, message):
    """One sentence, and nothing has changed."""
    model = VotingRecommender(
        [("als", ALSRecommender(4, random_state=0)), ("ease", EASERecommender())]
    ).fit(named())
    before = pickle.dumps(model)
    ids = model.user_vocabulary_.ids if ids is None else ids
    with pytest.raises((ValueError, TypeError), match=message):
        getattr(model, method)(ids)
    assert pickle.dumps(model) == before


@pytest.mark.parametrize("method", ["forget", "remove_items", "partial_fit"])
def test_what_fails_halfway_has_changed_nothing(method, monkeypatch):
    """Here the second member runs out of memory."""
    X = named()
    members = [("als", ALSRecommender(4, random_state=0)), ("ease", EASERecommender())]
    model = VotingRecommender(members).fit(X)
    before = pickle.dumps(model)

    def fail(*args):
        raise MemoryError

    monkeypatch.setattr(EASERecommender, "_reduced", fail)
    monkeypatch.setattr(EASERecommender, "_learn_news", fail)
    news = {"user": ["new"], "item": ["new"], "stars": [3], "when": [0]}
    asked = {"forget": ["u00"], "remove_items": ["i00"], "partial_fit": news}
    with pytest.raises(MemoryError):
        getattr(model, method)(asked[method])
    assert pickle.dumps(model) == before


def test_features_unlike_those_of_fit_change_nothing():
    """A user and an item that are new come with a table of other blocks."""
    model = ALSRecommender(4, random_state=0).fit(named())
    before = pickle.dumps(model)
    other = FeatureTable.from_blocks({"sound": np.zeros((1, 3))})
    events = {"user": ["new"], "item": ["new"], "stars": [1], "when": [1]}
    X = Interactions(events, items={"item": ["new"]}, rating="stars", time="when")
    with pytest.raises(ValueError, match="must be those of fit"):
        model.partial_fit(X.with_table("items", other))
    assert pickle.dumps(model) == before


def test_pipelines_and_their_combinations():
    """A pipeline around a combination around a pipeline."""
    train, _ = painted()
    items = {"item": np.arange(30), "colour": colours().values}
    X = Interactions({"user": train.user_ids, "item": train.item_ids}, items=items)
    branch = ("colour", "passthrough", "colour")
    fusion = MultimodalFusion([branch], method=ConcatFusion(scaling=None))
    members = [
        ("content", make_pipeline(fusion, ContentRecommender())),
        ("ease", EASERecommender(10)),
    ]
    model = make_pipeline(VotingRecommender(members)).fit(X)
    assert model[-1].closed_form
    model.remove_items([0, 7]).forget([3, 4])
    left = np.delete(np.arange(30), [0, 7])
    kept = ~np.isin(train.item_ids, [0, 7]) & ~np.isin(train.user_ids, [3, 4])
    table = {name: values[left] for name, values in items.items()}
    Z = Interactions(
        {"user": train.user_ids[kept], "item": train.item_ids[kept]}, items=table
    )
    fitted = make_pipeline(VotingRecommender(members)).fit(Z)
    users = np.delete(np.arange(40), [3, 4])
    lists = (m.recommend(users, k=5, return_scores=True)[1] for m in (model, fitted))
    np.testing.assert_allclose(*lists, rtol=1e-4)
    model.add_items({"item": [99], "colour": colours(1).values})
    assert model.recommend([0], k=1, candidates=[99]).tolist() == [[99]]


def test_a_combination_that_learned_its_rule_is_not_exact():
    members = [("ease", EASERecommender()), ("content", ContentRecommender())]
    assert VotingRecommender(members).closed_form
    assert not VotingRecommender(members, weights="learned").closed_form
    assert not StackingRecommender(members).closed_form
    assert not VotingRecommender([*members, ("als", ALSRecommender())]).closed_form
