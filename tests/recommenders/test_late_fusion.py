"""Late fusion: what each rule makes of given scores, members of any kind, bad input."""

import pickle
from itertools import chain, zip_longest

import numpy as np
import pytest
from scipy.stats import rankdata
from sklearn import clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline as make_plain_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeRegressor

from skmmrec import (
    ALSRecommender,
    BaseRecommender,
    ColdItemKFold,
    ConcatFusion,
    ContentRecommender,
    Interactions,
    MultimodalFusion,
    PopularityRecommender,
    RandomHoldout,
    RankFusionRecommender,
    StackingRecommender,
    SwitchingRecommender,
    UnionRecommender,
    VotingRecommender,
    get_scorer,
    make_pipeline,
)
from skmmrec.datasets import make_multimodal_shop
from skmmrec.recommenders._rank_fusion import ranks_of
from skmmrec.testing import checkerboard, painted


class Given(BaseRecommender):
    """A recommender whose scores (n_users, n_items) are given."""

    def __init__(self, scores):
        self.scores = scores

    def _fit(self, R, items, users):
        self.user_factors_ = np.eye(R.shape[0], dtype=np.float32)
        self.item_factors_ = np.array(self.scores, dtype=np.float32).T

    def _place_cold(self, R, features):
        """Scores of items without events are given too."""


def events(pairs, n_users=1, n_items=5):
    """Events of users 0, 1, ... with items 0, 1, ..., all of them described."""
    user, item = np.array(pairs).T
    tables = ({"item": np.arange(n_items)}, {"user": np.arange(n_users)})
    return Interactions({"user": user, "item": item}, *tables)


def zscores(values):
    return (values - np.mean(values)) / np.std(values)


def everything(n_items=5, user=0):
    return Interactions({"user": [user] * n_items, "item": np.arange(n_items)})


FIRST, SECOND = np.array([9.0, 1, 2, 3, 4]), np.array([5.0, 40, 10, 20, 35])
PAIR = [("first", Given([FIRST])), ("second", Given([SECOND]))]
HAD_0 = events([(0, 0)])
REAL = [("content", ContentRecommender()), ("als", ALSRecommender(8, random_state=0))]
EACH = [
    VotingRecommender(REAL),
    VotingRecommender(REAL, weights="learned", random_state=0),
    RankFusionRecommender(REAL),
    RankFusionRecommender(REAL, "borda"),
    UnionRecommender(REAL),
    StackingRecommender(REAL, random_state=0),
    SwitchingRecommender(REAL),
]


@pytest.fixture(params=EACH, ids=str)
def late(request):
    return clone(request.param)


# -- known answers -----------------------------------------------------------------


def test_voting_is_a_weighted_sum_of_calibrated_scores():
    """Mean 0 and variance 1 over the user's catalogue, then the weights."""
    model = VotingRecommender(PAIR, weights={"first": 2}).fit(HAD_0)
    expected = 2 * zscores(FIRST) + zscores(SECOND)
    assert model.predict(everything()) == pytest.approx(expected, rel=1e-5)
    assert model.weights_["warm"] == {"first": 2, "second": 1}
    assert model.recommend([0], k=4).tolist() == [[4, 1, 3, 2]]


def test_voting_knows_no_units():
    """Another scale and another origin of a member's scores change nothing."""
    moved = [PAIR[0], ("second", Given([1000 * SECOND - 7]))]
    plain, other = (VotingRecommender(m).fit(HAD_0) for m in (PAIR, moved))
    np.testing.assert_allclose(
        plain.predict(everything()), other.predict(everything()), atol=1e-4
    )


def test_a_member_that_says_nothing_has_no_voice():
    """All its scores are one, but for rounding."""
    mute = ("mute", Given([[1, 1, 1, 1, 1 + 1e-7]]))
    model = VotingRecommender([PAIR[0], mute]).fit(HAD_0)
    assert model.predict(everything()) == pytest.approx(zscores(FIRST), rel=1e-5)


def test_reciprocal_ranks_add_up():
    """Among what the user has not had: item 0, the first member's best, is gone."""
    weights = {"second": 3}
    model = RankFusionRecommender(PAIR, constant=1, weights=weights).fit(HAD_0)
    items, scores = model.recommend([0], k=4, return_scores=True)
    # ranks of items 1, 2, 3, 4: 4, 3, 2, 1 and 1, 4, 3, 2
    expected = [1 / 5 + 3 / 2, 1 / 4 + 3 / 5, 1 / 3 + 3 / 4, 1 / 2 + 3 / 3]
    assert items.tolist() == [[1, 4, 3, 2]]
    assert scores[0] == pytest.approx(sorted(expected, reverse=True))


def test_candidates_alone_are_ranked():
    """Of two candidates one is first and one second."""
    model = RankFusionRecommender(PAIR[:1], constant=0).fit(HAD_0)
    items, scores = model.recommend([0], k=2, candidates=[1, 2], return_scores=True)
    assert items.tolist() == [[2, 1]]
    assert scores.tolist() == [[1, 0.5]]


def test_predict_ranks_among_the_whole_catalogue():
    """Also what the user had."""
    model = RankFusionRecommender(PAIR, constant=0).fit(HAD_0)
    first, second = np.array([1, 5, 4, 3, 2]), np.array([5, 1, 4, 3, 2])
    assert model.predict(everything()) == pytest.approx(1 / first + 1 / second)


def test_borda_counts_points_and_shares_them_between_equals():
    """n + 1 - rank; two that share places 2 and 3 have rank 2.5."""
    tied = ("tied", Given([[9.0, 5, 5, 1, 0]]))
    model = RankFusionRecommender([tied], "borda").fit(events([(0, 4)]))
    items, scores = model.recommend([0], k=4, return_scores=True)
    assert items.tolist() == [[0, 1, 2, 3]]
    assert scores.tolist() == [[5, 3.5, 3.5, 2]]
    assert model.predict(everything()).tolist() == [5, 3.5, 3.5, 2, 1]


def test_ranks_are_those_of_scipy():
    """With and without ties, excluded items last."""
    scores = np.random.default_rng(0).integers(0, 9, (5, 40)).astype(np.float32)
    scores[:, ::7] = -np.inf
    for in_order, method in ((True, "ordinal"), (False, "average")):
        expected = rankdata(-scores, method, axis=1)
        np.testing.assert_array_equal(ranks_of(scores, in_order), expected)


def test_the_union_takes_turns():
    """The members' own lists merged alternately, what comes again left out."""
    scores = np.random.default_rng(0).standard_normal((2, 6, 20))
    X = events([(u, i) for u in range(6) for i in range(u, u + 3)], 6, 20)
    members = [("a", Given(scores[0])), ("b", Given(scores[1]))]
    lists = UnionRecommender(members).fit(X).recommend(np.arange(6), k=8)
    own = [model.fit(X).recommend(np.arange(6), k=17) for _, model in members]
    for union, first, second in zip(lists.tolist(), *map(np.ndarray.tolist, own)):
        turns = chain.from_iterable(zip_longest(first, second))
        assert union == list(dict.fromkeys(turns))[:8]


def test_quotas_share_the_list():
    """Two of the first for one of the second."""
    up, down = [[9.0, 8, 7, 6, 5, 4, 3, 2, 1]], [[1.0, 2, 3, 4, 5, 6, 7, 8, 9]]
    members = [("up", Given(up)), ("down", Given(down))]
    X = events([(0, 4)], 1, 9)
    model = UnionRecommender(members, quotas=[2, 1]).fit(X)
    assert model.recommend([0], k=6).tolist() == [[0, 8, 1, 2, 7, 3]]
    predicted = model.predict(everything(9))
    assert predicted[[0, 8, 1]] == pytest.approx([-0.25, -0.5, -0.75])


def test_switching_takes_one_member_for_cold_items_and_one_for_warm():
    """Two likes are warm; the warm are calibrated among themselves."""
    X = events([(0, 0), (1, 0), (0, 1), (1, 1), (0, 2)], n_users=2)
    members = [("a", Given([FIRST] * 2)), ("b", Given([SECOND] * 2))]
    model = SwitchingRecommender(members, threshold=2).fit(X)
    cold, warm = zscores(FIRST)[2:], zscores(SECOND[:2])
    expected = [*warm, *cold]
    assert model.predict(everything()) == pytest.approx(expected, rel=1e-5)


def test_switching_by_users_follows_their_history():
    """A new user is served by the first member, until the third like."""
    train, _ = painted()
    members = [("popular", PopularityRecommender()), ("content", ContentRecommender())]
    model = SwitchingRecommender(members, threshold=3, by="users").fit(train)
    popular = PopularityRecommender().fit(train)
    for n_likes in range(1, 5):
        history = {"user": ["new"] * n_likes, "item": [0, 2, 4, 6][:n_likes]}
        cold = popular.recommend(["new"], 3, history=Interactions(history))
        offered = model.recommend(["new"], 3, history=Interactions(history))
        if n_likes < 3:
            assert offered.tolist() == cold.tolist()
        else:
            assert (offered % 2 == 0).all()
    stranger = model.recommend([999], 3).tolist()
    assert stranger == popular.recommend([999], 3).tolist()


@pytest.mark.parametrize(
    ("judge", "method"),
    [
        (None, "decision_function"),
        (RandomForestClassifier(5, random_state=0), "predict_proba"),
        (DecisionTreeRegressor(max_depth=3, random_state=0), "predict"),
    ],
)
def test_stacking_asks_the_judge(judge, method):
    """Its inputs are the calibrated scores and log(1 + likes)."""
    train, _ = painted()
    model = StackingRecommender(REAL, judge, random_state=0).fit(train)
    inputs = [
        zscores(clone(member).fit(train).predict(everything(30))) for _, member in REAL
    ]
    inputs.append(np.log1p(np.bincount(train.item_ids, minlength=30)))
    expected = getattr(model.final_estimator_, method)(
        np.stack(inputs, axis=1).astype(np.float32)
    )
    expected = expected[:, 1] if method == "predict_proba" else expected
    assert model.predict(everything(30)) == pytest.approx(expected, abs=1e-4)


def test_stacking_trusts_the_member_that_knows():
    """Out of the fold noise is worth nothing."""
    train, test = checkerboard()
    noise = Given(np.random.default_rng(0).standard_normal((40, 30)))
    members = [("noise", noise), ("als", ALSRecommender(8, random_state=0))]
    cv = RandomHoldout(random_state=0)
    model = StackingRecommender(members, cv=cv, random_state=0).fit(train)
    noise, als, _ = model.final_estimator_.coef_[0]
    assert als > 10 * abs(noise)
    assert model.score(test) > 0.95


def test_without_anything_to_hold_out_all_weigh_alike():
    """One event teaches no judge."""
    equal = VotingRecommender(PAIR).fit(HAD_0).predict(everything())
    stacked = StackingRecommender(PAIR).fit(HAD_0)
    learned = VotingRecommender(PAIR, weights="learned").fit(HAD_0)
    assert stacked.final_estimator_ is None
    assert stacked.predict(everything()) == pytest.approx(equal)
    assert learned.predict(everything()) == pytest.approx(equal / 2)


def test_learned_weights_tell_warm_from_cold():
    """Where a member is noise, the other gets the say; where nothing is cold, half."""
    train, test = painted()
    noise = Given(np.random.default_rng(0).standard_normal((40, 30)))
    members = [("noise", noise), ("content", ContentRecommender())]
    model = VotingRecommender(members, weights="learned", random_state=0).fit(train)
    for kind in ("warm", "cold"):
        assert model.weights_[kind]["content"] > 0.6
    equal = VotingRecommender(members).fit(train)
    assert model.score(test) > max(0.9, equal.score(test) + 0.05)

    collaborative = [
        ("popular", PopularityRecommender()),
        ("als", ALSRecommender(8, random_state=0)),
    ]
    train, test = checkerboard()
    model = VotingRecommender(collaborative, weights="learned", random_state=0)
    assert model.fit(train).score(test) > 0.95
    assert set(model.weights_["cold"].values()) == {0.5}  # no table, nothing is cold


# -- members of any kind -----------------------------------------------------------


def _described():
    """The painted checkerboard with its content still to be encoded."""
    train, test = painted()
    values = train.items.values
    table = {"item": np.arange(30), "colour": values[:, :2], "noise": values[:, 2:]}
    X = Interactions({"user": train.user_ids, "item": train.item_ids}, items=table)
    branches = [(name, "passthrough", name) for name in ("colour", "noise")]
    return X, test, MultimodalFusion(branches)


@pytest.mark.parametrize("pipeline", [make_pipeline, make_plain_pipeline])
def test_early_fusion_inside_late_and_late_over_early(pipeline):
    """The same features, encoded in each member or before all of them."""
    X, _, fusion = _described()
    inside = [(name, pipeline(fusion, m)) for name, m in REAL]
    inner = VotingRecommender(inside).fit(X)
    over = make_pipeline(fusion, VotingRecommender(REAL)).fit(X)
    users = np.arange(40)
    assert (inner.recommend(users, k=6) == over.recommend(users, k=6)).all()
    later = Interactions(
        {"user": [0, 1, "new"], "item": [98, 98, 99]},
        items={"item": [98, 99], "colour": np.eye(2) - 0.5, "noise": np.zeros((2, 1))},
    )
    scores = inner.predict(later)
    np.testing.assert_allclose(scores, over.predict(later), rtol=1e-4, atol=1e-5)
    assert scores[0] > scores[1]  # white, to a user of white and one of black


def test_grid_search_reaches_into_members():
    """Parameters of the fusion of a member, and the member itself."""
    X, _, fusion = _described()
    members = [
        ("content", make_pipeline(fusion, ContentRecommender())),
        ("popular", PopularityRecommender()),
    ]
    search = GridSearchCV(
        VotingRecommender(members),
        {
            "content__multimodalfusion__method": ["concat", ConcatFusion("l2")],
            "popular": [PopularityRecommender(), "drop"],
        },
        cv=ColdItemKFold(2, random_state=0),
        scoring=get_scorer("ndcg@5"),
        n_jobs=2,
    ).fit(X)
    scores = search.cv_results_["mean_test_score"].reshape(2, 2)
    assert (scores[:, 0] != scores[:, 1]).any()  # popularity has a say, or none
    assert (scores[0] != scores[1]).any()  # and the fusion
    fusion = search.best_estimator_.named_estimators_["content"][0]
    assert fusion.method == search.best_params_["content__multimodalfusion__method"]
    assert search.best_estimator_.recommend([0], k=2).shape == (1, 2)


def test_a_dropped_member_is_not_asked():
    """As if it had never been; its weight goes with it."""
    members = [*PAIR, ("third", Given([-FIRST]))]
    model = VotingRecommender(members, weights=[1, 2, 9]).set_params(third="drop")
    model.fit(HAD_0)
    two = VotingRecommender(PAIR, weights=[1, 2]).fit(HAD_0)
    assert list(model.named_estimators_) == ["first", "second"]
    assert model.predict(everything()).tolist() == two.predict(everything()).tolist()


def test_late_fusion_of_late_fusions():
    """A combination is a recommender like any other."""
    train, test = checkerboard()
    popular = ("popular", PopularityRecommender())
    als = ("als", ALSRecommender(8, random_state=0))
    inner = VotingRecommender([popular, als], weights=[0.1, 1])
    model = VotingRecommender([("inner", inner), popular], weights=[1, 0.1]).fit(train)
    assert model.score(test) > 0.95
    loaded = pickle.loads(pickle.dumps(model))
    users = np.arange(40)
    assert (loaded.recommend(users, 5) == model.recommend(users, 5)).all()
    ranked = RankFusionRecommender([("inner", inner), ("als", als[1])]).fit(train)
    summed = VotingRecommender([("ranked", ranked), als]).fit(train)
    assert min(ranked.score(test), summed.score(test)) > 0.95


def test_members_are_not_kept_twice():
    """Its factors are those of the members, in memory and in a pickle."""
    X, _, fusion = _described()
    wide = np.random.default_rng(0).standard_normal((30, 3000))
    X = X.with_table("items", {"item": np.arange(30), "wide": wide})
    fusion = MultimodalFusion([("wide", "passthrough", "wide")])
    members = [("content", make_pipeline(fusion, ContentRecommender()))]
    model = VotingRecommender(members).fit(X)
    loaded = pickle.loads(pickle.dumps(model))
    for one in (model, loaded):
        (content,) = (member[-1] for member in one.estimators_)
        assert content.item_factors_ is one.item_factors_.parts[0]
        assert content.user_factors_ is one.user_factors_.parts[0]
    factors = content.item_factors_.nbytes + content.user_factors_.nbytes
    assert len(pickle.dumps(model)) < 1.5 * factors


def test_members_are_left_as_they_were(late):
    """What is fitted are clones."""
    late.fit(painted()[0])
    assert not any(hasattr(member, "seen_") for _, member in late.estimators)
    assert list(late.named_estimators_) == ["content", "als"]
    assert late.named_estimators_["als"] is late.estimators_[1]
    for factors in (late.item_factors_, late.user_factors_):
        assert {part.dtype for part in factors.parts} == {np.dtype(np.float32)}


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_same_seed_same_lists(late, n_jobs):
    """Whatever the number of threads."""
    train, _ = painted()
    one = clone(late).fit(train)
    other = late.set_params(n_jobs=n_jobs).fit(train)
    np.testing.assert_array_equal(one.item_factors_, other.item_factors_)
    for first, second in zip(
        *(m.recommend(np.arange(40), 5, return_scores=True) for m in (one, other))
    ):
        np.testing.assert_array_equal(first, second)


# -- cold start --------------------------------------------------------------------


def test_cold_items_go_to_users_of_their_colour(late):
    """Nobody has had 28 and 29."""
    model = late.fit(painted()[0])
    assert model.recommend([0, 1], k=1, candidates=[28, 29]).tolist() == [[28], [29]]


def test_a_new_user_is_served_from_a_history(late):
    """White, and nothing twice; without a history as the mean user."""
    model = late.fit(painted()[0])
    history = Interactions({"user": ["new"] * 4, "item": [0, 2, 4, 6]})
    offered = model.recommend(["new"], k=6, history=history)
    assert (offered % 2 == 0).all()
    assert not {0, 2, 4, 6} & set(offered[0])
    assert None not in model.recommend([999], k=5)


def test_a_pickle_serves_new_users_too(late):
    """All that folding in needs is in it."""
    model = late.fit(painted()[0])
    loaded = pickle.loads(pickle.dumps(model))
    history = Interactions({"user": ["new"] * 4, "item": [0, 2, 4, 6]})
    lists = [m.recommend(["new", 3], k=6, history=history) for m in (model, loaded)]
    assert lists[0].tolist() == lists[1].tolist()
    pairs = Interactions({"user": [0, "new"], "item": [3, "new"]})
    assert model.predict(pairs) == pytest.approx(loaded.predict(pairs))


def test_similar_items_are_of_one_colour(late):
    """As content and events have it."""
    similar = late.fit(painted()[0]).similar_items([0, 1], k=5)
    assert (similar % 2 == [[0], [1]]).all()


# -- modality weights --------------------------------------------------------------


def test_modality_weights_go_to_the_members_that_can():
    """The other's scores stay as they are."""
    X, _, fusion = _described()
    content = make_pipeline(fusion, ContentRecommender())
    als = ALSRecommender(8, random_state=0)
    X = fusion.fit_transform(X)
    model = VotingRecommender([("content", content[-1]), ("als", als)]).fit(X)
    alone = clone(als).fit(X)

    def offered(recommender, **kwargs):
        kwargs |= {"return_scores": True, "exclude_seen": False}
        return recommender.recommend([0, 1], k=30, **kwargs)

    plain, _ = offered(model, modality_weights={"colour": 1})
    assert (plain == offered(model)[0]).all()
    mute, scores = offered(model, modality_weights={"colour": 0, "noise": 0.0001})
    items, expected = offered(alone)
    assert (mute == items).mean() > 0.9
    spread = expected.std(axis=1, keepdims=True)
    expected = (expected - expected.mean(axis=1, keepdims=True)) / spread
    np.testing.assert_allclose(scores, expected, atol=1e-3)


def test_modality_weights_without_a_member_that_can_are_refused():
    """As by any recommender whose score is no sum over modalities."""
    model = VotingRecommender([("popular", PopularityRecommender())])
    model.fit(painted()[0])
    with pytest.raises(ValueError, match="modality_weights must be asked of a model"):
        model.recommend([0], modality_weights={"text": 1})
    with pytest.raises(ValueError, match=r"of \['colour'\]; got \['sound'\]"):
        VotingRecommender(REAL).fit(painted()[0]).recommend(
            [0], modality_weights={"sound": 1}
        )


# -- bad input ---------------------------------------------------------------------

ONE = [("a", PopularityRecommender())]
TWO = [*ONE, ("b", PopularityRecommender())]


@pytest.mark.parametrize(
    ("model", "error", "match"),
    [
        (VotingRecommender([]), ValueError, "must hold a member .*; got "),
        (VotingRecommender([("a", "drop")]), ValueError, r"not dropped; got \['a'\]"),
        (VotingRecommender(PopularityRecommender()), TypeError, "must be a list of "),
        (VotingRecommender([*ONE, *ONE]), ValueError, "not unique: .*'a', 'a'"),
        (VotingRecommender([("weights", ONE[0][1])]), ValueError, "names conflict"),
        (VotingRecommender([("a", 3)]), TypeError, "'a' must be a recommender.* got 3"),
        (
            VotingRecommender([("a", make_plain_pipeline(ConcatFusion()))]),
            TypeError,
            "'a' must be a recommender, a pipeline that ends in one",
        ),
        (VotingRecommender(ONE, {"b": 1}), ValueError, r"weights must be .*\['a'\].*b"),
        (VotingRecommender(TWO, [1]), ValueError, r"weights must be a list.*got \[1\]"),
        (VotingRecommender(TWO, [1, -2]), ValueError, "0 or more; got -2 for 'b'"),
        (VotingRecommender(TWO, [0, 0]), ValueError, "weights must not all be zero"),
        (VotingRecommender(TWO, "best"), ValueError, "'weights' parameter .*'learned'"),
        (RankFusionRecommender(TWO, "mean"), ValueError, "'borda'.*Got 'mean'"),
        (RankFusionRecommender(TWO, weights={"c": 1}), ValueError, "got {'c': 1}"),
        (UnionRecommender(TWO, [1, 0]), ValueError, "quotas must be .*got 0 for 'b'"),
        (UnionRecommender(TWO, {"c": 1}), ValueError, "quotas must be .*got {'c': 1}"),
        (SwitchingRecommender(ONE), ValueError, r"must be two, .*; got \['a'\]"),
        (SwitchingRecommender(TWO, 0), ValueError, "'threshold' parameter .* Got 0"),
        (SwitchingRecommender(TWO, by="all"), ValueError, "'users'.*Got 'all'"),
        (StackingRecommender(TWO, n_negatives=0), ValueError, "'n_negatives' .* Got 0"),
    ],
)
def test_bad_parameters_are_named(model, error, match):
    """What must be, what was got."""
    with pytest.raises(error, match=match):
        model.fit(HAD_0)


def test_an_error_of_a_member_names_it():
    """Which of them it was."""
    X = Interactions({"user": [1], "item": ["a"]})
    with pytest.raises(ValueError, match="must have features") as caught:
        VotingRecommender(REAL).fit(X)
    assert "member 'content' of VotingRecommender" in caught.value.__notes__[0]


class _Shortened(ConcatFusion):
    """A step that loses the last item."""

    def fit_transform(self, X, y=None):
        return X[X.item_codes < 2]


def test_members_must_know_the_same_ids():
    """A step that drops events of the catalogue would shift all codes."""
    X = Interactions({"user": [1, 1, 2], "item": ["a", "b", "c"]})
    short = make_pipeline(_Shortened(), PopularityRecommender())
    with pytest.raises(ValueError, match="'b' must know the users and items of X"):
        VotingRecommender([*ONE, ("b", short)]).fit(X)


def test_few_likes_leave_something_to_hold_out_or_equal_weights():
    """Where all of them are held out, nothing is learned from that split."""
    members = [("popular", PopularityRecommender()), ("als", ALSRecommender(2))]
    for seed in range(12):
        rng = np.random.default_rng(seed)
        pairs = rng.permutation(15 * 20)[:60]  # each once: no dislike outweighs a like
        liked = np.where(np.arange(60) < 2, 1, -1)
        events = {"user": pairs // 20, "item": pairs % 20, "liked": liked}
        X = Interactions(events, rating="liked")
        vote = VotingRecommender(members, weights="learned", random_state=seed).fit(X)
        assert all(sum(w.values()) == pytest.approx(1) for w in vote.weights_.values())
        stack = StackingRecommender(members, random_state=seed).fit(X)
        assert np.isfinite(stack.predict(X)).all()


def test_a_judge_of_new_items_alone_does_not_learn_to_avoid_popular_ones():
    """Negatives of a cold item are cold."""
    X = make_multimodal_shop(60, 60, shares={"text": 1}, random_state=0)
    train, _ = next(RandomHoldout(0.2, random_state=0).split(X))
    members = [
        ("popular", PopularityRecommender()),
        ("als", ALSRecommender(8, random_state=0)),
    ]
    cv = ColdItemKFold(3, random_state=0)
    model = StackingRecommender(members, cv=cv, random_state=0).fit(X[train])
    assert model.final_estimator_.coef_[0, -1] == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(
    ("parameters", "match"),
    [
        ({"cv": 3}, "cv must be a splitter, such as LeaveLastOut.*; got 3"),
        ({"final_estimator": StandardScaler()}, "must be a classifier or a regressor"),
    ],
)
def test_what_cannot_split_or_judge_is_named(parameters, match):
    X = make_multimodal_shop(10, 10, random_state=0)
    members = [("popular", PopularityRecommender())]
    with pytest.raises(TypeError, match=match):
        StackingRecommender(members, **parameters).fit(X)
