"""Known answers of recommenders, cold start, bad input.

What holds for every one is checked by `skmmrec.testing`, in tests/test_common.py.
"""

import numpy as np
import pytest
from sklearn import clone

from skmmrec import (
    ALSRecommender,
    AttentionRecommender,
    BPRRecommender,
    ConcatFusion,
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
    PopularityRecommender,
    SASRecRecommender,
    SLIMRecommender,
    SwitchingRecommender,
    UserKNNRecommender,
    VBPRRecommender,
    VotingRecommender,
    get_scorer,
)
from skmmrec.testing import checkerboard, colours, painted


class Remembering(DPItemGraphRecommender):
    """One that is told of the users again, of whom `fit` leaves none in the model."""

    def fit(self, X, y=None):
        return super().fit(X).partial_fit(X)


MEMBERS = [
    ("popular", PopularityRecommender()),
    ("als", ALSRecommender(8, random_state=0)),
]
# networks, for some hundreds of events
SMALL = {
    "batch_size": 64,
    "learning_rate": 0.03,
    "max_iter": 20,
    "validation_fraction": 0,
    "random_state": 0,
}
COLLABORATIVE = [
    FREEDOMRecommender(8, **SMALL),
    MMGCNRecommender(8, **SMALL),
    EndToEndRecommender(8, **SMALL),
    MultiTaskRecommender(8, **SMALL),
    DeepFeatureCFRecommender(8, **SMALL),
    MulCooNNRecommender(8, **SMALL),
    AttentionRecommender("user", 8, **SMALL),
    AttentionRecommender("feature", 8, **SMALL),
    DeepFMRecommender(8, **SMALL),
    NeuralRecommender(8, **SMALL),
    NeuralRecommender(8, scorer="ncf", **SMALL),
    VBPRRecommender(8, **SMALL),
    LightGCNRecommender(8, **SMALL),
    SLIMRecommender(0.1, 0.1),
    EASERecommender(10),
    UserKNNRecommender(),
    ItemGraphRecommender(random_state=0),
    ItemKNNRecommender(),
    ALSRecommender(8, random_state=0),
    FederatedALSRecommender(8, n_shards=4, random_state=0),
    BPRRecommender(8, random_state=0),
    LightFMRecommender(8, random_state=0),
    VotingRecommender(MEMBERS, weights=[0.1, 1]),
]
ALL = [
    *COLLABORATIVE,
    SASRecRecommender(8, dropout=0.1, **SMALL | {"max_iter": 5}),
    PopularityRecommender(),
    ContentRecommender(),
    ContentRecommender("euclidean"),
    FeatureFactorizationRecommender(),
    VotingRecommender([*MEMBERS[1:], ("content", ContentRecommender())]),
    SwitchingRecommender([("content", ContentRecommender()), *MEMBERS[1:]]),
    Remembering(20, random_state=0),
]


@pytest.fixture(params=ALL, ids=str)
def recommender(request):
    return _installed(request.param)


@pytest.fixture(params=COLLABORATIVE, ids=str)
def collaborative(request):
    return _installed(request.param)


def _installed(recommender):
    if isinstance(recommender, LightFMRecommender):
        pytest.importorskip("lightfm")
    return clone(recommender)


# -- known answers -----------------------------------------------------------------


def test_the_checkerboard_is_solved(collaborative):
    """A user of a colour is offered that colour, and what was held out first."""
    train, test = checkerboard()
    model = collaborative.fit(train)
    assert get_scorer("ndcg@10")(model, test) > 0.95
    assert PopularityRecommender().fit(train).score(test) < 0.4


def test_predict_tells_colours_apart(collaborative):
    """Every held-out pair scores above its neighbour of the other colour."""
    train, test = checkerboard()
    model = collaborative.fit(train)
    pairs = Interactions({"user": test.user_ids, "item": test.item_ids})
    others = Interactions({"user": test.user_ids, "item": (test.item_ids + 1) % 30})
    assert np.mean(model.predict(pairs) > model.predict(others)) > 0.98


def test_similar_items_are_of_one_colour(collaborative):
    """By cosine of their factors, itself left out."""
    model = collaborative.fit(checkerboard()[0])
    similar = model.similar_items([0, 1, 6], k=5)
    assert np.mean(similar % 2 == np.array([[0], [1], [0]])) == 1
    assert not {0} & set(similar[0])


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_content_finds_the_colour(metric):
    """Also of the items that nobody has had."""
    train, _ = painted()
    model = ContentRecommender(metric).fit(train)
    lists = model.recommend([0, 1], k=4)
    assert np.mean(lists % 2 == np.array([[0], [1]])) == 1
    assert model.recommend([0, 1], k=1, candidates=[28, 29]).tolist() == [[28], [29]]


def test_cosine_and_euclidean_are_what_they_say():
    """x·y / (‖x‖‖y‖) and -‖x - y‖, of the mean of what the user liked."""
    values = np.array([[3.0, 4], [1, 0], [0, 2]])
    X = Interactions(
        {"user": [1, 1], "item": ["a", "b"]}, items={"item": ["a", "b", "c"]}
    ).with_table("items", FeatureTable.from_blocks({"f": values}))
    ask = Interactions({"user": [1], "item": ["c"]})
    x, y = values[:2].mean(axis=0), values[2]
    cosine = ContentRecommender("cosine").fit(X).predict(ask)
    distance = ContentRecommender("euclidean").fit(X).predict(ask)
    assert cosine == pytest.approx(x @ y / np.linalg.norm(x) / np.linalg.norm(y))
    assert distance == pytest.approx(-np.linalg.norm(x - y))


def test_a_missing_modality_counts_as_that_of_an_average_item():
    """Between the item that has the right one and the item that has the wrong one."""
    text = np.array([[1.0, 0], [1, 0], [1, 0], [1, 0], [-1, 0]])
    image = np.array([[1.0], [1], [np.nan], [-1], [np.nan]])
    X = Interactions({"user": [1], "item": [0]}, items={"item": list(range(5))})
    X = X.with_table("items", FeatureTable.from_blocks({"text": text, "image": image}))
    ask = Interactions({"user": [1] * 4, "item": [1, 2, 3, 4]})
    cosine = ContentRecommender().fit(X).predict(ask)
    assert cosine == pytest.approx([1.0, 0.5, 0.0, -0.5])
    distance = ContentRecommender("euclidean").fit(X).predict(ask)
    right, unknown, wrong, opposite = distance
    assert right == pytest.approx(0, abs=1e-3)
    assert wrong == pytest.approx(-2)
    assert wrong < unknown < right
    assert opposite < wrong


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_poorly_described_items_are_not_preferred(metric):
    """Nearness over a few columns is easily had, and worth little."""
    rng = np.random.default_rng(0)
    text, price = rng.standard_normal((500, 20)), rng.standard_normal((500, 1))
    text[:50] = np.nan
    X = Interactions(
        {"user": np.repeat(np.arange(40), 5), "item": rng.integers(50, 500, 200)},
        items={"item": np.arange(500)},
    )
    blocks = FeatureTable.from_blocks({"text": text, "price": price})
    fused = ConcatFusion().fit_transform(blocks)
    model = ContentRecommender(metric).fit(X.with_table("items", fused))
    share = np.mean(model.recommend(np.arange(40), k=10) < 50)
    assert share < 0.2


def test_popularity_counts():
    """Most events first, ties by the order of the catalogue, seen items left out."""
    X = Interactions({"user": [1, 2, 3, 1, 2, 3, 3], "item": list("bbbaacd")})
    model = PopularityRecommender().fit(X)
    lists = model.recommend([1, 3, 99], k=4)
    assert lists.tolist() == [
        ["c", "d", None, None],
        ["a", None, None, None],
        ["b", "a", "c", "d"],
    ]
    _, scores = model.recommend([99], k=2, return_scores=True)
    assert scores.tolist() == [[3, 2]]


# -- cold start --------------------------------------------------------------------


def test_a_new_item_is_placed_by_its_content():
    """White and black items that nobody has had go to users of their colour."""
    train, _ = painted()
    for model in (ALSRecommender(8, random_state=0), LightFMRecommender(8)):
        model = _installed(model.set_params(random_state=0)).fit(train)
        lists = model.recommend([0, 1], k=1, candidates=[28, 29])
        assert lists.tolist() == [[28], [29]]


def test_predict_scores_an_item_that_only_the_new_table_has():
    """The content comes with X."""
    train, _ = painted()
    later = Interactions(
        {"user": [0, 1, 0, 1], "item": [98, 98, 99, 99]},
        items={"item": [98, 99]},
    ).with_table("items", colours(2))
    for model in (*COLLABORATIVE, ContentRecommender()):
        white, black = _installed(model).fit(train).predict(later).reshape(2, 2)
        assert white[0] > white[1]
        assert black[0] < black[1]


def test_a_new_user_is_folded_in_from_a_history(recommender):
    """Whoever had white items is offered white ones; nothing offered twice."""
    train, _ = painted()
    history = Interactions({"user": ["new"] * 4, "item": [0, 2, 4, 6]})
    model = recommender.fit(train)
    offered, scores = model.recommend(["new"], k=6, history=history, return_scores=True)
    assert np.isfinite(scores).all()
    assert not {0, 2, 4, 6} & set(offered[0])
    if not isinstance(model, PopularityRecommender):
        assert np.mean(offered % 2 == 0) == 1


def test_a_known_user_with_news_is_moved(collaborative):
    """The history since fit counts too: from white to grey."""
    train, _ = painted()
    model = collaborative.fit(train)
    news = Interactions({"user": [0] * 14, "item": np.arange(1, 28, 2)})
    before = model.recommend([0], k=4, candidates=[27, 28, 29, 26])
    after = model.recommend([0], k=4, candidates=[28, 29, 26, 27], history=news)
    assert 27 in before
    assert 27 not in after  # seen by now


def test_users_without_events_are_served_by_their_features():
    """A table of users does for them what that of items does for items."""
    train, _ = painted()
    tastes = np.eye(2)[np.arange(42) % 2] - 0.5
    X = Interactions(
        {"user": train.user_ids, "item": train.item_ids},
        items={"item": np.arange(30)},
        users={"user": np.arange(42)},
    )
    X = X.with_table("users", FeatureTable.from_blocks({"taste": tastes}))
    for model in COLLABORATIVE:
        if isinstance(model, (DPItemGraphRecommender, FederatedALSRecommender)):
            continue  # they leave features of users where these are
        model = _installed(model).fit(X)
        lists = model.recommend([40, 41], k=5)  # no events of theirs
        assert np.mean(lists % 2 == np.array([[0], [1]])) == 1


# -- lists -------------------------------------------------------------------------


def test_heavier_events_weigh_more():
    """A rating is a weight."""
    X = Interactions(
        {"user": [1, 2, 3], "item": list("abb"), "plays": [9, 1, 1]}, rating="plays"
    )
    assert PopularityRecommender().fit(X).recommend([99], k=1).tolist() == [["a"]]


# -- the habits of scikit-learn ----------------------------------------------------


def test_a_frame_does_as_well_as_the_container(recommender, frame):
    """The first two columns are user and item, the rest content."""
    train, _ = painted()
    content = train.items.values[train.item_codes]
    columns = {"u": train.user_ids, "i": train.item_ids}
    columns |= {f"f{c}": content[:, c] for c in range(content.shape[1])}
    table = frame(columns)
    if isinstance(table, dict):
        table = np.column_stack(list(columns.values()))
    model = recommender.fit(table)
    assert model.n_features_in_ == 5
    assert np.isfinite(model.predict(table)).all()
    assert model.recommend([0, 1], k=3).shape == (2, 3)


# -- bad input ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (
            lambda m: m.recommend([0], k=0),
            ValueError,
            "k must be .* from 1 to .* got 0",
        ),
        (
            lambda m: m.recommend([0], k=31),
            ValueError,
            "items to choose from, 30; got 31",
        ),
        (lambda m: m.recommend([0], k=2.5), ValueError, "k must be a whole number"),
        (
            lambda m: m.recommend(0),
            TypeError,
            r"must be a list of ids; got 0; write \[0\]",
        ),
        (lambda m: m.recommend("ann"), TypeError, r"write \['ann'\] for one"),
        (
            lambda m: m.recommend([[1, 2]]),
            TypeError,
            "got one that is none .*unhashable",
        ),
        (lambda m: m.recommend(np.ones((2, 2))), TypeError, r"table of shape \(2, 2\)"),
        (
            lambda m: m.recommend([0], candidates=[1, 99]),
            ValueError,
            r"items of the catalogue; got 99 \(1 unknown\)",
        ),
        (lambda m: m.similar_items([99]), ValueError, "in the catalogue; got 99"),
        (lambda m: m.similar_items([0], k=30), ValueError, "from 1 to .* 29; got 30"),
    ],
)
def test_bad_requests_are_named(call, error, match):
    """What must be, what was got, what to do."""
    model = PopularityRecommender().fit(painted()[0])
    with pytest.raises(error, match=match):
        call(model)


def test_users_of_another_kind_are_pointed_out():
    """The ids 1 and "1" are two: all users would be new ones."""
    model = PopularityRecommender().fit(painted()[0])
    with pytest.warns(UserWarning, match="such as 0; got '0': served as new users"):
        model.recommend(["0"], k=1)


def test_a_frame_is_read_by_the_names_of_fit():
    """Whatever the order of its columns; also as a history."""
    events = {"who": ["a", "a", "b"], "what": ["x", "y", "x"], "plays": [1, 2, 3]}
    X = Interactions(events, user="who", item="what", rating="plays")
    model = PopularityRecommender().fit(X)
    shuffled = {"plays": [1], "what": ["y"], "who": ["c"]}
    assert model.predict(shuffled) == [1]  # 2 plays, of a mean of 2
    assert model.recommend(["c"], k=1, history=shuffled).tolist() == [["x"]]
    pairs = {"who": ["c"], "what": ["x"]}
    assert model.recommend(["c"], k=1, history=pairs).tolist() == [["y"]]
    assert model.recommend(["c"], k=1, history=[["c", "x"]]).tolist() == [["y"]]
    with pytest.raises(ValueError, match="must have a column 'what'"):
        model.recommend(["c"], k=1, history={"who": ["c"], "item": ["x"]})


def test_ratings_in_a_plain_frame_are_pointed_out(frame):
    """A third column is content of the item, and differs here between its rows."""
    table = frame({"user": [1, 2], "item": ["a", "a"], "rating": [5.0, 3.0]})
    if isinstance(table, dict):
        with pytest.raises(TypeError, match=r"got dict; write Interactions\(X\)"):
            PopularityRecommender().fit(table)
        return
    with pytest.warns(UserWarning, match=r"\['rating'\], must describe the item"):
        PopularityRecommender().fit(table)


def test_content_without_features_is_named():
    """The fusion was forgotten."""
    X = Interactions({"user": [1], "item": ["a"]}, items={"item": ["a"], "text": ["b"]})
    with pytest.raises(ValueError, match="must have features.*MultimodalFusion before"):
        ContentRecommender().fit(X)
    with pytest.raises(ValueError, match="'metric' parameter .*'cosine'.* Got 'dot'"):
        ContentRecommender("dot").fit(painted()[0])


def test_other_features_than_in_fit_are_named():
    """Another fusion than the fitted one made them."""
    train, _ = painted()
    other = Interactions({"user": [0], "item": [77]}, items={"item": [77]})
    other = other.with_table("items", FeatureTable.from_blocks({"sound": [[1.0]]}))
    with pytest.raises(ValueError, match="features of items must be those of fit"):
        ContentRecommender().fit(train).predict(other)


def test_lightfm_says_which_extra_it_needs(monkeypatch):
    """Not installed is no riddle."""
    monkeypatch.setitem(__import__("sys").modules, "lightfm", None)
    with pytest.raises(ImportError, match=r"pip install 'skmmrec\[lightfm\]'"):
        LightFMRecommender().fit(painted()[0])


def test_modalities_that_were_fused_away_cannot_be_weighed():
    train, _ = painted()
    model = ContentRecommender().fit(train)
    with pytest.raises(ValueError, match="that fusion has kept apart, .*; got .'text'"):
        model.recommend([0], k=2, modality_weights={"text": 1})
    assert model.recommend([0], k=2, modality_weights={"colour": 2}).shape == (1, 2)


def test_modality_weights_are_factors_in_the_sum_over_modalities():
    """Σ_m w_m x_m·y_m / (‖x‖‖y‖), without another fit."""
    rng = np.random.default_rng(0)
    table = FeatureTable.from_blocks(
        {"text": rng.standard_normal((12, 3)), "image": rng.standard_normal((12, 2))}
    )
    X = Interactions({"user": [1, 1], "item": [0, 1]}, items={"item": np.arange(12)})
    model = ContentRecommender().fit(X.with_table("items", table))
    weights = {"text": 0.5, "image": 2.0}
    items, scores = model.recommend(
        [1], k=10, modality_weights=weights, return_scores=True
    )
    x, Y = table.values[:2].mean(axis=0), table.values[items[0].astype(int)]
    products = sum(
        weight * Y[:, table.blocks[name]] @ x[table.blocks[name]]
        for name, weight in weights.items()
    )
    expected = products / np.linalg.norm(Y, axis=1) / np.linalg.norm(x)
    np.testing.assert_allclose(scores[0], expected, rtol=1e-5)
    plain = model.recommend([1], k=10)
    assert plain.tolist() != items.tolist()
    assert model.recommend([1], k=10, modality_weights={}).tolist() == plain.tolist()


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (ALSRecommender(2, random_state=0), "whose factors mix them"),
        (PopularityRecommender(), "which looks at no content"),
        (ContentRecommender("euclidean"), "whose distance is a root of a sum"),
    ],
)
def test_who_cannot_weigh_modalities_says_why(model, reason):
    train, _ = painted()
    with pytest.raises(ValueError, match=f"modality_weights must be .* {reason}; set"):
        model.fit(train).recommend([0], k=2, modality_weights={"colour": 2})
