"""What the service answers: what the model says, with ids of their own type."""

import numpy as np
import pytest
from starlette.testclient import TestClient

from skmmrec import (
    ALSRecommender,
    Interactions,
    PopularityRecommender,
    SVDRecommender,
    VotingRecommender,
    explain,
)
from skmmrec.service import create_app

from .conftest import BLUE, ITEMS, RED, fitted, png, wav


def ids(answer):
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json()["items"]]


def is_red(item):
    return ITEMS.index(item) % 2 == 0


def test_users_are_offered_what_the_model_offers_them(client, model):
    """Items, scores, and whether the user is known."""
    answer = client.post("/recommend", json={"user": "ann", "k": 3})
    items, scores = model.recommend(["ann"], 3, return_scores=True)
    assert ids(answer) == items[0].tolist()
    got = [item["score"] for item in answer.json()["items"]]
    assert got == pytest.approx(scores[0].tolist())
    assert all(map(is_red, ids(answer)[:2]))
    assert answer.json()["known"] is True


def test_ids_keep_their_type(client):
    """A number stays a number, and is not the text of its digits."""
    assert 7 in ids(client.post("/likes", json={"user": "ann"}))
    assert "7" in ids(client.post("/likes", json={"user": "bob"}))
    red, blue = (
        ids(client.post("/recommend", json={"items": [item], "k": 8}))
        for item in (7, "7")
    )
    assert "7" in red
    assert 7 not in red
    assert 7 in blue
    assert "7" not in blue


def test_a_session_needs_no_user(client, model):
    """It is folded in, as a history is; so is what a known user had since."""
    answer = client.post("/recommend", json={"items": ["7", 3], "k": 2})
    assert not any(map(is_red, ids(answer)))
    assert answer.json()["known"] is False
    since = Interactions({"user": ["ann"] * 2, "item": ["7", 5]})
    expected = model.recommend(["ann"], 4, history=since)[0].tolist()
    body = {"user": "ann", "items": ["7", 5], "k": 4}
    assert ids(client.post("/recommend", json=body)) == expected


def test_someone_new_is_served(client):
    """As somebody of whom nothing is known, and the answer says so."""
    answers = [client.post("/recommend", json={"user": u}) for u in ("eve", 12, None)]
    assert ids(answers[0]) == ids(answers[1]) == ids(answers[2])
    assert not any(answer.json()["known"] for answer in answers)


def test_candidates_weights_and_seen_items(client, model):
    """All that `recommend` can be asked."""
    body = {"user": "ann", "candidates": [3, 4, "six"], "k": 2}
    assert ids(client.post("/recommend", json=body)) == ["six", 4]
    body = {"user": "ann", "exclude_seen": False, "k": 2}
    assert set(ids(client.post("/recommend", json=body))) == {7, 2}
    weights = {"text": 0.0, "image": 1.0, "sound": 3.0}
    body = {"user": "ann", "modality_weights": weights, "k": 3}
    expected = model.recommend(["ann"], 3, modality_weights=weights)[0].tolist()
    assert ids(client.post("/recommend", json=body)) == expected


def test_a_list_is_as_long_as_there_are_items(client):
    """k may be more than what is left; a list without candidates is empty."""
    assert len(ids(client.post("/recommend", json={"user": "ann", "k": 50}))) == 6
    assert len(ids(client.post("/similar", json={"item": 7, "k": 50}))) == 7
    assert ids(client.post("/recommend", json={"user": "ann", "candidates": []})) == []


def test_similar_items(client, model):
    """Those of the model, itself left out."""
    expected = model.similar_items([7], 3)[0].tolist()
    assert ids(client.post("/similar", json={"item": 7, "k": 3})) == expected
    assert all(map(is_red, expected))


def test_search_by_text_picture_and_sound(client):
    """Nearest is what reads, looks or sounds the same."""
    found = client.post("/search", json={"text": "an apple, sweet as sugar", "k": 3})
    assert all(map(is_red, ids(found)))
    for colour, red in ((RED, True), (BLUE, False)):
        found = client.post(
            "/search/upload", files={"file": png(colour)}, data={"k": 3}
        )
        assert {is_red(item) for item in ids(found)} == {red}
    found = client.post(
        "/search/upload", files={"file": wav(0.2)}, data={"noun": "sound", "k": 3}
    )
    assert not any(map(is_red, ids(found)))


@pytest.mark.parametrize(
    "recommender",
    [ALSRecommender(random_state=0), PopularityRecommender(), "voting"],
    ids=["als", "popularity", "voting"],
)
def test_every_kind_of_model_can_be_asked_all(X, recommender):
    """Factors, nothing of content, members with pipelines of their own."""
    if recommender == "voting":
        members = [("content", fitted(X)), ("popular", PopularityRecommender())]
        model = VotingRecommender(members).fit(X)
    else:
        model = fitted(X, recommender)
    with TestClient(create_app(model, X.items)) as client:
        for path, body in [
            ("/recommend", {"user": "ann"}),
            ("/recommend", {"items": [7]}),
            ("/similar", {"item": 7}),
            ("/search", {"text": "apple"}),
            ("/likes", {"user": "ann"}),
        ]:
            assert ids(client.post(path, json=body)), path
        for person in ({"user": "ann"}, {"items": [7]}, {"user": "eve"}):
            answer = client.post("/explain", json=person | {"offered": [4, "six"]})
            assert len(answer.json()["reasons"]) == 2, answer.text


def test_reasons_are_those_of_explain(client, model):
    """Modalities, baseline and likes; they sum to the score that was offered."""
    offer = client.post("/recommend", json={"user": "ann", "k": 2}).json()["items"]
    offered = [item["id"] for item in offer]
    answer = client.post("/explain", json={"user": "ann", "offered": offered}).json()
    for item, reason in zip(offer, answer["reasons"]):
        expected = explain(model, "ann", item["id"])
        assert reason["modalities"] == pytest.approx(expected.modalities)
        total = reason["baseline"] + sum(reason["modalities"].values())
        assert total == pytest.approx(item["score"], abs=1e-5)
    assert {like["id"] for like in answer["reasons"][0]["likes"]} == {7, 2}


@pytest.mark.parametrize("person", [{"user": "ann"}, {"items": [7, 2]}])
def test_reasons_follow_the_weights(client, person):
    """What the page shows after a slider has moved: the score under these weights."""
    ask = person | {"modality_weights": {"text": 2.0, "image": 0.0}}
    offer = client.post("/recommend", json=ask | {"k": 2}).json()["items"]
    offered = [item["id"] for item in offer]
    reasons = client.post("/explain", json=ask | {"offered": offered}).json()["reasons"]
    scores = [reason["score"] for reason in reasons]
    assert scores == pytest.approx([item["score"] for item in offer], abs=1e-5)
    assert [reason["modalities"]["image"] for reason in reasons] == [0, 0]


def test_users_and_items_are_found_by_what_they_are_called(client):
    """Without regard to case; those that begin so come first."""
    assert client.get("/users", params={"text": "B"}).json() == {"users": ["bob"]}
    assert ids(client.get("/items", params={"text": "FISH"})) == ["7", 3, 5]
    assert ids(client.get("/items", params={"k": 2})) == [7, "7"]
    assert ids(client.get("/items", params={"text": "nowhere"})) == []


def test_pictures_and_sounds_are_those_of_the_catalogue(client):
    """Small, of an answer of this model, and of nothing else."""
    items = client.get("/items").json()["items"]
    picture = client.get(items[0]["picture"])
    assert picture.headers["content-type"] == "image/jpeg"
    assert picture.content.startswith(b"\xff\xd8")
    assert client.get(items[0]["sound"]).content.startswith(b"OggS")
    assert items[4]["picture"] is None
    for path in (
        items[0]["picture"].replace("/pictures/", "/pictures/x"),
        items[4]["sound"].replace("sounds", "pictures"),
        "/pictures/{}/99".format(items[0]["picture"].split("/")[2]),
    ):
        assert client.get(path).status_code == 404
    for path in ("/pictures/..%2f..%2fetc/passwd", "/pictures/../../etc/passwd"):
        assert client.get(path).status_code in (404, 422)


def test_what_is_not_known_is_said(client):
    """404 names the id; 409 is for what this model cannot do."""
    for path, body, status, word in [
        ("/likes", {"user": "eve"}, 404, "'eve'"),
        ("/similar", {"item": "2"}, 404, "'2'"),
        ("/recommend", {"candidates": [7, 99]}, 404, "99"),
        ("/explain", {"user": "ann", "offered": ["x"]}, 404, "'x'"),
        ("/recommend", {"modality_weights": {"smell": 1}}, 409, "smell"),
        ("/search", {"text": "a", "column": "photo"}, 409, "photo"),
        ("/recommend", {"user": True}, 422, "user"),
        ("/recommend", {"user": 7.5}, 422, "user"),
        ("/recommend", {"who": 7}, 422, "who"),
    ]:
        answer = client.post(path, json=body)
        assert answer.status_code == status, answer.text
        assert word in answer.json()["detail"]


def test_an_upload_is_never_a_path(client, tmp_path):
    """Nor is a text; what cannot be read is refused."""
    secret = tmp_path / "secret.png"
    secret.write_bytes(png(RED))
    answer = client.post("/search/upload", files={"file": str(secret).encode()})
    assert answer.status_code == 415
    assert "picture" in answer.json()["detail"]
    answer = client.post("/search/upload", files={"file": b""}, data={"noun": "sound"})
    assert answer.status_code == 415


def test_a_text_of_unknown_words_is_refused(client):
    """Not answered with what is like nothing."""
    answer = client.post("/search", json={"text": "zzz"})
    assert answer.status_code == 409
    assert "The text must hold something that the model" in answer.json()["detail"]


def test_models_that_mix_modalities_say_so(X):
    """No sliders, and weights are refused."""
    with TestClient(create_app(fitted(X, ALSRecommender(random_state=0)))) as client:
        about = client.get("/model").json()
        assert about["modalities"] == []
        assert about["pictures"] is False
        body = {"user": "ann", "modality_weights": {"text": 1}}
        assert client.post("/recommend", json=body).status_code == 409


def test_large_numbers_are_ids(X):
    """64 bits, exactly; what is larger is no other id."""
    large = 2**62 + 1
    events = {"user": [large, large, 1], "item": np.array([1, 2, large])}
    model = PopularityRecommender().fit(Interactions(events))
    with TestClient(create_app(model)) as client:
        answer = client.post("/recommend", json={"user": large})
        assert ids(answer) == [large]
        assert client.post("/likes", json={"user": large - 1}).status_code == 404
        assert client.post("/likes", json={"user": 2**70}).status_code == 404


@pytest.mark.parametrize("user", [1.5, (1, 2)])
def test_ids_without_a_type_in_json_are_refused(user):
    """At the start, in one sentence."""
    events = Interactions({"user": [user, user], "item": ["a", "b"]})
    with pytest.raises(ValueError, match="users must be whole numbers or texts"):
        create_app(PopularityRecommender().fit(events))


def test_ratings_of_another_unit(X):
    """A session has no ratings: each item counts as an average like."""
    events = {"user": list("aabb"), "item": [1, 2, 2, 3], "rating": [5, 4, 1, 5]}
    model = SVDRecommender(2, regularization=0.1).fit(
        Interactions(events, rating="rating")
    )
    with TestClient(create_app(model)) as client:
        assert set(ids(client.post("/recommend", json={"items": [1]}))) == {2, 3}
