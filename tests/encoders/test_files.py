"""Files from anywhere: only files, only within the root, only of a bearable size."""

import os
import socket
import threading

import numpy as np
import pytest
from PIL import Image

from skmmrec import set_config
from skmmrec.encoders import ImageStatisticsEncoder
from skmmrec.encoders._files import file_digest, open_file


@pytest.fixture
def root(tmp_path):
    """A folder with a picture; beside it another picture, which is none of ours."""
    folder = tmp_path / "root"
    (folder / "inner").mkdir(parents=True)
    Image.new("RGB", (8, 8), "red").save(folder / "inner" / "a.png")
    Image.new("RGB", (8, 8), "blue").save(tmp_path / "secret.png")
    return folder


def encode(column, **settings):
    return ImageStatisticsEncoder(**settings).fit_transform(column)


@pytest.mark.parametrize(
    "path", ["inner/a.png", "inner/../inner/a.png", "./inner//a.png", "absolute"]
)
@pytest.mark.parametrize("with_store", [False, True])
def test_paths_within_the_root_are_read(root, path, with_store, tmp_path):
    store = tmp_path / "store" if with_store else None
    if path == "absolute":
        path = root / "inner" / "a.png"
    features = encode([path], root=root, store=store)
    np.testing.assert_array_equal(features, encode([root / "inner" / "a.png"]))


@pytest.mark.parametrize(
    "path", ["../secret.png", "inner/../../secret.png", "absolute", "link", "folder"]
)
@pytest.mark.parametrize("with_store", [False, True])
def test_no_path_leads_out_of_the_root(root, path, with_store, tmp_path):
    store = tmp_path / "store" if with_store else None
    secret = root.parent / "secret.png"
    if path == "absolute":
        path = str(secret)
    if path == "link":
        os.symlink(secret, root / "link")
    if path == "folder":
        os.symlink(root.parent, root / "folder")
        path = "folder/secret.png"
    encode([secret], store=store)  # even where its vector is known
    message = "row 1 .* must lie in the root .*; got a path that leads out of it"
    with pytest.raises(ValueError, match=message):
        encode(["inner/a.png", path], root=root, store=store)
    with pytest.warns(UserWarning, match="1 of 2 pictures"):
        features = encode(
            ["inner/a.png", path], root=root, store=store, on_error="missing"
        )
    assert np.isnan(features).all(axis=1).tolist() == [False, True]


def test_a_link_within_the_root_is_followed(root):
    os.symlink("a.png", root / "inner" / "b.png")
    assert np.isfinite(encode(["inner/b.png"], root=root)).all()


@pytest.mark.parametrize("kind", ["pipe", "socket", "device", "folder", "loop"])
@pytest.mark.parametrize("with_root", [False, True])
def test_what_is_no_file_is_refused_and_not_waited_for(tmp_path, kind, with_root):
    path = str(tmp_path / "special")
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(path)
    elif kind == "device":
        path = "/dev/zero"
    elif kind == "folder":
        os.mkdir(path)
    else:
        os.symlink(path, path)
    root = os.path.dirname(path) if with_root else None
    found = []

    def read():
        with pytest.raises((OSError, ValueError), match="row 0 .*special|/dev/zero"):
            encode([path], root=root)
        found.append(True)

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    thread.join(20)
    assert found


def test_a_file_that_may_not_be_read_is_named(root, monkeypatch):
    def refuse(path, flags):
        raise PermissionError(13, "Permission denied")  # root would be let in

    monkeypatch.setattr("skmmrec.encoders._files.os.open", refuse)
    with pytest.raises(PermissionError, match="row 0 .* must be readable; got a file"):
        encode([root / "inner" / "a.png"])


@pytest.mark.parametrize("as_bytes", [False, True])
def test_an_empty_file_is_named(tmp_path, as_bytes):
    path = tmp_path / "a.png"
    path.touch()
    # bytes that are empty count as missing, before they come here
    value = b"" if as_bytes else path
    with (
        pytest.raises(ValueError, match="It must be readable; got an empty file"),
        open_file(value, "It"),
    ):
        pass


@pytest.mark.parametrize("as_bytes", [False, True])
def test_a_file_of_too_many_bytes_is_not_read(root, as_bytes, monkeypatch):
    path = root / "inner" / "a.png"
    monkeypatch.setenv("SKMMREC_MAX_BYTES", "20")
    value = path.read_bytes() if as_bytes else path
    with pytest.raises(ValueError, match=r"at most 20 bytes; got \d+; .*set_config"):
        encode([value])
    set_config(max_bytes=1000)
    assert np.isfinite(encode([value])).all()


@pytest.mark.parametrize("suffix", [".jpg", ".txt", ".mp4", "", ".eps"])
def test_the_content_decides_and_not_the_suffix(root, suffix):
    path = root / f"renamed{suffix}"
    path.write_bytes((root / "inner" / "a.png").read_bytes())
    np.testing.assert_array_equal(encode([path]), encode(["inner/a.png"], root=root))


def test_equal_contents_have_equal_digests(root, tmp_path):
    first, status = file_digest(root / "inner" / "a.png", "It")
    copy = tmp_path / "copy"
    copy.write_bytes((root / "inner" / "a.png").read_bytes())
    assert file_digest(copy, "It")[0] == first
    assert file_digest(tmp_path / "secret.png", "It")[0] != first
    assert status.st_size == copy.stat().st_size
