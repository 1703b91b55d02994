"""A call that learns and is stopped, wherever, has changed nothing."""

import os
import pickle
import signal
import threading

import numpy as np
import pytest
from sklearn import clone

from skmmrec import (
    ALSRecommender,
    ImageStatisticsEncoder,
    Interactions,
    MultimodalFusion,
    PopularityRecommender,
    SparseTextEncoder,
    TabularEncoder,
    VotingRecommender,
    make_pipeline,
)
from skmmrec.testing import checkerboard
from tests.faults._stops import lines_of, state_of, stop_at
from tests.test_callbacks import described, needs
from tests.test_common import MATRIX_TRANSFORMERS, RECOMMENDERS

MATRIX = np.random.default_rng(0).standard_normal((40, 6))
TEXTS = ["a ghost ship", "two red ghosts", "red tea", "tea for two"] * 3
PICTURES = list(np.random.default_rng(0).integers(0, 255, (6, 8, 8, 3), np.uint8))


def sample(lines, n):
    """Some of the lines, evenly spread from the first to the last."""
    return [lines[i] for i in np.linspace(0, len(lines) - 1, n).astype(int)]


def assert_stops_change_nothing(model, call, error=KeyboardInterrupt, n=6):
    """Stopped before n of the lines that the call goes through in a copy."""
    copy = pickle.loads(pickle.dumps(model))
    before, n_stops = state_of(model), 0
    for line in sample(lines_of(lambda: call(copy)), n):
        stopped = stop_at(line, lambda: call(model), error)
        n_stops += stopped
        if stopped:
            assert state_of(model) == before, line
        else:  # a line of the first time alone, such as an import
            before = state_of(model)
    assert n_stops >= n / 2


# a small penalty for a few events, and SVDRecommender says so
@pytest.mark.filterwarnings("ignore:All factors are zero")
@pytest.mark.parametrize("recommender", RECOMMENDERS, ids=str)
def test_a_recommender_that_is_stopped_is_as_before(recommender):
    """Unfitted, fitted, and updated, at lines from everywhere."""
    needs(recommender)
    X, _ = described()
    model = clone(recommender)
    assert_stops_change_nothing(model, lambda m: m.fit(X))
    model = clone(recommender).fit(X[::2])
    assert_stops_change_nothing(model, lambda m: m.fit(X), MemoryError, n=4)
    assert_stops_change_nothing(model, lambda m: m.partial_fit(X))
    model.partial_fit(X)  # a private model knows its users from here on
    assert_stops_change_nothing(model, lambda m: m.forget([0, 1]), n=4)


@pytest.mark.parametrize("transformer", MATRIX_TRANSFORMERS, ids=str)
@pytest.mark.parametrize("method", ["fit", "fit_transform"])
def test_a_transformer_that_is_stopped_is_as_before(transformer, method):
    model = clone(transformer).fit(MATRIX[:20] * 2, MATRIX[:20, 0])
    assert_transformer(model, MATRIX, method)


@pytest.mark.parametrize(
    ("encoder", "column"),
    [
        (SparseTextEncoder(n_components=2, random_state=0), TEXTS),
        (ImageStatisticsEncoder(), PICTURES),
        (TabularEncoder(), {"year": [1, 2, 3], "genre": ["a", "b|c", "c"]}),
    ],
    ids=str,
)
def test_an_encoder_that_is_stopped_is_as_before(encoder, column):
    assert_transformer(clone(encoder), column, "fit_transform")
    assert_transformer(clone(encoder).fit(column), column, "fit")


def assert_transformer(model, X, method):
    def call(model):
        getattr(model, method)(X, MATRIX[:, 0])

    assert_stops_change_nothing(model, call)


# -- several estimators at once ----------------------------------------------------


def shop():
    """The checkerboard, with the colour of an item in words."""
    X, _ = checkerboard()
    words = np.where(np.arange(30) % 2, "black tea", "white wine")
    return Interactions(
        {"user": X.user_ids, "item": X.item_ids},
        items={"item": np.arange(30), "words": words},
    )


def pipeline(recommender):
    text = SparseTextEncoder(n_components=2, random_state=0)
    return make_pipeline(MultimodalFusion([("text", text, "words")]), recommender)


class Breaking(PopularityRecommender):
    """Ends a fit when it is told to, once it has begun to set attributes."""

    end = None

    def _fit(self, R, items, users):
        super()._fit(R, items, users)
        if Breaking.end is not None:
            Breaking.end()


def out_of_memory():
    raise MemoryError


@pytest.fixture
def ends(monkeypatch):
    return lambda how: monkeypatch.setattr(Breaking, "end", staticmethod(how))


def test_no_step_of_a_pipeline_is_another_when_the_last_one_fails(ends):
    X = shop()
    pipe = pipeline(Breaking()).fit(X[::2])
    before = [state_of(e) for e in (pipe, *pipe)], pipe.recommend([0], k=5).tolist()
    ends(out_of_memory)
    with pytest.raises(MemoryError):
        pipe.fit(X)
    now = [state_of(e) for e in (pipe, *pipe)], pipe.recommend([0], k=5).tolist()
    assert now == before


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_no_member_of_a_combination_is_another_when_one_fails(ends, n_jobs):
    X = shop()
    members = [("als", ALSRecommender(2, random_state=0)), ("breaking", Breaking())]
    model = VotingRecommender(members, n_jobs=n_jobs).fit(X[::2])
    before = state_of(model)
    ends(out_of_memory)
    with pytest.raises(MemoryError):
        model.fit(X)
    assert state_of(model) == before
    assert not hasattr(members[1][1], "seen_")


class Owner(PopularityRecommender):
    """A plug-in that writes `fit` itself."""

    def fit(self, X, y=None):
        super().fit(X)
        self.n_ = len(X)
        raise ValueError("no rights to these events")


def test_a_fit_that_a_plug_in_writes_is_all_or_nothing():
    model = Owner()
    with pytest.raises(ValueError, match="no rights"):
        model.fit(shop())
    assert vars(model) == vars(Owner())


@pytest.fixture
def heard():
    """Ctrl-C is heard, also in a process in the background, which may ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heard")
def test_an_interrupt_from_outside_is_as_one_from_within():
    """A real signal, at moments that nobody chose."""
    X = shop()
    model = ALSRecommender(4, random_state=0).fit(X[::2])
    before = state_of(model.set_params(max_iter=100_000))
    for seconds in (0.01, 0.05, 0.2):
        timer = threading.Timer(seconds, os.kill, (os.getpid(), signal.SIGINT))
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            model.fit(X)
        timer.join()
        assert state_of(model) == before
