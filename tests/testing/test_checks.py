"""The kit for plug-ins: what is right passes, and each fault is found."""

import subprocess
import sys

import numpy as np
import pytest

from skmmrec import (
    BaseEncoder,
    BaseFusionMethod,
    BaseRecommender,
    ConcatFusion,
    FeatureTable,
    PopularityRecommender,
)
from skmmrec.ranking import ExactRetriever
from skmmrec.testing import (
    checkerboard,
    estimator_checks,
    hidden_modules,
    painted,
    parametrize_with_checks,
)


class MarksEncoder(BaseEncoder):
    """Length and number of spaces."""

    _in_files = False

    def __init__(self, store=None):
        self.store = store

    def _width(self):
        return 2

    def _encode(self, batch):
        return [[len(text), text.count(" ")] for text in batch]


class HalfWay(BaseRecommender):
    """The least that a recommender can be: the mean of what was had, one-hot."""

    def _fit(self, R, items, users):
        self.item_factors_ = np.eye(R.shape[1], dtype=np.float32)
        self.user_factors_ = self._fold_in(R)

    def _fold_in(self, H):
        return -H.toarray().astype(np.float32) - self._tie(H.shape[1])

    def _tie(self, n):
        return np.linspace(0, 0.1, n, dtype=np.float32)


def failed(estimator, **settings):
    """Names of our checks that fail."""
    found = []
    for name, check in estimator_checks(estimator, sklearn=False, **settings):
        try:
            check(estimator)
        except Exception:
            found.append(name)
    return found


@pytest.mark.parametrize(
    "estimator",
    [MarksEncoder(), HalfWay(), ConcatFusion(), ExactRetriever()],
    ids=repr,
)
def test_what_is_right_passes(estimator):
    assert failed(estimator) == []


# -- faults of encoders ------------------------------------------------------------


class ZeroForMissing(MarksEncoder):
    def transform(self, X):
        return np.nan_to_num(super().transform(X))


class Doubles(MarksEncoder):
    def transform(self, X):
        return super().transform(X).astype(np.float64)


class OfItsBatch(MarksEncoder):
    """A value is encoded by its place among others."""

    def _encode(self, batch):
        return [[place, 0] for place, _ in enumerate(batch)]


class Stubborn(MarksEncoder):
    """Does as if it were fitted."""

    def transform(self, X):
        return super().fit(X).transform(X)


@pytest.mark.parametrize(
    ("encoder", "check"),
    [
        (ZeroForMissing(), "check_missing_values"),
        (Doubles(), "check_features"),
        (OfItsBatch(), "check_features_follow_values"),
        (Stubborn(), "check_must_be_fitted"),
    ],
    ids=repr,
)
def test_faults_of_encoders_are_found(encoder, check):
    assert check in failed(encoder)


# -- faults of recommenders --------------------------------------------------------


class ByChance(HalfWay):
    """No seed."""

    def _tie(self, n):
        return np.random.default_rng().random(n).astype(np.float32)


class WritesInPlace(HalfWay):
    def _fit(self, R, items, users):
        super()._fit(R, items, users)
        if items is not None:
            items.values[:] = 0


class Unplaced(HalfWay):
    """Nothing is known of who is new: not a number."""

    def _item_vectors(self, items):
        return np.full((len(items), self.item_factors_.shape[1]), np.nan)


class OffersAnything(HalfWay):
    def _top(self, U, k, seen, candidates):
        return super()._top(U, k, [], candidates)


class AnotherScore(HalfWay):
    """Lists by another score than that of predictions."""

    def _scores(self, U, V, seen):
        return 2 * super()._scores(U, V, seen)


class LearnsDislikes(HalfWay):
    def _likes(self, seen):
        return seen


class Remembers(HalfWay):
    """Something of an earlier fit stays, where no one takes it back."""

    def _fit(self, R, items, users):
        Remembers.n_fits += 1
        super()._fit(R, items, users)
        self.item_factors_ = self.item_factors_ * np.float32(Remembers.n_fits)


Remembers.n_fits = 0


class HalfUpdated(HalfWay):
    """Writes into an array, and so into the model of before."""

    def partial_fit(self, X, y=None):
        if hasattr(self, "mean_user_"):
            self.mean_user_ += 1
        return super().partial_fit(X)


class WithHandles(HalfWay):
    """Something that no file can hold."""

    def _fit(self, R, items, users):
        super()._fit(R, items, users)
        self.handle_ = lambda: None


class WrongQueries(HalfWay):
    def _queries(self, U):
        return -U


@pytest.mark.parametrize(
    ("recommender", "check"),
    [
        (ByChance(), "check_same_seed_same_model"),
        (WritesInPlace(), "check_fit_leaves_events_alone"),
        (Unplaced(), "check_new_items"),
        (OffersAnything(), "check_lists_of_the_whole_catalogue"),
        (AnotherScore(), "check_scores_of_lists_are_those_of_predict"),
        (LearnsDislikes(), "check_dislikes"),
        (Remembers(), "check_interrupted_fit"),
        (HalfUpdated(), "check_partial_fit_is_all_or_nothing"),
        (WithHandles(), "check_save_and_load"),
        (WithHandles(), "check_pickle"),
        (WrongQueries(), "check_queries_rank_as_scores"),
    ],
    ids=repr,
)
def test_faults_of_recommenders_are_found(recommender, check):
    assert check in failed(recommender)


# -- faults of fusions and retrievers ----------------------------------------------


class OfAllRows(BaseFusionMethod):
    """What a row becomes depends on the others."""

    def _fit(self, table, events):
        pass

    def _transform(self, table):
        values = np.nan_to_num(table.values)
        return FeatureTable.from_blocks({"all": values - values.mean(axis=0)})


class Forgetful(ExactRetriever):
    """Rows that were removed are found."""

    def remove(self, rows):
        return self


def test_faults_of_fusions_and_retrievers_are_found():
    assert "check_rows_do_not_depend_on_others" in failed(OfAllRows())
    assert "check_follows_a_matrix" in failed(Forgetful())


# -- the kit itself ----------------------------------------------------------------


@parametrize_with_checks([PopularityRecommender()])
def test_scikit_learns_checks_are_among_them(estimator, check):
    check(estimator)


def test_checks_are_counted():
    """As many as a plug-in gets; what is left out is left out."""
    both = [name for name, _ in estimator_checks(HalfWay())]
    ours = [name for name, _ in estimator_checks(HalfWay(), sklearn=False)]
    assert len(both) >= 41 + len(ours)
    assert len(ours) == len(set(ours)) >= 26
    assert set(ours) <= set(both)
    rest = [name for name, _ in estimator_checks(HalfWay(), without=ours)]
    assert set(rest) == set(both) - set(ours)
    assert len(list(estimator_checks(MarksEncoder(), sklearn=False))) >= 12


def test_the_kit_needs_no_pytest():
    """But to write tests for it."""
    code = """
import sys
sys.modules["pytest"] = None  # not installed
from skmmrec import PopularityRecommender
from skmmrec.testing import estimator_checks
for name, check in estimator_checks(PopularityRecommender()):
    check(PopularityRecommender())
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_hidden_modules_come_back():
    import json.decoder

    with hidden_modules("json", "no_such_module"):
        for name in ("json", "json.decoder", "no_such_module"):
            with pytest.raises(ModuleNotFoundError) as error:
                __import__(name)
            assert error.value.name in name
        import colorsys
    assert sys.modules["json.decoder"] is json.decoder
    assert sys.modules["colorsys"] is colorsys
    assert __import__("json") is json


def test_the_worlds_are_as_told():
    """All pairs of a colour, once; two new items."""
    train, test = checkerboard()
    assert ((train.user_ids + train.item_ids) % 2 == 0).all()
    pairs = {*zip(train.user_ids, train.item_ids), *zip(test.user_ids, test.item_ids)}
    assert len(pairs) == len(train) + len(test) == 40 * 15
    train, _ = painted(missing=[3])
    assert train.items.shape == (30, 3)
    assert not {28, 29} & set(train.item_ids)
    assert np.flatnonzero(~train.items.present[:, 0]).tolist() == [3]
