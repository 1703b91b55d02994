"""No event is on both sides, none from the future is learned from."""

from itertools import pairwise

import numpy as np
import pytest
from sklearn import clone

from skmmrec import (
    ColdItemKFold,
    ColdUserKFold,
    Interactions,
    LeaveLastOut,
    RandomHoldout,
    RollingTemporalSplit,
    TemporalSplit,
)

SPLITTERS = [
    LeaveLastOut(n_splits=2),
    TemporalSplit(),
    RandomHoldout(n_splits=3, random_state=0),
    ColdItemKFold(n_splits=4, random_state=0),
    ColdUserKFold(n_splits=4, random_state=0),
    RollingTemporalSplit(n_splits=3, test_size=0.2),
]


def events(n=2000, seed=0):
    rng = np.random.default_rng(seed)
    return Interactions(
        {
            "user": rng.integers(0, 50, n),
            "item": rng.integers(0, 80, n),
            "time": rng.integers(0, 500, n),  # many at one time
        },
        time="time",
    )


@pytest.mark.parametrize("splitter", SPLITTERS, ids=str)
def test_sides_are_disjoint_and_not_empty(splitter):
    """And as many splits as announced, the same each time."""
    X = events()
    splits = list(splitter.split(X))
    assert len(splits) == splitter.get_n_splits(X)
    for train, test in splits:
        assert len(train)
        assert len(test)
        assert not set(train) & set(test)
    for first, again in zip(splits, splitter.split(X)):
        np.testing.assert_array_equal(first[1], again[1])
    assert repr(clone(splitter, safe=False)) == repr(splitter)


def test_leave_last_out_holds_out_the_last_of_each_user():
    """Of equal times the later row is the later event."""
    X = events()
    train, test = next(LeaveLastOut().split(X))
    assert len(test) == 50
    assert len(train) + len(test) == len(X)
    for row in test:
        mine = train[X.user_codes[train] == X.user_codes[row]]
        earlier = X.time[mine] < X.time[row]
        assert (earlier | ((X.time[mine] == X.time[row]) & (mine < row))).all()


def test_leave_last_out_steps_back_in_time():
    """The second split knows nothing of the event that the first holds out."""
    X = events()
    (_, last), (train, before) = LeaveLastOut(n_splits=2).split(X)
    assert not set(last) & (set(train) | set(before))


def test_leave_last_out_keeps_lone_events_to_learn_from():
    """A user with one event cannot be judged."""
    X = Interactions({"user": [1, 2, 2], "item": list("aab")})
    assert [part.tolist() for part in next(LeaveLastOut().split(X))] == [[0, 1], [2]]


def test_temporal_split_knows_nothing_of_the_future():
    """Events of one time stay together."""
    X = events()
    train, test = next(TemporalSplit(0.25).split(X))
    assert X.time[train].max() < X.time[test].min()
    assert len(test) / len(X) == pytest.approx(0.25, abs=0.02)


def test_random_holdout_takes_its_share_of_every_user():
    """On average; nobody loses all events."""
    X = events()
    train, test = next(RandomHoldout(0.3, random_state=0).split(X))
    assert len(test) / len(X) == pytest.approx(0.3, abs=0.02)
    assert len(np.unique(X.user_codes[train])) == 50
    few = Interactions({"user": np.repeat(np.arange(999), 2), "item": np.arange(1998)})
    _, test = next(RandomHoldout(0.2, random_state=0).split(few))
    assert len(test) / 1998 == pytest.approx(0.2, abs=0.03)


@pytest.mark.parametrize("splitter", [RandomHoldout, ColdItemKFold, ColdUserKFold])
def test_another_seed_is_another_split(splitter):
    """And the same seed the same."""
    X = events()
    first, second = (next(splitter(random_state=s).split(X))[1] for s in (0, 1))
    assert first.tolist() != second.tolist()


def test_cold_items_in_the_order_of_the_catalogue():
    """shuffle=False."""
    X = events()
    _, test = next(ColdItemKFold(4, shuffle=False).split(X))
    assert X.item_codes[test].max() < 20 + 1


def test_cold_items_are_cold():
    """No item on both sides; each item is held out once."""
    X = events()
    held_out = []
    for train, test in ColdItemKFold(4, random_state=0).split(X):
        assert not set(X.item_codes[train]) & set(X.item_codes[test])
        held_out += set(X.item_codes[test].tolist())
    assert sorted(held_out) == sorted(set(X.item_codes.tolist()))


def test_cold_users_are_cold():
    """No user on both sides; each user is held out once."""
    X = events()
    held_out = []
    for train, test in ColdUserKFold(4, random_state=0).split(X):
        assert not set(X.user_codes[train]) & set(X.user_codes[test])
        assert len(train) + len(test) == len(X)
        held_out += set(X.user_codes[test].tolist())
    assert sorted(held_out) == list(range(50))


def test_rolling_windows_follow_one_another():
    """Each is learned from in the next; the last is that of `TemporalSplit`."""
    X = events()
    splits = list(RollingTemporalSplit(3, test_size=0.2).split(X))
    for train, test in splits:
        assert X.time[train].max() < X.time[test].min()
        assert len(test) / len(X) == pytest.approx(0.2, abs=0.02)
    for (train, test), (later, _) in pairwise(splits):
        assert sorted([*train, *test]) == later.tolist()
    last = next(TemporalSplit(0.2).split(X))
    assert [part.tolist() for part in splits[-1]] == [part.tolist() for part in last]


def test_plain_frames_are_split_too(frame):
    """The first two columns are user and item."""
    table = frame({"u": [1, 1, 2, 2], "i": list("abab")})
    if isinstance(table, dict):
        table = np.array([[1, "a"], [1, "b"], [2, "a"], [2, "b"]], dtype=object)
    _, test = next(LeaveLastOut().split(table))
    assert test.tolist() == [1, 3]


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (
            lambda: LeaveLastOut(0),
            "n_splits must be a whole number of 1 or more; got 0",
        ),
        (lambda: TemporalSplit(2), "test_size must be a share between 0 and 1; got 2"),
        (lambda: RandomHoldout(0), "test_size must be a share"),
        (lambda: ColdItemKFold(1), "n_splits must be a whole number of 2 or more"),
        (
            lambda: next(
                ColdItemKFold(9).split(Interactions({"user": [1], "item": [1]}))
            ),
            "as many items as folds, or more; got 1 items for 9 folds",
        ),
        (lambda: ColdUserKFold(0), "n_splits must be a whole number of 2 or more"),
        (
            lambda: next(
                ColdUserKFold(2).split(Interactions({"user": [1], "item": [1]}))
            ),
            "ColdUserKFold must have as many users as folds, or more; got 1 users",
        ),
        (
            lambda: RollingTemporalSplit(5, test_size=0.2),
            r"n_splits \* test_size must be below 1",
        ),
        (
            lambda: next(
                TemporalSplit().split(Interactions({"user": [1], "item": [1]}))
            ),
            "events must have a time; got none; pass time=",
        ),
        (
            lambda: next(
                LeaveLastOut().split(Interactions({"user": [1], "item": [1]}))
            ),
            "must leave events on both sides; got 1 to learn from and 0",
        ),
    ],
)
def test_bad_splits_are_named(make, match):
    """What must be, what was got, what to do."""
    with pytest.raises(ValueError, match=match):
        make()
