"""Plots: what they show was counted by hand, and stands in the axes."""

import numpy as np
import pytest

from skmmrec import (
    AutoFusion,
    ContentRecommender,
    CoverageAccuracyDisplay,
    FusionWeightsDisplay,
    Interactions,
    ItemGraphRecommender,
    ModalityImportanceDisplay,
    MultimodalFusion,
    Pipeline,
    PixelEncoder,
    PopularityRecommender,
    RandomHoldout,
    RankingCurveDisplay,
    SparseTextEncoder,
    UserKNNRecommender,
    VotingRecommender,
    WarmthCurveDisplay,
    WeightedMeanFusion,
    get_scorer,
    make_pipeline,
    modality_importance,
)
from skmmrec.datasets import make_multimodal_shop

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("agg")

NAN = np.nan
ITEMS = {"item": list("abcdef")}
# the most popular first: a (3), b (2), c (1), then d, e and f, which nobody had
TRAIN = Interactions({"user": [1, 2, 2, 3, 3, 3], "item": list("abacab")}, items=ITEMS)
# user 1 is offered b, c, d, e, f, and user 2 c, d, e, f
TEST = Interactions({"user": [1, 1, 2, 2], "item": list("bdcf")}, items=ITEMS)
POPULAR = PopularityRecommender().fit(TRAIN)


@pytest.fixture(autouse=True)
def _closed():
    """No figure is left open."""
    yield
    matplotlib.pyplot.close("all")


@pytest.fixture(scope="module")
def shop():
    """(learned from, held out) events, with texts and pictures."""
    shares = {"text": 0.7, "image": 0.3}
    X = make_multimodal_shop(60, 80, shares=shares, random_state=0)
    train, test = next(RandomHoldout(0.3, random_state=0).split(X))
    return X[train], X[test]


def vectors(n=40, seed=0):
    """Events by taste for x alone, in a fusion of x and y."""
    rng = np.random.default_rng(seed)
    x, y = rng.standard_normal((2, n, 3))
    liked = np.argsort(-rng.standard_normal((30, 3)) @ x.T)[:, :8]
    events = {"user": np.repeat(np.arange(30), 8), "item": liked.ravel()}
    X = Interactions(events, items={"item": np.arange(n), "x": x, "y": y})
    return X, [("x", "passthrough", "x"), ("y", "passthrough", "y")]


def test_a_ranking_curve_rises_as_lists_get_longer():
    """User 1 finds b at 1 and d at 3, user 2 c at 1 and f at 4."""
    display = RankingCurveDisplay.from_estimator(
        {"popular": POPULAR}, TEST, metric="recall", k=5
    )
    np.testing.assert_allclose(display.scores["popular"], [0.5, 0.5, 0.75, 1, 1])
    np.testing.assert_allclose(display.errors["popular"], [0, 0, 0.25, 0, 0])
    (line,) = display.ax_.get_lines()
    np.testing.assert_allclose(line.get_xydata()[:, 0], [1, 2, 3, 4, 5])
    np.testing.assert_allclose(line.get_ydata(), display.scores["popular"])
    (band,) = display.ax_.collections
    assert band.get_paths()[0].vertices[:, 1].max() == 1.0
    assert display.ax_.get_ylabel() == "recall@k"
    assert [t.get_text() for t in display.ax_.get_legend().get_texts()] == ["popular"]


def test_a_ranking_curve_holds_the_scores_of_the_scorer(shop):
    """At every k, and the standard errors over users."""
    train, test = shop
    model = PopularityRecommender().fit(train)
    display = RankingCurveDisplay.from_estimator(model, test, metric="ndcg", k=10)
    for k in (1, 4, 10):
        scorer = get_scorer(f"ndcg@{k}")
        _, values = scorer.per_user(model, test)
        scores, errors = (
            part["PopularityRecommender"][k - 1]
            for part in (display.scores, display.errors)
        )
        assert scores == pytest.approx(scorer(model, test))
        assert errors == pytest.approx(values.std(ddof=1) / len(values) ** 0.5)


def test_coverage_is_that_of_the_lists():
    """b and c are what the two users are offered first: 2 of 6 items."""
    display = CoverageAccuracyDisplay.from_estimator(
        {"popular": POPULAR, "again": POPULAR}, TEST, scoring="hit_rate@1"
    )
    assert display.coverage == pytest.approx({"popular": 2 / 6, "again": 2 / 6})
    assert display.scores == {"popular": 1.0, "again": 1.0}
    assert len(display.points_) == 2
    assert display.points_[0].lines[0].get_xydata().tolist() == [[2 / 6, 1.0]]
    assert display.ax_.get_xlabel() == "coverage@1"


def test_warmth_counts_the_events_of_an_item():
    """b has 2 and c 1 of them; d and f have none, and come after these."""
    display = WarmthCurveDisplay.from_estimator(
        {"popular": POPULAR}, TEST, scoring="recall@1", edges=(1, 2, 3)
    )
    assert display.groups == ["0", "1", "2"]
    np.testing.assert_allclose(display.scores["popular"], [0, 1, 1])
    np.testing.assert_allclose(display.errors["popular"], [0, NAN, NAN])
    ticks = [label.get_text() for label in display.ax_.get_xticklabels()]
    assert ticks == display.groups
    assert display.ax_.get_xlabel() == "events of the item in training"


def test_warmth_counts_the_events_of_a_user():
    """User 1 has one, user 2 two; a user that is new has none."""
    test = Interactions({"user": [1, 2, 9], "item": list("bdc")}, items=ITEMS)
    display = WarmthCurveDisplay.from_estimator(
        POPULAR, test, on="users", scoring="recall@1", edges=(1, 2)
    )
    assert display.groups == ["0", "1", "2+"]
    np.testing.assert_allclose(display.scores["PopularityRecommender"], [0, 1, 0])


def test_dislikes_are_no_warmth():
    """An event with a rating of 0 taught nothing."""
    train = Interactions(
        {"user": [1, 1, 2], "item": list("aba"), "stars": [1, 0, 1]}, rating="stars"
    )
    test = Interactions({"user": [2], "item": ["b"]})
    model = PopularityRecommender().fit(train)
    display = WarmthCurveDisplay.from_estimator(model, test, edges=(1,))
    assert display.groups == ["0"]


def test_users_without_a_value_do_not_count():
    """As in the scorers: where nothing can be told apart, there is no diversity."""
    items = {"item": list("abcd"), "x": [1.0, 0.5, NAN, NAN], "y": [0.0, 1, NAN, NAN]}
    events = {"user": [1, 1, 2, 3, 3], "item": list("cdaba")}
    X = Interactions(events, items=items)
    pipe = make_pipeline(
        MultimodalFusion([("x", "passthrough", ["x", "y"])]), PopularityRecommender()
    )
    test = Interactions({"user": [1, 3], "item": list("ac")}, items=items)
    scorer = get_scorer("diversity@2")
    _, values = scorer.per_user(pipe.fit(X), test)
    assert np.isnan(values).tolist() == [False, True]
    shown = RankingCurveDisplay.from_estimator(pipe, test, metric="diversity", k=2)
    assert shown.scores["PopularityRecommender"][1] == scorer(pipe, test) > 0


def test_weights_are_those_of_the_last_step_with_any():
    """Of fusions, graphs and votes, in a pipeline or alone."""
    X, branches = vectors()
    auto = MultimodalFusion(branches, method=AutoFusion(random_state=0)).fit(X)
    weights = auto.method_.weights_
    assert weights["x"] > weights["y"]
    content = Pipeline([("fuse", auto), ("content", ContentRecommender())]).fit(X)
    for estimator in (auto, auto.method_, content):
        display = FusionWeightsDisplay.from_estimator(estimator)
        assert display.weights == {"weight": weights}
    (bars,) = display.bars_
    assert [bar.get_width() for bar in bars] == list(weights.values())
    names = [label.get_text() for label in display.ax_.get_yticklabels()]
    assert names == ["x", "y"]
    graph = make_pipeline(auto, ItemGraphRecommender(random_state=0)).fit(X)
    shown = FusionWeightsDisplay.from_estimator(graph).weights
    assert shown == {"weight": graph[-1].weights_}


def test_a_vote_has_weights_for_warm_and_for_cold():
    """Two series, and a legend that says which is which."""
    members = [("one", PopularityRecommender()), ("two", PopularityRecommender())]
    vote = VotingRecommender(members, weights=[0.3, 0.7]).fit(TRAIN)
    display = FusionWeightsDisplay.from_estimator(vote)
    assert display.weights == vote.weights_
    assert len(display.bars_) == 2
    legend = [text.get_text() for text in display.ax_.get_legend().get_texts()]
    assert legend == ["warm", "cold"]


@pytest.mark.parametrize(
    "estimator",
    [POPULAR, UserKNNRecommender().fit(TRAIN), WeightedMeanFusion()],
    ids=["none", "of neighbours", "not fitted"],
)
def test_what_has_no_weights_is_refused(estimator):
    """Weights of neighbours are no weights of modalities."""
    with pytest.raises(ValueError, match="a weight for each modality or member"):
        FusionWeightsDisplay.from_estimator(estimator)


def test_importances_are_ordered_and_have_their_intervals():
    """The most important on top, whiskers from low to high."""
    display = ModalityImportanceDisplay(
        {
            "modality": ["image", "text"],
            "importance": [0.1, 0.3],
            "standard_error": [0.1, 0.05],
            "low": [-0.1, 0.2],
            "high": [0.2, 0.5],
        }
    ).plot()
    names = [label.get_text() for label in display.ax_.get_yticklabels()]
    assert names == ["text", "image"]
    assert [bar.get_width() for bar in display.bars_] == [0.3, 0.1]
    (whiskers,) = display.bars_.errorbar.lines[2]
    ends = [segment[:, 0].tolist() for segment in whiskers.get_segments()]
    np.testing.assert_allclose(ends, [[0.2, 0.5], [-0.1, 0.2]])
    assert display.ax_.yaxis_inverted()


def test_importances_are_those_of_modality_importance(shop):
    """Measured and drawn in one call."""
    train, test = shop
    text = SparseTextEncoder(n_components=8, random_state=0)
    branches = [("text", text, "description"), ("image", PixelEncoder(4), "picture")]
    pipe = make_pipeline(MultimodalFusion(branches), ContentRecommender()).fit(train)
    display = ModalityImportanceDisplay.from_estimator(pipe, test, scoring="recall@5")
    found = modality_importance(pipe, test, scoring="recall@5")
    assert display.importances == found
    widths = [bar.get_width() for bar in display.bars_]
    assert widths == sorted(found["importance"], reverse=True)
    assert display.ax_.get_xlabel() == "lost of recall@5 without it"


DISPLAYS = [
    lambda **kw: RankingCurveDisplay.from_estimator(POPULAR, TEST, k=3, **kw),
    lambda **kw: CoverageAccuracyDisplay.from_estimator(POPULAR, TEST, **kw),
    lambda **kw: WarmthCurveDisplay.from_estimator(POPULAR, TEST, **kw),
]


@pytest.mark.parametrize("show", DISPLAYS)
def test_axes_and_keywords_are_those_of_the_caller(show):
    """As with the displays of scikit-learn; and a display can be drawn again."""
    figure, ax = matplotlib.pyplot.subplots()
    display = show(ax=ax, color="crimson", label="mine")
    assert display.ax_ is ax
    assert display.figure_ is figure
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["mine"]
    assert "crimson" in {line.get_color() for line in ax.get_lines()}
    assert display.plot().ax_ is not ax


@pytest.mark.parametrize("show", DISPLAYS)
def test_nothing_to_be_found_is_no_plot(show, monkeypatch):
    """One sentence instead of an empty picture."""
    monkeypatch.setitem(globals(), "TEST", TEST[:0])
    with pytest.raises(ValueError, match="X must hold events that can be found"):
        show()


def test_a_curve_ends_with_the_catalogue():
    display = RankingCurveDisplay.from_estimator(POPULAR, TEST, k=10**6)
    (scores,) = display.scores.values()
    assert len(scores) == 6


def test_what_cannot_be_drawn_is_named():
    """A metric of all lists, edges that fall, a table there is not."""
    with pytest.raises(ValueError, match=r"value for each user; got 'coverage@1'"):
        RankingCurveDisplay.from_estimator(POPULAR, TEST, metric="coverage")
    with pytest.raises(ValueError, match="scoring must have a k, .* got 'auc'"):
        CoverageAccuracyDisplay.from_estimator(POPULAR, TEST, scoring="auc")
    with pytest.raises(ValueError, match=r"numbers of 1 and more that rise; got \(5"):
        WarmthCurveDisplay.from_estimator(POPULAR, TEST, edges=(5, 1))
    with pytest.raises(TypeError, match="edges must be an array of whole numbers"):
        WarmthCurveDisplay.from_estimator(POPULAR, TEST, edges=(np.nan, 1))
    for k in (0, [1, 5]):
        with pytest.raises(ValueError, match="k must be a whole number of 1 or more"):
            RankingCurveDisplay.from_estimator(POPULAR, TEST, k=k)
    with pytest.raises(ValueError, match="without a k; got 'ndcg@5'; write 'ndcg'"):
        RankingCurveDisplay.from_estimator(POPULAR, TEST, metric="ndcg@5")
    with pytest.raises(ValueError, match="a dict of one or more; got an empty dict"):
        RankingCurveDisplay.from_estimator({}, TEST)
    with pytest.raises(ValueError, match="on must be one of .*; got 'both'"):
        WarmthCurveDisplay.from_estimator(POPULAR, TEST, on="both")


def test_without_matplotlib_the_extra_is_named(monkeypatch):
    """The numbers need none."""
    display = RankingCurveDisplay(scores={}, errors={}, metric="ndcg")
    monkeypatch.setitem(__import__("sys").modules, "matplotlib.pyplot", None)
    with pytest.raises(ImportError, match=r"pip install 'skmmrec\[plot\]'"):
        display.plot()
