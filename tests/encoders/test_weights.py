"""Whether there is a network is found out in seconds, and once."""

import socket
import ssl
import time
from urllib.error import HTTPError, URLError

import pytest

from skmmrec.encoders import _weights

hub = pytest.importorskip("huggingface_hub")


@pytest.fixture
def answer(monkeypatch):
    """Let the hub answer with an exception, or with None for a page."""

    def set_answer(error):
        class Page:
            def __enter__(self):
                if error is not None:
                    raise error

            def __exit__(self, *exception):
                return False

        monkeypatch.setattr(_weights, "urlopen", lambda request, timeout: Page())

    monkeypatch.setattr(hub.constants, "HF_HUB_OFFLINE", False)
    return set_answer


@pytest.mark.parametrize(
    ("error", "out_of_reach"),
    [
        (None, False),
        (HTTPError("https://hub", 403, "forbidden", None, None), False),
        (URLError(ssl.SSLCertVerificationError()), False),
        (URLError(socket.gaierror()), True),
        (TimeoutError(), True),
    ],
)
def test_any_answer_at_all_is_a_network(answer, error, out_of_reach):
    answer(error)
    assert _weights.hub_is_out_of_reach(extra="text") == out_of_reach


def test_a_hub_that_must_not_be_asked_is_not(answer, monkeypatch):
    answer(None)
    monkeypatch.setattr(hub.constants, "HF_HUB_OFFLINE", True)
    assert _weights.hub_is_out_of_reach(extra="text")


def test_a_server_that_never_answers_is_not_waited_for(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}"
        monkeypatch.setattr(hub.constants, "HF_HUB_OFFLINE", False)
        monkeypatch.setattr(hub.constants, "ENDPOINT", address)
        start = time.perf_counter()
        assert _weights.hub_is_out_of_reach(extra="text", timeout=0.2)
        assert time.perf_counter() - start < 5
