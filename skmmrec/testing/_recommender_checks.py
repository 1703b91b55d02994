"""What holds for every recommender, whatever its algorithm.

The world is a checkerboard: users have items of their own colour, which the content of
the items tells; nobody has had the last two. A recommender need not find the colours,
but must serve everybody, new or known, by the same rules.
"""

import pickle
from tempfile import TemporaryDirectory
from unittest.mock import patch

import numpy as np
import scipy.sparse as sp
from sklearn import clone

from skmmrec._vectors import paired
from skmmrec.data import FeatureTable, Interactions
from skmmrec.persistence import load, save
from skmmrec.ranking import _topk
from skmmrec.testing._data import colours, painted
from skmmrec.testing._errors import refused


def _dense(factors):
    """Of a sparse matrix too, and of several side by side."""
    return factors.toarray() if sp.issparse(factors) else np.asarray(factors)


def _scores(model, users=(0, 1), k=5, **asked):
    return model.recommend(list(users), k=k, return_scores=True, **asked)


def _assert_same(model, other, rtol=0):
    """Lists and scores of known and new users."""
    history = {"user": [900] * 3, "item": [0, 2, 4]}
    for asked in ({}, {"history": Interactions(history)}):
        users = [0, 1, 900] if asked else [0, 1]
        (items, scores), (others, theirs) = (
            _scores(m, users, **asked) for m in (model, other)
        )
        np.testing.assert_allclose(scores, theirs, rtol=rtol)
        if not rtol:
            np.testing.assert_array_equal(items, others)


# -- two matrices and a similarity -------------------------------------------------


def check_two_matrices_and_a_similarity(name, recommender):
    """A vector for each user and item, the similarity of which is the score."""
    train, _ = painted()
    model = recommender.fit(train)
    U, V = model.user_factors_, model.item_factors_
    assert U.shape[0] == len(model.user_vocabulary_) == 40
    assert V.shape[0] == len(model.item_vocabulary_) == 30
    rows = np.arange(len(train))[::7]
    pairs = train[rows]
    vectors = U[pairs.user_codes], V[pairs.item_codes]
    scores = model._similarity(*vectors, paired)
    np.testing.assert_allclose(model.predict(pairs), scores, rtol=1e-4, atol=1e-6)


def check_queries_rank_as_scores(name, recommender):
    """If there are queries, their inner products with the vectors of items do."""
    model = recommender.fit(painted()[0])
    queries, V = model._queries(model.user_factors_[:5]), model.item_factors_
    if queries is None:
        return
    products = _dense(queries) @ _dense(V).T
    users, items = np.arange(5).repeat(30), np.tile(np.arange(30), 5)
    scores = model.predict(Interactions({"user": users, "item": items})).reshape(5, 30)
    order = np.argsort(products, axis=1)
    ranked = np.take_along_axis(scores, order, axis=1)
    assert (np.diff(ranked, axis=1) >= -1e-4 * np.abs(scores).max()).all()


def check_scores_of_lists_are_those_of_predict(name, recommender):
    """One meaning of a score, best first."""
    model, users = recommender.fit(painted()[0]), np.arange(5)
    items, scores = _scores(model, users, k=3)
    asked = Interactions({"user": np.repeat(users, 3), "item": items.ravel()})
    predicted = model.predict(asked)
    np.testing.assert_allclose(predicted, scores.ravel(), rtol=1e-4, atol=1e-6)
    assert (np.diff(scores, axis=1) <= 0).all()


def check_blocks_do_not_change_scores(name, recommender):
    """Whatever the number of rows that are ranked at once."""
    model = recommender.fit(painted()[0])
    _, whole = _scores(model, range(40), k=7)
    with patch.object(_topk, "BLOCK_BYTES", 1000):
        _, parts = _scores(model, range(40), k=7)
    np.testing.assert_allclose(parts, whole, rtol=1e-4, atol=1e-6)


# -- lists -------------------------------------------------------------------------


def check_lists_of_the_whole_catalogue(name, recommender):
    """What was seen is not offered to fill them: they end in None."""
    train, _ = painted()
    model = recommender.fit(train)
    lists, scores = _scores(model, [0, 1], k=30)
    for user, (items, values) in enumerate(zip(lists, scores)):
        seen = set(train[train.user_ids == user].item_ids.tolist())
        assert set(items) == (set(range(30)) - seen) | {None}
        assert np.isnan(values[items == None]).all()  # noqa: E711
    assert set(model.recommend([0], k=30, exclude_seen=False)[0]) == set(range(30))


def check_candidates(name, recommender):
    """Few items in stock are no error."""
    model = recommender.fit(painted()[0])
    offered = model.recommend([0], k=4, candidates=[28, 29], exclude_seen=False)
    assert set(offered[0]) == {28, 29, None}


def check_similar_items(name, recommender):
    """Itself left out, most similar first."""
    model = recommender.fit(painted()[0])
    similar, scores = model.similar_items([0, 3], k=29, return_scores=True)
    assert [set(row) for row in similar] == [set(range(30)) - {i} for i in (0, 3)]
    assert (np.diff(scores, axis=1) <= 0).all()


# -- new users, new items ----------------------------------------------------------


def check_new_users(name, recommender):
    """Folded in from a history: finite scores, nothing offered twice."""
    model = recommender.fit(painted()[0])
    history = Interactions({"user": [900] * 4, "item": [0, 2, 4, 6]})
    items, scores = _scores(model, [900], k=6, history=history)
    assert np.isfinite(scores).all()
    assert not {0, 2, 4, 6} & set(items[0])
    session, theirs = model.recommend_for([0, 2, 4, 6], k=6, return_scores=True)
    assert session.tolist() == items[0].tolist()
    np.testing.assert_array_equal(theirs, scores[0])


def check_new_items(name, recommender):
    """Placed by their content, when they are added and when they come with events."""
    model = recommender.fit(painted()[0])
    news = Interactions({"user": [0, 1], "item": [98, 99]}, items={"item": [98, 99]})
    assert np.isfinite(model.predict(news.with_table("items", colours(2)))).all()
    none = Interactions({"user": [], "item": []}, items={"item": np.arange(32)})
    model.add_items(none.with_table("items", colours(32)))
    assert len(model.item_vocabulary_) == 32
    items, scores = _scores(model, k=32, exclude_seen=False)
    assert np.isfinite(scores).all()
    assert {30, 31} <= set(items[0])
    found = model.similar_items_to(colours(2), k=4, return_scores=True)[1]
    assert np.isfinite(found).all()


def check_strangers(name, recommender):
    """A user and an item of which nothing whatever is known."""
    model = recommender.fit(painted()[0])
    strangers = Interactions({"user": [900, 0, 900], "item": [0, 90, 90]})
    assert np.isfinite(model.predict(strangers)).all()
    items, scores = _scores(model, [999])
    assert np.isfinite(scores).all()
    assert len(set(items[0])) == 5


def check_items_without_content(name, recommender):
    """They stay in the catalogue, with a finite score."""
    model = recommender.fit(painted(missing=[3, 28])[0])
    assert len(model.item_vocabulary_) == 30
    ask = Interactions({"user": [0, 0], "item": [3, 28]})
    assert np.isfinite(model.predict(ask)).all()


def check_one_event(name, recommender):
    """One user, and one item that is left."""
    X = Interactions({"user": ["me"], "item": ["tea"]}, items={"item": ["tea", "jam"]})
    X = X.with_table("items", FeatureTable.from_blocks({"f": [[1.0], [-1.0]]}))
    assert recommender.fit(X).recommend(["me"], k=1).tolist() == [["jam"]]


# -- ratings -----------------------------------------------------------------------


def check_unit_of_ratings(name, recommender):
    """Seconds or milliseconds, but for that of scores."""
    if "max_iter" in recommender.get_params():
        # of networks, many steps enlarge what the last digit of a weight changes
        recommender.set_params(max_iter=2)
    train, _ = painted()
    seconds = np.random.default_rng(0).integers(1, 60, len(train))
    scores = []
    for unit in (1, 1000):
        events = {"user": train.user_ids, "item": train.item_ids, "t": unit * seconds}
        X = Interactions(events, items={"item": np.arange(30)}, rating="t")
        model = clone(recommender).fit(X.with_table("items", train.items))
        scores.append(_scores(model, k=4)[1])
        scores[-1] /= np.abs(scores[-1]).max()
    np.testing.assert_allclose(*scores, rtol=1e-2)  # networks amplify rounding


def check_dislikes(name, recommender):
    """A rating of 0 or less: not offered again, not learned from."""
    events = {
        "user": [1, 1, 2, 2, 3, 3],
        "item": list("abacac"),
        "stars": [5, 0, 4, 4, -1, 3],
    }
    X = Interactions(events, items={"item": list("abcd")}, rating="stars")
    X = X.with_table("items", FeatureTable.from_blocks({"f": np.eye(4)}))
    if "n_components" in recommender.get_params():
        recommender.set_params(n_components=2)
    model, taught = (clone(recommender).fit(part) for part in (X, X[X.rating > 0]))
    pairs = Interactions({"user": np.repeat([1, 2, 3, 9], 4), "item": list("abcd") * 4})
    predicted = [m.predict(pairs).reshape(4, 4) for m in (model, taught)]
    np.testing.assert_allclose(*predicted, rtol=1e-4, atol=1e-5)
    offered = model.recommend([1, 3], k=4)
    assert set(offered[0]) == {"c", "d", None}
    assert set(offered[1]) == {"b", "d", None}


# -- the habits of scikit-learn ----------------------------------------------------


def check_same_seed_same_model(name, recommender):
    """Bit by bit, whatever the number of threads."""
    train, _ = painted()
    first, again = clone(recommender).fit(train), clone(recommender).fit(train)
    models = [again]
    for n_jobs in (1, 2) if "n_jobs" in recommender.get_params() else ():
        models.append(clone(recommender).set_params(n_jobs=n_jobs).fit(train))
    for model in models:
        for factors in ("user_factors_", "item_factors_"):
            one, other = (_dense(getattr(m, factors)) for m in (first, model))
            np.testing.assert_array_equal(one, other)


def check_pickle(name, recommender):
    """What was fitted goes with it."""
    model = recommender.fit(painted()[0])
    _assert_same(model, pickle.loads(pickle.dumps(model)))


def check_save_and_load(name, recommender):
    """In files that hold no code; the type of a plug-in must be trusted."""
    model = recommender.fit(painted()[0])
    trusted = {
        type(part)
        for part in [model, *model.get_params().values()]
        if hasattr(part, "get_params")
    }
    with TemporaryDirectory() as folder:
        save(model, f"{folder}/model")
        loaded = load(f"{folder}/model", trusted=list(trusted))
    _assert_same(model, loaded)
    assert repr(loaded) == repr(model)


def check_fit_leaves_events_alone(name, recommender):
    """Also read-only ones, as workers get them."""
    train, _ = painted()
    for array in (train.user_codes, train.item_codes, train.items.values):
        array.flags.writeable = False
    assert np.isfinite(_dense(recommender.fit(train).item_factors_)).all()


def check_plain_array(name, recommender):
    """The first two columns are user and item, the rest content."""
    train, _ = painted()
    content = train.items.values[train.item_codes]
    table = np.column_stack([train.user_ids, train.item_ids, content])
    model = recommender.fit(table)
    assert model.n_features_in_ == 5
    assert np.isfinite(model.predict(table)).all()
    assert model.recommend([0, 1], k=3).shape == (2, 3)


def check_no_events(name, recommender):
    """Empty splits, and nothing but dislikes, are named."""
    train, _ = painted()
    assert "at least one event; got 0" in refused(recommender.fit, train[:0])
    hated = Interactions({"user": [1], "item": [2], "stars": [0]}, rating="stars")
    assert "rating above 0; got 1 events with none" in refused(recommender.fit, hated)


class _Interruption:
    """A callback that interrupts the first fit it follows, as soon as it can."""

    def __init__(self):
        self.done = False

    def setup(self, estimator, context):
        pass

    def on_fit_task_begin(self, estimator, context):
        pass

    def on_fit_task_end(self, estimator, context, *, fitted_estimator=None):
        if not self.done:
            self.done = True
            raise KeyboardInterrupt

    def teardown(self, estimator, context):
        pass


def check_interrupted_fit(name, recommender):
    """The next fit is as if nothing had happened."""
    train, _ = painted()
    expected, interruption = clone(recommender).fit(train), _Interruption()
    recommender.set_callbacks(interruption)
    try:
        recommender.fit(train)
    except KeyboardInterrupt:
        recommender.set_callbacks()
    assert interruption.done, "fit must tell callbacks of its tasks"
    _assert_same(recommender.fit(train), expected)


# -- after fit ---------------------------------------------------------------------


def check_partial_fit_is_fit_at_first(name, recommender):
    train, _ = painted()
    _assert_same(clone(recommender).partial_fit(train), recommender.fit(train))


def check_partial_fit(name, recommender):
    """New users join; what was had is not offered again; all scores stay finite."""
    model = recommender.fit(painted()[0])
    news = {"user": [900, 900, 0], "item": [0, 2, 28]}
    model.partial_fit(Interactions(news))
    assert len(model.user_vocabulary_) == 41
    items, scores = _scores(model, [0, 1, 900], k=10)
    assert np.isfinite(scores).all()
    assert 28 not in items[0]
    assert not {0, 2} & set(items[2])


def check_partial_fit_is_all_or_nothing(name, recommender):
    """Content of other modalities is refused, and has changed nothing."""
    model = recommender.fit(painted()[0])
    before = pickle.dumps(model)
    other = FeatureTable.from_blocks({"sound": np.zeros((1, 3))})
    X = Interactions({"user": [900], "item": [90]}, items={"item": [90]})
    X = X.with_table("items", other)
    assert "must be those of fit" in refused(model.partial_fit, X)
    with patch.object(type(model), "_record", side_effect=MemoryError):
        try:
            model.partial_fit(Interactions({"user": [900], "item": [0]}))
        except MemoryError:
            pass
        else:
            raise AssertionError("partial_fit must record its events by _record")
    assert pickle.dumps(model) == before


def check_remove_items(name, recommender):
    """Never recommended again, and all goes on."""
    model = recommender.fit(painted()[0]).remove_items([2, 28])
    assert len(model.item_vocabulary_) == 28
    items, scores = _scores(model, range(40), k=28, exclude_seen=False)
    assert np.isfinite(scores).all()
    assert not {2, 28} & set(items.ravel().tolist())


def check_forget(name, recommender):
    """Served as a stranger; a closed form is a fit without the user."""
    train, _ = painted()
    model = clone(recommender).fit(train).forget([5])
    assert len(model.user_vocabulary_) == 39
    assert model.recommend([5]).tolist() == model.recommend([900]).tolist()
    if model.closed_form:
        rest = train[train.user_ids != 5]
        events = {"user": rest.user_ids, "item": rest.item_ids}
        X = Interactions(events, items={"item": np.arange(30)})
        other = recommender.fit(X.with_table("items", train.items))
        _assert_same(model, other, rtol=1e-4)
