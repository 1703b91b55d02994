"""Frames come from where they should, and nothing in a file can do harm."""

import os
import struct
import sys
import time
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("av")

import av

from skmmrec import get_config, set_config
from skmmrec.encoders import _film
from skmmrec.encoders._film import open_frames, open_looks, open_track
from tests.encoders._films import (
    COLOURS,
    KINDS,
    SOUND_RATE,
    film,
    plain,
    sound_file,
    tone,
)

writes_more = pytest.mark.skipif(
    int(av.__version__.partition(".")[0]) < 18,
    reason="this PyAV writes neither rotations nor covers",
)
THREE_SCENES = "r" * 20 + "g" * 40 + "b" * 30


def letter(picture):
    """Which of the colours a picture is in its middle."""
    pixel = np.array(picture.getpixel((picture.width // 2, picture.height // 2)))
    return min(COLOURS, key=lambda c: np.abs(pixel - COLOURS[c]).sum())


def letters(value, **settings):
    return "".join(map(letter, open_frames(value, 0, **settings)))


@pytest.fixture
def limits():
    """Settings as they were before, afterwards."""
    before = get_config()
    yield set_config
    set_config(**{name: before[name] for name in ("max_pixels", "max_seconds")})


@pytest.mark.parametrize("kind", KINDS)
def test_even_frames_are_in_order_and_weigh_scenes_by_length(kind):
    data = film(plain(THREE_SCENES), kind)
    assert letters(data, n_frames=9) == "rrggggbbb"


@pytest.mark.parametrize("kind", KINDS)
def test_scenes_are_found_once_each(kind):
    data = film(plain(THREE_SCENES), kind)
    assert letters(data, n_frames=8, sampling="scenes") == "rgb"


def test_the_strongest_scenes_are_taken_where_there_are_too_many():
    dim, bright = np.full((2, 48, 64, 3), 100, dtype=np.uint8)
    bright += 40
    frames = [*[dim] * 20, *[bright] * 20, *plain("r" * 20 + "b" * 20)]
    data = film(frames)
    chosen = open_frames(data, 0, n_frames=3, sampling="scenes")
    assert np.allclose(chosen[0].getpixel((9, 9)), 100, atol=6)  # a film has a start
    assert "".join(map(letter, chosen[1:])) == "rb"


def test_a_video_of_fewer_frames_gives_all_it_has():
    assert letters(film(plain("rgb")), n_frames=8) == "rgb"
    assert letters(film(plain("r"), "gif"), n_frames=8) == "r"


@pytest.mark.parametrize("sampling", ["even", "scenes"])
@pytest.mark.parametrize("kind", ["mp4", "webm", "ts", "avi"])
def test_a_long_video_is_not_decoded_through(kind, sampling, monkeypatch):
    """Ten minutes, where key frames are two seconds apart."""
    size = (64, 48)
    frames = plain("r" * 500 + "g" * 1000 + "b" * 1500, size)
    data = film(frames, kind, rate=5, g="10")
    decoded = []
    read = _film._Reader._decoded

    def counted(self):
        for frame in read(self):
            decoded.append(frame[0])
            yield frame

    monkeypatch.setattr(_film._Reader, "_decoded", counted)
    n_frames = 6 if sampling == "even" else 3
    expected = {"even": "rggbbb", "scenes": "rgb"}[sampling]
    assert letters(data, n_frames=n_frames, sampling=sampling) == expected
    if sampling == "even":
        assert len(decoded) < 200


def test_decoding_ends_and_uses_what_is_there(monkeypatch):
    """With a single key frame, seeking does not help."""
    data = film(plain("r" * 50 + "g" * 50 + "b" * 100), g="1000", keyint_min="1000")
    monkeypatch.setattr(_film, "MOST_FRAMES", 80)
    assert set(letters(data, n_frames=4)) <= {"r", "g"}
    monkeypatch.setattr(_film, "MOST_FRAMES", 6000)
    monkeypatch.setattr(_film, "MOST_PIXELS", 64 * 48 * 80)
    assert set(letters(data, n_frames=4)) <= {"r", "g"}


@pytest.mark.parametrize("form", [str, Path, bytes])
def test_every_source_gives_the_same_frames(tmp_path, form):
    path = tmp_path / "film.mp4"
    path.write_bytes(film(plain(THREE_SCENES)))
    value = path.read_bytes() if form is bytes else form(path)
    assert letters(value, n_frames=3) == "rgb"


@pytest.mark.parametrize("kind", KINDS)
def test_the_content_decides_not_the_suffix(tmp_path, kind):
    path = tmp_path / "film.txt"
    path.write_bytes(film(plain(THREE_SCENES), kind))
    assert letters(path, n_frames=3) == "rgb"


@writes_more
def test_the_rotation_of_a_camera_is_applied():
    upright = np.zeros((64, 48, 3), dtype=np.uint8)
    upright[:32] = COLOURS["r"]  # red above
    lying = np.rot90(upright, -1).copy()  # turned clockwise by the camera
    (picture,) = open_frames(film([lying], rotation=90), 0, n_frames=1)
    assert picture.size == (48, 64)
    assert np.asarray(picture)[10, 24, 0] > 200
    assert np.asarray(picture)[50, 24, 0] < 50


def test_large_frames_are_scaled_down():
    (picture,) = open_frames(
        film(plain("r", size=(1920, 1080))), 0, n_frames=1, side=100
    )
    assert abs(picture.width * picture.height - 20_000) < 500
    assert abs(picture.width / picture.height - 16 / 9) < 0.05


@pytest.mark.parametrize("kind", KINDS)
def test_looks_are_twice_a_second(kind):
    looks, seconds = open_looks(film(plain(THREE_SCENES), kind), 0)
    expected = 3.6 if kind == "mpg" else 9.0
    assert abs(seconds - expected) < 0.2
    assert len(looks) in (round(2 * seconds), round(2 * seconds) + 1)


@pytest.mark.parametrize("kind", ["mp4", "mkv", "webm"])
def test_the_sound_is_that_of_the_file(kind):
    data = film(plain("r" * 30), kind, sound=tone(3.0))
    samples, rate = open_track(data, 0)
    assert (samples.dtype, rate) == (np.float32, SOUND_RATE)
    assert abs(len(samples) / rate - 3) < 0.1
    spectrum = np.abs(np.fft.rfft(samples[:rate]))
    assert abs(spectrum.argmax() - 440) <= 1
    assert abs(np.abs(samples).max() - 0.5) < 0.1


def test_the_sound_is_limited_and_resampled(limits):
    data = film(plain("r" * 30), sound=tone(3.0))
    samples, rate = open_track(data, 0, rate=16_000, seconds=1.5)
    assert (len(samples), rate) == (24_000, 16_000)
    limits(max_seconds=1)
    assert len(open_track(data, 0)[0]) == SOUND_RATE


def test_a_silent_film_has_no_track():
    assert open_track(film(plain("rgb")), 0) is None


@pytest.mark.parametrize(
    "cover", [None, pytest.param(plain("r")[0], marks=writes_more)]
)
def test_sound_alone_is_no_video_and_its_cover_neither(cover):
    data = sound_file(tone(1.0), cover)
    with pytest.raises(ValueError, match="row 2 must have moving pictures; got a file"):
        open_frames(data, 2, n_frames=3)


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        ("no/such.mp4", FileNotFoundError, r"row 4 \('no/such.mp4'\) must be a file"),
        (os.devnull, FileNotFoundError, "row 4 .* must be a file"),
        (b"", ValueError, "row 4 must be readable; got an empty file"),
        (b"some text", ValueError, "row 4 must be readable; got a damaged file"),
        (b"\x89PNG\r\n\x1a\n" * 9, ValueError, "row 4 must be readable; got a damaged"),
        (3.5, TypeError, "row 4 must be a path or bytes; got float"),
        (np.zeros((2, 2)), TypeError, "row 4 must be a path or bytes; got ndarray"),
    ],
)
@pytest.mark.parametrize("read", [open_frames, open_looks, open_track])
def test_what_cannot_be_opened_is_named_by_its_row(read, value, error, message):
    settings = {"n_frames": 2} if read is open_frames else {}
    with pytest.raises(error, match=message):
        read(value, 4, **settings)


def test_a_path_that_leads_out_of_the_root_is_refused(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "film.mp4").write_bytes(film(plain("r")))
    with pytest.raises(ValueError, match="must lie in the root"):
        open_frames("../film.mp4", 0, n_frames=1, root=tmp_path / "in")


@pytest.mark.parametrize(
    "playlist",
    [
        "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{path}\n#EXT-X-ENDLIST\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile://{path}\n#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\nfile '{path}'\n",
        "v=0\nc=IN IP4 127.0.0.1\nm=video 9 RTP/AVP 96\na=rtpmap:96 H264/90000\n",
        "<?xml version='1.0'?><MPD xmlns='urn:mpeg:dash:schema:mpd:2011' type='static'>"
        "<Period><AdaptationSet mimeType='video/mp4'><Representation id='0'>"
        "<BaseURL>{path}</BaseURL></Representation></AdaptationSet></Period></MPD>",
    ],
)
def test_a_playlist_opens_no_other_file(tmp_path, playlist):
    """Reading the other file, which is a pipe that nobody fills, would never end."""
    pipe = tmp_path / "other.ts"
    os.mkfifo(pipe)
    path = tmp_path / "innocent.mp4"
    path.write_text(playlist.format(path=pipe))
    began = time.perf_counter()
    with pytest.raises(ValueError, match="row 0 .* must be readable; got a damaged"):
        open_frames(path, 0, n_frames=2)
    assert time.perf_counter() - began < 5


def test_a_file_of_a_playlist_is_not_read_even_if_it_is_a_video(tmp_path):
    """What the test above refuses is what FFmpeg would open."""
    (tmp_path / "other.mp4").write_bytes(film(plain("rgb")))
    path = tmp_path / "innocent.mp4"
    path.write_text("ffconcat version 1.0\nfile other.mp4\n")
    with av.open(str(path)) as container:
        assert next(container.decode(video=0)).width == 64
    with pytest.raises(ValueError, match="must be readable; got a damaged"):
        open_frames(path, 0, n_frames=2)


@pytest.mark.parametrize("kind", ["mp4", "avi", "webm", "ts", "gif"])
def test_frames_of_too_many_pixels_are_not_decoded(kind, limits, monkeypatch):
    data = film(plain("rgb", size=(640, 480)), kind)
    limits(max_pixels=300_000)
    monkeypatch.delattr(_film._Reader, "_decoded")
    with pytest.raises(ValueError, match="row 1 .* at most 300,000 pixels; got"):
        open_frames(data, 1, n_frames=2)


@pytest.mark.parametrize("duration", [0, 1, 2**31, 2**32 - 1])
def test_an_absurd_duration_is_measured_instead(duration):
    """Both the length of the film and that of its pictures say so."""
    data = bytearray(film(plain(THREE_SCENES)))
    for box, offset in ((b"mvhd", 20), (b"mdhd", 20), (b"tkhd", 24)):
        start = data.find(box)
        if start > 0:
            struct.pack_into(">I", data, start + offset, duration)
    began = time.perf_counter()
    frames = letters(bytes(data), n_frames=9)
    assert time.perf_counter() - began < 5
    assert frames == "rrggggbbb"


def test_an_absurd_frame_rate_takes_no_longer():
    data = bytearray(film(plain(THREE_SCENES), "avi"))
    start = data.find(b"strh") + 8 + 20
    for scale, rate in ((1, 2**31 - 1), (2**31 - 1, 1), (0, 0)):
        struct.pack_into("<II", data, start, scale, rate)
        began = time.perf_counter()
        assert set(letters(bytes(data), n_frames=9)) <= set("rgb")
        assert time.perf_counter() - began < 5


@pytest.mark.parametrize(
    "kind", ["mp4", "mkv", "webm", "gif", "avi", "ts", "flv", "mpg", "wmv"]
)
def test_of_a_truncated_video_the_rest_is_seen(kind):
    noise = np.random.default_rng(0).integers(0, 256, (60, 48, 64, 3), dtype=np.uint8)
    data = film(list(noise), kind, fragmented=kind == "mp4")
    frames = open_frames(data[: len(data) // 2], 0, n_frames=4)
    assert len(frames) == 4


@pytest.mark.parametrize("kind", KINDS)
def test_random_damage_raises_nothing_but_our_errors(kind):
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (12, 1, 6, 8, 3), dtype=np.uint8)
    frames = [pixels[0].repeat(8, 0).repeat(8, 1) for pixels in noise]
    sound = tone(1.0) if kind in ("mp4", "webm") else None
    data, outcomes = film(frames, kind, sound=sound), set()
    began = time.perf_counter()
    for turn in range(60):
        damaged = bytearray(data)
        if turn % 3 == 0:
            del damaged[rng.integers(1, len(data)) :]
        for position in rng.integers(0, min(len(damaged), 1000), 8):
            damaged[position] = rng.integers(256)
        for read in (open_frames, open_looks, open_track):
            settings = {"n_frames": 3} if read is open_frames else {}
            try:
                read(bytes(damaged), 0, **settings)
                outcomes.add("read")
            except ValueError as error:
                outcomes.add(str(error)[:20])
    assert outcomes == {"read", "The video in row 0 m"}
    assert time.perf_counter() - began < 30


def test_nothing_is_printed(capfd):
    data = film(plain(THREE_SCENES))
    half = bytearray(film(plain(THREE_SCENES), "avi"))
    half[3000:4000] = bytes(1000)
    open_frames(bytes(half), 0, n_frames=9)
    with pytest.raises(ValueError, match="The video"):
        open_frames(data[: len(data) // 2], 0, n_frames=9)
    assert not any(capfd.readouterr())


def test_the_extra_is_named_where_the_library_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(ImportError, match=r"pip install 'skmmrec\[video\]'"):
        open_frames(b"film", 0, n_frames=1)
