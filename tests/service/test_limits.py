"""What one request may cost, who may ask, and by which name."""

import asyncio
import threading

import pytest
from starlette.testclient import TestClient

from skmmrec.service import Limits, create_app
from skmmrec.service._pool import Overloaded, Pool


def asks(model, X=None, **options):
    return TestClient(create_app(model, None if X is None else X.items, **options))


# -- the gate ------------------------------------------------------------------------


def test_only_the_page_and_health_are_open_without_the_token(model):
    """Everything else is 401, whatever the body, before anything is read."""
    with asks(model, token="open sesame") as client:
        for path in ("/", "/health", "/openapi.json"):
            assert client.get(path).status_code == 200
        for path in ("/model", "/metrics", "/users", "/nowhere", "/health/"):
            assert client.get(path).status_code == 401
        for given in ("", "Bearer", "Bearer sesame", "Basic open sesame", "Bearer é"):
            answer = client.post(
                "/recommend",
                content=b"no JSON",
                headers={"Authorization": given.encode()},
            )
            assert answer.status_code == 401
            assert answer.headers["WWW-Authenticate"] == "Bearer"
        client.headers["Authorization"] = "bearer open sesame"
        assert client.post("/recommend", json={"user": "ann"}).status_code == 200


def test_bodies_are_limited(model):
    """Also those that do not say how long they are."""
    with asks(model, limits=Limits(max_bytes=100)) as client:
        large = b'{"user": "' + b"a" * 100 + b'"}'
        assert client.post("/recommend", content=large).status_code == 413
        chunks = (large[i : i + 10] for i in range(0, len(large), 10))
        assert client.post("/recommend", content=chunks).status_code == 413
        wrong = {"Content-Length": "-1"}
        answer = client.post("/recommend", content=b"{}", headers=wrong)
        assert answer.status_code == 413
        assert client.post("/recommend", json={}).status_code == 200


def test_lists_are_limited(model):
    """The limit is part of the description."""
    with asks(model, limits=Limits(max_k=3)) as client:
        answer = client.post("/recommend", json={"user": "ann", "k": 4})
        assert answer.status_code == 422
        assert "3" in answer.json()["detail"]
        assert len(client.post("/recommend", json={}).json()["items"]) == 3
        offered = {"user": "ann", "offered": [7] * 4}
        assert client.post("/explain", json=offered).status_code == 422
        models = client.get("/openapi.json").json()["components"]["schemas"]
        assert models["Recommend"]["properties"]["k"]["maximum"] == 3


def test_time_is_limited(model):
    """504, in one sentence."""
    with asks(model, limits=Limits(timeout=1e-6)) as client:
        answer = client.post("/recommend", json={"user": "ann"})
        assert answer.status_code in (408, 504)
        assert "too long" in answer.json()["detail"] or "within" in answer.text


def test_other_names_are_refused_where_names_are_given(model):
    """A page on the web cannot point its own name here and read the answers."""
    with asks(model, hosts={"localhost", "[::1]"}) as client:
        for host, status in [
            ("localhost", 200),
            ("localhost:8000", 200),
            ("[::1]:8000", 200),
            ("evil.example", 421),
            ("localhost.evil.example", 421),
        ]:
            answer = client.get("/health", headers={"Host": host})
            assert answer.status_code == status, host


def test_broken_requests_are_answered(client):
    """No JSON, deep JSON, half a character, NaN: 422 and no more."""
    for content in (
        b"",
        b"{",
        b"[" * 100_000,
        b'{"user": "\\ud800"}',
        b'{"k": NaN}',
        b'{"modality_weights": {"text": Infinity}}',
        b"\xff\xfe",
        b"null",
    ):
        kind = {"Content-Type": "application/json"}
        answer = client.post("/recommend", content=content, headers=kind)
        assert answer.status_code == 422, content[:20]
        assert isinstance(answer.json()["detail"], str)


def test_json_must_be_called_json(client):
    """curl --data calls it a form: the answer says what is missing."""
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = client.post("/recommend", content=b'{"k": 1}', headers=form)
    assert answer.status_code == 422
    assert "Content-Type: application/json" in answer.json()["detail"]


def test_answers_carry_headers_that_browsers_heed(client):
    """Nothing is sniffed, and nothing is told to other sites."""
    for path in ("/", "/health", "/nowhere"):
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"


# -- the pool ------------------------------------------------------------------------


class Gated:
    """A call that waits until it may go on, and notes what it was called with."""

    def __init__(self):
        self.calls, self.may_go = [], threading.Event()

    def __call__(self, arguments):
        self.calls.append(list(arguments))
        assert self.may_go.wait(10)
        return [2 * one for one in arguments]


def pool(**options):
    given = {"n_threads": 1, "max_waiting": 10, "max_joined": 3, "timeout": 10.0}
    return Pool(**given | options, observe=lambda n: None)


def test_what_waits_is_answered_together():
    """The first at once, those that came meanwhile in one call, each its own answer."""

    async def ask():
        some, call = pool(), Gated()
        jobs = [asyncio.create_task(some.run_joined(call, n, "key")) for n in range(6)]
        await asyncio.sleep(0.05)
        call.may_go.set()
        return call.calls, await asyncio.gather(*jobs)

    calls, answers = asyncio.run(ask())
    assert calls == [[0], [1, 2, 3], [4, 5]]
    assert answers == [0, 2, 4, 6, 8, 10]


def test_what_is_unlike_is_answered_alone():
    """Other keys, and none."""

    async def ask():
        some, call = pool(), Gated()
        keys = [None, None, "a", "b", "a"]
        jobs = [
            asyncio.create_task(some.run_joined(call, n, key))
            for n, key in enumerate(keys)
        ]
        await asyncio.sleep(0.05)
        call.may_go.set()
        await asyncio.gather(*jobs)
        return call.calls

    assert asyncio.run(ask()) == [[0], [1], [2, 4], [3]]


def test_a_full_queue_refuses():
    """One runs, one waits, and the third is told to come again."""

    async def ask():
        some, call = pool(max_waiting=1), Gated()
        jobs = [asyncio.create_task(some.run_joined(call, n, None)) for n in range(2)]
        await asyncio.sleep(0.05)
        with pytest.raises(Overloaded):
            await some.run_joined(call, 2, None)
        call.may_go.set()
        assert await asyncio.gather(*jobs) == [0, 2]

    asyncio.run(ask())


def test_nobody_computes_for_those_who_have_left():
    """What has waited too long is dropped, and the pool goes on."""

    async def ask():
        some, call = pool(timeout=0.05), Gated()
        jobs = [some.run_joined(call, n, n) for n in range(3)]
        late = await asyncio.gather(*jobs, return_exceptions=True)
        assert [type(error) for error in late] == [TimeoutError] * 3
        call.may_go.set()
        some.timeout = 10.0
        assert await some.run_joined(call, 5, 5) == 10
        return call.calls

    assert asyncio.run(ask()) == [[0], [5]]


def test_an_error_reaches_all_that_asked():
    """And only them."""

    def fail(arguments):
        raise KeyError("x")

    async def ask():
        some = pool()
        jobs = [some.run_joined(fail, n, "key") for n in range(3)]
        errors = await asyncio.gather(*jobs, return_exceptions=True)
        assert [type(error) for error in errors] == [KeyError] * 3
        return await some.run(lambda: 7)

    assert asyncio.run(ask()) == 7


def test_joined_answers_are_the_single_ones(model):
    """Users, sessions and new users in one product, each with its own k."""
    from skmmrec.service._served import Query, Served

    served = Served(model)
    queries = [
        Query("ann", 3),
        Query(None, 2, items=(7, 2)),
        Query("eve", 4),
        Query("bob", 1),
        Query(None, 3, items=("7",)),
    ]
    together = served.recommend(queries)
    for query, offer in zip(queries, together):
        (alone,) = served.recommend([query])
        assert offer.items == alone.items
        assert offer.is_known == alone.is_known
        assert offer.scores == pytest.approx(alone.scores, rel=1e-5)
