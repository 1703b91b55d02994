"""Factor models: each solves the equation that it states, and content has its place."""

import numpy as np
import pytest
import scipy.sparse as sp
from implicit.cpu._als import least_squares_cg
from sklearn import clone

from skmmrec import (
    ALSRecommender,
    BPRRecommender,
    FeatureFactorizationRecommender,
    FeatureTable,
    Interactions,
    PopularityRecommender,
    SVDRecommender,
    get_scorer,
)
from skmmrec.recommenders._als import TINY, _with_prior
from skmmrec.recommenders._content_prior import ContentPrior
from tests._shared import shared
from tests.recommenders.test_parameters import rated, relative


def with_content(X, n_items, blocks=None, seed=0):
    """Events beside random features of their items."""
    if blocks is None:
        blocks = {"f": np.random.default_rng(seed).standard_normal((n_items, 3))}
    table = Interactions(
        {"user": X.user_ids, "item": X.item_ids, "r": X.rating},
        items={"item": np.arange(n_items)},
        rating="r",
    )
    return table.with_table("items", FeatureTable.from_blocks(blocks))


def solution(Y, row, alpha, regularization, prior=0.0):
    """Argmin of Σ c (p - Y x)² + λ ‖x - prior‖², in dense numpy."""
    confidence = np.where(row > 0, alpha * row, 1)
    A = Y.T @ (confidence[:, None] * Y) + regularization * np.eye(Y.shape[1])
    return np.linalg.solve(A, Y.T @ (confidence * (row > 0)) + regularization * prior)


# -- content as a prior ------------------------------------------------------------


def planted_map(n=60, noise=0.0, seed=0):
    """Features, and factors that are a linear map of them."""
    rng = np.random.default_rng(seed)
    F, W = rng.standard_normal((n, 5)), rng.standard_normal((5, 2))
    Y = 1 + F @ W + noise * rng.standard_normal((n, 2))
    return FeatureTable.from_blocks({"f": F}), Y.astype(np.float32)


def test_a_planted_map_is_found():
    """Also for rows that were not learned from."""
    features, Y = planted_map()
    prior = ContentPrior(features, np.arange(40))
    prior.fit(Y[:40])
    np.testing.assert_allclose(prior(features)[40:], Y[40:], rtol=0.03, atol=0.05)


def test_the_penalty_is_that_of_the_least_error_on_rows_left_out():
    """As computed by leaving every row out, one after another."""
    features, Y = planted_map(n=25, noise=2.0)
    rows = np.arange(25)
    prior = ContentPrior(features, rows)
    prior.fit(Y)
    F = features.values.astype(float)

    def error(penalty):
        total = 0
        for row in rows:
            rest = rows != row
            f, y = F[rest] - F[rest].mean(axis=0), Y[rest] - Y[rest].mean(axis=0)
            W = np.linalg.solve(f.T @ f + penalty * np.eye(5), f.T @ y)
            guess = Y[rest].mean(axis=0) + (F[row] - F[rest].mean(axis=0)) @ W
            total += np.square(Y[row] - guess).sum()
        return total

    best = error(prior.penalty)
    assert all(best <= error(prior.penalty * factor) for factor in (0.2, 5))


def test_what_lacks_content_is_expected_to_be_average():
    features, Y = planted_map()
    prior = ContentPrior(features, np.arange(60))
    prior.fit(Y)
    nothing = FeatureTable.missing(2, features.blocks)
    np.testing.assert_allclose(prior(nothing), [Y.mean(axis=0)] * 2, rtol=1e-5)


# -- ALS with content --------------------------------------------------------------


def test_a_prior_enters_as_one_more_user():
    """implicit's solver then finds argmin of Σ c (p - X y)² + λ ‖y - prior‖²."""
    rng = np.random.default_rng(0)
    X, prior = rng.standard_normal((20, 3)), rng.standard_normal((6, 3))
    R = np.where(rng.random((6, 20)) < 0.3, rng.integers(1, 5, (6, 20)), 0)
    C = _with_prior(sp.csr_matrix(R, dtype=np.float32), np.arange(6), 2.0)
    Y, others = np.zeros((6, 3)), np.vstack([X, TINY * prior])
    least_squares_cg(C, Y, others, 2.0, cg_steps=10)
    expected = [solution(X, row, 1, 2.0, m) for row, m in zip(R, prior)]
    np.testing.assert_allclose(Y, expected, rtol=1e-3, atol=1e-4)


def test_als_with_content_solves_its_equation():
    """Of each item given the users and what its content leads to expect; both agree."""
    X = with_content(rated(), n_items=8)
    als = ALSRecommender(3, regularization=0.5, max_iter=300, random_state=0)
    model = als.fit(X)
    R, P, Q = relative(X, model), model.user_factors_, model.item_factors_
    expected = [solution(Q, row, 3, 0.5) for row in R]
    np.testing.assert_allclose(P, expected, atol=2e-3)
    # P given, the prior that the fit ended with is a fixed point of sweep and ridge
    prior = ContentPrior(X.items, np.arange(8))
    free = np.array([solution(P, column, 3, 0.5) for column in R.T], np.float32)
    prior.fit(free)
    np.testing.assert_allclose(model.item_prior_(X.items), prior(X.items), atol=2e-3)


def test_items_are_folded_in_towards_their_content():
    """Exactly: argmin of Σ c (p - X y)² + λ ‖y - Wᵀf - m‖²."""
    X = with_content(rated(), n_items=8)
    model = ALSRecommender(3, regularization=2.0, random_state=0).fit(X)
    R = relative(X, model)
    prior = model.item_prior_(X.items)
    C = model._likes(model.seen_).T.tocsr()
    expected = [
        solution(model.user_factors_, column, 3, 2.0, m)
        for column, m in zip(R.T, prior)
    ]
    folded = model._fold_in_items(C, X.items)
    np.testing.assert_allclose(folded, expected, rtol=1e-2, atol=1e-3)


def taste_world(n_users=300, n_items=400, n_new=100, events=8, seed=0):
    """Few events of users with items that lie near to them; content is the place.

    Returns
    -------
    train, test, cold : Interactions
        Events to learn from, of the same items, and of items without events.
    """
    rng = np.random.default_rng(seed)
    V, U = rng.standard_normal((n_items, 6)), rng.standard_normal((n_users, 6))
    noise = rng.gumbel(size=(n_users, n_items))
    liked = np.argsort(-(2 * U @ V.T + noise), axis=1)[:, : 2 * events]
    user, item = np.repeat(np.arange(n_users), 2 * events), liked.ravel()
    content = V @ rng.standard_normal((6, 20)) + rng.standard_normal((n_items, 20))
    X = Interactions({"user": user, "item": item}, items={"item": np.arange(n_items)})
    X = X.with_table("items", FeatureTable.from_blocks({"f": content / 5}))
    new, held = item < n_new, rng.random(len(user)) < 0.3
    return X[~new & ~held], X[~new & held], X[new]


def without_content(X):
    return X.with_table("items", {"item": np.arange(len(X.items))})


def test_content_helps_als_on_known_items_and_on_new_ones():
    train, test, cold = taste_world()
    als = ALSRecommender(8, regularization=10.0, random_state=0)
    plain, joint = clone(als).fit(without_content(train)), als.fit(train)
    warm = get_scorer("ndcg@10", candidates="warm")
    assert warm(joint, test) > 1.05 * warm(plain, test)
    new = get_scorer("ndcg@10", candidates="cold")
    assert new(joint, cold) > 4 * new(plain, without_content(cold))


def test_content_of_users_is_a_prior_too():
    """The same world with the sides exchanged: users of whom only content is known."""
    train, _, cold = taste_world()
    turned, new = (
        Interactions(
            {"user": X.item_ids, "item": X.user_ids}, users={"user": np.arange(400)}
        ).with_table("users", X.items)
        for X in (train, cold)
    )
    model = ALSRecommender(8, regularization=10.0, random_state=0).fit(turned)
    assert model.score(new) > 2 * PopularityRecommender().fit(turned).score(new)


# -- BPR ---------------------------------------------------------------------------


def test_bpr_ranks_what_was_had_above_the_rest():
    """Of nearly all pairs it has learned from."""
    X = taste_world()[0]
    model = BPRRecommender(8, learning_rate=0.05, random_state=0).fit(X)
    rng = np.random.default_rng(0)
    other = rng.permutation(X.item_ids)
    had = set(zip(X.user_ids.tolist(), X.item_ids.tolist()))
    new = [pair not in had for pair in zip(X.user_ids.tolist(), other.tolist())]
    others = Interactions({"user": X.user_ids, "item": other})
    assert np.mean((model.predict(X) > model.predict(others))[new]) > 0.9


def test_bpr_places_new_items_by_content_and_by_who_had_them():
    train, _, cold = taste_world()
    model = BPRRecommender(8, random_state=0).fit(train)
    judge = get_scorer("recall@10", candidates="cold")
    assert judge(model, cold) > 2 * 10 / 100  # of a hundred new items
    half = np.arange(len(cold)) % 2 == 0
    by_content = model.score(cold[~half])
    assert model.partial_fit(cold[half]).score(cold[~half]) > 1.1 * by_content


# -- SVD ---------------------------------------------------------------------------


def test_svd_finds_planted_ratings():
    """μ + b_u + b_i + p_u·q_i, most of it known: the rest follows."""
    rng = np.random.default_rng(0)
    bias_u, bias_i = 0.5 * rng.standard_normal(60), 0.5 * rng.standard_normal(50)
    P, Q = 0.7 * rng.standard_normal((60, 2)), 0.7 * rng.standard_normal((50, 2))
    stars = 9 + bias_u[:, None] + bias_i + P @ Q.T
    known = rng.random(stars.shape) < 0.6
    X, hidden = (
        Interactions(
            {"user": user, "item": item, "stars": stars[user, item]}, rating="stars"
        )
        for user, item in (np.nonzero(known), np.nonzero(~known))
    )
    model = SVDRecommender(2, regularization=0.1, max_iter=100, random_state=0).fit(X)
    error = np.sqrt(np.mean((model.predict(hidden) - hidden.rating) ** 2))
    assert error < 0.15 < 0.8 < hidden.rating.std()
    assert model.global_mean_ == pytest.approx(X.rating.mean(), rel=1e-5)


def test_svd_solves_its_equation():
    """Biases and factors of a user are a ridge regression on those of the items."""
    X = rated()
    model = SVDRecommender(2, regularization=0.5, max_iter=300, random_state=0).fit(X)
    U, V = model.user_factors_, model.item_factors_
    for user in range(12):
        of_user = X[X.user_codes == user]
        Y = V[of_user.item_codes]
        A = Y[:, :-1].T @ Y[:, :-1] + 0.5 * np.eye(3)
        x = np.linalg.solve(A, Y[:, :-1].T @ (of_user.rating - Y[:, -1]))
        np.testing.assert_allclose(U[user], [*x, 1], atol=5e-3)


def test_svd_predicts_in_the_unit_of_the_ratings():
    """Ten times the stars, ten times the prediction; also for who and what is new."""
    X = rated()
    tenfold = Interactions(
        {"user": X.user_ids, "item": X.item_ids, "r": 10 * X.rating}, rating="r"
    )
    strangers = Interactions({"user": [0, 99, 99], "item": [99, 0, 99]})
    model = SVDRecommender(2, random_state=0)
    first = clone(model).fit(X).predict(strangers)
    second = clone(model).fit(tenfold).predict(strangers)
    assert abs(first - X.rating.mean()).max() < X.rating.std()
    np.testing.assert_allclose(second / 10, first, rtol=0.2)


def test_svd_rates_a_new_item_by_its_content():
    """Good ones and bad ones, told apart by what others with the content got."""
    user, item = (part.ravel() for part in np.indices((20, 10)))
    good = np.arange(12) % 2
    X = Interactions(
        {"user": user, "item": item, "stars": 1 + 4 * good[item]},
        items={"item": np.arange(12)},
        rating="stars",
    ).with_table("items", FeatureTable.from_blocks({"good": good[:, None] - 0.5}))
    model = SVDRecommender(2, random_state=0).fit(X)
    bad, fine = model.predict(Interactions({"user": [3, 3], "item": [10, 11]}))
    assert bad < 2 < 4 < fine


def test_svd_beats_biases_on_real_ratings():
    """RMSE of a random tenth: below that of a mean and shrunk biases."""
    pd = pytest.importorskip("pandas")
    ratings = pd.read_csv(shared("data/movielens-small") / "ratings.csv")
    held = np.random.default_rng(1).random(len(ratings)) < 0.1
    train, test = (
        Interactions(part, user="userId", item="movieId", rating="rating")
        for part in (ratings[~held], ratings[held])
    )

    def error(n_components, **kwargs):
        model = SVDRecommender(n_components, random_state=0, **kwargs).fit(train)
        return np.sqrt(np.mean((model.predict(test) - test.rating) ** 2))

    assert error(32) < 0.89 < error(1, regularization=40) < test.rating.std()


# -- feature factorisation ---------------------------------------------------------


def test_feature_factorization_solves_its_equation():
    """Argmin of Σ c (p - F·R_u)² + λ ‖R_u - r‖², r that of all users together."""
    X = with_content(rated(), n_items=8)
    model = FeatureFactorizationRecommender(alpha=2, regularization=0.5).fit(X)
    F, D = model.item_factors_.astype(float), 2 * relative(X, model)
    A, b = 0.5 * np.eye(4), np.zeros(4)
    for d in D:
        A, b = A + F.T @ ((1 + d)[:, None] * F), b + F.T @ np.where(d > 0, 1 + d, 0)
    r = np.linalg.solve(A, b)
    expected = [
        np.linalg.solve(
            F.T @ ((1 + d)[:, None] * F) + 0.5 * np.eye(4),
            F.T @ np.where(d > 0, 1 + d, 0) + 0.5 * r,
        )
        for d in D
    ]
    np.testing.assert_allclose(model.user_factors_, expected, rtol=1e-2, atol=1e-3)


def test_feature_factorization_finds_new_items():
    train, _, cold = taste_world()
    model = FeatureFactorizationRecommender(regularization=10.0).fit(train)
    assert get_scorer("recall@10", candidates="cold")(model, cold) > 3 * 10 / 100


def test_feature_factorization_weighs_modalities_anew():
    """Σ_m w_m F_m·R_m, and the intercept."""
    rng = np.random.default_rng(0)
    blocks = {"text": rng.standard_normal((8, 3)), "image": rng.standard_normal((8, 2))}
    model = FeatureFactorizationRecommender(regularization=1.0)
    model.fit(with_content(rated(), 8, blocks))
    items, scores = model.recommend(
        [0], k=8, exclude_seen=False, modality_weights={"image": 0}, return_scores=True
    )
    F, r = model.item_factors_[items[0]], model.user_factors_[0]
    expected = F[:, :3] @ r[:3] + r[-1]
    np.testing.assert_allclose(scores[0], expected, rtol=1e-4, atol=1e-6)


def test_feature_factorization_without_features_is_named():
    with pytest.raises(ValueError, match="must have features .*MultimodalFusion"):
        FeatureFactorizationRecommender().fit(rated())


# -- a penalty that leaves nothing ---------------------------------------------------


@pytest.mark.parametrize("model", [ALSRecommender, SVDRecommender])
def test_a_penalty_that_leaves_nothing_is_said(model):
    """And none is, under a weak one (warnings are errors here)."""
    X = rated()
    model(2, regularization=0.1, random_state=0).fit(X)
    with pytest.warns(UserWarning, match="regularization=100000.0 is too strong"):
        model(2, regularization=1e5, random_state=0).fit(X)
