"""A small shop of red and blue things, and the service of its model."""

import io
import socket
import threading
import time
from contextlib import contextmanager

import numpy as np
import pytest
import soundfile
from PIL import Image

pytest.importorskip("fastapi")
TestClient = pytest.importorskip("starlette.testclient").TestClient

import uvicorn  # noqa: E402

from skmmrec import (  # noqa: E402
    ContentRecommender,
    ImageStatisticsEncoder,
    Interactions,
    MelStatisticsEncoder,
    MultimodalFusion,
    SparseTextEncoder,
    make_pipeline,
)
from skmmrec.service import create_app  # noqa: E402

RED, BLUE = (200, 30, 30), (30, 40, 200)
# 7 and "7" are two items
ITEMS = [7, "7", 2, 3, 4, 5, "six", "<script>alert(1)</script>"]


def png(colour, side=40):
    """A picture of one colour, with a little grain."""
    grain = np.random.default_rng(sum(colour)).integers(0, 20, (side, side, 3))
    file = io.BytesIO()
    Image.fromarray((np.array(colour) + grain).astype(np.uint8)).save(file, "PNG")
    return file.getvalue()


def wav(step, seconds=0.4, rate=8000):
    """A tone."""
    file = io.BytesIO()
    soundfile.write(
        file,
        np.sin(np.arange(int(seconds * rate)) * step),
        rate,
        "PCM_16",
        format="WAV",
    )
    return file.getvalue()


def shop():
    """Items in even places are red apples, those in odd places blue fish.

    ann liked two of the red ones, bob two of the blue ones.
    """
    n = len(ITEMS)
    items = {
        "item": ITEMS,
        "title": [f"Apple {i}" if i % 2 == 0 else f"Fish {i}" for i in range(n - 1)]
        + ["<img src=x onerror=alert(2)>"],
        "about": [
            f"a sweet apple, kind {i}" if i % 2 == 0 else f"a fish of the sea, kind {i}"
            for i in range(n)
        ],
        "photo": [png(BLUE if i % 2 else RED) if i != 4 else None for i in range(n)],
        "clip": [wav(0.2 if i % 2 else 1.0) for i in range(n)],
    }
    events = {"user": ["ann", "ann", "bob", "bob"], "item": [7, 2, "7", 3]}
    return Interactions(events, items=items)


def fitted(X, recommender=None):
    """A pipeline with three modalities."""
    fusion = MultimodalFusion(
        [
            ("text", SparseTextEncoder(n_components=4, random_state=0), "about"),
            ("image", ImageStatisticsEncoder(), "photo"),
            ("sound", MelStatisticsEncoder(), "clip"),
        ]
    )
    return make_pipeline(fusion, recommender or ContentRecommender()).fit(X)


@contextmanager
def served(app):
    """The address of a service on a port of its own, in a thread."""
    with socket.create_server(("127.0.0.1", 0)) as opened:
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [opened]})
        thread.start()
        try:
            end = time.monotonic() + 30
            while not server.started:
                assert time.monotonic() < end
                time.sleep(0.02)
            yield f"http://127.0.0.1:{opened.getsockname()[1]}/"
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture(scope="session")
def X():
    return shop()


@pytest.fixture(scope="session")
def model(X):
    return fitted(X)


@pytest.fixture
def client(model, X):
    """Asks a service that has no token."""
    with TestClient(create_app(model, X.items)) as client:
        yield client
