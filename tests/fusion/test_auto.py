"""Fusion that weighs for itself: it keeps what counts, and costs nothing."""

import warnings

import numpy as np
import pytest

from skmmrec import (
    AutoFusion,
    ColdItemKFold,
    ConcatFusion,
    ContentRecommender,
    FeatureTable,
    Interactions,
    MultimodalFusion,
    WeightedMeanFusion,
    WeightedSumFusion,
    get_scorer,
)
from skmmrec.fusion import ModalityDropout
from skmmrec.fusion._base import had_by
from tests.fusion.test_ranking_weights import planted


@pytest.mark.parametrize("method", ["concat", "mean", "sum", WeightedMeanFusion(3)])
def test_it_fuses_as_the_method_would_with_these_weights(method):
    """Nothing but the choice of weights is its own."""
    X = planted({"taste": 1.0, "noise": 0.0})
    auto = AutoFusion(method, random_state=0).fit(X)
    classes = {"concat": ConcatFusion, "mean": WeightedMeanFusion}
    classes["sum"] = WeightedSumFusion
    plain = classes[method]() if isinstance(method, str) else method
    plain = plain.set_params(weights=auto.weights_).fit(X)
    np.testing.assert_array_equal(
        auto.transform(X).items.values, plain.transform(X).items.values
    )
    assert auto.get_feature_names_out().tolist() == (
        plain.get_feature_names_out().tolist()
    )


def test_noise_is_switched_off():
    """No item has it any more."""
    auto = AutoFusion(random_state=0).fit(X := planted({"taste": 1.0, "noise": 0.0}))
    assert auto.weights_ == {"taste": 1.0, "noise": 0.0}
    fused = auto.transform(X).items
    assert not fused.block("noise").any()
    assert fused.present.tolist() == [[True, False]] * len(fused)


def test_scores_say_what_each_modality_is_worth():
    """Alone, and the weighted ones together."""
    X = planted({"much": 0.8, "little": 0.4, "noise": 0.0})
    auto = AutoFusion(random_state=0).fit(X)
    scores = auto.scores_
    assert list(scores) == ["much", "little", "noise", "weighted"]
    assert scores["noise"] < scores["little"] < scores["much"] < scores["weighted"]
    learned = ConcatFusion(weights="learned", random_state=0).fit(X)
    equal = ConcatFusion().fit(X)
    for name, weight in auto.weights_.items():
        assert learned.scale_[name] == pytest.approx(weight * equal.scale_[name])


def test_a_noisy_modality_costs_nothing():
    """Less than 1 % of the NDCG on items nobody has had, where equal weights lose."""
    X = planted({"much": 0.8, "little": 0.4, "noise": 0.0})
    scorer = get_scorer("ndcg@10", candidates="cold")

    def score(fusion):
        values = []
        for train, test in ColdItemKFold(3, random_state=0).split(X):
            fusion.fit(X[train])
            model = ContentRecommender().fit(fusion.transform(X[train]))
            values.append(scorer(model, X[test]))
        return np.mean(values)

    equal, clean = score(ConcatFusion()), score(ConcatFusion(weights={"noise": 0}))
    auto = score(AutoFusion(random_state=0))
    assert auto > 0.99 * clean
    assert auto > equal


def test_without_events_all_weigh_the_same():
    """One warning, and no scores."""
    table = planted({"taste": 1.0, "noise": 0.0}).items
    with pytest.warns(UserWarning, match="Learned weights must see users") as caught:
        auto = AutoFusion().fit(table)
    assert len(caught) == 1
    assert auto.weights_ == {"taste": 1.0, "noise": 1.0}
    assert auto.scores_ == {}


def test_one_modality_needs_no_events():
    """And no warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        auto = AutoFusion().fit(np.random.default_rng(0).standard_normal((9, 2)))
    assert auto.weights_ == {"features": 1.0}


def test_it_is_a_method_of_the_fusion():
    """By name, with the events of the Interactions."""
    X = planted({"taste": 1.0, "noise": 0.0})
    table = X.items
    items = {"item": np.arange(len(table))}
    items |= {name: table.block(name) for name in table.blocks}
    raw = Interactions({"user": X.user_ids, "item": X.item_ids}, items=items)
    branches = [(name, "passthrough", name) for name in table.blocks]
    step = MultimodalFusion(branches, method="auto").fit(raw)
    assert step.method_.weights_["noise"] == 0
    had = had_by(X)
    assert AutoFusion().fit(table, had).weights_["taste"] == 1


def test_a_method_without_weights_is_refused():
    """With those that have them."""
    table = FeatureTable.from_blocks({"a": [[1.0], [2.0]]})
    with pytest.raises(ValueError, match="takes weights; got ModalityDropout"):
        AutoFusion(ModalityDropout()).fit(table)
