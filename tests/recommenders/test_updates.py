"""What comes after fit: further events, users and items, and the order of events."""

import numpy as np
import pytest
import scipy.sparse as sp

from skmmrec import (
    ALSRecommender,
    BaseRecommender,
    BPRRecommender,
    ContentRecommender,
    Interactions,
    MultimodalFusion,
    PopularityRecommender,
    VotingRecommender,
    make_pipeline,
)
from skmmrec._sparse import last_times, merged
from skmmrec._vectors import Blocks, outer, paired, put, take, unit_rows
from skmmrec.testing import colours, painted
from tests.recommenders.test_recommenders import ALL, _installed


@pytest.fixture(params=ALL, ids=str)
def recommender(request):
    return _installed(request.param)


def later(users, items, table=None):
    """Events of the painted world after fit."""
    X = Interactions(
        {"user": users, "item": items},
        items={"item": np.arange(32)} if table is not None else None,
    )
    return X if table is None else X.with_table("items", table)


def test_a_new_user_is_as_one_with_that_history(recommender):
    """Folded in, and kept."""
    train, _ = painted()
    model = recommender.fit(train)
    news = later(["new"] * 4, [0, 2, 4, 6])
    lists = model.recommend(["new"], k=5, history=news)
    model.partial_fit(news)
    assert len(model.user_vocabulary_) == 41
    again = model.recommend(["new"], k=5)
    assert not {0, 2, 4, 6} & set(again[0])
    if not isinstance(model, PopularityRecommender):
        assert np.mean(again % 2 == 0) == 1
        assert set(lists[0]) & set(again[0])


def test_a_new_item_is_found_by_its_content(recommender):
    """White item 30 and black 31 join; nobody else loses a place for want of rows."""
    train, _ = painted()
    model = recommender.fit(train)
    model.add_items(later([], [], colours(32)))
    assert len(model.item_vocabulary_) == 32
    _, scores = model.recommend([0, 1], k=32, exclude_seen=False, return_scores=True)
    assert np.isfinite(scores).all()
    if not isinstance(model, PopularityRecommender) and "popular" not in str(model):
        offered = model.recommend([0, 1], k=1, candidates=[30, 31])
        assert offered.tolist() == [[30], [31]]


def test_updates_leave_others_alone(recommender):
    """Scores of users and items without news."""
    train, _ = painted()
    model = recommender.fit(train)
    pairs = Interactions({"user": np.arange(2, 12), "item": np.arange(10)})
    before = model.predict(pairs)
    model.partial_fit(later([0, 1], [20, 21]))
    if isinstance(model, (ContentRecommender, ALSRecommender)):
        np.testing.assert_allclose(model.predict(pairs), before, rtol=1e-5)
    else:
        assert np.isfinite(model.predict(pairs)).all()
    assert 20 not in model.recommend([0], k=10)[0]


def test_popularity_after_updates_is_that_of_all():
    """Exactly, wherever the events were cut."""
    train, _ = painted()
    whole = PopularityRecommender().fit(train)
    parts = PopularityRecommender().fit(train[::2]).partial_fit(train[1::2])
    assert parts.recommend([99], 10).tolist() == whole.recommend([99], 10).tolist()
    assert parts.seen_.nnz == whole.seen_.nnz


def test_an_item_without_likes_gets_some():
    """As popular as what was had as often."""
    model = PopularityRecommender().fit(Interactions({"user": [1, 2], "item": [7, 7]}))
    model.partial_fit(Interactions({"user": [1, 2, 3], "item": [8, 8, 8]}))
    assert model.recommend([4], 2).tolist() == [[8, 7]]
    assert model.recommend([1], 2).tolist() == [[None, None]]


def test_known_items_keep_their_place_if_their_content_is_not_at_hand():
    """Rather than lose what content taught; new ones are placed by their events."""
    train, _ = painted()
    model = ALSRecommender(8, random_state=0).fit(train)
    before = model.item_factors_.copy()
    white = np.arange(0, 40, 2)
    events = {"user": np.tile(white, 2), "item": [0] * 20 + [77] * 20}
    model.partial_fit(Interactions(events))
    assert np.array_equal(model.item_factors_[:30], before)
    scores = model.predict({"user": [39, 38], "item": [77, 77]})
    assert scores[1] > scores[0] + 0.1


def test_what_was_fitted_stays_unless_most_likes_are_new():
    """A guess from those who had an item is worse than what they taught."""
    X = Interactions({"user": [0, 1, 2, 2, 3], "item": [0, 0, 0, 1, 1]})
    model = BPRRecommender(4, random_state=0).fit(X)
    before = model.item_factors_.copy()
    model.partial_fit(Interactions({"user": [3], "item": [0]}))
    assert np.array_equal(model.item_factors_, before)
    model.partial_fit(Interactions({"user": [0, 1], "item": [1, 1]}))
    assert np.array_equal(model.item_factors_[0], before[0])
    assert not np.array_equal(model.item_factors_[1], before[1])


def test_a_pipeline_encodes_what_is_added():
    """A plain table like that of fit."""
    items = {"item": np.arange(30), "colour": colours().values}
    train, _ = painted()
    X = Interactions({"user": train.user_ids, "item": train.item_ids}, items=items)
    pipe = make_pipeline(
        MultimodalFusion([("colour", "passthrough", "colour")]), ContentRecommender()
    )
    pipe.fit(X)
    pipe.add_items({"item": ["white", "black"], "colour": colours(2).values})
    offered = pipe.recommend([0, 1], k=1, candidates=["white", "black"])
    assert offered.tolist() == [["white"], ["black"]]
    pipe.partial_fit({"item": ["white"], "user": ["me"], "device": ["phone"]})
    assert np.mean(pipe.recommend(["me"], k=5) == "black") == 0


def test_a_model_of_a_frame_wants_interactions():
    model = PopularityRecommender().fit([["a", "x"], ["b", "y"]])
    with pytest.raises(TypeError, match="items must be an Interactions for a model"):
        model.add_items({"item": ["z"]})


# -- the order of events -----------------------------------------------------------


class LastItem(BaseRecommender):
    """Recommend the item after the last one: what was liked before does not count."""

    _ordered = True

    def _fit(self, R, items, users):
        self.item_factors_ = np.roll(np.eye(R.shape[1], dtype=np.float32), -1, axis=1)
        self.fitted_times = self.likes_times_
        self.user_factors_ = self._fold_in_ordered(R, self.likes_times_)

    def _place_cold(self, R, features):
        """Items without events follow another too."""

    def _fold_in_ordered(self, H, times):
        last = np.zeros(H.shape, dtype=np.float32)
        for row in range(H.shape[0]):
            here = slice(*times.indptr[row : row + 2])
            last[row, times.indices[here][np.argmax(times.data[here])]] = 1
        return last


@pytest.fixture
def diary():
    return Interactions(
        {"user": list("aabbb"), "item": [3, 1, 0, 2, 1], "when": [5, 2, 1, 9, 3]},
        items={"item": np.arange(5)},
        time="when",
    )


def offered(model, user, **kwargs):
    return model.recommend([user], k=1, exclude_seen=False, **kwargs)[0, 0]


def test_the_order_is_that_of_the_times(diary):
    """Of the rows where there are none."""
    model = LastItem().fit(diary)
    assert offered(model, "a") == 4
    assert offered(model, "b") == 3
    rows = Interactions(
        {"user": diary.user_ids, "item": diary.item_ids}, items=diary.items
    )
    assert offered(LastItem().fit(rows), "a") == 2
    dates = np.datetime64("2020-01-01") + diary.time
    events = {"user": diary.user_ids, "item": diary.item_ids, "when": dates}
    dated = LastItem().fit(Interactions(events, items=diary.items, time="when"))
    assert offered(dated, "b") == 3


@pytest.mark.parametrize(
    ("history", "item"),
    [
        ({"user": ["a"], "item": [0], "when": [9]}, 1),
        ({"user": ["a"], "item": [0], "when": [1]}, 4),
        ({"user": ["a"], "item": [0]}, 1),
        ({"user": ["new", "new"], "item": [0, 2], "when": [7, 3]}, 1),
        ({"user": ["new", "new"], "item": [0, 2]}, 3),
    ],
)
def test_a_history_is_later_unless_it_says_when(diary, history, item):
    user = history["user"][0]
    assert offered(LastItem().fit(diary), user, history=history) == item
    updated = LastItem().fit(diary).partial_fit(history)
    assert offered(updated, user) == item


def test_the_order_reaches_members(diary):
    """A combination gives its members the times."""
    model = VotingRecommender(
        [("last", LastItem()), ("popular", PopularityRecommender())], weights=[1, 0.1]
    ).fit(diary)
    assert offered(model, "a") == 4
    history = {"user": ["a"], "item": [0], "when": [9]}
    assert offered(model, "a", history=history) == 1


def test_a_combination_keeps_the_order_of_what_came_later(diary):
    """Of users and items that join after fit too."""
    members = [("popular", PopularityRecommender()), ("last", LastItem())]
    model = VotingRecommender(members, weights=[0.1, 1]).fit(diary)
    model.partial_fit({"user": ["new"], "item": [2], "when": [20]})
    assert model.times_.shape == model.seen_.shape == (3, 5)
    assert offered(model, "new") == 3
    for when, item in ((10, 3), (30, 1)):
        history = {"user": ["new"], "item": [0], "when": [when]}
        assert offered(model, "new", history=history) == item


def test_updates_without_times_come_one_after_another(diary):
    model = LastItem().fit(diary)
    for item in (0, 3, 2):
        model.partial_fit({"user": ["a"], "item": [item]})
        assert offered(model, "a") == item + 1


def test_dislikes_have_no_place_in_the_order(diary):
    events = {name: diary[name] for name in ("user", "item", "when")}
    X = Interactions(
        events | {"stars": [0, 5, 5, 0, 5]},
        items=diary.items,
        rating="stars",
        time="when",
    )
    model = LastItem().fit(X)
    assert offered(model, "a") == 2
    assert model.fitted_times.nnz == 3


def test_times_of_pairs_stay_where_their_weights_are():
    """Duplicates, empty rows, the largest time of each."""
    users, items = np.array([2, 0, 2, 2]), np.array([1, 3, 1, 0])
    times = last_times(users, items, np.array([5.0, 0.0, 7.0, -1.0]), (4, 4))
    assert times.indptr.tolist() == [0, 1, 1, 3, 3]
    assert times.indices.tolist() == [3, 0, 1]
    assert times.data.tolist() == [0, -1, 7]
    later = merged(times, times, last_times)
    assert later.data.tolist() == [0, -1, 7]


# -- vectors -----------------------------------------------------------------------


def test_sparse_vectors_are_as_dense_ones():
    """Products, rows put in, and rows of unit length."""
    rng = np.random.default_rng(0)
    U, V = (rng.random((n, 6)) * (rng.random((n, 6)) < 0.4) for n in (5, 4))
    U, V = U.astype(np.float32), V.astype(np.float32)
    sparse_U, sparse_V = sp.csr_array(U), sp.csr_array(V)
    for left in (U, sparse_U):
        for right in (V, sparse_V):
            np.testing.assert_allclose(outer(left, right), U @ V.T, rtol=1e-6)
            pairs = paired(left[:4], right)
            np.testing.assert_allclose(pairs, (U[:4] * V).sum(axis=1), rtol=1e-6)
    np.testing.assert_allclose(unit_rows(sparse_U).toarray(), unit_rows(U), rtol=1e-6)
    both = Blocks([U, sparse_U])
    changed = put(take(both, np.arange(5)), [1, 3], Blocks([V[:2], sparse_V[:2]]))
    expected = U.copy()
    expected[[1, 3]] = V[:2]
    np.testing.assert_array_equal(changed, np.hstack([expected, expected]))
    np.testing.assert_array_equal(both, np.hstack([U, U]))
