"""Files that are damaged, forged or of another kind: one sentence, and no code."""

import io
import json
import os
import pickle
import platform
import shutil
import struct
import threading
from hashlib import sha256
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np
import pytest
import scipy.sparse as sp
import sklearn
from sklearn.base import BaseEstimator
from sklearn.ensemble import RandomForestRegressor
from sklearn.exceptions import InconsistentVersionWarning
from sklearn.feature_extraction.text import CountVectorizer

import skmmrec
from benchmarks import corrupt_files
from skmmrec import ALSRecommender, ItemKNNRecommender, ModelFileError
from skmmrec.persistence import _folder, _structure
from skmmrec.testing import checkerboard


class Foreign(BaseEstimator):
    """An estimator of a plug-in."""

    def __init__(self, size=3):
        self.size = size


class Marker:
    """Unpickling it leaves a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


@pytest.fixture
def saved(tmp_path):
    """The path of a small model."""
    train, _ = checkerboard()
    skmmrec.save(ItemKNNRecommender().fit(train), tmp_path / "model")
    return tmp_path / "model"


def content_of(path):
    return json.loads((path / "manifest.json").read_text())["content"]


def sign(path, content):
    """Write a manifest that agrees with itself, as a forger would."""
    text = json.dumps(content, sort_keys=True).encode()
    manifest = {"sha256": sha256(text).hexdigest(), "content": content}
    (path / "manifest.json").write_text(json.dumps(manifest))


def forge(path, name, data):
    """Replace a part of a model, or add one, and make the manifest fit."""
    content = content_of(path)
    (path / content["folder"] / name).write_bytes(data)
    content["parts"][name] = {"size": len(data), "sha256": sha256(data).hexdigest()}
    sign(path, content)


def schema_of(path):
    structure = path / content_of(path)["folder"] / "structure.skops"
    with ZipFile(structure) as archive:
        return json.loads(archive.read("schema.json"))


def archive(schema, compression=0, **entries):
    with io.BytesIO() as file:
        with ZipFile(file, "w", compression) as zipped:
            zipped.writestr("schema.json", json.dumps(schema))
            for name, data in entries.items():
                zipped.writestr(name, data)
        return file.getvalue()


# -- damage ------------------------------------------------------------------------


@pytest.mark.parametrize("change", ["damaged", "forged"])
def test_a_hundred_damaged_models(change, tmp_path, monkeypatch):
    """`benchmarks/corrupt_files.py` has thousands, of more models."""
    monkeypatch.setattr(_structure, "LARGE", 2**12)
    train, _ = checkerboard()
    train = skmmrec.Interactions({"user": train.user_ids, "item": train.item_ids})
    known = {}
    for model in (ALSRecommender(32, random_state=0), ItemKNNRecommender()):
        path = tmp_path / type(model).__name__
        skmmrec.save(model.fit(train), path)
        known[path] = model.recommend([1, 2, 3], k=5).tolist()
    outcomes = set()
    for seed in range(100 if change == "damaged" else 30):
        rng = np.random.default_rng(seed)
        path = list(known)[seed % 2]
        copy = shutil.copytree(path, tmp_path / f"{seed}")
        getattr(corrupt_files, change)(copy, list(known), rng)
        try:
            model = skmmrec.load(copy, mmap=bool(seed % 3))
        except ModelFileError:
            outcomes.add("refused")
            continue
        if change == "damaged":
            assert model.recommend([1, 2, 3], k=5).tolist() == known[path]
        outcomes.add("opened")
    assert outcomes == {"refused", "opened"}


@pytest.mark.parametrize(
    ("name", "what"),
    [("manifest.json", "has no file manifest.json"), ("structure.skops", "is missing")],
)
def test_what_is_missing_is_named(saved, name, what):
    next(saved.rglob(name)).unlink()
    with pytest.raises(ModelFileError, match=what):
        skmmrec.load(saved)


@pytest.mark.parametrize("path", ["nowhere", "", "\0"])
def test_what_is_no_model(path, tmp_path):
    with pytest.raises(ModelFileError, match=r"path must be a saved model; got .*"):
        skmmrec.load(tmp_path / path)


def test_unchecked_arrays_still_have_their_size(tmp_path):
    holder = CountVectorizer()
    holder.array_ = np.arange(100_000)
    skmmrec.save(holder, tmp_path / "model")
    part = next((tmp_path / "model").rglob("*.npy"))
    data = bytearray(part.read_bytes())
    data[-1] ^= 1
    part.write_bytes(data)
    with pytest.raises(ModelFileError, match=r"part '0\.npy' is not what was written"):
        skmmrec.load(tmp_path / "model", mmap=True)
    assert skmmrec.load(tmp_path / "model", check=False).array_[-1] != 99_999
    part.write_bytes(data[:-1])
    with pytest.raises(ModelFileError, match="does not have its 800128 bytes"):
        skmmrec.load(tmp_path / "model", check=False)


# -- versions ----------------------------------------------------------------------


def test_a_later_format_is_refused(saved):
    content = content_of(saved)
    sign(saved, content | {"format": 2})
    with pytest.raises(ModelFileError, match="got format 2 .* load it with"):
        skmmrec.load(saved)


@pytest.mark.parametrize("field", ["versions", "folder", "encoders", "parts"])
def test_a_manifest_has_all_its_fields(field, saved):
    original = content_of(saved)
    for value in (None, 3):
        sign(saved, original | {field: value})
        with pytest.raises(ModelFileError, match=f"has no {field}"):
            skmmrec.load(saved)
        sign(saved, original)
    sign(saved, [])
    with pytest.raises(ModelFileError):
        skmmrec.load(saved)


def test_other_versions_are_told(saved):
    content = content_of(saved)
    content["versions"]["scikit-learn"] = "1.8.0"
    sign(saved, content)
    with pytest.warns(InconsistentVersionWarning, match=r"from version 1\.8\.0"):
        skmmrec.load(saved)
    content["versions"] |= {"scikit-learn": sklearn.__version__, "skmmrec": "0.0.1"}
    sign(saved, content)
    with pytest.warns(UserWarning, match=r"saved by skmmrec 0\.0\.1, and this is skm"):
        skmmrec.load(saved)


def test_major_releases_are_told_in_one_warning_and_minor_ones_not(saved):
    content = content_of(saved)
    now = content["versions"]
    content["versions"] = now | {"numpy": "1.26.4", "implicit": "1.0", "python": "3.9"}
    content["versions"]["scipy"] = now["scipy"].partition(".")[0] + ".0.1"
    content["versions"]["no-longer-needed"] = "1.0"
    sign(saved, content)
    told = r"saved by implicit 1\.0, numpy 1\.26\.4, and this is implicit 0.*, numpy 2"
    with pytest.warns(UserWarning, match=told) as warned:
        skmmrec.load(saved)
    assert len(warned) == 1


def test_a_person_can_read_with_what_a_model_was_saved(saved):
    content = json.loads((saved / "manifest.json").read_text())["content"]
    assert content["versions"]["python"] == platform.python_version()
    assert {"numpy", "scipy", "scikit-learn", "implicit"} <= set(content["versions"])
    assert content["machine"]["platform"] == platform.platform()
    blas = [p for p in content["machine"]["threads"] if p["user_api"] == "blas"]
    assert blas[0]["num_threads"] >= 1


# -- code --------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["0.npy", "structure.skops", "manifest.json"])
def test_a_pickle_in_a_part_is_not_run(name, tmp_path):
    """Also where it hides in an array of objects, the pickle that numpy would read."""
    holder = CountVectorizer()
    holder.array_ = np.arange(100_000)
    path, marker = tmp_path / "model", tmp_path / "marker"
    skmmrec.save(holder, path)
    evil = pickle.dumps(Marker(marker))
    if name == "0.npy":
        with io.BytesIO() as file:
            array = np.array([Marker(marker)], dtype=object)
            np.save(file, array, allow_pickle=True)
            evil = file.getvalue()
    if name == "manifest.json":
        (path / name).write_bytes(evil)
    else:
        forge(path, name, evil)
    for check in (True, False):
        with pytest.raises(ModelFileError):
            skmmrec.load(path, check=check)
    assert not marker.exists()
    pickle.loads(pickle.dumps(Marker(marker)))
    assert marker.exists()  # it would have been seen


def call(function, *arguments):
    """A node of skops that calls a function when it is made."""
    module, _, name = function.rpartition(".")
    content = [
        {
            "__class__": "str",
            "__module__": "builtins",
            "__loader__": "JsonNode",
            "content": json.dumps(argument),
            "is_json": True,
        }
        for argument in arguments
    ]
    arguments = {
        "__class__": "tuple",
        "__module__": "builtins",
        "__loader__": "TupleNode",
        "content": content,
    }
    return {
        "__class__": name,
        "__module__": module,
        "__loader__": "ConstructorFromReduceNode",
        "content": arguments,
    }


@pytest.mark.parametrize(
    "function",
    [
        "os.mkdir",
        "posix.mkdir",
        "skmmrec._optional.os.mkdir",
        "skmmrec.persistence._folder.FolderWriter",
        "skmmrec.persistence._folder.os.mkdir",
        "skmmrec.datasets.fetch_movielens",
        "sklearn.datasets.fetch_openml",
        "sklearn.metrics._scorer.partial",
        "torch.nn.modules.module.warnings",
        "torch.load",
        "builtins.eval",
        "pickle.loads",
        "joblib.load",
    ],
)
def test_a_forged_structure_calls_nothing(function, saved, tmp_path):
    schema = schema_of(saved)
    kept = {key: schema[key] for key in ("protocol", "_skops_version")}
    forge(
        saved,
        "structure.skops",
        archive(call(function, str(tmp_path / "marker")) | kept),
    )
    with pytest.raises(ModelFileError, match=r"got \['.*'\]"):
        skmmrec.load(saved)
    assert not (tmp_path / "marker").exists()


def test_types_of_plug_ins_are_trusted_by_name(tmp_path):
    skmmrec.save(Foreign(5), tmp_path / "model")
    with pytest.raises(ModelFileError, match=r"got \['.*Foreign'\].* as trusted"):
        skmmrec.load(tmp_path / "model")
    name = f"{Foreign.__module__}.Foreign"
    for trusted in ([name], [Foreign], ["another.Type", Foreign]):
        assert skmmrec.load(tmp_path / "model", trusted=trusted).size == 5
    with pytest.raises(ModelFileError, match="Foreign"):
        skmmrec.load(tmp_path / "model", trusted=["another.Type"])


def test_what_cannot_be_saved_is_said_at_once(tmp_path):
    for value in (lambda x: x, threading.Lock(), io.StringIO("x")):
        holder = CountVectorizer()
        holder.value_ = value
        with pytest.raises(TypeError, match="got CountVectorizer with something else"):
            skmmrec.save(holder, tmp_path / "model")
    assert not (tmp_path / "model").exists()


# -- bombs, and ways out -----------------------------------------------------------


@pytest.mark.parametrize("name", ["../../secret", "/etc/passwd", "a/../../../secret"])
def test_no_name_leads_out_of_the_model(name, saved, tmp_path):
    (tmp_path / "secret").write_bytes(b"x")
    place = saved / content_of(saved)["folder"]
    schema = call("skmmrec.persistence._placeholders.WeightsPart", name, "")
    kept = {key: schema_of(saved)[key] for key in ("protocol", "_skops_version")}
    forge(saved, "structure.skops", archive(schema | kept))
    content = content_of(saved)
    content["parts"][name] = {"size": 1, "sha256": sha256(b"x").hexdigest()}
    sign(saved, content)
    with pytest.raises(ModelFileError, match="leads out of the model"):
        skmmrec.load(saved)
    sign(saved, content | {"folder": f"../{place.name}"})
    with pytest.raises(ModelFileError, match="leads out of the model"):
        skmmrec.load(saved)


@pytest.mark.skipif(os.name != "posix", reason="needs links and pipes")
def test_links_and_pipes_are_refused(saved):
    structure = next(saved.rglob("structure.skops"))
    moved = structure.rename(saved.parent / "elsewhere")
    structure.symlink_to(moved)
    with pytest.raises(ModelFileError, match=r"does not have its \d+ bytes"):
        skmmrec.load(saved)
    structure.unlink()
    os.mkfifo(structure)
    with pytest.raises(ModelFileError, match=r"does not have its \d+ bytes"):
        skmmrec.load(saved)


def test_a_bomb_is_refused_before_it_is_unpacked(saved):
    schema = schema_of(saved)
    bomb = archive(schema, ZIP_DEFLATED, **{"0.npy": bytes(10_000_000)})
    forge(saved, "structure.skops", bomb)
    with pytest.raises(ModelFileError, match="declares more than it holds"):
        skmmrec.load(saved)


def header(shape, descr="<f8"):
    with io.BytesIO() as file:
        facts = {"descr": descr, "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(file, facts)
        return file.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        header((2**40,)),
        header((2**62, 2**62)) + bytes(8),
        header((-1,)) + bytes(8),
        header((1,), "|O") + bytes(8),
        header((1,)) + bytes(16),
        b"\x93NUMPY\x09\x00" + bytes(100),
        b"\x93NUMPY\x01\x00" + struct.pack("<H", 9) + b"[" * 9,
        b"",
    ],
    ids=range(8),
)
@pytest.mark.parametrize("place", ["a part", "the archive"])
def test_arrays_hold_what_they_declare(data, place, tmp_path):
    holder, path = CountVectorizer(), tmp_path / "model"
    holder.array_ = np.arange(100_000 if place == "a part" else 3)
    skmmrec.save(holder, path)
    if place == "a part":
        forge(path, "0.npy", data)
    else:
        schema = schema_of(path)
        file = schema["content"]["content"]["array_"]["file"]
        forge(path, "structure.skops", archive(schema, **{file: data}))
    with pytest.raises(ModelFileError, match="cannot be rebuilt"):
        skmmrec.load(path)


def large_parts(path, model):
    """Save with all arrays apart; which part each array is."""
    before = _structure.LARGE
    _structure.LARGE = 1
    try:
        skmmrec.save(model, path)
    finally:
        _structure.LARGE = before
    return {
        name: np.load(next(path.rglob(name)))
        for name in content_of(path)["parts"]
        if name.endswith(".npy")
    }


def forge_array(path, name, array):
    with io.BytesIO() as file:
        np.save(file, array)
        forge(path, name, file.getvalue())


def test_trees_lead_nowhere_but_down(tmp_path):
    """scikit-learn follows the indices of a tree without a look, out of its memory."""
    X = np.random.default_rng(0).random((50, 3))
    model = RandomForestRegressor(1, random_state=0).fit(X, X[:, 0])
    parts = large_parts(tmp_path / "model", model)
    name = next(n for n, a in parts.items() if a.dtype.names)
    for field, value in [
        ("left_child", 10**9),
        ("right_child", 0),
        ("left_child", -7),
        ("feature", 3),
        ("feature", -1),
    ]:
        nodes = parts[name].copy()
        nodes[field][0] = value
        forge_array(tmp_path / "model", name, nodes)
        with pytest.raises(ModelFileError, match="a tree"):
            skmmrec.load(tmp_path / "model")
    forge_array(tmp_path / "model", name, parts[name])
    assert (skmmrec.load(tmp_path / "model").predict(X) == model.predict(X)).all()


@pytest.mark.parametrize("form", ["csr", "csc", "coo"])
@pytest.mark.parametrize("value", [10**6, -1])
def test_sparse_matrices_point_into_themselves(form, value, tmp_path):
    holder = CountVectorizer()
    holder.matrix_ = sp.random_array((20, 9), density=0.3, rng=0, format=form)
    parts = large_parts(tmp_path / "model", holder)
    indices = {name: a for name, a in parts.items() if a.dtype.kind == "i"}
    assert len(indices) == 2
    for name, array in indices.items():
        wrong = array.copy()
        wrong[len(wrong) // 2] = value
        forge_array(tmp_path / "model", name, wrong)
        with pytest.raises(ModelFileError, match="cannot be rebuilt"):
            skmmrec.load(tmp_path / "model", mmap=True)
        forge_array(tmp_path / "model", name, array)
    skmmrec.load(tmp_path / "model")


# -- saving over a model -----------------------------------------------------------


def test_a_model_is_replaced_whole(saved):
    train, _ = checkerboard()
    model = ALSRecommender(4, random_state=0).fit(train)
    before = content_of(saved)["folder"]
    skmmrec.save(model, saved)
    assert type(skmmrec.load(saved)) is ALSRecommender
    assert not (saved / before).exists()
    assert len(list(saved.iterdir())) == 2


@pytest.mark.parametrize(
    "step", [(os, "replace"), (os, "fsync"), (_folder._HashedFile, "write")], ids=str
)
def test_a_save_that_is_stopped_leaves_the_old_model(step, saved, monkeypatch):
    """At each of its steps in turn, as by a full disk or a signal."""
    train, _ = checkerboard()
    model = ALSRecommender(4, random_state=0).fit(train)
    real = getattr(*step)
    for allowed in range(20):
        calls = iter(range(allowed))

        def stopped(*args, calls=calls):
            if next(calls, None) is None:
                raise KeyboardInterrupt
            return real(*args)

        with monkeypatch.context() as patch:
            patch.setattr(*step, stopped)
            try:
                skmmrec.save(model, saved)
            except KeyboardInterrupt:
                pass
            else:
                break
        kind = type(skmmrec.load(saved))
        assert kind in (ItemKNNRecommender, ALSRecommender)
        if kind is ItemKNNRecommender:
            assert len(list(saved.iterdir())) == 2
    assert allowed > 0
    assert type(skmmrec.load(saved)) is ALSRecommender


def test_nothing_else_is_overwritten(tmp_path):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter").write_text("1")
    (tmp_path / "file").write_text("1")
    for path in ("thesis", "file"):
        with pytest.raises(ValueError, match="path must be a new folder or a saved"):
            skmmrec.save(ALSRecommender(), tmp_path / path)
    assert (tmp_path / "thesis" / "chapter").read_text() == "1"


def test_a_model_replaced_while_it_is_read(saved, monkeypatch):
    """The reader finds its parts gone, and takes the new ones."""
    train, _ = checkerboard()
    news = ALSRecommender(4, random_state=0).fit(train)
    read, waiting = _folder.FolderReader.read, [news]

    def late(self, name):
        if waiting:
            skmmrec.save(waiting.pop(), saved)
        return read(self, name)

    monkeypatch.setattr(_folder.FolderReader, "read", late)
    assert type(skmmrec.load(saved)) is ALSRecommender
