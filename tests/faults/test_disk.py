"""Disks that are full, read-only or losing files, and processes that are killed."""

import os
import resource
import shutil
import signal
import subprocess
import time
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest

import skmmrec
from skmmrec import (
    ALSRecommender,
    EASERecommender,
    EmbeddingStore,
    ImageStatisticsEncoder,
    Interactions,
    PopularityRecommender,
    SparseTextEncoder,
)
from skmmrec.testing import checkerboard

TEXTS = [f"{number} cups of tea {number % 7}" for number in range(2000)]


@contextmanager
def limit(kind, n_bytes):
    """As `ulimit` sets it, of this process; Python ignores the signal that comes."""
    soft, hard = resource.getrlimit(kind)
    resource.setrlimit(kind, (n_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(kind, (soft, hard))


def large():
    """A model of a megabyte."""
    rng = np.random.default_rng(0)
    events = {
        "user": rng.integers(2000, size=9000),
        "item": rng.integers(2000, size=9000),
    }
    return ALSRecommender(64, max_iter=1, random_state=0).fit(Interactions(events))


def encoder(store):
    return SparseTextEncoder(n_components=16, random_state=0, store=store)


@pytest.fixture
def read_only(tmp_path):
    """A folder that nobody may write to, not even root."""
    folder = tmp_path / "disk"
    folder.mkdir()
    folder.chmod(0o555)
    mount = ["mount", "-t", "tmpfs", "-o", "ro", "none", str(folder)]
    is_mounted = shutil.which("mount") and subprocess.run(mount).returncode == 0
    if os.access(folder, os.W_OK):
        pytest.skip("a folder that root may not write to needs a mount")
    yield folder
    if is_mounted:
        subprocess.run(["umount", str(folder)], check=True)


# -- models ------------------------------------------------------------------------


def test_a_disk_too_small_for_a_model_is_named_and_the_old_model_stays(tmp_path):
    model, path = large(), tmp_path / "model"
    skmmrec.save(PopularityRecommender().fit(checkerboard()[0]), path)
    with (
        limit(resource.RLIMIT_FSIZE, 200_000),
        pytest.raises(OSError, match="must be where a model can be .*File too large"),
    ):
        skmmrec.save(model, path)
    assert type(skmmrec.load(path)) is PopularityRecommender
    assert len(list(path.iterdir())) == 2
    skmmrec.save(model, path)
    assert type(skmmrec.load(path)) is ALSRecommender


def test_a_read_only_folder_is_named(read_only):
    model = PopularityRecommender().fit(checkerboard()[0])
    with pytest.raises(OSError, match=r"disk/model'.*; free some space, or choose an"):
        skmmrec.save(model, read_only / "model")
    with pytest.raises(OSError, match="must be a folder that can be written to"):
        encoder(read_only / "store").fit(TEXTS)


def _save_in_turns(path, models):
    while True:
        for model in models:
            skmmrec.save(model, path)


def test_a_save_that_is_killed_leaves_one_model_or_the_other(tmp_path):
    """With SIGKILL, at moments that nobody chose."""
    X, path = checkerboard()[0], tmp_path / "model"
    models = [large(), PopularityRecommender().fit(X)]
    skmmrec.save(models[0], path)
    for seconds in (0.2, 0.3, 0.45, 0.6):
        saver = get_context("fork").Process(target=_save_in_turns, args=(path, models))
        saver.start()
        time.sleep(seconds)
        os.kill(saver.pid, signal.SIGKILL)
        saver.join()
        loaded = skmmrec.load(path)
        (model,) = [m for m in models if type(m) is type(loaded)]
        ids = model.user_vocabulary_.ids[:20]
        assert loaded.recommend(ids, k=5).tolist() == model.recommend(ids, k=5).tolist()


# -- stores ------------------------------------------------------------------------


def test_a_store_that_may_not_grow_costs_a_warning_and_no_vector(tmp_path):
    texts = encoder(tmp_path / "store").fit(TEXTS)
    expected = encoder(None).fit_transform(TEXTS)
    with (
        limit(resource.RLIMIT_FSIZE, 100_000),
        pytest.warns(UserWarning, match="Encoding goes on without it") as warned,
    ):
        np.testing.assert_array_equal(texts.transform(TEXTS), expected)
    assert len(warned) == 1
    store = EmbeddingStore(tmp_path / "store")
    assert store.verify()["database"] == "ok"
    texts.transform(TEXTS)
    assert store.verify() == {"n_vectors": 2000, "n_damaged": 0, "database": "ok"}


def test_a_store_cut_short_costs_a_warning_and_no_vector(tmp_path):
    """Texts and pictures alike."""
    texts = encoder(tmp_path / "store").fit(TEXTS)
    expected = texts.transform(TEXTS)
    file = tmp_path / "store" / "embeddings.sqlite3"
    os.truncate(file, file.stat().st_size // 2)
    with pytest.warns(UserWarning, match=r"remove embeddings\.sqlite3 there"):
        np.testing.assert_array_equal(texts.transform(TEXTS), expected)
    file.unlink()
    np.testing.assert_array_equal(texts.transform(TEXTS), expected)


@pytest.fixture
def pictures(tmp_path):
    from PIL import Image

    paths = [str(tmp_path / f"{number}.png") for number in range(6)]
    for number, path in enumerate(paths):
        Image.new("RGB", (8, 8), (40 * number, 0, 0)).save(path)
    return paths


class RemovingEncoder(ImageStatisticsEncoder):
    """Removes the next file while it reads one."""

    _in_streams = False

    def _read(self, value, row):
        read = super()._read(value, row)
        number = int(os.path.basename(value)[0])
        if number == 2:
            os.unlink(value.replace("2.png", "3.png"))
        return read


@pytest.mark.parametrize("with_store", [False, True])
def test_a_file_that_vanishes_is_named_by_its_row(with_store, pictures, tmp_path):
    store = tmp_path / "store" if with_store else False
    removing = RemovingEncoder(store=store).fit(pictures)
    with pytest.raises(FileNotFoundError, match="row 3"):
        removing.transform(pictures)


@pytest.mark.parametrize("with_store", [False, True])
def test_a_file_that_vanishes_is_missing_where_that_is_wished(
    with_store, pictures, tmp_path
):
    store = tmp_path / "store" if with_store else False
    removing = RemovingEncoder(store=store, on_error="missing")
    with pytest.warns(UserWarning, match="1 of 6 pictures could not be read"):
        features = removing.fit_transform(pictures)
    assert np.isnan(features).all(axis=1).tolist() == [i == 3 for i in range(6)]


# -- memory ------------------------------------------------------------------------


def _outgrow(connection, model, path):
    """A fit with 64 megabytes to spare, and whether the model is as before."""
    rng = np.random.default_rng(0)
    many = {"user": np.arange(9000) % 900, "item": rng.integers(9000, size=9000)}
    before = model.recommend([0, 1], k=5).tolist()
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + 2**26,) * 2)
    try:
        model.fit(Interactions(many))
    except MemoryError as error:
        now = [m.recommend([0, 1], k=5).tolist() for m in (model, skmmrec.load(path))]
        connection.send((str(error), now == [before, before]))


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs /proc")
def test_a_fit_beyond_the_memory_is_an_error_and_changes_nothing(tmp_path):
    model = EASERecommender().fit(checkerboard()[0])
    skmmrec.save(model, tmp_path / "model")
    context = get_context("fork")
    ours, theirs = context.Pipe()
    process = context.Process(target=_outgrow, args=(theirs, model, tmp_path / "model"))
    process.start()
    process.join()
    assert process.exitcode == 0
    message, is_as_before = ours.recv()
    assert message.startswith("Unable to allocate")
    assert is_as_before
