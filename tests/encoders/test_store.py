"""The store on its own: what is put in comes out, whatever happens to the process."""

import contextlib
import os
import pickle
import sqlite3
import subprocess
import sys
import threading
import time
from multiprocessing import get_context

import numpy as np
import pytest
from sklearn import clone

from skmmrec.encoders import EmbeddingStore, _store

KEY = "fingerprint", "an encoder"


def contents(numbers):
    """A hash for each number."""
    return [int(number).to_bytes(16, "big") for number in numbers]


def vectors(numbers, width=8):
    """A vector for each number, from which the number can be told."""
    return np.asarray(numbers, dtype=np.float32)[:, None] + np.arange(width) / 16


@pytest.fixture
def store(tmp_path):
    return EmbeddingStore(tmp_path / "store")


def damage(store, statement, *parameters):
    with sqlite3.connect(os.path.join(store.folder, _store.FILE)) as connection:
        connection.execute(statement, parameters)
    connection.close()


def test_what_was_put_in_comes_out_in_any_order(store):
    numbers = np.arange(1200)
    store.put(KEY, contents(numbers), vectors(numbers))
    asked = np.random.default_rng(0).permutation(1500)
    read, found = store.get(KEY, contents(asked), 8)
    np.testing.assert_array_equal(found, asked < 1200)
    np.testing.assert_array_equal(read[found], vectors(asked[found]))
    assert np.isnan(read[~found]).all()
    assert read.dtype == np.float32


def test_equal_contents_in_one_call_have_equal_vectors(store):
    store.put(KEY, contents([1]), vectors([1]))
    read, found = store.get(KEY, contents([1, 2, 1]), 8)
    assert found.tolist() == [True, False, True]
    np.testing.assert_array_equal(read[[0, 2]], vectors([1, 1]))


def test_another_encoder_finds_nothing(store):
    store.put(KEY, contents([1]), vectors([1]))
    assert not store.get(("other", ""), contents([1]), 8)[1].any()
    assert store.width(KEY) == 8
    assert store.width(("other", "")) is None


def test_a_vector_of_another_width_is_not_taken(store):
    store.put(KEY, contents([1]), vectors([1]))
    assert not store.get(KEY, contents([1]), 9)[1].any()


def test_gaps_and_infinities_are_kept(store):
    row = np.array([[np.nan, np.inf, -np.inf, -0.0]], dtype=np.float32)
    store.put(KEY, contents([1]), row)
    assert store.get(KEY, contents([1]), 4)[0].tobytes() == row.tobytes()


def test_a_store_is_the_name_of_a_folder(store, tmp_path, monkeypatch):
    store.put(KEY, contents([1]), vectors([1]))
    copy = pickle.loads(pickle.dumps(store))
    assert copy == store
    assert hash(copy) == hash(store)
    assert clone(store, safe=False) is store
    assert len(pickle.dumps(store)) < 300
    monkeypatch.chdir(tmp_path)
    relative = EmbeddingStore("store")
    monkeypatch.chdir("/")
    assert relative.get(KEY, contents([1]), 8)[1].all()


def test_a_damaged_vector_is_absent_and_reported(store):
    store.put(KEY, contents([1, 2]), vectors([1, 2]))
    assert store.verify() == {"n_vectors": 2, "n_damaged": 0, "database": "ok"}
    swapped = vectors([2]).tobytes()
    damage(store, "UPDATE vectors SET vector = ? WHERE content = ?", swapped,
           *contents([1]))  # fmt: skip
    assert store.verify()["n_damaged"] == 1
    assert store.get(KEY, contents([1, 2]), 8)[1].tolist() == [False, True]
    assert store.verify() == {"n_vectors": 1, "n_damaged": 0, "database": "ok"}


def test_a_vector_under_the_key_of_another_is_absent(store):
    store.put(KEY, contents([1]), vectors([1]))
    damage(store, "UPDATE vectors SET content = ?", *contents([2]))
    assert not store.get(KEY, contents([2]), 8)[1].any()


def test_a_file_that_is_no_database_is_named(store):
    os.makedirs(store.folder)
    with open(os.path.join(store.folder, _store.FILE), "wb") as file:
        file.write(b"something else" * 100)
    message = "The store must be .* an intact database.*; got .*; .*or remove"
    for call in (store.verify, store.info, lambda: store.get(KEY, contents([1]), 8)):
        with pytest.raises(OSError, match=message):
            call()


def test_a_store_of_another_version_is_refused(store):
    store.put(KEY, contents([1]), vectors([1]))
    damage(store, "PRAGMA user_version = 99")
    with pytest.raises(OSError, match="must be of version 1; got version 99"):
        store.get(KEY, contents([1]), 8)


def test_a_file_in_the_place_of_the_folder_is_named(tmp_path):
    (tmp_path / "store").write_text("")
    with pytest.raises(OSError, match="must be a folder that can be written to"):
        EmbeddingStore(tmp_path / "store").put(KEY, contents([1]), vectors([1]))


@pytest.mark.parametrize("call", ["info", "verify", "prune"])
def test_where_there_is_no_store_none_is_made(call, tmp_path):
    store = EmbeddingStore(tmp_path / "nothing")
    with pytest.raises(FileNotFoundError, match="got .*nothing', which has none"):
        getattr(store, call)(*[0] * (call == "prune"))
    assert not (tmp_path / "nothing").exists()


def test_info_tells_encoders_apart(store):
    store.put(KEY, contents([1, 2, 3]), vectors([1, 2, 3]))
    store.put(("other", "another"), contents([1]), vectors([1], width=2))
    info = store.info()
    assert info["folder"] == store.folder
    assert info["n_vectors"] == 4
    assert info["n_bytes"] > 0
    rows = [
        (e["description"], e["width"], e["n_vectors"], e["n_bytes"])
        for e in info["encoders"]
    ]
    assert rows == [("an encoder", 8, 3, 96), ("another", 2, 1, 8)]
    assert all(abs(e["last_used"] - time.time()) < 60 for e in info["encoders"])


def test_pruning_forgets_what_was_not_used_for_longest(store, monkeypatch):
    numbers = np.arange(3000)
    clock = [10**9]
    monkeypatch.setattr(_store.time, "time", lambda: clock[0])
    store.put(KEY, contents(numbers), vectors(numbers, width=256))
    clock[0] += 10**5
    recent = numbers[1000:1500]
    store.get(KEY, contents(recent), 256)
    size = store.info()["n_bytes"]
    assert store.prune(size) == 0
    n_removed = store.prune(size // 3)
    assert store.info()["n_bytes"] <= size // 3
    read, found = store.get(KEY, contents(numbers), 256)
    assert n_removed == 3000 - found.sum()
    assert found[recent].all()
    assert 500 < found.sum() < 1100  # not many more removed than had to be
    np.testing.assert_array_equal(read[found], vectors(numbers[found], 256))
    assert store.verify()["database"] == "ok"


def test_pruning_to_nothing_empties_the_store(store):
    store.put(KEY, contents(range(500)), vectors(range(500)))
    assert store.prune(0) == 500
    assert store.info()["n_vectors"] == 0
    assert store.info()["encoders"] == []
    assert store.info()["n_bytes"] < 200_000


@pytest.mark.parametrize(
    ("max_bytes", "error", "message"),
    [
        (1.5, TypeError, "must be an integer; got float"),
        (-1, ValueError, "must be at least 0; got -1"),
    ],
)
def test_a_wrong_size_to_prune_to_is_refused(store, max_bytes, error, message):
    with pytest.raises(error, match=message):
        store.prune(max_bytes)


def test_a_file_is_known_until_it_changes(store, tmp_path, monkeypatch):
    path = tmp_path / "a.txt"
    path.write_text("one")
    status = os.stat(path)
    store.put_files([(str(path), status, b"1" * 16)])
    assert store.known_files([str(path)]) == {}  # too new: it may change unseen
    monkeypatch.setattr(_store, "RACY_NANOSECONDS", 0)
    store.put_files([(str(path), status, b"1" * 16)])
    ((_, content),) = store.known_files([str(path), "no/such"]).values()
    assert content == b"1" * 16
    replacement = tmp_path / "b.txt"
    replacement.write_text("two")  # of the same length, and as old
    os.utime(replacement, ns=(status.st_atime_ns, status.st_mtime_ns))
    os.replace(replacement, path)
    assert store.known_files([str(path)]) == {}


# -- several processes ----------------------------------------------------------------


def _put_many(folder, start, barrier):
    store = EmbeddingStore(folder)
    barrier.wait()
    for first in range(start, start + 1000, 20):
        numbers = np.arange(first, first + 20)
        store.put(KEY, contents(numbers), vectors(numbers))


def test_processes_and_threads_write_at_once(store):
    """Three processes on overlapping keys, from the moment the store is made."""
    context = get_context("spawn")
    barrier = context.Barrier(3)
    workers = [
        context.Process(target=_put_many, args=(store.folder, start, barrier))
        for start in (0, 500, 1000)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    barrier = threading.Barrier(2)
    threads = [
        threading.Thread(target=_put_many, args=(store.folder, start, barrier))
        for start in (1500, 2000)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    numbers = np.arange(3000)
    read, found = store.get(KEY, contents(numbers), 8)
    assert found.all()
    np.testing.assert_array_equal(read, vectors(numbers))
    assert store.verify() == {"n_vectors": 3000, "n_damaged": 0, "database": "ok"}


def _put_until_killed(folder, first, pipe):
    store = EmbeddingStore(folder)
    while True:
        numbers = np.arange(first, first + 7)
        store.put(KEY, contents(numbers), vectors(numbers))
        first += 7
        pipe.send(first)  # acknowledged


def test_kills_in_mid_write_lose_nothing_that_was_acknowledged(store):
    """Twenty writers, each killed with SIGKILL at a random moment."""
    context = get_context("forkserver")
    context.set_forkserver_preload(["tests.encoders.test_store"])
    rng = np.random.default_rng(0)
    written = 0
    for _ in range(20):
        pipe, other_end = context.Pipe(duplex=False)
        writer = context.Process(
            target=_put_until_killed, args=(store.folder, written, other_end)
        )
        writer.start()
        other_end.close()
        written = pipe.recv()
        time.sleep(rng.uniform(0, 0.05))
        writer.kill()
        writer.join()
        with contextlib.suppress(EOFError):
            while True:
                written = pipe.recv()
        numbers = np.arange(written)
        read, found = store.get(KEY, contents(numbers), 8)
        assert found.all()
        np.testing.assert_array_equal(read, vectors(numbers))
    assert written > 200
    assert store.verify()["n_damaged"] == 0
    assert store.verify()["database"] == "ok"


def test_what_is_being_encoded_elsewhere_is_left_to_others(store):
    numbers = contents(range(5))
    assert store.claim(KEY, numbers[:3], 8, "one").all()
    assert store.claim(KEY, numbers[:3], 8, "one").all()  # one's own stay one's own
    mine = store.claim(KEY, numbers, 8, "two")
    assert mine.tolist() == [False, False, False, True, True]
    store.release(KEY, numbers[1:2])
    assert store.claim(KEY, numbers[1:2], 8, "two").all()
    store.put(KEY, numbers[:1], vectors([0]))  # is there now, and no longer claimed
    assert not store.claim(KEY, numbers[:1], 8, "two").any()
    store.prune(0)
    assert store.claim(KEY, numbers[:1], 8, "two").all()


@pytest.mark.parametrize("is_reaped", [True, False])
def test_a_claim_ends_with_its_process_or_its_time(store, monkeypatch, is_reaped):
    numbers = contents(range(2))
    dead = subprocess.Popen([sys.executable, "-c", ""])
    if is_reaped:
        dead.wait()
    else:
        time.sleep(0.5)  # has ended, and nobody has asked
    with monkeypatch.context() as patch:
        patch.setattr(_store.os, "getpid", lambda: dead.pid)
        store.claim(KEY, numbers[:1], 8, "dead")
    store.claim(KEY, numbers[1:], 8, "alive")
    assert store.claim(KEY, numbers, 8, "me").tolist() == [True, False]
    monkeypatch.setattr(_store, "CLAIM_SECONDS", -1)
    assert store.claim(KEY, numbers, 8, "me").all()
    dead.wait()


def test_a_vector_of_another_encoder_is_absent(store):
    """As when its number is given away while somebody reads."""
    store.put(KEY, contents([1]), vectors([1]))
    store.put(("other", ""), contents([2]), vectors([2]))
    damage(store, "UPDATE vectors SET encoder = 2")
    assert not store.get(("other", ""), contents([1]), 8)[1].any()


def test_pruning_while_somebody_reads_keeps_what_it_may(store):
    store.put(KEY, contents(range(4000)), vectors(range(4000), 128))
    path = os.path.join(store.folder, _store.FILE)
    reader = sqlite3.connect(path, timeout=0)
    cursor = reader.execute("SELECT * FROM vectors")
    cursor.fetchone()
    size = store.info()["n_bytes"]
    removed = store.prune(size // 2)
    reader.close()
    assert 1500 < removed < 2500


def test_a_store_in_the_home_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert EmbeddingStore("~/store").folder == str(tmp_path / "store")


@pytest.mark.parametrize("folder", ["/dev/null/store", "a\0b", "x" * 300])
def test_a_folder_that_cannot_be_is_named(folder):
    with pytest.raises(OSError, match="must be a folder that can be written to"):
        EmbeddingStore(folder).put(KEY, contents([1]), vectors([1]))
