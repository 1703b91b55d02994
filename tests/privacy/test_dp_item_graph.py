"""What the private recommender gives away, and what it still knows."""

import pickle
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import beta

import skmmrec
from skmmrec import (
    DPItemGraphRecommender,
    FeatureTable,
    Interactions,
    PopularityRecommender,
    RandomHoldout,
    RankFusionRecommender,
    UnionRecommender,
    VotingRecommender,
    explain,
    get_scorer,
)
from skmmrec.privacy import gaussian_noise_multiplier
from skmmrec.testing import checkerboard

KINDS, N_ITEMS = 4, 40


def world(n_users, content=True, seed=0):
    """Users who like the ten items of one of four kinds."""
    rng = np.random.default_rng(seed)
    user = np.repeat(np.arange(n_users), 10)
    item = (KINDS * np.arange(10) + np.arange(n_users)[:, None] % KINDS).ravel()
    names = np.array([f"user {u:04} of the world" for u in range(n_users)])
    X = Interactions(
        {"user": names[user], "item": item}, items={"item": np.arange(N_ITEMS)}
    )
    if not content:
        return X
    kind = np.eye(KINDS)[np.arange(N_ITEMS) % KINDS]
    kind = kind + 0.1 * rng.standard_normal(kind.shape)
    return X.with_table("items", FeatureTable.from_blocks({"kind": kind}))


def sums(model):
    """Both sums as one vector that nobody changes by more than √2, items in order."""
    n = model.places_.shape[1]
    order = np.r_[model.places_.toarray().argmax(axis=1), n : len(model.likeness_)]
    G = model.likeness_[np.ix_(order, order)]
    upper = np.triu_indices(len(G), 1)
    return model.popularity_, np.r_[np.diag(G), np.sqrt(2) * G[upper]]


# -- what one person may change --------------------------------------------------------


def test_nobody_changes_a_sum_by_more_than_one():
    """Whatever the history: of one item, of all, of ratings in the millions."""
    rest = world(30)
    table = rest.items
    for items in ([0], [0, 1], np.arange(N_ITEMS), rest.item_codes[:3]):
        events = {
            "user": [*rest.user_ids, *["new"] * len(items)],
            "item": [*rest.item_ids, *items],
            "stars": [*np.ones(len(rest)), *np.full(len(items), 1e6)],
        }
        X = Interactions(events, items={"item": np.arange(N_ITEMS)}, rating="stars")
        X = X.with_table("items", table)
        pair = [DPItemGraphRecommender(np.inf).fit(one) for one in (rest, X)]
        for before, after in zip(*map(sums, pair)):
            length = np.linalg.norm(after - before)
            assert 0.99 < length <= 1 + 1e-12


def test_an_attacker_who_knows_all_the_others_learns_what_is_stated_and_no_more():
    """The likelihood ratio of both releases tells as much as the Gaussians allow.

    200 fits with the user and 200 without: their distance is that of the stated
    privacy, and no threshold tells more of epsilon at 99.9 % confidence.
    """
    epsilon, delta, n = 4.0, 1e-3, 200
    X = world(24)
    without = X[X.user_ids != X.user_ids[0]]
    exact = [sums(DPItemGraphRecommender(np.inf).fit(one)) for one in (without, X)]

    def evidence(events, seeds):
        values = []
        for seed in seeds:
            model = DPItemGraphRecommender(epsilon, delta, random_state=seed)
            released = sums(model.fit(events))
            parts = [
                (after - before) @ (noisy - before)
                for noisy, before, after in zip(released, *exact)
            ]
            values.append(0.4 * parts[0] + 0.6 * parts[1])  # by their noise
        return np.array(values)

    absent, present = evidence(without, range(n)), evidence(X, range(n, 2 * n))
    spread = np.sqrt((absent.var() + present.var()) / 2)
    distance = (present.mean() - absent.mean()) / spread
    stated = 1 / gaussian_noise_multiplier(epsilon, delta)
    assert distance == pytest.approx(stated, abs=0.3)
    found = [
        least_epsilon((present > t).sum(), (absent > t).sum(), n, delta)
        for t in np.quantile(absent, np.linspace(0.05, 0.95, 19))
    ]
    assert 0.2 < max(found) <= epsilon


def least_epsilon(hits, alarms, n, delta, alpha=0.001):
    """What epsilon is at least, by bounds of Clopper and Pearson on both rates."""
    true_rate = beta.ppf(alpha / 2, hits, n - hits + 1) if hits else 0.0
    false_rate = beta.ppf(1 - alpha / 2, alarms + 1, n - alarms)
    return np.log(max(true_rate - delta, 1e-12) / false_rate)


def test_noise_is_whole_parts():
    """Low bits of a float would tell what it was before the noise."""
    model = DPItemGraphRecommender(1.0, random_state=0).fit(world(30))
    for released, parts in ((model.popularity_, 2**15), (model.likeness_, 2**30)):
        np.testing.assert_array_equal(released * parts, np.rint(released * parts))


def test_the_two_sums_have_noise_of_their_own():
    """The same noise twice would cancel, also under an int as random_state."""
    X = world(30)
    exact, noisy = (
        sums(DPItemGraphRecommender(e, random_state=0).fit(X)) for e in (np.inf, 1)
    )
    noise = [released - truth for released, truth in zip(noisy, exact)]
    sizes = [part.std() for part in noise]
    stated = gaussian_noise_multiplier(1, 1e-5) / np.sqrt([0.4, 0.6])
    assert sizes == pytest.approx(stated, rel=0.25)
    assert abs(np.corrcoef(noise[0], noise[1][: len(noise[0])])[0, 1]) < 0.5


def test_epsilon_is_what_the_noise_comes_to():
    """Counted from the noise of the two sums."""
    model = DPItemGraphRecommender(0.7, 1e-6).fit(world(30))
    assert model.epsilon_ == pytest.approx(0.7)
    assert DPItemGraphRecommender(np.inf).fit(world(30)).epsilon_ == np.inf


# -- what the model holds --------------------------------------------------------------


def test_a_fitted_model_knows_nobody(tmp_path):
    """No id in its files, and nothing in it that is as long as there are users."""
    X = world(61)
    model = DPItemGraphRecommender().fit(X)
    skmmrec.save(model, tmp_path / "model")
    files = [f.read_bytes() for f in Path(tmp_path).rglob("*") if f.is_file()]
    for written in [pickle.dumps(model), *files]:
        for code in ("utf8", "utf-32-le", "utf-16-le"):
            assert "of the world".encode(code) not in written
    for name, value in vars(model).items():
        assert 61 not in np.shape(value), name
    assert len(model.user_vocabulary_) == len(model.user_factors_) == 0


def test_what_only_one_user_had_is_not_in_the_catalogue():
    """An item that no table lists would tell that somebody had it."""
    X = Interactions(
        {"user": [1, 1, 2, 3], "item": ["tea", "a secret", "jam", "tea"]},
        items={"item": ["jam", "tea", "bun"]},
    )
    model = DPItemGraphRecommender(random_state=0).fit(X)
    assert model.item_vocabulary_.ids.tolist() == ["jam", "tea", "bun"]
    assert "a secret" not in model.recommend([9], k=3)[0]


def test_no_place_tells_which_items_nobody_had():
    """An item without events is as one with: noise decides."""
    X = world(200)
    rest = X[X.item_codes != 7]
    model = DPItemGraphRecommender(0.5, random_state=1).fit(rest)
    assert model.popularity_[7] != 0
    vector = model._item_vectors(rest.items.take([7]))
    assert not np.allclose(model.item_factors_[7], vector)


def test_users_are_served_from_histories_or_once_it_is_told_of_them():
    """The same lists; and a user who leaves is gone."""
    X = world(80)
    model = DPItemGraphRecommender(8, random_state=0).fit(X)
    asked = np.unique(X.user_ids)[:5]
    lists = model.recommend(asked, k=3, history=X)
    factors = model.item_factors_
    told = pickle.loads(pickle.dumps(model)).partial_fit(X)
    assert told.recommend(asked, k=3).tolist() == lists.tolist()
    np.testing.assert_array_equal(told.item_factors_, factors)
    told.forget(asked[:1])
    assert asked[0] not in told.user_vocabulary_.ids
    strangers = model.recommend(asked, k=3)  # the model itself knows nobody
    assert (strangers == strangers[0]).all()


# -- what it is worth ------------------------------------------------------------------


def quality(X, epsilon, seeds=4):
    ((train, test),) = RandomHoldout(0.25, random_state=0).split(X)
    values = [
        get_scorer("ndcg@5")(
            DPItemGraphRecommender(epsilon, random_state=seed)
            .fit(X[train])
            .partial_fit(X[train]),
            X[test],
        )
        for seed in range(seeds)
    ]
    return np.mean(values)


def test_privacy_costs_accuracy_and_content_gives_some_back():
    """Of items of four kinds, 1 where each user is offered the right kind."""
    with_content, without = world(150), world(150, content=False)
    assert quality(without, np.inf) > 0.9
    assert quality(with_content, np.inf) > 0.9
    assert quality(without, 1.0) < quality(without, 8.0) - 0.1
    assert quality(with_content, 1.0) > quality(without, 1.0) + 0.1


def test_many_users_pay_little():
    """Noise is the same for 2,000 users as for one."""
    assert quality(world(2000, content=False), 1.0, seeds=1) > 0.9


def test_the_checkerboard_is_solved_under_noise():
    """40 users, without content."""
    train, test = checkerboard()
    model = DPItemGraphRecommender(20, random_state=0).fit(train).partial_fit(train)
    assert get_scorer("ndcg@10")(model, test) > 0.95
    assert PopularityRecommender().fit(train).score(test) < 0.4


# -- what goes with it, and what does not ----------------------------------------------


def test_the_last_user_may_leave_and_leaves_the_fitted_model():
    """The items that only he had stay, as those of `fit`."""
    X = Interactions({"user": [1, 2, 2], "item": ["tea", "tea", "jam"]})
    with pytest.warns(UserWarning, match="must have a table of items"):
        model = DPItemGraphRecommender(random_state=0).fit(X)
    asked = {"users": [9], "k": 2, "history": {"user": [9], "item": ["tea"]}}
    before = model.recommend(**asked, return_scores=True)
    model.partial_fit(X[X.user_ids == 2]).forget([2])
    assert len(model.user_vocabulary_) == model.seen_.nnz == 0
    for then, now in zip(before, model.recommend(**asked, return_scores=True)):
        np.testing.assert_array_equal(then, now)


def test_it_says_where_delta_lets_somebody_be_told():
    """One of a hundred users, with certainty, is no privacy."""
    with pytest.warns(UserWarning, match="delta must be far below 1 / n_users"):
        DPItemGraphRecommender(delta=0.01).fit(world(100))


def test_tables_of_users_are_refused():
    """Noise would not hide how many there are."""
    X = world(30)
    ages = FeatureTable.from_blocks({"age": np.ones((30, 1))})
    X = Interactions(
        {"user": X.user_ids, "item": X.item_ids},
        items={"item": np.arange(N_ITEMS)},
        users={"user": np.unique(X.user_ids)},
    ).with_table("users", ages)
    with pytest.raises(ValueError, match="must have no encoded table of users"):
        DPItemGraphRecommender().fit(X)


@pytest.mark.parametrize(
    "combination", [VotingRecommender, RankFusionRecommender, UnionRecommender]
)
def test_it_is_no_member_of_a_combination(combination):
    """Which would know all users, and tell of them."""
    members = [("dp", DPItemGraphRecommender()), ("popular", PopularityRecommender())]
    with pytest.raises(ValueError, match="is private and knows nobody; use it alone"):
        combination(members).fit(world(30))


def test_a_score_is_what_the_noisy_sums_and_the_content_say():
    """Before it is told of anybody, and after."""
    X = world(200)
    model = DPItemGraphRecommender(20, random_state=0).fit(X)
    told = {"user": ["new"], "item": [0]}
    of_stranger = explain(model, "new", 4, X, history=told)
    of_user = explain(model.partial_fit(X), X.user_ids[0], 4, X)
    for found in (of_stranger, of_user):
        assert found.modalities["events"] > found.modalities["kind"] > 0
        total = found.baseline + sum(found.modalities.values())
        assert total == pytest.approx(found.score)
