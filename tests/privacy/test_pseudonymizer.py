"""Pseudonyms: stable, told apart, and without a trace of the ids or the key."""

import hashlib
import hmac
import pickle
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn import clone
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline as plain_pipeline

import skmmrec
from skmmrec import (
    ALSRecommender,
    Interactions,
    MultimodalFusion,
    PopularityRecommender,
    TabularEncoder,
    get_scorer,
    make_pipeline,
)
from skmmrec.privacy import Pseudonymizer

KEY = "0123456789abcdef0123456789abcdef"


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv("SKMMREC_KEY", KEY)


def events():
    return {
        "user": ["ann@a.example", "ann@a.example", "bob@b.example", "cid@c.example"],
        "item": ["tea", "jam", "tea", "bun"],
        "stars": [5, 4, 4, 2],
    }


def bytes_below(folder):
    return b"".join(p.read_bytes() for p in Path(folder).rglob("*") if p.is_file())


# -- ids -----------------------------------------------------------------------------


def test_a_pseudonym_is_the_hmac_that_any_library_computes():
    """So that another system with the key can join its data."""
    known = hmac.new(KEY.encode(), b"users\0sann", hashlib.sha256).hexdigest()
    assert Pseudonymizer().pseudonyms(["ann"]).tolist() == [known[:32]]
    long = Pseudonymizer(digest_size=32).pseudonyms(["ann"])
    assert long.tolist() == [known]


def test_pseudonyms_are_the_same_in_another_process():
    """Python's own hash is not."""
    code = (
        "from skmmrec.privacy import Pseudonymizer;"
        "print(*Pseudonymizer().pseudonyms([1, 'ä', (2, 'b')]))"
    )
    other = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert (
        other.stdout.split() == Pseudonymizer().pseudonyms([1, "ä", (2, "b")]).tolist()
    )


def test_what_is_one_id_has_one_pseudonym():
    """7 and 7.0 are equal, "7" is not, and parts of a tuple do not run together."""
    same = [7, 7.0, np.int32(7), np.float32(7)]
    assert len({*map(tuple, [Pseudonymizer().pseudonyms([one]) for one in same])}) == 1
    others = [7, "7", b"7", 7.5, (7,), ("7",), ("a", "bc"), ("ab", "c"), UUID(int=7)]
    assert len(set(Pseudonymizer().pseudonyms(others))) == len(others)
    numbers = np.array([7, 8]), pd.Series([7, 8]), pl.Series([7, 8])
    assert len({tuple(Pseudonymizer().pseudonyms(ids)) for ids in numbers}) == 1


def test_a_user_and_an_item_of_one_id_have_nothing_in_common():
    """Or a list of items would be a dictionary of users."""
    users, items = (Pseudonymizer().pseudonyms([7], on) for on in ("users", "items"))
    assert users != items


def test_the_holder_of_the_key_finds_the_way_back():
    """By the ids; without the key they are of no use."""
    ids = ["ann", "bob"]
    back = dict(zip(Pseudonymizer().pseudonyms(ids), ids))
    assert [back[name] for name in Pseudonymizer().pseudonyms(["bob"])] == ["bob"]


@pytest.mark.parametrize("bad", [[None], [""], [float("nan")]])
def test_missing_ids_are_refused(bad):
    """All of them would be one person."""
    with pytest.raises(ValueError, match="must be given"):
        Pseudonymizer().pseudonyms(bad)


def test_ids_without_one_spelling_are_refused():
    """A date may be written in several ways, of which each has its own hash."""
    with pytest.raises(TypeError, match="got Timestamp; convert them to text"):
        Pseudonymizer().pseudonyms([pd.Timestamp("2024-01-01")])


# -- the key -------------------------------------------------------------------------


def test_the_key_is_nowhere(tmp_path):
    """Neither in the repr, the parameters, a pickle, nor a saved model."""
    pipe = make_pipeline(Pseudonymizer(), PopularityRecommender())
    pipe.fit(Interactions(events()))
    skmmrec.save(pipe, tmp_path / "model")
    everything = bytes_below(tmp_path) + pickle.dumps(pipe)
    everything += repr(pipe).encode() + repr(pipe.get_params()).encode()
    assert KEY.encode() not in everything
    assert b"example" not in everything
    again = skmmrec.load(tmp_path / "model")
    assert (again.recommend(["ann@a.example"], k=1) == "bun").all()


def test_a_file_holds_a_key_as_a_variable_does(tmp_path):
    """With or without the end of the line that editors put there."""
    file = tmp_path / "key"
    file.write_text(KEY + "\n")
    by_file = Pseudonymizer(key_file=file).fit().pseudonyms(["ann"])
    assert by_file == Pseudonymizer().pseudonyms(["ann"])


def test_another_key_is_told_and_is_another_world(monkeypatch):
    """A model whose key was lost must not serve everybody as new."""
    fitted = clone(Pseudonymizer()).fit()
    before = fitted.pseudonyms(["ann"])
    monkeypatch.setenv("SKMMREC_KEY", KEY[::-1])
    with pytest.raises(ValueError, match="must be that of fit") as caught:
        fitted.pseudonyms(["ann"])
    assert KEY[::-1] not in str(caught.value)
    assert Pseudonymizer().fit().pseudonyms(["ann"]) != before


@pytest.mark.parametrize(
    ("value", "what"), [(None, "got none there"), ("secret", "32 bytes or more; got 6")]
)
def test_a_missing_or_short_key_is_one_sentence(monkeypatch, value, what):
    """Which does not quote it."""
    monkeypatch.delenv("SKMMREC_KEY")
    if value:
        monkeypatch.setenv("SKMMREC_KEY", value)
    with pytest.raises(ValueError, match=what) as caught:
        Pseudonymizer().fit()
    assert "secret'" not in str(caught.value)


def test_no_key_is_asked_for_where_there_are_no_ids(monkeypatch):
    """Further items come to a model of users' pseudonyms that has lost its key."""
    X = Interactions(events())
    pipe = make_pipeline(Pseudonymizer(), PopularityRecommender()).fit(X)
    monkeypatch.delenv("SKMMREC_KEY")
    assert "mug" in pipe.add_items({"item": ["mug"]})[-1].item_vocabulary_.ids


@pytest.mark.parametrize("on", ["user", None, ("users",)])
def test_whose_pseudonyms_is_one_of_two_words(on):
    """Another would give names that nobody has."""
    with pytest.raises(ValueError, match="on must be one of"):
        Pseudonymizer().pseudonyms(["ann"], on)


def test_a_shared_pseudonym_is_an_error(monkeypatch):
    """Two people would get one history; 8 bytes are too many to try it out."""
    monkeypatch.setattr(
        "skmmrec.privacy._pseudonymizer.hmac.digest", lambda *_: b"\0" * 32
    )
    with pytest.raises(ValueError, match="no two users share a pseudonym"):
        Pseudonymizer().pseudonyms(["ann", "bob"])


# -- events --------------------------------------------------------------------------


@pytest.mark.parametrize("make", [dict, pd.DataFrame, pl.DataFrame])
def test_tables_come_back_as_they_were_with_other_ids(make):
    """The other columns, and the kind of the frame, stay."""
    X = make(events())
    other = Pseudonymizer().fit_transform(X)
    assert type(other) is type(X)
    assert list(other["stars"]) == [5, 4, 4, 2]
    assert list(other["item"]) == events()["item"]
    assert list(other["user"]) == Pseudonymizer().pseudonyms(events()["user"]).tolist()
    assert list(X["user"]) == events()["user"]


def test_a_column_is_found_by_its_name():
    """Where the users are not the first column."""
    frame = pd.DataFrame({"day": [1, 2], "who": ["ann", "bob"]}, index=[5, 3])
    other = Pseudonymizer(user="who").fit_transform(frame)
    assert other["who"].tolist() == Pseudonymizer().pseudonyms(["ann", "bob"]).tolist()
    assert other["day"].tolist() == [1, 2]


def test_a_lazy_frame_is_to_be_collected():
    """As everywhere."""
    with pytest.raises(TypeError, match=r"call \.collect\(\) first"):
        Pseudonymizer().fit().transform(pl.LazyFrame(events()))


def test_of_an_array_the_first_column_is_replaced():
    """Numbers of items stay numbers."""
    other = Pseudonymizer().fit_transform(np.array([[1, 10], [2, 20]]))
    assert other[:, 0].tolist() == Pseudonymizer().pseudonyms([1, 2]).tolist()
    assert other[:, 1].tolist() == [10, 20]
    with pytest.raises(ValueError, match="for a list of ids, call pseudonyms"):
        Pseudonymizer().transform(["ann", "bob"])


@pytest.mark.parametrize("make", [dict, pd.DataFrame, pl.DataFrame])
def test_tables_of_users_lose_their_ids_and_their_order(make):
    """Sorted by id, the first pseudonym would be that of the first user."""
    ids = [f"user{number:02}" for number in range(20)]
    users = make({"user": ids, "age": list(range(20))})
    X = Interactions({"user": ids, "item": ["tea"] * 20}, users=users)
    other = Pseudonymizer().fit_transform(X)
    names = Pseudonymizer().pseudonyms(ids)
    assert list(other.users["user"]) == sorted(names)
    ages = dict(zip(other.users["user"], other.users["age"]))
    assert [ages[name] for name in names] == list(range(20))
    assert other.user_ids.tolist() == names.tolist()
    assert b"user0" not in pickle.dumps(other)


def test_a_slice_takes_no_other_ids_with_it():
    """The vocabulary of a slice is that of the whole."""
    part = Pseudonymizer().transform(Interactions(events())[:2])
    assert len(part.user_vocabulary) == 1
    assert b"example" not in pickle.dumps(part)


def test_encoded_tables_keep_the_rows_of_their_users():
    """After a fusion, too."""
    ids = ["zoe", "ann", "bob"]
    items = {"item": ["c", "a", "b"], "price": [3.0, 1.0, 2.0]}
    X = Interactions({"user": ids, "item": ["a", "b", "c"]}, items=items)
    fusion = MultimodalFusion([("price", TabularEncoder(), ["price"])])
    before = fusion.fit_transform(X)
    after = Pseudonymizer(on=("items",)).fit_transform(before)
    np.testing.assert_array_equal(
        before.items.values[before.item_codes], after.items.values[after.item_codes]
    )
    assert set(after.item_vocabulary.ids) == set(
        Pseudonymizer().pseudonyms(["a", "b", "c"], "items")
    )


# -- in front of a recommender ---------------------------------------------------------


def test_a_pipeline_is_asked_with_the_ids_that_it_was_given():
    """Users, histories, candidates, and who is to be forgotten."""
    X, als = Interactions(events()), ALSRecommender(2, random_state=0)
    pipe = make_pipeline(Pseudonymizer(), als).fit(X)
    users = ["cid@c.example", "ann@a.example"]
    lists = pipe.recommend(users, k=3)
    scores = pipe.predict(Interactions({"user": users, "item": ["bun", "tea"]}))
    assert set(lists[0]) == {"tea", "jam", None}
    assert set(lists[1]) == {"bun", None}
    assert (
        scores > pipe.predict({"user": ["new", "new"], "item": ["bun", "bun"]})
    ).any()
    told = {"user": ["new"], "item": ["tea"]}
    assert pipe.recommend(["new"], k=1, history=told).item() == "jam"
    assert pipe.recommend(users[:1], k=1, candidates=["jam"]).item() == "jam"
    pipe.forget(users[:1])
    assert len(pipe[-1].user_vocabulary_) == 2
    pipe.partial_fit(Interactions({"user": ["dan"], "item": ["tea"]}))
    assert pipe.recommend(["dan"], k=1).item() == "jam"


def test_pseudonyms_of_items_go_in_and_come_out():
    """The list is one of pseudonyms: the way back is the holder's."""
    X = Interactions(events())
    als = ALSRecommender(2, random_state=0)
    pipe = make_pipeline(Pseudonymizer(("users", "items")), als).fit(X)
    name = dict(zip(pipe[0].pseudonyms(["tea", "jam", "bun"], "items"), "tjb"))
    assert name[pipe.recommend_for(["tea"], k=1).item()] == "j"
    assert name[pipe.similar_items(["tea"], k=1).item(0)] in "jb"
    pipe.remove_items(["bun"])
    assert len(pipe[-1].item_vocabulary_) == 2


def test_scores_do_not_depend_on_pseudonyms():
    """Scorers and searches find the users."""
    rng = np.random.default_rng(0)
    pairs = {"user": rng.integers(30, size=300), "item": rng.integers(20, size=300)}
    X = Interactions(pairs)
    train, test = X[:200], X[200:]
    scorer = get_scorer("ndcg@5")
    plain = PopularityRecommender().fit(train)
    pipe = make_pipeline(Pseudonymizer(), PopularityRecommender()).fit(train)
    assert scorer(pipe, test) == pytest.approx(scorer(plain, test))
    assert pipe.score(test) == pytest.approx(plain.score(test))
    both = make_pipeline(Pseudonymizer(("users", "items")), PopularityRecommender())
    assert scorer(both.fit(train), test) == pytest.approx(scorer(plain, test), abs=0.02)
    search = GridSearchCV(
        plain_pipeline(Pseudonymizer(), ALSRecommender(2, random_state=0)),
        {"pseudonymizer__digest_size": [8, 16]},
        cv=2,
        scoring=scorer,
    ).fit(X)
    assert search.best_score_ > 0


def test_parameters_are_checked_when_it_is_fitted():
    """One sentence each."""
    with pytest.raises(ValueError, match="on must hold 'users', 'items' or both"):
        Pseudonymizer(on=("people",)).fit()
    with pytest.raises(ValueError, match="digest_size"):
        Pseudonymizer(digest_size=4).fit()
