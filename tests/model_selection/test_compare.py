"""A planted winner is found, and noise is not, about nineteen times in twenty."""

import numpy as np
import pytest
from joblib import parallel_config
from scipy.stats import false_discovery_control, ttest_rel
from sklearn.model_selection import GridSearchCV
from sklearn.preprocessing import StandardScaler

from skmmrec import (
    ALSRecommender,
    ColdItemKFold,
    ContentRecommender,
    EASERecommender,
    Interactions,
    ItemGraphRecommender,
    MultimodalFusion,
    PopularityRecommender,
    RandomHoldout,
    VotingRecommender,
    compare,
    get_scorer,
    make_pipeline,
    modality_effect,
)
from skmmrec.model_selection._compare import _holm, _sign_flip_p_values
from skmmrec.testing import checkerboard

CV = RandomHoldout(0.3, n_splits=2, random_state=0)


class Counting(PopularityRecommender):
    """How often it was fitted."""

    fits = 0

    def fit(self, X, y=None):
        type(self).fits += 1
        return super().fit(X)


def noise(seed, n_users=60, n_items=30):
    """Users who take items by lot."""
    rng = np.random.default_rng(seed)
    user = np.repeat(np.arange(n_users), 6)
    return Interactions({"user": user, "item": rng.integers(0, n_items, len(user))})


def board():
    return checkerboard(share=1)[0]


def by_name(table, column):
    return dict(zip(table["recommender"], table[column]))


# -- the test ----------------------------------------------------------------------


def test_p_value_is_that_of_all_flips():
    """Two of the eight flips of (1, 2, 3) have a mean of that size."""
    D = np.array([[1.0], [2.0], [3.0]])
    p = _sign_flip_p_values(D, 9999, np.random.RandomState(0))
    assert p == pytest.approx(2 / 8, abs=0.02)


def test_p_value_is_near_that_of_the_t_test():
    """For many users the two agree."""
    D = np.random.default_rng(0).normal(0.15, 1, (200, 1))
    p = _sign_flip_p_values(D, 9999, np.random.RandomState(0))
    assert p == pytest.approx(ttest_rel(D, 0 * D).pvalue, abs=0.01)


def test_p_values_of_noise_are_uniform():
    """Five in a hundred below 5 %, though most users have no difference; never 0."""
    rng = np.random.default_rng(0)
    D = rng.standard_t(3, size=(40, 2000)) * (rng.random((40, 2000)) < 0.4)
    p = _sign_flip_p_values(D, 999, np.random.RandomState(0))
    for level in (0.05, 0.1, 0.5):
        error = (level * (1 - level) / 2000) ** 0.5
        assert (p <= level).mean() == pytest.approx(level, abs=4 * error)
    assert p.min() >= 1 / 1000


def test_no_difference_is_no_finding():
    """Nothing to flip: p is 1."""
    p = _sign_flip_p_values(np.zeros((5, 2)), 99, np.random.RandomState(0))
    assert p.tolist() == [1, 1]


def test_holm_by_hand():
    """.01 · 4, .02 · 3, then no less than that; between Bonferroni and Hochberg."""
    p = np.array([0.02, 0.04, 0.01, 0.03])
    assert _holm(p) == pytest.approx([0.06, 0.06, 0.04, 0.06])
    assert (_holm(p) >= false_discovery_control(p)).all()
    assert _holm(np.array([0.7, 0.6])).tolist() == [1, 1]


# -- compare ---------------------------------------------------------------------------


def test_the_winner_is_found():
    """On the checkerboard popularity knows nothing, and EASE all."""
    models = {"popular": PopularityRecommender(), "EASE": EASERecommender(1)}
    table = compare(models, board(), CV, random_state=0)
    assert table["recommender"] == ["EASE", "popular"]
    assert table["difference"][0] == 0
    assert table["difference"][1] < -0.3
    assert np.isnan(table["p_value"][0])
    assert table["p_holm"][1] == 1e-4
    assert table["n_users"] == [40, 40]


def test_figures_are_those_of_the_users():
    """A user's value is the mean over the folds; errors are over the users."""
    models = [
        ("popular", PopularityRecommender()),
        ("ALS", ALSRecommender(2, random_state=0)),
    ]
    X = noise(0)
    table = compare(models, X, CV, "recall@5", baseline="popular", random_state=0)
    values = {}
    for name, model in models:
        sums = {}
        for train, test in CV.split(X):
            users, of_fold = get_scorer("recall@5").per_user(
                model.fit(X[train]), X[test]
            )
            for user, value in zip(users.tolist(), of_fold):
                sums.setdefault(user, []).append(value)
        values[name] = np.array([np.mean(sums[user]) for user in sorted(sums)])
    gap = values["ALS"] - values["popular"]
    n = len(gap)
    assert by_name(table, "n_users") == {"popular": n, "ALS": n}
    assert by_name(table, "mean") == pytest.approx(
        {k: v.mean() for k, v in values.items()}
    )
    assert by_name(table, "standard_error")["ALS"] == pytest.approx(
        values["ALS"].std(ddof=1) / n**0.5
    )
    assert by_name(table, "difference")["ALS"] == pytest.approx(gap.mean())
    assert by_name(table, "difference_error")["ALS"] == pytest.approx(
        gap.std(ddof=1) / n**0.5
    )
    assert by_name(table, "p_value")["ALS"] == pytest.approx(
        ttest_rel(values["ALS"], values["popular"]).pvalue, abs=0.1
    )


def test_the_same_recommender_twice_is_no_better():
    """Not even by rounding."""
    twins = {name: ALSRecommender(4, random_state=0) for name in "ab"}
    assert compare(twins, noise(1), CV, random_state=0)["p_value"][1] == 1


def test_noise_is_rarely_a_finding():
    """Two of different seeds; `benchmarks/compare_noise.py` has 200 such runs."""
    models = {str(s): ALSRecommender(2, max_iter=2, random_state=s) for s in (1, 2)}
    split = RandomHoldout(0.3, random_state=0)
    found = [
        compare(models, noise(run), split, n_permutations=199, random_state=run)
        for run in range(40)
    ]
    assert sum(table["p_holm"][1] <= 0.05 for table in found) <= 6  # 2 expected


def test_without_a_baseline_all_pairs_are_counted():
    """As the best is known from the same data."""
    models = {str(s): ALSRecommender(2, random_state=s) for s in range(3)}
    chosen = compare(models, noise(2), CV, random_state=0)
    named = compare(
        models, noise(2), CV, baseline=chosen["recommender"][0], random_state=0
    )
    assert named["difference"] == chosen["difference"]
    smallest = np.nanargmin(chosen["p_value"])
    for table, n_tests in ((chosen, 3), (named, 2)):
        p = table["p_value"][smallest]
        assert table["p_holm"][smallest] <= min(1, n_tests * p) + 1e-12
    assert np.nanmin(chosen["p_holm"]) >= np.nanmin(named["p_holm"])


def test_each_is_fitted_once_a_fold_for_all_metrics():
    """Whatever their number."""
    Counting.fits = 0
    models = {"a": Counting(), "b": Counting()}
    table = compare(models, noise(0), CV, ["ndcg@5", "recall@5", "mrr@5"])
    assert Counting.fits == 4
    assert table["metric"] == [m for m in ("ndcg@5", "recall@5", "mrr@5") for _ in "ab"]


def test_same_seed_same_table_whatever_n_jobs():
    """And another seed other flips."""
    models = {"a": ALSRecommender(2, random_state=0), "b": PopularityRecommender()}
    with parallel_config("threading"):
        tables = [
            compare(models, noise(3), CV, random_state=seed, n_jobs=jobs)
            for seed, jobs in ((0, 1), (0, 2), (1, 1))
        ]
    assert str(tables[0]) == str(tables[1])
    assert tables[0]["p_value"] != tables[2]["p_value"]


def test_searches_pipelines_scorers_and_frames(frame):
    """Whatever scikit-learn takes; scorers of one's own under a name."""
    events = noise(4)
    table = frame({"user": events.user_ids, "item": events.item_ids})
    X = events if isinstance(table, dict) else table
    search = GridSearchCV(
        ALSRecommender(random_state=0), {"n_components": [1, 2]}, cv=CV
    )
    models = {"search": search, "pipe": make_pipeline(PopularityRecommender())}
    scorer = get_scorer("ndcg@5", candidates="warm")
    table = compare(models, X, CV, {"warm": scorer}, n_permutations=99)
    assert set(table["metric"]) == {"warm"}
    alone = compare(models, X, CV, scorer, n_permutations=99)
    assert alone["mean"] == table["mean"]


@pytest.mark.parametrize("n_steps", [0, 1])
def test_recommenders_without_names_are_refused(n_steps):
    """A pipeline of two steps is no pair of a name and a recommender."""
    X = Interactions({"user": [1, 1, 2], "item": list("aba")})
    models = [PopularityRecommender(), ContentRecommender()]
    if n_steps:
        models = [make_pipeline(MultimodalFusion([]), model) for model in models]
    with pytest.raises(TypeError, match="must be a dict, or pairs of name and estima"):
        compare(models, X, RandomHoldout())


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"recommenders": {"a": PopularityRecommender()}}, "two or more by name"),
        ({"baseline": "c"}, r"got \['a', 'b'\] and baseline='c'"),
        ({"recommenders": [("a", 1), ("a", 2)]}, "got 2 of them by 1 names"),
        ({"scoring": "coverage@5"}, "a value for each user; got 'coverage@5'"),
        ({"scoring": None}, "scoring must be the name of a metric"),
        ({"cv": []}, "cv must have a split; got none"),
        ({"cv": [([0], [])]}, "Each part of a split must be indices of the .* events"),
        ({"cv": [([0], [999999])]}, "Each part of a split must be indices of the"),
        ({"n_permutations": 2.5}, "n_permutations must be a whole number"),
        (
            {
                "X": Interactions({"user": [1, 1, 2], "item": list("aba")}),
                "cv": [(np.array([0, 1]), np.array([0]))],
            },
            None,
        ),
        (
            {
                "X": Interactions({"user": [1, 1, 2], "item": list("aba")}),
                "cv": [(np.array([0, 1, 2]), np.array([0]))],
            },
            "cv must hold out events that can be found",
        ),
    ],
)
def test_what_cannot_be_compared_is_named(change, match):
    """What must be, what was got, what to do."""
    models = {"a": PopularityRecommender(), "b": PopularityRecommender()}
    arguments = {"recommenders": models, "X": noise(0), "cv": CV, "scoring": "ndcg@2"}
    with pytest.raises((ValueError, TypeError), match=match):
        compare(**arguments | change)


# -- modality_effect -------------------------------------------------------------------


def shelf(seed=0, n_users=60, n_items=60):
    """Users of two kinds like items of their kind, which `x` tells and `y` does not."""
    rng = np.random.default_rng(seed)
    kind = rng.choice([-1.0, 1.0], n_items)
    items = {"item": np.arange(n_items), "x": kind, "y": rng.normal(size=n_items)}
    user, item = np.divmod(np.arange(n_users * n_items), n_items)
    likes = (kind[item] == np.where(user % 2, 1, -1)) & (rng.random(len(user)) < 0.3)
    return Interactions({"user": user[likes], "item": item[likes]}, items=items)


BRANCHES = [("x", "passthrough", ["x"]), ("y", "passthrough", ["y"])]
COLD = ColdItemKFold(3, random_state=0)
SCORER = get_scorer("ndcg@5", candidates="cold")


def test_the_modality_that_tells_is_found():
    """And the other is not; figures are those of the pipeline with and without."""
    pipe = make_pipeline(MultimodalFusion(BRANCHES), ContentRecommender())
    table = modality_effect(pipe, shelf(), COLD, random_state=0)
    assert table["modality"] == ["x", "y"]
    assert table["low"][0] > 0.1
    assert table["p_holm"][0] == 2e-4
    assert table["high"][1] < table["low"][0]
    for i, name in enumerate("xy"):
        less = make_pipeline(
            MultimodalFusion([b for b in BRANCHES if b[0] != name]),
            ContentRecommender(),
        )
        pair = compare(
            {"with": pipe, "without": less}, shelf(), COLD, baseline="without"
        )
        assert table["without"][i] == pytest.approx(by_name(pair, "mean")["without"])
        assert table["effect"][i] == pytest.approx(by_name(pair, "difference")["with"])
        margin = by_name(pair, "difference_error")["with"]
        assert table["high"][i] - table["effect"][i] == pytest.approx(
            2.001 * margin, rel=1e-3
        )


def test_the_only_modality_can_be_left_out():
    """The recommender then knows the events alone."""
    als = ALSRecommender(2, random_state=0)
    pipe = make_pipeline(MultimodalFusion(BRANCHES[:1]), als)
    scorer = get_scorer("ndcg@5", candidates="cold")
    table = modality_effect(pipe, shelf(), COLD, "x", scorer, random_state=0)
    events = compare({"als": als, "pipe": pipe}, shelf(), COLD, scorer)
    assert table["without"][0] == pytest.approx(by_name(events, "mean")["als"])
    assert table["low"][0] > 0.1


def test_a_modality_is_dropped_wherever_it_is():
    """In all members of a vote."""
    member = make_pipeline(MultimodalFusion(BRANCHES), ContentRecommender())
    vote = VotingRecommender([("a", member), ("b", member)])
    table = modality_effect(vote, shelf(), COLD, ["x"], ["ndcg@5", "recall@5"])
    assert table["metric"] == ["ndcg@5", "recall@5"]
    assert min(table["low"]) > 0


def test_intervals_cover_no_effect_nineteen_times_in_twenty():
    """Of a column that says nothing beside one that says nothing."""
    covered = []
    for seed in range(30):
        X = noise(seed)
        rng = np.random.default_rng(1000 + seed)
        items = {
            "item": np.arange(30),
            "x": rng.normal(size=30),
            "y": rng.normal(size=30),
        }
        X = Interactions({"user": X.user_ids, "item": X.item_ids}, items=items)
        pipe = make_pipeline(MultimodalFusion(BRANCHES), ContentRecommender())
        split = RandomHoldout(0.3, random_state=seed)
        table = modality_effect(pipe, X, split, "x", n_permutations=9)
        covered.append(table["low"][0] <= 0 <= table["high"][0])
    assert sum(covered) >= 25  # 28.5 expected


def test_unknown_modalities_are_named():
    """And pipelines without any."""
    pipe = make_pipeline(MultimodalFusion(BRANCHES), ContentRecommender())
    with pytest.raises(ValueError, match=r"\['x', 'y'\]; got \['z'\]"):
        modality_effect(pipe, shelf(), COLD, "z")
    with pytest.raises(ValueError, match="a MultimodalFusion with modalities; got Pop"):
        modality_effect(PopularityRecommender(), shelf(), COLD)


@pytest.mark.parametrize(
    "grid",
    [
        {"x": ["drop", "passthrough"]},
        {"x__with_mean": [True, False]},
        {"method": ["mean"]},
    ],
)
def test_a_search_does_not_put_a_modality_back(grid):
    """Of what it tries, parameters of the modality are left out."""
    branches = [("x", StandardScaler(), ["x"]), ("y", "passthrough", ["y"])]
    pipe = make_pipeline(MultimodalFusion(branches), ContentRecommender())
    grid = {f"multimodalfusion__{name}": values for name, values in grid.items()}
    shape = {"cv": COLD, "random_state": 0, "n_permutations": 99}
    found = [
        modality_effect(one, shelf(), modality="x", scoring=SCORER, **shape)
        for one in (pipe, GridSearchCV(pipe, [grid], cv=COLD, scoring=SCORER))
    ]
    if "multimodalfusion__method" not in grid:
        assert found[0]["without"] == found[1]["without"]
    assert found[1]["effect"][0] > 0


def test_a_search_over_the_fusion_itself_cannot_drop_a_modality():
    """Nor one over what it is made of, or is a part of."""
    pipe = make_pipeline(MultimodalFusion(BRANCHES), ContentRecommender())
    for grid in (
        {"multimodalfusion": [MultimodalFusion(BRANCHES)]},
        {"multimodalfusion__transformers": [BRANCHES]},
        {"steps": [pipe.steps]},
    ):
        search = GridSearchCV(pipe, grid, cv=COLD)
        (name,) = grid
        with pytest.raises(ValueError, match=f"got '{name}', which sets the fusion"):
            modality_effect(search, shelf(), COLD, "x")


@pytest.mark.parametrize(
    ("params", "match"),
    [
        ({"confidence_level": 95}, "between 0 and 1; got 95; write 0.95"),
        ({"n_permutations": 0}, "n_permutations must be a whole number of 1 or more"),
        ({"modality": 3}, r"got \[3\]; name one"),
    ],
)
def test_what_an_effect_takes_is_said(params, match):
    pipe = make_pipeline(MultimodalFusion(BRANCHES), ContentRecommender())
    with pytest.raises(ValueError, match=match):
        modality_effect(pipe, shelf(), COLD, **params)


def test_weights_of_a_dropped_modality_are_dropped():
    """Those of the recommender, which would name what is not there."""
    graph = ItemGraphRecommender({"x": 1.0, "y": 0.5}, 0.3, 0.1)
    pipe = make_pipeline(MultimodalFusion(BRANCHES), graph)
    table = modality_effect(pipe, shelf(), COLD, None, SCORER, n_permutations=9)
    assert table["effect"][0] > 0.1


def test_a_modality_named_twice_is_judged_once():
    """Else p-values were corrected for what was not asked."""
    pipe = make_pipeline(MultimodalFusion(BRANCHES), ContentRecommender())
    table = modality_effect(
        pipe, shelf(), COLD, ["x", "x"], SCORER, random_state=0, n_permutations=99
    )
    assert table["modality"] == ["x"]
    assert table["p_holm"] == table["p_value"]
