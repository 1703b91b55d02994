"""Metrics, scorers and the ranking below them under hostile input."""

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from skmmrec import (
    ALSRecommender,
    ExactRetriever,
    FaissRetriever,
    PopularityRecommender,
    UsearchRetriever,
    get_scorer,
    metrics,
    plugins,
    retrieval_recall,
)
from skmmrec.ranking import blocks_of_rows, top_k, top_k_of_blocks
from tests.hostile._judge import judge, state
from tests.hostile._strategies import (
    HOSTILE,
    SCALARS,
    columns,
    junk,
    matrices,
    read_only,
    tables,
    values,
    world,
)

METRICS = [name for name in metrics.__all__ if name.islower() and name != "get_scorer"]
RETRIEVERS = [ExactRetriever(), FaissRetriever("Flat"), UsearchRetriever()]
COVERS = [
    *METRICS,
    *("get_scorer", "RankingScorer"),
    *("top_k", "top_k_of_blocks", "blocks_of_rows", "retrieval_recall"),
    *(type(retriever).__name__ for retriever in RETRIEVERS),
]
floats = st.floats(width=32, allow_nan=False)


@st.composite
def right(draw):
    """What metrics may be given, all of one size."""
    n, k, m = (draw(st.integers(0, 4)) for _ in range(3))
    k, m = k + 1, m + 1
    lists = draw(arrays(np.int32, (n, k), elements=st.integers(-1, m - 1)))
    y = draw(arrays(np.float64, (2, n), elements=st.floats(-1e30, 1e30)))
    order = draw(st.sampled_from(["C", "F"]))
    return {
        "hits": np.array(draw(arrays(bool, (n, k))), order=order),
        "lists": read_only(lists),
        "codes": lists[::-1],
        "scores": draw(arrays(np.float32, (n, m), elements=floats)),
        "relevant": draw(arrays(bool, (n, m))),
        "n_relevant": draw(arrays(np.int64, n, elements=st.integers(1, 2**31))),
        "n_candidates": draw(st.integers(m, 2**40)),
        "n_users": draw(st.integers(1, 2**40)),
        "counts": draw(arrays(np.int64, m, elements=st.integers(0, 2**31))),
        "features": draw(
            arrays(np.float32, (m, 2), elements=st.floats(-1e9, 1e9, width=32))
        ),
        "histories": sp.csr_array(draw(arrays(bool, (n, m)))),
        "item_groups": draw(values(m)),
        "user_groups": draw(values(n)),
        "values": draw(arrays(np.float64, n, elements=st.floats(-1e9, 1e9))),
        "y_true": y[0],
        "y_pred": y[1],
    }


@pytest.mark.parametrize("name", METRICS)
@HOSTILE
@given(data=st.data(), given_=right())
def test_metrics_of_what_is_right_but_for_one_thing(name, data, given_):
    """A value for each user, group or all; or a sentence about what is wrong."""
    metric = getattr(metrics, name)
    asked = metrics._scorer.signature(metric).parameters
    given_ = {key: given_[key] for key in asked}
    wrong = data.draw(st.sampled_from([None, *asked]))
    if wrong:
        given_[wrong] = data.draw(st.one_of(matrices, junk))
    answer, refusal = judge(lambda: metric(**given_))
    if wrong is None and not any("groups" in key for key in given_):
        assert refusal is None, refusal
        per_user = {"hits", "lists", "scores"} & {next(iter(asked))}
        assert np.ndim(answer) == bool(per_user)
    judge(lambda: metric(*given_.values()))


names = st.one_of(
    st.sampled_from(["ndcg@3", "auc", "pearson", "coverage@2", "exposure_ratio@2"]),
    st.builds(
        "{}{}".format,
        st.sampled_from(plugins.names("metrics")),
        st.sampled_from(["", "@1", "@0", "@-1", "@", "@x", "@1.5", "@\u0663", "@007"]),
    ),
    junk,
)


@HOSTILE
@given(
    scoring=st.one_of(names, st.lists(names, max_size=2)),
    candidates=st.one_of(st.sampled_from(["all", "warm", "cold"]), junk),
    groups=st.one_of(st.none(), st.just({0: "a", 1: "b"}), junk),
)
def test_scorers_of_any_name(scoring, candidates, groups):
    """A number from 0 to 1 or none, or a sentence."""
    scorer, refusal = judge(
        lambda: get_scorer(scoring, candidates, item_groups=groups, user_groups=groups)
    )
    if refusal is None:
        X = world()
        model = PopularityRecommender().fit(X[::2])
        scorers = scorer.values() if isinstance(scorer, dict) else [scorer]
        for one in scorers:
            judge(lambda one=one: one(model, X[1::2]))
            judge(lambda one=one: one.per_user(model, X[1::2]))
            judge(lambda one=one: one.by_group(model, X[1::2]))


@HOSTILE
@given(X=st.one_of(tables(), matrices, junk), estimator=st.one_of(st.none(), junk))
def test_scores_of_anything(X, estimator):
    """Of events that are none, and of estimators that are none."""
    model = PopularityRecommender().fit(world())
    for name in ("ndcg@3", "auc", "pearson", "diversity@2"):
        judge(
            lambda name=name: get_scorer(name)(
                model if estimator is None else estimator, X
            )
        )


sizes = st.one_of(
    st.integers(-1, 60),
    st.sampled_from(
        [s for s in SCALARS if not isinstance(s, int) or isinstance(s, bool)]
    ),
)


@HOSTILE
@given(
    scores=st.one_of(arrays(np.float32, (3, 5), elements=floats), matrices, junk),
    k=sizes,
)
def test_the_best_of_anything(scores, k):
    """The k best columns of each row, in order, or a sentence."""
    answer, refusal = judge(lambda: top_k(scores, k))
    if refusal is None:
        places, best = answer
        assert places.shape == best.shape == (len(scores), k)
        filled = places >= 0
        assert (np.isnan(best) == ~filled).all()
        for row, own, found in zip(np.asarray(scores, np.float32), places, best):
            n = np.count_nonzero(own >= 0)
            np.testing.assert_array_equal(
                np.sort(row[row > -np.inf])[::-1][:k], found[:n]
            )


@HOSTILE
@given(
    score=st.one_of(st.just(lambda rows, columns: np.ones((3, 4), np.float32)), junk),
    n=sizes,
    m=sizes,
    k=sizes,
)
def test_blocks_of_any_size(score, n, m, k):
    """Numbers of rows that are none."""
    if (n == 3 and m == 4) or not callable(score):
        judge(lambda: top_k_of_blocks(score, n, m, k))
    judge(lambda: blocks_of_rows(n, m))


@pytest.mark.parametrize("retriever", RETRIEVERS, ids=str)
@HOSTILE
@given(
    vectors=st.one_of(matrices, junk),
    method=st.sampled_from(["add", "update", "remove", "search"]),
    given_=st.one_of(matrices, junk),
    rows=st.one_of(st.just([0]), st.just([2, 1, 0]), junk),
    k=sizes,
)
def test_retrievers(retriever, vectors, method, given_, rows, k):
    """An index that goes on after what it refused."""
    model = type(retriever)(**retriever.get_params())
    _, refusal = judge(lambda: model.fit(vectors))
    if refusal is not None:
        model.fit(np.arange(6.0).reshape(3, 2))
    ask = {"update": (rows, given_), "remove": (rows,), "search": (given_, k)}
    n_rows = model.n_rows_
    _, refusal = judge(lambda: getattr(model, method)(*ask.get(method, (given_,))))
    if refusal is not None:
        assert model.n_rows_ == n_rows
    query = np.ones((1, model.n_features_in_))
    answer, refusal = judge(lambda: model.search(query, 2))
    assert refusal is None
    assert (answer[0] < max(1, model.n_rows_)).all()


@pytest.mark.parametrize("retriever", RETRIEVERS, ids=str)
@HOSTILE
@given(data=st.data(), value=junk)
def test_parameters_of_retrievers(retriever, data, value):
    """Parameters that are none."""
    params = retriever.get_params()
    if params:
        params[data.draw(st.sampled_from(sorted(params)))] = value
        judge(lambda: type(retriever)(**params).fit(np.eye(4)).search(np.eye(4), 2))


@HOSTILE
@given(
    users=st.one_of(st.just([0, 1]), columns(), junk),
    k=sizes,
    retriever=st.one_of(st.just("faiss"), junk),
)
def test_recall_of_retrievers(users, k, retriever):
    """A share, or a sentence; and models that are none."""
    model = ALSRecommender(2, max_iter=1, random_state=0).fit(world())
    before = state(model)
    answer, refusal = judge(
        lambda: retrieval_recall(model, users, k, retriever=retriever)
    )
    if refusal is None:
        assert 0 <= answer <= 1
    assert state(model) == before
    judge(lambda: retrieval_recall(retriever, users, k))
