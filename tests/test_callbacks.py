"""Callbacks of scikit-learn: tasks, copies in mid-fit, stops; and our EarlyStopping."""

import pickle

import numpy as np
import pytest
from sklearn import clone
from sklearn.callback import ProgressBar, ScoringMonitor
from sklearn.model_selection import GridSearchCV
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from skmmrec import (
    ALSRecommender,
    AttentionFusion,
    AttentionRecommender,
    AutoFusion,
    BPRRecommender,
    ContentRecommender,
    DeepFeatureCFRecommender,
    DeepFMRecommender,
    EndToEndRecommender,
    FeatureTable,
    FREEDOMRecommender,
    GatedFusion,
    Interactions,
    ItemKNNRecommender,
    LightFMRecommender,
    LightGCNRecommender,
    MMGCNRecommender,
    MulCooNNRecommender,
    MultimodalFusion,
    MultiTaskRecommender,
    NeuralRecommender,
    NMFFusion,
    RandomHoldout,
    SASRecRecommender,
    SLIMRecommender,
    SparseTextEncoder,
    StackingRecommender,
    SVDRecommender,
    VBPRRecommender,
    VotingRecommender,
    get_scorer,
    make_pipeline,
)
from skmmrec.callback import EarlyStopping
from skmmrec.testing import checkerboard

FACTORS = [
    ALSRecommender(4, max_iter=3, random_state=0),
    BPRRecommender(4, max_iter=3, random_state=0),
    SVDRecommender(4, regularization=0.1, max_iter=3, random_state=0),
    LightFMRecommender(4, max_iter=3, random_state=0),
]
SMALL = {"max_iter": 3, "batch_size": 128, "random_state": 0}
NETWORKS = [
    network(n_components=4, validation_fraction=0, **SMALL)
    for network in (
        NeuralRecommender,
        VBPRRecommender,
        LightGCNRecommender,
        MMGCNRecommender,
        FREEDOMRecommender,
        DeepFMRecommender,
        AttentionRecommender,
        MulCooNNRecommender,
        DeepFeatureCFRecommender,
        MultiTaskRecommender,
        EndToEndRecommender,
        SASRecRecommender,
    )
]
ITERATIVE = FACTORS + NETWORKS


class Recorder:
    """Tasks that ended: kind of estimator, name, the model then, written and read."""

    def __init__(self, stop=lambda task: False):
        self.stop, self.ended, self.torn_down = stop, [], 0

    def __getstate__(self):
        return {}  # pickled as a part of models, where its record is not asked for

    def setup(self, estimator, context):
        pass

    def on_fit_task_begin(self, estimator, context):
        pass

    def on_fit_task_end(self, estimator, context, *, fitted_estimator=None):
        if context.task_name == "iteration":
            # as a callback does that saves models
            fitted_estimator = pickle.loads(pickle.dumps(fitted_estimator))
        self.ended.append((type(estimator), context.task_name, fitted_estimator))
        return self.stop(context)

    def teardown(self, estimator, context):
        self.torn_down += 1

    def count(self, name):
        return sum(task == name for _, task, _ in self.ended)

    def models(self):
        return [m for _, task, m in self.ended if task == "iteration"]


class Follower(Recorder):
    """The same, handed on to all estimators below."""

    max_propagation_depth = None


def needs(model):
    """Skip where the extra of a model is not installed."""
    if isinstance(model, LightFMRecommender):
        pytest.importorskip("lightfm")
    if any(type(model) is type(network) for network in NETWORKS):
        pytest.importorskip("torch_geometric")


def described():
    """The checkerboard, rated, with content that tells colours; 28 and 29 are new."""
    X, test = checkerboard()
    colour = np.where(np.arange(30) % 2, 1.0, -1.0)[:, None]
    noise = np.random.default_rng(0).standard_normal((30, 5))
    style, mood = np.split(colour + 0.1 * noise, [2], axis=1)
    table = FeatureTable.from_blocks({"style": style, "mood": mood})
    events = {"user": X.user_ids, "item": X.item_ids}
    events["stars"] = 1 + (X.user_ids + X.item_ids) // 2 % 5
    X = Interactions(events, items={"item": np.arange(30)}, rating="stars")
    return X[X.item_codes < 28].with_table("items", table), test


def answers(model, X):
    """Scores of events, and lists for known, new and unknown users."""
    history = Interactions({"user": [900] * 3, "item": [1, 3, 5]})
    lists, scores = model.recommend(
        [0, 1, 900, 901], k=20, history=history, return_scores=True
    )
    return [model.predict(X), lists, scores]


def assert_same(model, other, X):
    for ours, theirs in zip(answers(model, X), answers(other, X)):
        np.testing.assert_array_equal(ours, theirs)


def held_out_scoring(test, name="ndcg@10"):
    """What `ScoringMonitor` takes, on events of its own."""
    scorer = get_scorer(name)
    return {name: lambda model, X, y: scorer(model, test)}


# -- each iteration is a task ------------------------------------------------------


@pytest.mark.parametrize("model", ITERATIVE, ids=str)
def test_callbacks_see_every_iteration_and_change_nothing(model):
    """As many tasks as iterations; with and without, the model is the same."""
    needs(model)
    X, _ = described()
    recorder = Recorder()
    followed = clone(model).set_callbacks(recorder).fit(X)
    assert recorder.count("iteration") == followed.n_iter_ == model.max_iter
    assert (recorder.ended[-1][1], recorder.torn_down) == ("fit", 1)
    assert_same(followed, clone(model).fit(X), X)


@pytest.mark.parametrize("model", ITERATIVE, ids=str)
def test_the_model_after_an_iteration_is_that_of_a_shorter_fit(model):
    """Saved by a callback, read again: it serves everyone as a whole fit would."""
    needs(model)
    X, _ = described()
    recorder = Recorder()
    clone(model).set_callbacks(recorder).fit(X)
    shorter = clone(model).set_params(max_iter=2).fit(X)
    assert_same(recorder.models()[1], shorter, X)


@pytest.mark.parametrize("model", ITERATIVE, ids=str)
def test_a_callback_ends_the_iterations(model):
    """The model is that of a fit of so many."""
    needs(model)
    X, _ = described()
    stop = Recorder(stop=lambda task: task.task_name == "iteration")
    stopped = clone(model).set_callbacks(stop).fit(X)
    assert stopped.n_iter_ == 1
    assert_same(stopped, clone(model).set_params(max_iter=1).fit(X), X)


def test_a_network_is_followed_in_both_of_its_trainings():
    """The epochs that are judged by held-out events, then those on all of them."""
    pytest.importorskip("torch")
    X, _ = checkerboard()
    recorder = Recorder()
    settings = SMALL | {"max_iter": 30, "learning_rate": 0.03}
    model = VBPRRecommender(4, n_iter_no_change=2, **settings)
    model.set_callbacks(recorder).fit(X)
    n_judged = len(model.validation_scores_)
    assert n_judged < 30  # its own early stopping is as it was
    assert recorder.count("iteration") == n_judged + model.n_iter_
    assert [recorder.count(name) for name in ("train", "refit", "fit")] == [1, 1, 1]
    assert_same(model, clone(model).set_callbacks().fit(X), X)


@pytest.mark.parametrize(
    "fusion",
    [
        NMFFusion(2, random_state=0),  # whose 30 sweeps are three rounds
        GatedFusion(2, max_iter=3, random_state=0),
        AttentionFusion(2, max_iter=3, random_state=0),
    ],
    ids=str,
)
def test_early_fusion_is_followed(fusion):
    """The result stays the same, and is that of the last round."""
    if not isinstance(fusion, NMFFusion):
        pytest.importorskip("torch")
    X, _ = described()
    recorder = Recorder()
    fused = clone(fusion).set_callbacks(recorder).fit_transform(X)
    last = recorder.models()[-1].transform(X)
    assert recorder.count("iteration") == 3
    for other in (fused, last):
        theirs, ours = (
            x.table("items").values for x in (other, fusion.fit_transform(X))
        )
        np.testing.assert_array_equal(theirs, ours)


def test_a_fit_without_iterations_is_one_task():
    recorder = Recorder()
    SLIMRecommender(0.1, 0.1).set_callbacks(recorder).fit(checkerboard()[0])
    assert [task for _, task, _ in recorder.ended] == ["fit"]


# -- callbacks of scikit-learn -----------------------------------------------------


@pytest.mark.parametrize(
    "model",
    [
        BPRRecommender(4, learning_rate=0.1, max_iter=30, random_state=0),
        LightFMRecommender(4, max_iter=10, random_state=0),
        VBPRRecommender(8, validation_fraction=0, **SMALL | {"max_iter": 10}),
    ],
    ids=str,
)
def test_held_out_events_are_ranked_better_from_epoch_to_epoch(model):
    """`ScoringMonitor` has a score of each, and of the model in the end."""
    needs(model)
    train, test = checkerboard()
    monitor = ScoringMonitor(scoring=held_out_scoring(test))
    model = clone(model).set_callbacks(monitor).fit(train)
    log = monitor.get_logs().data
    scores = [row["ndcg@10"] for row in log if row["task_name"] == "iteration"]
    assert len(scores) == model.n_iter_
    assert scores[-1] > scores[0] + 0.1
    (whole,) = (row["ndcg@10"] for row in log if row["task_name"] == "fit")
    assert whole == scores[-1] == get_scorer("ndcg@10")(model, test)


def test_scorers_of_ours_are_monitored_as_they_are():
    """Then on the events of fit, among which the user's own are ranked too."""
    train, _ = checkerboard()
    monitor = ScoringMonitor(scoring=get_scorer(["ndcg@10", "recall@10"]))
    model = ALSRecommender(4, random_state=0).set_callbacks(monitor).fit(train)
    last = monitor.get_logs().data[-1]
    for name in ("ndcg@10", "recall@10"):
        assert last[name] == get_scorer(name)(model, train)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_progress_is_shown_through_a_search(n_jobs, capsys):
    """Down to the iterations of the recommender at the end of a pipeline."""
    X, _ = checkerboard()
    prices = {"item": np.arange(30), "price": np.arange(30.0)}
    X = Interactions({"user": X.user_ids, "item": X.item_ids}, items=prices)
    fusion = MultimodalFusion([("price", StandardScaler(), ["price"])])
    pipe = make_pipeline(fusion, ALSRecommender(2, max_iter=2, random_state=0))
    search = GridSearchCV(
        pipe, {"alsrecommender__alpha": [1.0, 9.0]}, cv=RandomHoldout(), n_jobs=n_jobs
    )
    search.set_callbacks(ProgressBar(max_propagation_depth=None)).fit(X)
    shown = capsys.readouterr().out
    assert "GridSearchCV - fit" in shown
    assert shown.count("fit-final-estimator | ALSRecommender - fit") == 3
    assert shown.count("fit-transform-price | StandardScaler") == 3


# -- early stopping ----------------------------------------------------------------


def slow_learner(test, **params):
    """Which needs some of its 200 epochs, and tells held-out events when to stop."""
    model = BPRRecommender(4, learning_rate=0.2, max_iter=200, random_state=0)
    return model.set_callbacks(EarlyStopping(test, **params))


def test_a_fit_ends_when_held_out_events_are_ranked_no_better():
    """So many iterations after the best; not by a hair's breadth, with `tol`."""
    train, test = checkerboard()
    monitor = ScoringMonitor(scoring=held_out_scoring(test))
    stopping = EarlyStopping(test, n_iter_no_change=4)
    model = slow_learner(test).set_callbacks(monitor, stopping).fit(train)
    log = monitor.get_logs().data
    scores = [row["ndcg@10"] for row in log if row["task_name"] == "iteration"]
    assert len(scores) == model.n_iter_ < 200
    assert np.argmax(scores) == len(scores) - 5
    assert slow_learner(test, tol=1.0).fit(train).n_iter_ == 4


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_every_fit_of_a_search_ends_early_for_itself(n_jobs):
    train, test = checkerboard()
    search = GridSearchCV(
        make_pipeline(FunctionTransformer(), slow_learner(test)),
        {"bprrecommender__n_components": [3, 4]},
        cv=RandomHoldout(random_state=0),
        n_jobs=n_jobs,
    )
    best = search.fit(train).best_estimator_[-1]
    alone = slow_learner(test).set_params(n_components=best.n_components).fit(train)
    assert best.n_iter_ == alone.n_iter_ < 200


def test_members_of_a_combination_end_early_each_for_itself():
    train, test = checkerboard()
    members = [("one", slow_learner(test)), ("two", slow_learner(test, tol=1.0))]
    model = VotingRecommender(members, n_jobs=2).fit(train)
    alone = slow_learner(test).fit(train)
    assert [m.n_iter_ for m in model.estimators_] == [alone.n_iter_, 4]


@pytest.mark.parametrize("params", [{"n_iter_no_change": 0}, {"tol": -1}])
def test_early_stopping_says_what_it_takes(params):
    with pytest.raises(ValueError, match=f"'{next(iter(params))}' parameter.*must be"):
        EarlyStopping(checkerboard()[1], **params)
    with pytest.raises(ValueError, match="metric@k"):
        EarlyStopping(checkerboard()[1], "ndcg")


def test_early_stopping_is_not_set_in_vain():
    """On what does not iterate itself, or without events to be found."""
    train, test = checkerboard()
    stopping = EarlyStopping(test)
    for model in (ItemKNNRecommender(), make_pipeline(slow_learner(test))):
        with pytest.raises(TypeError, match="on what has max_iter; got (Item|Pipe)"):
            model.set_callbacks(stopping).fit(train)
    with (
        pytest.warns(UserWarning, match="is NaN"),
        pytest.raises(ValueError, match="NaN"),
    ):
        slow_learner(test[:0]).fit(train)


# -- estimators that hold others ---------------------------------------------------


def test_a_fusion_hands_callbacks_to_its_encoders_and_its_method():
    X = Interactions(
        {"user": [1, 2], "item": [7, 8]},
        items={"item": [7, 8, 9], "title": ["tea", "jam", "tin"], "price": [1.0, 2, 3]},
    )
    branches = [
        ("text", SparseTextEncoder(n_components=2), "title"),
        ("price", "passthrough", ["price"]),
    ]
    follower = Follower()
    fusion = MultimodalFusion(branches, method=NMFFusion(2, max_iter=20))
    make_pipeline(fusion, ContentRecommender()).set_callbacks(follower).fit(X)
    ended = [(kind.__name__, task) for kind, task, _ in follower.ended]
    assert ended == [
        ("SparseTextEncoder", "fit"),
        ("MultimodalFusion", "fit-transform-price"),
        *[("NMFFusion", "iteration")] * 2,
        ("NMFFusion", "fit"),
        ("MultimodalFusion", "fit"),
        ("ContentRecommender", "fit"),
        ("Pipeline", "fit"),
    ]


def test_weights_from_events_hand_callbacks_to_the_method_that_they_weigh():
    """Which is fitted evenly, weighed, and fitted once more."""
    follower = Follower()
    table = FeatureTable.from_blocks({"a": np.eye(4), "b": np.ones((4, 1))})
    with pytest.warns(UserWarning, match="all modalities weigh the same"):
        AutoFusion("svd", random_state=0).set_callbacks(follower).fit(table)
    ended = [(kind.__name__, task) for kind, task, _ in follower.ended]
    assert ended == [("SVDFusion", "fit")] * 2 + [("AutoFusion", "fit")]


@pytest.mark.parametrize("n_jobs", [None, 2])
@pytest.mark.parametrize(
    ("combination", "n_fits"),
    [
        (VotingRecommender, 1),
        (lambda m, **p: VotingRecommender(m, "learned", n_splits=2, **p), 3),
        (StackingRecommender, 2),
        (lambda m, **p: StackingRecommender(m, cv=RandomHoldout(), **p), 2),
    ],
)
def test_a_combination_hands_callbacks_to_its_members(combination, n_fits, n_jobs):
    """Also where they are fitted to try how to combine them."""
    follower = Follower()
    members = [("als", FACTORS[0]), ("pipe", make_pipeline(FACTORS[1]))]
    model = combination(members, n_jobs=n_jobs)
    model.set_callbacks(follower).fit(checkerboard()[0])
    iterations = [kind for kind, task, _ in follower.ended if task == "iteration"]
    for member in FACTORS[:2]:
        assert iterations.count(type(member)) == n_fits * member.max_iter
    assert follower.torn_down == 1


# -- the conventions ---------------------------------------------------------------


@pytest.mark.parametrize("model", [*FACTORS, NETWORKS[1]], ids=str)
def test_a_callback_that_raises_leaves_nothing_behind(model):
    """It is torn down, and the next fit is as the first."""
    needs(model)

    def fail(task):
        raise OSError("disk full")

    X, _ = described()
    model, recorder = clone(model), Recorder(stop=fail)
    with pytest.raises(OSError, match="disk full"):
        model.set_callbacks(recorder).fit(X)
    assert recorder.torn_down == 1
    assert not hasattr(model, "seen_")  # partial_fit will not take it for fitted
    assert_same(model.set_callbacks().partial_fit(X), clone(model).fit(X), X)


def test_callbacks_stay_with_clones_and_pickles():
    """As in scikit-learn: clones share them, pickles have their own."""
    monitor = ScoringMonitor(scoring=get_scorer("ndcg@10"))
    model = ALSRecommender(2, max_iter=2, random_state=0).set_callbacks(monitor)
    clone(model).fit(checkerboard()[0])
    assert len(monitor.get_logs().data) == 3
    model.fit(checkerboard()[0])
    plain = ALSRecommender(2, max_iter=2).fit(checkerboard()[0])
    assert set(vars(model)) - set(vars(plain)) == {"_skl_callbacks"}
    again = pickle.loads(pickle.dumps(model)).fit(checkerboard()[0])
    assert len(monitor.get_logs("all")) == 2
    (theirs,) = again._skl_callbacks
    assert len(theirs.get_logs("all")) == 3
