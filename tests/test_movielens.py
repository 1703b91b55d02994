"""On real data: content places films that nobody has seen."""

import numpy as np

from skmmrec import (
    ALSRecommender,
    ColdItemKFold,
    ContentRecommender,
    LightFMRecommender,
    MultimodalFusion,
    PopularityRecommender,
    RandomHoldout,
    get_scorer,
)
from skmmrec.demo._worlds import movielens_world
from tests._shared import shared


def judge(model, X, cv, candidates):
    """Mean NDCG@10 and its standard error on the first fold."""
    train, test = next(cv.split(X))
    scorer = get_scorer("ndcg@10", candidates=candidates)
    _, values = scorer.per_user(model.fit(X[train]), X[test])
    return values.mean(), values.std() / np.sqrt(len(values))


def test_hybrids_win_on_cold_films_and_lose_nothing_on_warm_ones():
    """Quality floors; `benchmarks/movielens.py` prints all folds."""
    world = movielens_world(shared("data/movielens-small"))
    X = MultimodalFusion(world.branches).fit_transform(world.X)
    als = ALSRecommender(random_state=0)
    cold = ColdItemKFold(5, random_state=0), "cold"
    popular, _ = judge(PopularityRecommender(), world.X, *cold)
    plain, _ = judge(als, world.X, *cold)
    hybrid, _ = judge(als, X, *cold)
    assert hybrid > 1.9 * max(plain, popular)
    assert hybrid > 0.10
    assert judge(ContentRecommender(), X, *cold)[0] > 1.9 * popular
    lightfm = LightFMRecommender(max_iter=8, random_state=0)
    assert judge(lightfm, X, *cold)[0] > 1.9 * popular
    warm = RandomHoldout(0.2, random_state=0), "all"
    (known, error), (both, _) = judge(als, world.X, *warm), judge(als, X, *warm)
    assert known > 1.5 * judge(PopularityRecommender(), world.X, *warm)[0]
    assert both > known - error
