"""`skmmrec serve` as a process: reloads under load, damage, its end."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

import pytest

import skmmrec
from skmmrec import Interactions, PopularityRecommender

pytest.importorskip("fastapi")
pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")


def popular(best):
    """A model that offers one item first."""
    events = {"user": list(range(9)), "item": [best] * 6 + ["tea", "jam", "tin"]}
    return PopularityRecommender().fit(Interactions(events))


def ask(url, path="/recommend", body=None):
    data = None if path == "/health" else json.dumps(body or {"k": 1}).encode()
    request = urllib.request.Request(
        url + path, data, {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def offered(url):
    return ask(url)["items"][0]["id"]


def wait_until(is_so, seconds=60):
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.05)


def command(*options):
    return [sys.executable, "-m", "skmmrec", "serve", *map(str, options)]


def is_up(url, process):
    assert process.poll() is None
    try:
        return ask(url, "/health")["status"] == "ok"
    except urllib.error.URLError:
        return False


@pytest.fixture
def service(tmp_path):
    """Folder of the model, address and process."""
    skmmrec.save(popular("tea"), tmp_path / "model")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        command(tmp_path / "model", "--port", port), stderr=subprocess.PIPE, text=True
    )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: is_up(url, process))
        yield tmp_path / "model", url, process
    finally:
        process.kill()
        process.communicate()


def test_models_are_exchanged_while_requests_come(service):
    """None fails; a damaged model is not taken, and an end is an orderly one."""
    path, url, process = service
    answers, errors, stop = [], [], threading.Event()

    def keep_asking():
        while not stop.is_set():
            try:
                answers.append(offered(url))
            except Exception as error:  # the test is that there is none
                errors.append(error)

    threads = [threading.Thread(target=keep_asking) for _ in range(2)]
    for thread in threads:
        thread.start()
    for best in ("jam", "tin"):
        skmmrec.save(popular(best), path)
        process.send_signal(signal.SIGHUP)
        wait_until(lambda best=best: answers and answers[-1] == best)
    shutil.rmtree(next(path.glob("parts-*")))
    process.send_signal(signal.SIGHUP)
    wait_until(lambda: ask(url, "/health")["reload"].startswith("failed"))
    assert offered(url) == "tin"
    stop.set()
    for thread in threads:
        thread.join()
    assert not errors
    assert set(answers) == {"tea", "jam", "tin"}
    process.terminate()
    assert "Application shutdown complete" in process.communicate(timeout=30)[1]


def test_a_port_in_use_is_one_sentence(service):
    path, url, _ = service
    port = url.rpartition(":")[2]
    ended = subprocess.run(
        command(path, "--port", port), capture_output=True, text=True, timeout=60
    )
    assert ended.returncode != 0
    assert "must be free to listen on" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("options", "match"),
    [
        (["--host", "0.0.0.0"], "must have a token"),
        (["--retriever", "nothing"], "nothing"),
        (["--items", "nowhere.csv"], "nowhere.csv"),
    ],
)
def test_what_cannot_be_served_is_one_sentence(options, match, tmp_path):
    skmmrec.save(popular("tea"), tmp_path / "model")
    ended = subprocess.run(
        command(tmp_path / "model", *options),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode != 0
    assert match in ended.stderr
    assert "Traceback" not in ended.stderr
