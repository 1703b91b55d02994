"""Splits of a score: by hand, by axioms, by another fit, and as planted."""

import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV

from skmmrec import (
    ALSRecommender,
    BPRRecommender,
    ColdItemKFold,
    ConcatFusion,
    ContentRecommender,
    EASERecommender,
    FeatureFactorizationRecommender,
    FeatureTable,
    Interactions,
    ItemGraphRecommender,
    ItemKNNRecommender,
    LeaveLastOut,
    LightFMRecommender,
    MultimodalFusion,
    PopularityRecommender,
    RankFusionRecommender,
    SLIMRecommender,
    SparseTextEncoder,
    StackingRecommender,
    SVDRecommender,
    SwitchingRecommender,
    TabularEncoder,
    UserKNNRecommender,
    VBPRRecommender,
    VotingRecommender,
    explain,
    make_pipeline,
)
from skmmrec.datasets import make_multimodal_shop
from skmmrec.inspection._content import masked
from skmmrec.inspection._explain import Question
from skmmrec.inspection._shapley import coalitions, shapley_values

N_USERS, N_ITEMS = 60, 50


def world(seed=0):
    """Random events; items from 40 on are new, those from 45 on lack a picture."""
    rng = np.random.default_rng(seed)
    text, image = rng.standard_normal((N_ITEMS, 4)), rng.standard_normal((N_ITEMS, 3))
    image[45:] = np.nan
    price = rng.standard_normal((N_ITEMS, 1))
    table = FeatureTable.from_blocks({"text": text, "image": image, "price": price})
    events = {
        "user": rng.integers(0, N_USERS, 900),
        "item": rng.integers(0, 40, 900),
        "time": np.arange(900),
    }
    X = Interactions(events, items={"item": np.arange(N_ITEMS)}, time="time")
    return X.with_table("items", ConcatFusion().fit_transform(table))


X = world()
MEMBERS = [
    ("content", ContentRecommender()),
    ("als", ALSRecommender(4, random_state=0)),
]
ITEM_ITEM = [
    ItemKNNRecommender(),
    SLIMRecommender(0.1, 0.1),
    EASERecommender(10),
    ItemGraphRecommender(random_state=0),
    ItemGraphRecommender(walk=0.5, decay=0.9, random_state=0),
    ItemGraphRecommender(walk=0.3, filter="spectral", random_state=0),
    ItemGraphRecommender(window=3, random_state=0),
]
ADDITIVE = [
    ContentRecommender(),
    FeatureFactorizationRecommender(),
    ALSRecommender(4, random_state=0),
    LightFMRecommender(4, max_iter=3, random_state=0),
    BPRRecommender(4, max_iter=20, random_state=0),
    SVDRecommender(4, regularization=0.1, random_state=0),
    PopularityRecommender(),
    UserKNNRecommender(),
    *ITEM_ITEM,
    VotingRecommender(MEMBERS, weights=[0.3, 1]),
    SwitchingRecommender(MEMBERS),
    StackingRecommender(MEMBERS, random_state=0),
]
SUMS_OF_LIKES = [ContentRecommender(), UserKNNRecommender(), *ITEM_ITEM]
# their neighbours of new items are found by all modalities together
WARM_ALONE = ItemKNNRecommender, SLIMRecommender, UserKNNRecommender


def fitted(model):
    if isinstance(model, LightFMRecommender):
        pytest.importorskip("lightfm")
    return model.fit(X)


def pair(user, item):
    return Interactions({"user": [user], "item": [item]})


# -- sums ----------------------------------------------------------------------------


@pytest.mark.parametrize("model", ADDITIVE, ids=str)
@pytest.mark.parametrize("item", [7, 41, 46], ids=["warm", "new", "new, no picture"])
def test_contributions_sum_to_the_score(model, item):
    """To 1e-6, and the score is that of predict."""
    model = fitted(model)
    for user in (0, 1, 2):
        found = explain(model, user, item, X)
        assert found.score == model.predict(pair(user, item))[0]
        total = found.baseline + sum(found.modalities.values())
        assert total == pytest.approx(found.score, abs=1e-6)


@pytest.mark.parametrize("model", ADDITIVE, ids=str)
@pytest.mark.parametrize("item", [7, 46], ids=["warm", "new"])
def test_what_is_called_additive_is(model, item):
    """The score without several modalities is less by all that they contribute."""
    model = fitted(model)
    found = explain(model, 3, item, X)
    if item == 46 and isinstance(model, WARM_ALONE):
        assert found.method == "shapley"
        return
    assert found.method == "additive"
    question = Question(model, 3, item, X)
    keep = coalitions(3)
    names = ["text", "image", "price"]
    changed = question.items.repeated(len(keep), dict(zip(names, keep.T)))
    scores = question.scores(masked(model, changed))
    parts = np.array([found.modalities[name] for name in names])
    expected = found.score - ~keep @ parts
    assert scores == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("model", SUMS_OF_LIKES, ids=str)
@pytest.mark.parametrize("item", [7, 41], ids=["warm", "new"])
def test_liked_items_sum_to_the_score(model, item):
    """All of it, in models that are linear in the history."""
    model = fitted(model)
    found = explain(model, 4, item, X)
    liked = set(X.item_ids[X.user_ids == 4].tolist())
    assert {name for name, _ in found.items} == liked
    values = [value for _, value in found.items]
    assert sum(values) == pytest.approx(found.score, abs=1e-6)
    assert values == sorted(values, reverse=True)


@pytest.mark.parametrize("model", ADDITIVE, ids=str)
def test_what_came_after_fit_is_split_too(model):
    """A new user, a new item, and the events of both."""
    model = fitted(model)
    news = {"user": [99, 99, 99, 3], "item": [7, 41, 50, 50], "time": [1e3] * 4}
    later = Interactions(news, items={"item": np.arange(51)}, time="time")
    later = later.with_table("items", X.items.take(np.append(np.arange(50), 2)))
    model.partial_fit(later)
    for user, item in ((99, 8), (99, 42), (3, 50)):
        found = explain(model, user, item, later)
        assert found.score == pytest.approx(model.predict(pair(user, item))[0])
        total = found.baseline + sum(found.modalities.values())
        assert total == pytest.approx(found.score, abs=1e-6)
        if any(type(model) is type(linear) for linear in SUMS_OF_LIKES):
            liked = sum(value for _, value in found.items)
            assert liked == pytest.approx(found.score, abs=1e-5)


# -- known answers -------------------------------------------------------------------


def test_the_cosine_is_split_by_hand():
    """x = (3, 1), y = (1, 2): 3 from the first and 2 from the second, over lengths."""
    items = {"item": ["a", "b", "c"]}
    blocks = {"x": np.array([[4.0], [2], [1]]), "y": np.array([[0.0], [2], [2]])}
    events = Interactions({"user": [1, 1], "item": ["a", "b"]}, items=items)
    events = events.with_table("items", FeatureTable.from_blocks(blocks))
    found = explain(ContentRecommender().fit(events), 1, "c")
    length = np.sqrt(10) * np.sqrt(5)
    assert found.modalities == pytest.approx({"x": 3 / length, "y": 2 / length})
    assert found.items == [
        ("b", pytest.approx(3 / length)),
        ("a", pytest.approx(2 / length)),
    ]
    assert (found.baseline, found.method) == (pytest.approx(0), "additive")


@pytest.mark.parametrize("walk", [0, 0.5])
def test_events_are_the_graph_without_content(walk):
    """Of one step; further ones lead over edges of content between other items, too."""
    settings = {"popularity": 0.4, "walk": walk}
    model = ItemGraphRecommender({"text": 0.2, "image": 0.1}, **settings).fit(X)
    alone = ItemGraphRecommender({}, **settings).fit(X)
    found = explain(model, 5, 7)
    expected = alone.predict(pair(5, 7))[0]
    if walk:
        assert found.modalities["events"] > expected
    else:
        assert found.modalities["events"] == pytest.approx(expected, abs=1e-6)
    assert found.modalities["price"] == 0


def test_ease_is_split_by_the_rows_that_it_learns_from():
    """b_i is linear in what it is learned from: so much from events, so much from text.

    Solved anew for the other items, with the rows of features on the left side and only
    some of them on the right.
    """
    model = EASERecommender(10, content=5).fit(X)
    R, F = model.histories_.toarray().astype(float), model.directions_.astype(float)
    i, others = 7, np.arange(N_ITEMS) != 7
    A = R.T @ R + 5 * F @ F.T + 10 * np.eye(N_ITEMS)
    rights = {"events": R.T @ R[:, i]}
    for name, columns in X.items.blocks.items():
        rights[name] = 5 * F[:, columns] @ F[i, columns]
    found = explain(model, 5, 7)
    user = model.user_vocabulary_.codes([5])[0]
    for name, right in rights.items():
        b = np.linalg.solve(A[np.ix_(others, others)], right[others])
        expected = R[user, others] @ b
        assert found.modalities[name] == pytest.approx(expected, abs=1e-5)


def test_a_new_item_of_als_is_its_prior():
    """x_u·(m + Σ_m W_m'f_m), the mean for the baseline."""
    model = ALSRecommender(4, random_state=0).fit(X)
    found = explain(model, 5, 41, X)
    x = model.user_factors_[model.user_vocabulary_.codes([5])[0]]
    f = model.item_prior_.space.values(X.items.take(np.array([41])))[0]
    for name, columns in X.items.blocks.items():
        expected = x @ (f[columns] @ model.item_prior_.coef[columns])
        assert found.modalities[name] == pytest.approx(expected, abs=1e-6)
    assert found.baseline == pytest.approx(x @ model.item_prior_.mean, abs=1e-6)
    assert "events" not in found.modalities


def test_liked_items_of_als_are_those_of_the_fold_in():
    """Of the system that a new user with this history is solved for by."""
    model = ALSRecommender(4, alpha=2, random_state=0).fit(X)
    found = explain(model, 5, 7, X)
    seen = model.seen_[model.user_vocabulary_.codes([5])]
    score = model._fold_in(model._likes(seen))[0] @ model.item_factors_[7]
    assert sum(value for _, value in found.items) == pytest.approx(score, rel=1e-3)


def test_models_of_events_give_content_nothing():
    """Other content would not have changed the score."""
    for model in (ItemKNNRecommender(), BPRRecommender(4, random_state=0)):
        found = explain(model.fit(X), 5, 7)
        assert found.modalities["text"] == found.modalities["image"] == 0
        assert found.modalities["events"] == pytest.approx(found.score - found.baseline)


def test_a_vote_is_split_by_its_members():
    """Each one's split, times weight and scale."""
    model = VotingRecommender(MEMBERS, weights=[0.3, 1]).fit(X)
    found = explain(model, 5, 7, X)
    content, als = (explain(member, 5, 7, X) for member in model.estimators_)
    scales = model.user_factors_.parts[-1][model.user_vocabulary_.codes([5])[0], 2:]
    for name in ("text", "image", "price"):
        expected = 0.3 * scales[0] * content.modalities[name]
        expected += scales[1] * als.modalities[name]
        assert found.modalities[name] == pytest.approx(expected, abs=1e-6)
    expected = scales[1] * als.modalities["events"]
    assert found.modalities["events"] == pytest.approx(expected, abs=1e-5)


def test_a_tree_that_judges_is_no_sum():
    """Then the coalitions are all asked."""
    from sklearn.tree import DecisionTreeClassifier

    judge = DecisionTreeClassifier(max_depth=3, random_state=0)
    model = StackingRecommender(MEMBERS, judge, random_state=0).fit(X)
    found = explain(model, 5, 7, X)
    assert (found.method, found.items) == ("shapley", [])
    total = found.baseline + sum(found.modalities.values())
    assert total == pytest.approx(found.score, abs=1e-6)


# -- the axioms of Shapley -----------------------------------------------------------


def test_shapley_values_keep_the_axioms():
    """Efficiency, symmetry, null player and linearity, of random games."""
    rng = np.random.default_rng(0)
    members = coalitions(4)
    for _ in range(20):
        v, w = rng.standard_normal((2, 16))
        assert shapley_values(v).sum() == pytest.approx(v[-1] - v[0])
        assert shapley_values(2 * v + w) == pytest.approx(
            2 * shapley_values(v) + shapley_values(w)
        )
        # of players 0 and 1 only the number counts, player 3 changes nothing
        game = v[members[:, 0] * 1 + members[:, 1] + 4 * members[:, 2]]
        phi = shapley_values(game)
        assert phi[0] == pytest.approx(phi[1])
        assert phi[3] == pytest.approx(0)


def test_shapley_values_of_the_gloves():
    """One left glove and two right ones: 2/3 and 1/6 each (Shapley 1953's example)."""
    members = coalitions(3)
    pairs = (members[:, 0] & (members[:, 1] | members[:, 2])).astype(float)
    assert shapley_values(pairs) == pytest.approx([2 / 3, 1 / 6, 1 / 6])


def twins():
    """Two modalities that are the same, and one that is the same for all items."""
    rng = np.random.default_rng(0)
    taste = rng.standard_normal((N_ITEMS, 2))
    table = {"left": taste, "right": taste, "dull": np.zeros((N_ITEMS, 1))}
    return X.with_table("items", FeatureTable.from_blocks(table))


def test_the_axioms_hold_for_a_distance():
    """-‖x - y‖: twins earn the same, what all items share earns nothing."""
    events = twins()
    model = ContentRecommender("euclidean").fit(events)
    found = explain(model, 5, 7, events)
    parts = found.modalities
    assert found.method == "shapley"
    assert parts["left"] == pytest.approx(parts["right"], abs=1e-6) != 0
    assert parts["dull"] == pytest.approx(0, abs=1e-6)
    unknown = Interactions({"user": [5], "item": ["?"]}, items={"item": ["?"]})
    nothing = FeatureTable.missing(1, events.items.blocks)
    bare = unknown.with_table("items", nothing)
    assert found.baseline == pytest.approx(model.predict(bare)[0], abs=1e-6)


def test_a_network_is_shared_by_shapley():
    """VBPR is linear in the content: its own terms are found again."""
    pytest.importorskip("torch")
    model = VBPRRecommender(
        4, max_iter=5, batch_size=64, validation_fraction=0, random_state=0
    ).fit(X)
    found = explain(model, 5, 7, X)
    total = found.baseline + sum(found.modalities.values())
    assert total == pytest.approx(found.score, abs=1e-6)
    without = X.items.take(np.full(1, 7))
    without.values[0, X.items.blocks["text"]] = 0
    present = without.present & [False, True, True]
    without = FeatureTable(without.values, without.blocks, present)
    from skmmrec.recommenders.networks._training import as_items

    batch = as_items(np.array([7]), model._inputs(without), present)
    vector = model.network_.items(batch).detach().numpy()[0]
    u = model.user_factors_[model.user_vocabulary_.codes([5])[0]]
    expected = u @ (model.item_factors_[7] - vector)
    assert found.modalities["text"] == pytest.approx(expected, abs=1e-6)


def test_too_many_modalities_are_refused():
    """2^13 coalitions are more than a glance."""
    rng = np.random.default_rng(0)
    blocks = {f"m{m}": rng.standard_normal((N_ITEMS, 1)) for m in range(13)}
    events = X.with_table("items", FeatureTable.from_blocks(blocks))
    model = ContentRecommender("euclidean").fit(events)
    with pytest.raises(ValueError, match="12 modalities at most"):
        explain(model, 5, 7, events)


# -- what is asked of ----------------------------------------------------------------

SHOP = make_multimodal_shop(40, 40, shares={"text": 1, "tabular": 1}, random_state=0)
BRANCHES = [
    ("text", SparseTextEncoder(n_components=8, random_state=0), "description"),
    ("tabular", TabularEncoder(), ["category", "price"]),
]
USER, ITEM = SHOP.user_ids[0].item(), SHOP.items["item"][3]


def pipe(model, **fusion):
    return make_pipeline(MultimodalFusion(BRANCHES, **fusion), model)


@pytest.mark.parametrize(
    "model",
    [
        ContentRecommender(),
        ALSRecommender(4, random_state=0),
        RankFusionRecommender(MEMBERS),
    ],
    ids=str,
)
@pytest.mark.parametrize("method", ["concat", "mean", "svd"])
def test_modalities_keep_their_names_through_a_fusion(model, method):
    """Also where they come out of it mixed: then what is left of an item is fused."""
    fitted = pipe(model, method=method).fit(SHOP)
    found = explain(fitted, USER, ITEM, SHOP)
    assert {"text", "tabular"} <= set(found.modalities)
    assert found.score == pytest.approx(fitted.predict(pair(USER, ITEM))[0])
    total = found.baseline + sum(found.modalities.values())
    assert total == pytest.approx(found.score, abs=1e-6)
    assert (method == "concat") or found.method == "shapley"


def test_a_mixture_is_one_modality_of_a_graph():
    """Its edges are of all of them."""
    fitted = pipe(ItemGraphRecommender(random_state=0), method="mean").fit(SHOP)
    found = explain(fitted, USER, ITEM)
    assert set(found.modalities) == {"mean", "events"}


def test_members_may_have_fusions_of_their_own():
    """The raw item goes to each of them."""
    members = [
        ("content", pipe(ContentRecommender(), method="mean")),
        ("als", ALSRecommender(4, random_state=0)),
    ]
    model = VotingRecommender(members).fit(SHOP)
    found = explain(model, USER, ITEM, SHOP)
    assert {"text", "tabular", "events"} <= set(found.modalities)
    assert found.method == "shapley"
    total = found.baseline + sum(found.modalities.values())
    assert total == pytest.approx(found.score, abs=1e-6)


def test_a_search_explains_its_best():
    """As it predicts by it."""
    grid = {"contentrecommender__metric": ["cosine"]}
    search = GridSearchCV(pipe(ContentRecommender()), grid, cv=LeaveLastOut()).fit(SHOP)
    assert explain(search, USER, ITEM) == explain(search.best_estimator_, USER, ITEM)


@pytest.mark.parametrize("frame", ["mapping", "pandas", "polars"])
def test_new_items_are_explained_by_the_table_of_x(frame):
    """A row of content is enough, in a table of any kind."""
    new = {name: np.asarray(column)[:2].copy() for name, column in SHOP.items.items()}
    new["item"] = np.array(["new", "newer"], dtype=object)
    if frame != "mapping":
        new = pytest.importorskip(frame).DataFrame(new)
    asked = Interactions({"user": [USER], "item": ["newer"]}, items=new)
    fitted = pipe(ALSRecommender(4, random_state=0)).fit(SHOP)
    found = explain(fitted, USER, "newer", asked)
    assert found.score == pytest.approx(fitted.predict(asked)[0], abs=1e-6)
    assert set(found.modalities) == {"text", "tabular"}


def test_new_users_are_explained_by_their_features():
    """Without likes, there is no telling by liked items."""
    users = {"user": np.arange(N_USERS + 1), "age": np.arange(N_USERS + 1.0)}
    table = FeatureTable.from_blocks({"age": users["age"][:, None] / 30 - 1})
    events = {"user": X.user_ids, "item": X.item_ids}
    events = Interactions(events, {"item": np.arange(N_ITEMS)}, users)
    events = events.with_table("items", X.items).with_table("users", table)
    model = ALSRecommender(4, random_state=0).fit(events[events.user_ids > 0])
    found = explain(model, N_USERS, 7, events)
    assert found.items == []
    asked = Interactions({"user": [N_USERS], "item": [7]}, users={"user": [N_USERS]})
    asked = asked.with_table("users", table.take(np.array([N_USERS])))
    assert found.score == pytest.approx(model.predict(asked)[0], abs=1e-6)


def test_who_is_unknown_is_said():
    """User, item, and what the model would have to know of the item."""
    model = ALSRecommender(4, random_state=0).fit(X)
    with pytest.raises(ValueError, match="user must be known from fit.*'zoe'"):
        explain(model, "zoe", 7, X)
    with pytest.raises(ValueError, match="item must be known from fit.*999"):
        explain(model, 5, 999, X)
    with pytest.raises(ValueError, match="X must hold the content of the item"):
        explain(model, 5, 7)
    with pytest.raises(TypeError, match="item"):
        explain(model, 5, [7], X)


def test_a_frame_of_numbers_will_do():
    """User, item, and content of the item."""
    rng = np.random.default_rng(0)
    content = rng.standard_normal((30, 2))
    item = rng.integers(0, 30, 200)
    events = np.column_stack([rng.integers(0, 20, 200), item, content[item]])
    model = ContentRecommender().fit(events)
    found = explain(model, 3.0, 4.0)
    assert list(found.modalities) == ["content"]


def test_it_reads_well():
    """The largest likes by name, the others in one line."""
    found = explain(ContentRecommender().fit(X), 5, 7)
    lines = str(found).splitlines()
    assert lines[0] == f"7 for 5: {found.score:.4g} (additive)"
    assert [line.split()[0] for line in lines[1:5]] == [
        "text",
        "image",
        "price",
        "baseline",
    ]
    assert lines[-1].split()[-1] == f"{sum(v for _, v in found.items[5:]):+.4f}"


# -- planted shares ------------------------------------------------------------------

SHARES = {"text": 0.6, "image": 0.3, "audio": 0.1}
EQUAL = dict.fromkeys(SHARES, 0.1)


def planted_shop(seed):
    """Styles as they are, in the place of content that shows them."""
    X, truth = make_multimodal_shop(
        300, 150, shares=SHARES, random_state=seed, return_truth=True
    )
    blocks = {name: np.eye(8)[styles] for name, styles in truth.styles.items()}
    table = ConcatFusion().fit_transform(FeatureTable.from_blocks(blocks))
    return X.with_table("items", table)


def recovered(model, seed, n_pairs=200):
    """Shares of the modalities in what sets likes of new items apart from other items.

    A user's affinities are in both factors of a contribution, the history and the item
    that is liked: so their product goes by the variance, as the planted shares do.
    """
    X, rng = planted_shop(seed), np.random.default_rng(0)
    train, test = next(ColdItemKFold(5, random_state=0).split(X))
    model.fit(X[train])
    rows = rng.choice(test, n_pairs, replace=False)
    others = rng.choice(np.unique(X.item_ids[test]), n_pairs)
    gains = np.zeros(len(SHARES))
    for user, liked, other in zip(X.user_ids[rows], X.item_ids[rows], others):
        for item, sign in ((liked, 1), (other, -1)):
            parts = explain(model, user, item, X).modalities
            gains += sign * np.array([parts[name] for name in SHARES])
    return gains / gains.sum()


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize(
    "model",
    [ContentRecommender(), ItemGraphRecommender(EQUAL, 0.3, 0.1)],
    ids=["content", "graph"],
)
def test_planted_shares_are_recovered(model, seed):
    """Within 0.1 each, and in order."""
    shares = recovered(model, seed)
    assert shares == pytest.approx(list(SHARES.values()), abs=0.1)
    assert (np.diff(shares) < 0).all()


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize(
    "model",
    [ALSRecommender(16, random_state=0), ItemGraphRecommender(random_state=0)],
    ids=["als", "graph"],
)
def test_what_is_learned_keeps_the_planted_order(model, seed):
    """Models that learn what matters stress it, and so does the split of them."""
    assert (np.diff(recovered(model, seed)) < 0).all()


def test_a_history_is_in_the_score_and_not_in_the_liked_items():
    """Which are those of the fit, and would not sum to it."""
    X = Interactions({"user": [1, 1, 2, 2], "item": list("abcd")})
    model = ItemKNNRecommender().fit(X)
    history = {"user": ["new"], "item": ["a"]}
    reason = explain(model, "new", "b", history=history)
    (score,) = model.recommend(["new"], 1, history=history, return_scores=True)[1][0]
    assert reason.score == pytest.approx(score)
    assert reason.items == []
