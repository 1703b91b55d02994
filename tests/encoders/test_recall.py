"""Encoders with a store: everything is encoded once, and nothing old comes back."""

import io
import os
import pickle
import shutil
import signal
import subprocess
import sys
import threading
import time
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sklearn import clone

from skmmrec import get_config, set_config
from skmmrec.encoders import (
    BaseEncoder,
    EmbeddingStore,
    ImageEncoder,
    ImageStatisticsEncoder,
    SparseTextEncoder,
    TextEncoder,
    _recall,
    _store,
)

TEXTS = ["ghost ship", None, "red tea", "ghost ship", "ship"]


class CONTROL:
    """Of all encoders below; not in their classes, which a store tells apart."""

    asked = []
    limit = np.inf
    pause = 0.0


class LettersEncoder(BaseEncoder):
    """How often a letter occurs; counts what it is asked; waits and stops if told."""

    def __init__(self, letter="e", batch_size=2, store=None):
        self.letter = letter
        self.batch_size = batch_size
        self.store = store

    def _width(self):
        return 2

    def _encode(self, batch):
        time.sleep(CONTROL.pause)
        if len(CONTROL.asked) >= CONTROL.limit:
            raise KeyboardInterrupt
        CONTROL.asked.extend(batch)
        return [[text.count(self.letter), len(text)] for text in batch]


@pytest.fixture(autouse=True)
def asked(monkeypatch):
    """What encoders were asked to encode, from an empty list."""
    monkeypatch.setattr(CONTROL, "asked", [])
    monkeypatch.setattr(CONTROL, "pause", 0.0)
    return CONTROL.asked


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "store"


@pytest.fixture
def trusting(monkeypatch):
    """Trust files although they were just written."""
    monkeypatch.setattr(_store, "RACY_NANOSECONDS", 0)


def test_what_was_encoded_is_never_encoded_again(folder, asked):
    encoder = LettersEncoder(store=folder)
    features = encoder.fit_transform(TEXTS)
    assert sorted(asked) == ["ghost ship", "red tea", "ship"]
    asked.clear()
    again = clone(encoder).fit_transform([*TEXTS[::-1], "new", "red tea"])
    assert asked == ["new"]
    np.testing.assert_array_equal(again[:5], features[::-1])
    np.testing.assert_array_equal(again[5:], [[1, 3], [2, 7]])


def test_a_store_changes_no_feature(folder):
    plain = LettersEncoder().fit_transform(TEXTS)
    for _ in range(2):
        stored = LettersEncoder(store=EmbeddingStore(folder)).fit_transform(TEXTS)
        np.testing.assert_array_equal(stored, plain)


def test_another_parameter_is_another_encoder(folder, asked):
    LettersEncoder("e", store=folder).fit_transform(TEXTS)
    features = LettersEncoder("s", store=folder).fit_transform(TEXTS)
    assert features[0, 0] == 2
    assert len(asked) == 6
    LettersEncoder("s", batch_size=1, store=folder).fit_transform(TEXTS)
    assert len(asked) == 6  # the batch has no effect


@pytest.mark.parametrize(
    "body",
    [
        "def _encode(self, batch): return [[FACTOR * len(text)] for text in batch]",
        "factors = [FACTOR]\n    def _encode(self, batch): "
        "return [[self.factors[0] * len(text)] for text in batch]",
        "def _encode(self, batch, f=FACTOR): return [[f * len(t)] for t in batch]",
        "_encode = make(FACTOR)",
    ],
)
def test_another_code_is_another_encoder(folder, body):
    """A class of one's own, edited between two runs."""
    code = f"""
def make(factor):
    return lambda self, batch: [[factor * len(text)] for text in batch]
class Mine(BaseEncoder):
    def __init__(self, store=None):
        self.store = store
    def _width(self):
        return 1
    {body}
"""
    for factor in (1, 2):
        names = {"BaseEncoder": BaseEncoder, "__name__": "script"}
        exec(code.replace("FACTOR", str(factor)), names)
        for _ in range(2):
            features = names["Mine"](folder).fit_transform(["four"])
            assert features.tolist() == [[4 * factor]]
    assert len(EmbeddingStore(folder).info()["encoders"]) == 2


def test_other_weights_are_another_encoder(folder, tiny_sentence_transformer, tmp_path):
    texts = ["red tea", "ship"]
    changed = pickle.loads(pickle.dumps(tiny_sentence_transformer))
    changed[0].embedding.weight.data *= -1
    first = TextEncoder(tiny_sentence_transformer, store=folder).fit_transform(texts)
    second = TextEncoder(changed, store=folder).fit_transform(texts)
    np.testing.assert_allclose(second, -first, rtol=1e-6)
    raw = TextEncoder(changed, normalize=False, store=folder).fit_transform(texts)
    assert not np.allclose(raw, second)
    tiny_sentence_transformer.save(str(tmp_path / "model"))
    in_folder = TextEncoder(tmp_path / "model", dtype="float32", store=folder)
    np.testing.assert_allclose(in_folder.fit_transform(texts), first, rtol=1e-6)
    changed.save(str(tmp_path / "model"))
    np.testing.assert_allclose(in_folder.fit_transform(texts), second, rtol=1e-6)


def test_other_preprocessing_is_another_encoder(folder, tiny_network, picture_paths):
    plain = ImageEncoder(tiny_network, store=folder).fit_transform(picture_paths)
    network = pickle.loads(pickle.dumps(tiny_network))
    for mean in (0.0, 0.9):  # of one and the same object
        network.pretrained_cfg = {"input_size": (3, 32, 32), "mean": (mean,) * 3}
        other = ImageEncoder(network, store=folder).fit_transform(picture_paths)
        fresh = pickle.loads(pickle.dumps(network))
        expected = ImageEncoder(fresh, store=False).fit_transform(picture_paths)
        np.testing.assert_allclose(other, expected, atol=1e-6)
        assert not np.allclose(plain, other)


def _change_attribute(network):
    network.scale = 2.0


def _change_buffer(network):
    network.register_buffer("shift", network.shift + 1, persistent=False)


def _change_forward(network):
    network.forward = lambda x: x.mean((2, 3)) * 3


def _change_hook(network):
    network.register_forward_hook(lambda module, inputs, output: output * 4)


@pytest.mark.parametrize(
    "change", [_change_attribute, _change_buffer, _change_forward, _change_hook]
)
def test_a_module_is_more_than_its_weights(folder, picture_paths, change):
    torch = pytest.importorskip("torch")
    pytest.importorskip("timm")

    class Network(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.scale = 1.0
            self.register_buffer("shift", torch.zeros(3), persistent=False)

        def forward(self, x):
            return x.mean((2, 3)) * self.scale + self.shift

    def features(store):
        return ImageEncoder(network, store=store).fit_transform(picture_paths)

    network = Network()
    before = features(folder)
    change(network)
    np.testing.assert_allclose(features(folder), features(False), atol=1e-6)
    assert not np.allclose(before, features(folder))


def test_a_sentence_transformer_is_more_than_its_weights(
    folder, tiny_sentence_transformer
):
    texts = ["red tea", "ship"]
    model = pickle.loads(pickle.dumps(tiny_sentence_transformer))

    def features(store):
        return TextEncoder(model, store=store).fit_transform(texts)

    before = features(folder)
    model.prompts, model.default_prompt_name = {"query": "ghost "}, "query"
    np.testing.assert_allclose(features(folder), features(False), atol=1e-6)
    assert not np.allclose(before, features(folder))
    model.default_prompt_name = None
    assert len(EmbeddingStore(folder).info()["encoders"]) == 2
    np.testing.assert_allclose(features(folder), before, atol=1e-6)


def test_weights_saved_in_the_middle_are_not_mixed_up(
    folder, tiny_sentence_transformer, tmp_path, monkeypatch
):
    """Half of the vectors are of the old weights, and none is remembered."""
    place = tmp_path / "model"
    tiny_sentence_transformer.save(str(place))
    encoder = TextEncoder(place, 1, dtype="float32", store=folder).fit(["tea"])
    changed = pickle.loads(pickle.dumps(tiny_sentence_transformer))
    changed[0].embedding.weight.data *= -1
    encode = TextEncoder._encode

    def interfering(self, batch):
        vectors = encode(self, batch)
        changed.save(str(place))
        return vectors

    texts = ["red tea", "ghost", "ship"]
    with monkeypatch.context() as patch:
        patch.setattr(TextEncoder, "_encode", interfering)
        patch.setattr(TextEncoder, "_in_streams", False)  # or one reads half a file
        encoder.transform(texts)
    expected = TextEncoder(changed).fit_transform(texts)
    np.testing.assert_allclose(encoder.transform(texts), expected, rtol=1e-5)
    tiny_sentence_transformer.save(str(place))
    np.testing.assert_allclose(encoder.transform(texts), -expected, rtol=1e-5)


def test_a_module_is_the_same_in_every_process(folder):
    code = """
import sys, torch
from skmmrec import ImageEncoder
torch.manual_seed(0)
network = torch.nn.Sequential(torch.nn.AdaptiveAvgPool2d(2), torch.nn.Flatten())
network.names = {"a", "b", "c"}
encoder = ImageEncoder(network, device="cpu", store=sys.argv[1])
from skmmrec.encoders._fingerprint import fingerprint
print(fingerprint(encoder)[0])
"""
    printed = {
        subprocess.run(
            [sys.executable, "-c", code, str(folder)],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(printed) == 1


def test_another_library_is_another_encoder(folder, monkeypatch, asked):
    monkeypatch.setattr(LettersEncoder, "_libraries", ("numpy",))
    LettersEncoder(store=folder).fit_transform(["tea"])
    monkeypatch.setattr("skmmrec.encoders._fingerprint.version", lambda name: "99")
    LettersEncoder(store=folder).fit_transform(["tea"])
    assert asked == ["tea", "tea"]


def test_what_was_learned_is_part_of_the_encoder(folder):
    def features(texts, encoder):
        return encoder.fit(texts).transform(["ghost ship"])

    some, others = ["ghost ship", "red tea"], ["ghost ship", "a ship of ghosts", "tea"]
    for texts in (some, others, some):
        stored = SparseTextEncoder(n_components=2, random_state=0, store=folder)
        plain = SparseTextEncoder(n_components=2, random_state=0)
        np.testing.assert_array_equal(features(texts, stored), features(texts, plain))
    assert len(EmbeddingStore(folder).info()["encoders"]) == 2


@pytest.mark.parametrize("change", ["write", "replace", "same_stat"])
def test_a_replaced_file_is_noticed(folder, tmp_path, change, trusting):
    path, other = tmp_path / "a.bmp", tmp_path / "b.bmp"
    Image.new("RGB", (8, 8), "red").save(path)
    Image.new("RGB", (8, 8), "blue").save(other)
    status = path.stat()
    encoder = ImageStatisticsEncoder(store=folder)
    red = encoder.fit_transform([path])
    blue = ImageStatisticsEncoder().fit_transform([other])
    if change == "write":
        shutil.copyfile(other, path)
    elif change == "replace":
        os.replace(other, path)
    else:  # of the same size, and with the old times
        path.write_bytes(other.read_bytes())
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert not np.array_equal(red, blue)
    np.testing.assert_array_equal(encoder.transform([path]), blue)


def test_equal_files_are_encoded_once_wherever_they_lie(folder, tmp_path, monkeypatch):
    read = []
    shrink = ImageStatisticsEncoder._read
    monkeypatch.setattr(
        ImageStatisticsEncoder,
        "_read",
        lambda self, value, row: read.append(value) or shrink(self, value, row),
    )
    paths = [tmp_path / "a.png", tmp_path / "b.png"]
    for path in paths:
        Image.new("RGB", (8, 8), "red").save(path)
    column = [*map(str, paths), paths[0], paths[1].read_bytes()]
    features = ImageStatisticsEncoder(store=folder).fit_transform(column)
    assert len(read) == 1
    assert (features == features[0]).all()


def test_a_file_is_not_read_again_until_it_changes(
    folder, picture_paths, monkeypatch, trusting
):
    encoder = ImageStatisticsEncoder(store=folder)
    features = encoder.fit_transform(picture_paths)
    monkeypatch.setattr("skmmrec.encoders._contents.file_digest", None)
    np.testing.assert_array_equal(encoder.transform(picture_paths), features)


def test_a_file_replaced_while_it_is_read_is_not_remembered(
    folder, picture_paths, tmp_path, monkeypatch
):
    """Its hash is that of the old content, its vector perhaps of the new one."""
    path = tmp_path / "a.png"
    data = Path(picture_paths[0]).read_bytes()
    path.write_bytes(data)
    read = ImageStatisticsEncoder._read

    def replaced(self, value, row):
        Image.new("RGB", (8, 8), "blue").save(path)
        return read(self, value, row)

    encoder = ImageStatisticsEncoder(store=folder)
    with monkeypatch.context() as patch:
        patch.setattr(ImageStatisticsEncoder, "_read", replaced)
        blue = encoder.fit_transform([path])
    path.write_bytes(data)
    assert not np.array_equal(encoder.fit_transform([path]), blue)


@pytest.mark.parametrize("kind", ["image", "array", "palette"])
def test_pictures_in_memory_are_told_apart_by_content(folder, kind):
    def picture(colour):
        image = Image.new("RGB", (8, 8), colour)
        if kind == "palette":
            return image.quantize(2)
        array = np.asarray(image)
        return {"image": image, "array": array}[kind]

    encoder = ImageStatisticsEncoder(store=folder)
    features = encoder.fit_transform([picture("red"), picture("blue"), picture("red")])
    np.testing.assert_array_equal(features[0], features[2])
    assert not np.array_equal(features[0], features[1])
    assert EmbeddingStore(folder).info()["n_vectors"] == 2


# -- which store ----------------------------------------------------------------------


@pytest.fixture
def configured(folder):
    set_config(store=folder)
    yield folder
    set_config(store=None)


def test_one_store_for_all(configured, asked):
    assert get_config()["store"] == str(configured)
    LettersEncoder().fit_transform(TEXTS)
    LettersEncoder().fit_transform(TEXTS)
    assert len(asked) == 3
    LettersEncoder(store=False).fit_transform(["tea"])
    assert len(asked) == 4
    assert EmbeddingStore(configured).info()["n_vectors"] == 3


def test_what_is_learned_from_a_column_needs_a_store_of_its_own(configured):
    SparseTextEncoder(n_components=2).fit_transform(TEXTS)
    assert not configured.exists()


def test_workers_have_the_store_for_all(tmp_path):
    """Also those that joblib started before it was set."""
    code = """
import sys
from joblib import Parallel, delayed
from skmmrec import get_config, set_config
ask = delayed(lambda: get_config()["store"])
assert set(Parallel(n_jobs=2)(ask() for _ in range(4))) == {None}
set_config(store=sys.argv[1])
print(*set(Parallel(n_jobs=2)(ask() for _ in range(4))))
"""
    command = [sys.executable, "-c", code, str(tmp_path)]
    printed = subprocess.run(command, capture_output=True, text=True, check=True)
    assert printed.stdout.strip() == str(tmp_path)


@pytest.mark.parametrize("store", [3, True])
def test_what_is_no_store_is_refused(store):
    with pytest.raises(TypeError, match="store must be an EmbeddingStore, a folder"):
        LettersEncoder(store=store).fit(TEXTS)


def test_a_store_that_cannot_be_used_is_named_at_once(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="must be a folder that can be written to"):
        LettersEncoder(store=tmp_path / "file").fit(TEXTS)


# -- faults ---------------------------------------------------------------------------


def test_what_was_encoded_before_an_error_is_kept(folder, asked, monkeypatch):
    texts = [f"{number:02}" for number in range(20)]
    encoder = LettersEncoder(store=folder).fit(texts)
    monkeypatch.setattr(LettersEncoder, "_in_streams", False)
    encoder = LettersEncoder(store=folder).fit(texts)
    with monkeypatch.context() as patch:
        patch.setattr(CONTROL, "limit", 12)
        with pytest.raises(KeyboardInterrupt):
            encoder.transform(texts)
    asked.clear()
    encoder.transform(texts)
    assert asked == texts[12:]


def test_a_failing_store_is_a_warning_and_loses_no_feature(folder, monkeypatch):
    encoder = LettersEncoder(store=folder).fit(TEXTS)
    expected = LettersEncoder().fit_transform(TEXTS)

    def full(*arguments):
        raise _store.StoreError("The store must have space; got none.")

    for method in ("get", "claim", "put"):
        with monkeypatch.context() as patch:
            patch.setattr(EmbeddingStore, method, full)
            with pytest.warns(UserWarning, match="goes on without it") as seen:
                features = encoder.transform(TEXTS)
            assert len(seen) == 1
            np.testing.assert_array_equal(features, expected)
        shutil.rmtree(folder)


@pytest.fixture
def small_disk(tmp_path):
    """A folder with room for two megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "none", str(folder)]
    if shutil.which("mount") is None or subprocess.run(mount).returncode:
        pytest.skip("mounting a small disk needs to be root, on Linux")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_loses_nothing_and_nothing_wrong_is_read(small_disk, asked):
    texts = [f"{number:06}" * 10 for number in range(40_000)]
    encoder = LettersEncoder("1", batch_size=500, store=small_disk).fit(texts)
    store = EmbeddingStore(small_disk)
    expected = LettersEncoder("1").fit_transform(texts)
    with pytest.warns(UserWarning, match="full.*; free some space.* goes on without"):
        features = encoder.transform(texts)
    np.testing.assert_array_equal(features, expected)
    kept = store.info()["n_vectors"]
    assert 0 < kept < len(texts)
    report = store.verify()
    assert report == {"n_vectors": kept, "n_damaged": 0, "database": "ok"}
    asked.clear()
    with pytest.warns(UserWarning, match="goes on without"):
        features = encoder.transform(texts)
    np.testing.assert_array_equal(features, expected)
    assert len(asked) == len(texts) - kept
    assert store.prune(300_000) > 0
    assert encoder.transform(texts[:10]).shape == (10, 2)


def test_a_damaged_picture_is_missing_with_a_store_as_well(folder, picture_paths):
    column = [picture_paths[0], b"damaged", "no/such.png", None]
    encoder = ImageStatisticsEncoder(on_error="missing", store=folder)
    for _ in range(2):
        with pytest.warns(UserWarning, match="2 of 3 pictures could not be read"):
            features = encoder.fit_transform(column)
        assert np.isnan(features).all(axis=1).tolist() == [False, True, True, True]
    with pytest.raises(FileNotFoundError, match="row 0"):
        ImageStatisticsEncoder(store=folder).fit_transform(column[2:0:-1] * 2)


# -- several at once ------------------------------------------------------------------


def test_two_at_once_share_the_work(folder, asked, monkeypatch):
    """As the workers of a grid search do: each content is encoded by one of them."""
    monkeypatch.setattr(CONTROL, "pause", 0.01)
    texts = [f"{number:03}" for number in range(60)]
    results = []

    def work():
        results.append(LettersEncoder(store=folder).fit_transform(texts))

    threads = [threading.Thread(target=work, name=name) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(asked) == texts
    np.testing.assert_array_equal(*results)


def test_work_of_a_process_that_died_is_done_here(folder, asked):
    encoder = LettersEncoder(store=folder).fit(TEXTS)
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    recall = _recall.Recall(EmbeddingStore(folder), encoder, ["tea"], [0])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_store.os, "getpid", lambda: dead.pid)
        assert recall._shelf.claim(recall._contents).all()
    assert encoder.transform(["tea"]).tolist() == [[1, 3]]


def _encode_slowly(folder, texts):
    CONTROL.pause = 0.02
    LettersEncoder(batch_size=1, store=folder).fit_transform(texts)


def test_a_killed_process_loses_only_the_last_moments(folder, asked, monkeypatch):
    monkeypatch.setattr(_recall, "FLUSH_SECONDS", 0.1)
    texts = [f"{number:04}" for number in range(2000)]
    context = get_context("fork")
    worker = context.Process(target=_encode_slowly, args=(folder, texts))
    worker.start()
    time.sleep(2)
    worker.kill()
    worker.join()
    kept = EmbeddingStore(folder).info()["n_vectors"]
    assert kept > 20
    np.testing.assert_array_equal(
        LettersEncoder(store=folder).fit_transform(texts)[:, 1], 4
    )
    assert len(asked) == len(texts) - kept


# -- encoders of others ---------------------------------------------------------------


class SeededEncoder(LettersEncoder):
    """Of a plug-in, where the seed and the device may well have an effect."""

    def __init__(self, random_state=0, store=None):
        super().__init__("e", 2, store)
        self.random_state = random_state

    def _encode(self, batch):
        return [[self.random_state, len(text)] for text in batch]


def test_parameters_of_others_all_count(folder):
    for seed in (0, 1):
        features = SeededEncoder(seed, store=folder).fit_transform(["tea"])
        assert features.tolist() == [[seed, 3]]


class FileEncoder(LettersEncoder):
    """Reads files, and does not say so."""

    def _read(self, value, row):
        return Path(value).read_text()


class DeclaredFileEncoder(FileEncoder):
    _in_files = True


def test_an_encoder_that_reads_files_must_say_so(folder, tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("tea")
    assert FileEncoder().fit_transform([str(path)])[0, 1] == 3
    with pytest.raises(TypeError, match="FileEncoder must say whether a text is the"):
        FileEncoder(store=folder).fit([str(path)])
    for text in ("tea", "coffee"):
        path.write_text(text)
        features = DeclaredFileEncoder(store=folder).fit_transform([str(path)])
        assert features[0, 1] == len(text)


class WrongEncoder(LettersEncoder):
    """Returns something else."""

    returns = [[[1.0, 2.0]]]

    def _encode(self, batch):
        return self.returns[0]


@pytest.mark.parametrize("returned", [[[1.0, 2.0]], [[1.0]] * 3, None, [1.0, 2.0, 3.0]])
@pytest.mark.parametrize("with_store", [False, True])
def test_a_wrong_number_of_vectors_is_refused(returned, with_store, folder):
    WrongEncoder.returns = [returned]
    encoder = WrongEncoder(batch_size=3, store=folder if with_store else None)
    with pytest.raises(
        ValueError, match="WrongEncoder must return a row for each of 3"
    ):
        encoder.fit_transform(["a", "b", "c"])


@pytest.mark.parametrize("turned", [1, 6])
def test_pictures_in_memory_are_told_apart_by_all_that_is_read(folder, turned):
    pixels = np.random.default_rng(0).integers(0, 256, (20, 30, 3), dtype=np.uint8)
    images = [Image.fromarray(pixels) for _ in range(2)]
    images[1].getexif()[0x0112] = turned
    features = ImageStatisticsEncoder(store=folder).fit_transform(images)
    expected = ImageStatisticsEncoder(store=False).fit_transform(images)
    np.testing.assert_array_equal(features, expected)
    assert np.array_equal(*features) == (turned == 1)


def test_a_damaged_picture_in_memory_is_missing(folder, picture_paths):
    data = Path(picture_paths[0]).read_bytes()
    image = Image.open(io.BytesIO(data[: len(data) // 2]))
    encoder = ImageStatisticsEncoder(on_error="missing", store=folder)
    with pytest.warns(UserWarning, match="1 of 1 pictures .* row 0"):
        assert np.isnan(encoder.fit_transform([image])).all()


def test_equal_files_that_cannot_be_read_all_count(folder, tmp_path):
    for name in "ab":
        (tmp_path / name).write_bytes(b"damaged")
    column = [tmp_path / "a", b"broken", tmp_path / "b"]
    encoder = ImageStatisticsEncoder(on_error="missing", store=folder)
    with pytest.warns(UserWarning, match="3 of 3 pictures .* first: .* row 0"):
        encoder.fit_transform(column)


def test_where_a_model_cuts_texts_counts(folder, minilm):
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(minilm), device="cpu")
    texts = ["word " * 20 + "ghost " * 20]
    for length in (64, 8):
        model.max_seq_length = length
        stored = TextEncoder(model, store=folder).fit_transform(texts)
        fresh = TextEncoder(model, store=False).fit_transform(texts)
        np.testing.assert_array_equal(stored, fresh)


SCALE = 1.0


def scaled(mean):
    return SCALE * mean


def test_a_global_of_the_module_around_an_encoder_counts(folder, monkeypatch):
    class ScaledEncoder(LettersEncoder):
        def _encode(self, batch):
            return [[SCALE * len(text), len(text)] for text in batch]

    for scale in (1.0, 3.0):
        monkeypatch.setitem(globals(), "SCALE", scale)
        features = ScaledEncoder(store=folder).fit_transform(["tea"])
        assert features.tolist() == [[3 * scale, 3]]


def test_a_function_of_the_module_around_an_encoder_counts(folder, monkeypatch):
    class ScaledEncoder(LettersEncoder):
        def _encode(self, batch):
            return [[scaled(len(text)), len(text)] for text in batch]

    for other in (scaled, lambda mean: 5 * mean):
        monkeypatch.setitem(globals(), "scaled", other)
        expected = ScaledEncoder(store=False).fit_transform(["tea"])
        features = ScaledEncoder(store=folder).fit_transform(["tea"])
        np.testing.assert_array_equal(features, expected)


def test_work_of_a_process_that_was_stopped_is_done_here(folder, asked):
    """As by Ctrl-Z, or by a debugger."""
    stopped = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        stopped.send_signal(signal.SIGSTOP)
        os.waitpid(stopped.pid, os.WUNTRACED)
        encoder = LettersEncoder(store=folder).fit([])
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(_store.os, "getpid", lambda: stopped.pid)
            recall = _recall.Recall(EmbeddingStore(folder), encoder, ["tea"], [0])
            assert recall._shelf.claim(recall._contents).all()
        assert encoder.transform(["tea"]).tolist() == [[1, 3]]
    finally:
        stopped.kill()
        stopped.wait()


def test_a_store_tells_which_model_it_holds(folder, tiny_network, picture_paths):
    ImageEncoder(tiny_network, store=folder).fit_transform(picture_paths[:1])
    (encoder,) = EmbeddingStore(folder).info()["encoders"]
    assert type(tiny_network).__name__ in str(encoder)


def test_no_name_is_no_folder(monkeypatch):
    with pytest.raises(TypeError, match="store must be .* a folder, .*; got ''"):
        LettersEncoder(store="").fit(["tea"])
    monkeypatch.delenv("SKMMREC_STORE", raising=False)
    set_config(store="")
    assert get_config()["store"] is None
