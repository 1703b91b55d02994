"""Stores in impossible places, damaged ones, and faults in the middle of work."""

import os
import sqlite3
from contextlib import closing

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skmmrec import EmbeddingStore, ImageStatisticsEncoder, PixelEncoder, set_config
from skmmrec.encoders._store import FILE, StoreError
from tests.hostile._judge import judge
from tests.hostile._media_strategies import (
    PICTURES,
    SCALARS,
    picture,
    places,
    saved,
)
from tests.hostile._strategies import HOSTILE

COVERS = ["EmbeddingStore"]

KEY = ("a fingerprint", "{}")
KNOWN = {b"a" * 16: [1.0, 2.0], b"b" * 16: [3.0, np.nan], b"c" * 16: [-1e38, 1e-45]}


def column():
    """Three pictures and a gap."""
    return [saved(picture(size=(n, 4))) for n in (3, 5, 9)] + [None]


def filled(folder):
    """A store of three vectors, in one file."""
    store = EmbeddingStore(folder)
    store.put(KEY, list(KNOWN), np.array(list(KNOWN.values()), dtype=np.float32))
    with closing(sqlite3.connect(folder / FILE)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return store


@pytest.fixture(scope="module")
def a_database(tmp_path_factory):
    """The bytes of a filled store."""
    folder = tmp_path_factory.mktemp("filled")
    filled(folder)
    return (folder / FILE).read_bytes()


def test_stores_in_impossible_places(tmp_path):
    """The first call is refused, and nothing is written there."""
    for name, path in places(tmp_path).items():
        store = EmbeddingStore(path)
        _, refusal = judge(store.info)
        assert isinstance(refusal, OSError), name
        if name in ("long name", "long path", "null", "surrogate"):
            continue  # cannot be a folder
        if not os.path.lexists(path) or name == "folder":
            continue  # becomes one
        _, refusal = judge(lambda store=store: store.put(KEY, list(KNOWN), np.eye(3)))
        assert isinstance(refusal, StoreError), name


@pytest.mark.parametrize("name", ["null", "surrogate", "long name", "long path"])
def test_names_that_no_folder_has(name, tmp_path):
    """Or that one has, on systems that take any bytes."""
    store = EmbeddingStore(places(tmp_path)[name])
    _, refusal = judge(lambda: store.put(KEY, list(KNOWN), np.eye(3)))
    assert isinstance(refusal, StoreError) or refusal is None


@HOSTILE
@given(
    store=st.sampled_from(SCALARS[:1] + [v for v in SCALARS if not isinstance(v, str)])
)
def test_stores_of_any_kind(store):
    """Of an encoder and of the configuration: taken, or refused in a sentence."""
    judge(lambda: PixelEncoder(side=1, store=store).fit_transform(column()))
    judge(lambda: EmbeddingStore(store))

    def configured():
        try:
            set_config(store=store)
            PixelEncoder(side=1).fit_transform(column())
        finally:
            set_config(store=None)

    judge(configured)


@pytest.mark.parametrize(
    "content", [b"", b"x" * 5000, b"SQLite format 3\0", bytes(5000)]
)
def test_another_file_in_its_place(content, tmp_path):
    """An empty one is a new database; others are refused, and left as they are."""
    (tmp_path / FILE).write_bytes(content)
    store = EmbeddingStore(tmp_path)
    _, refusal = judge(lambda: store.put(KEY, list(KNOWN), np.eye(3)))
    assert (refusal is None) == (content == b"")
    if refusal is not None:
        assert (tmp_path / FILE).read_bytes() == content


@pytest.mark.parametrize("kind", ["folder", "pipe", "loop", "device"])
def test_no_file_in_its_place(kind, tmp_path):
    place = places(tmp_path)[kind]
    folder = tmp_path / "store"
    folder.mkdir()
    (folder / FILE).symlink_to(place)
    store = EmbeddingStore(folder)
    for call in (store.info, lambda: store.put(KEY, list(KNOWN), np.eye(3))):
        _, refusal = judge(call)
        assert isinstance(refusal, OSError)


def calls(store):
    """Every call, each of which may be refused."""
    yield lambda: store.width(KEY)
    yield lambda: store.get(KEY, list(KNOWN), 2)
    yield lambda: store.known_files([__file__])
    yield lambda: store.claim(KEY, [b"d" * 16], 2, "me")
    yield store.info
    yield store.verify
    yield lambda: store.put(KEY, [b"e" * 16], np.ones((1, 2)))
    yield lambda: store.release(KEY, [b"d" * 16])
    yield lambda: store.prune(0)


@HOSTILE
@given(data=st.data())
def test_a_damaged_database_never_gives_a_wrong_vector(
    data, a_database, tmp_path_factory
):
    """Bytes changed, parts cut out: the vectors are right, absent, or refused."""
    content = bytearray(a_database)
    for _ in range(data.draw(st.integers(1, 6))):
        # most of the file is empty pages: at its beginning, or where something is
        used = np.flatnonzero(np.frombuffer(bytes(content), np.uint8))
        place = int(used[data.draw(st.integers(0, len(used) - 1))])
        content[place] = data.draw(st.integers(0, 255))
    if data.draw(st.booleans()):
        content = content[: data.draw(st.integers(1, len(content)))]
    folder = tmp_path_factory.mktemp("damaged")
    (folder / FILE).write_bytes(content)
    store, refused = EmbeddingStore(folder), []
    for number, call in enumerate(calls(store)):
        answer, refusal = judge(call)
        refused.append(refusal)  # one that is kept must hold no lock
        assert refusal is None or isinstance(refusal, OSError)
        if number == 1 and answer is not None:
            vectors, found = answer
            expected = np.array(list(KNOWN.values()), dtype=np.float32)
            np.testing.assert_array_equal(vectors[found], expected[found])


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE vectors SET vector = NULL",
        "UPDATE vectors SET vector = 'text', checksum = 'text'",
        "UPDATE vectors SET used = NULL",
        "UPDATE vectors SET used = 'never'",
        "UPDATE vectors SET checksum = 1e300",
        "UPDATE encoders SET width = NULL",
        "UPDATE encoders SET width = 1000000000000",
        "UPDATE encoders SET width = 'wide'",
        "UPDATE encoders SET fingerprint = x'00ff'",
        "UPDATE files SET content = NULL",
        "INSERT INTO claims SELECT encoder, content, 1, 'x', 'y' FROM vectors",
        "INSERT INTO claims SELECT encoder, content, 1, -1, 9e99 FROM vectors",
        "DELETE FROM encoders",
    ],
)
def test_values_of_another_type_in_the_database(change, tmp_path):
    """The next encoder answers as without a store, and the store is in order again."""
    paths = [str(tmp_path / f"{n}.png") for n in range(3)]
    for path, content in zip(paths, column()):
        with open(path, "wb") as file:
            file.write(content)
        os.utime(path, (10**9, 10**9))
    expected = PixelEncoder(side=1).fit_transform(paths)
    store = EmbeddingStore(tmp_path / "store")
    PixelEncoder(side=1, store=store).fit_transform(paths)
    with closing(sqlite3.connect(tmp_path / "store" / FILE)) as connection:
        connection.execute(change)
        connection.commit()
    for call in (store.info, store.verify):
        judge(call)
    for _ in range(2):
        encoder = PixelEncoder(side=1, store=store)
        features, refusal = judge(lambda e=encoder: e.fit_transform(paths))
        assert refusal is None, refusal
        np.testing.assert_array_equal(features, expected)


@HOSTILE
@given(
    keys=st.lists(st.binary(max_size=4), max_size=4, unique=True),
    vectors=st.sampled_from(
        [
            np.zeros((4, 2)),
            np.full((4, 2), 1e308),
            np.zeros((4, 0)),
            np.zeros(4),
            np.asfortranarray(np.eye(4)),
            np.eye(8)[::2],
            np.eye(4).astype("f2"),
            np.full((4, 2), np.nan),
            np.eye(4) * 1j,
            np.full((4, 1), "a"),
            None,
            [[1.0]],
        ]
    ),
)
def test_vectors_of_any_kind(keys, vectors, tmp_path_factory):
    """What is taken comes back as float32; what is refused changes nothing."""
    store = filled(tmp_path_factory.mktemp("store"))
    rows = vectors[: len(keys)] if isinstance(vectors, np.ndarray) else vectors
    _, refusal = judge(lambda: store.put(("other", "{}"), keys, rows))
    if refusal is None and keys:
        with np.errstate(over="ignore"):
            expected = np.asarray(rows, dtype=np.float32)
        back, found = store.get(("other", "{}"), keys, expected.shape[1])
        assert found.all()
        np.testing.assert_array_equal(back, expected)
    back, found = store.get(KEY, list(KNOWN), 2)
    np.testing.assert_array_equal(back, np.array(list(KNOWN.values()), np.float32))
    assert found.all()


def test_what_was_encoded_before_a_fault_is_kept(tmp_path):
    """The second run encodes what the first did not come to."""
    good = [saved(picture(size=(n, 4))) for n in range(2, 12)]
    encoder = ImageStatisticsEncoder(store=tmp_path)
    encoder.batch_size = 2
    _, refusal = judge(lambda: encoder.fit_transform([*good, PICTURES["text"][0]()]))
    assert "in row 10" in str(refusal)
    kept = EmbeddingStore(tmp_path).info()["n_vectors"]
    assert kept >= 8
    features, refusal = judge(lambda: encoder.fit_transform(good))
    assert refusal is None
    assert np.isfinite(features).all()
    assert EmbeddingStore(tmp_path).verify() == {
        "n_vectors": 10,
        "n_damaged": 0,
        "database": "ok",
    }


def test_a_store_that_fails_while_encoding(tmp_path):
    """One warning, and the answer is that without a store."""
    expected = PixelEncoder(side=1).fit_transform(column())
    encoder = PixelEncoder(side=1, store=tmp_path).fit([None])
    (tmp_path / FILE).unlink()
    (tmp_path / FILE).mkdir()
    with pytest.warns(UserWarning, match="Encoding goes on without it"):
        features = encoder.transform(column())
    np.testing.assert_array_equal(features, expected)
