"""Another model in the place of the one that is served."""

import asyncio
import os

import pytest
from starlette.testclient import TestClient

from skmmrec import Interactions, PopularityRecommender
from skmmrec.service import _command, create_app

from .conftest import fitted

HEADERS = {"Authorization": "Bearer open sesame"}


def popular(best):
    events = {"user": list(range(9)), "item": [best] * 6 + ["tea", "jam", "tin"]}
    return PopularityRecommender().fit(Interactions(events))


class Shelf:
    """Where the service takes its model from."""

    def __init__(self, model):
        self.model = model

    def __call__(self):
        if isinstance(self.model, Exception):
            raise self.model
        return self.model, None


@pytest.fixture
def shelf():
    return Shelf(popular("tea"))


@pytest.fixture
def client(shelf):
    app = create_app(shelf.model, reload=shelf, token="open sesame")
    with TestClient(app, headers=HEADERS) as client:
        yield client


def offered(client):
    return client.post("/recommend", json={"k": 1}).json()["items"][0]["id"]


def test_a_reload_takes_the_new_model(client, shelf):
    """Answers say which model they are from."""
    before = client.get("/health").json()
    assert before["reload"] == "none yet"
    shelf.model = popular("jam")
    after = client.post("/reload").json()
    assert after["reload"] == "ok"
    assert after["version"] != before["version"]
    assert offered(client) == "jam"
    assert 'skmmrec_reloads_total{result="ok"} 1.0' in client.get("/metrics").text


@pytest.mark.parametrize(
    ("broken", "match"),
    [
        (ValueError("the file is damaged"), "the file is damaged"),
        (PopularityRecommender(), "is not fitted"),
        (
            PopularityRecommender().fit(Interactions({"user": [1.5], "item": ["a"]})),
            "whole numbers or texts",
        ),
    ],
    ids=["no model", "not fitted", "cannot be served"],
)
def test_a_failed_reload_keeps_the_old_model(client, shelf, broken, match):
    """And says so: in the answer, in health and in the metrics."""
    shelf.model = broken
    answer = client.post("/reload")
    assert answer.status_code == 409
    assert match in answer.json()["detail"]
    assert offered(client) == "tea"
    assert "the earlier model still serves" in client.get("/health").json()["reload"]
    assert 'skmmrec_reloads_total{result="failed"} 1.0' in client.get("/metrics").text


def test_only_the_token_reloads(shelf):
    """Without one there is no such address."""
    with TestClient(create_app(shelf.model, reload=shelf)) as client:
        assert client.post("/reload").status_code == 404
    with TestClient(create_app(shelf.model, reload=shelf, token="a")) as client:
        assert client.post("/reload", headers=HEADERS).status_code == 401


def test_pictures_of_an_earlier_model_are_gone(X):
    """A place in the catalogue is another item's in another model."""
    model = fitted(X)
    app = create_app(model, X.items, reload=lambda: (model, X.items), token="a")
    with TestClient(app, headers={"Authorization": "Bearer a"}) as client:
        path = client.get("/items").json()["items"][0]["picture"]
        assert client.get(path).status_code == 200
        client.post("/reload")
        assert client.get(path).status_code == 404


def test_files_are_watched_until_they_are_left_alone(tmp_path, monkeypatch):
    """One reload for a change in several steps; one more for the next change."""
    monkeypatch.setattr(_command, "WATCHED", 0.1)
    path = tmp_path / "model"
    path.mkdir()
    file = path / "manifest.json"
    file.write_text("a")

    class Counted:
        n = 0

        async def reload(self):
            self.n += 1

    async def change():
        holder = Counted()
        watch = asyncio.create_task(_command._watch([path], holder))
        await asyncio.sleep(0.25)
        for step in range(8):
            file.write_text("b" * (step + 2))
            await asyncio.sleep(0.05)
        during = holder.n
        await asyncio.sleep(0.5)
        after = holder.n
        os.replace(file, path / "other.json")
        await asyncio.sleep(0.5)
        watch.cancel()
        return during, after, holder.n

    assert asyncio.run(change()) == (0, 1, 2)
