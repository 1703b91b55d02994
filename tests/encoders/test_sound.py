"""Sounds of any kind come out as one channel at one rate, or as one clear error."""

import io
import os
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import resample_poly

from skmmrec.encoders._sound import BLOCK, check_duration, open_sound

RATE = 16_000
KINDS = {  # (format, subtype): how far the codec may be off a tone of .5
    ("WAV", "PCM_16"): 1e-4,
    ("WAV", "PCM_U8"): 0.01,
    ("WAV", "PCM_24"): 1e-4,
    ("WAV", "FLOAT"): 1e-4,
    ("WAV", "DOUBLE"): 1e-4,
    ("WAV", "ULAW"): 0.02,
    ("FLAC", "PCM_16"): 1e-4,
    ("OGG", "VORBIS"): 0.02,
    ("OGG", "OPUS"): 0.02,
    ("MP3", "MPEG_LAYER_III"): 0.02,
    ("AIFF", "PCM_16"): 1e-4,
    ("AU", "PCM_16"): 1e-4,
    ("CAF", "PCM_16"): 1e-4,
    ("W64", "PCM_16"): 1e-4,
    ("RF64", "PCM_16"): 1e-4,
}


def tone(frequency=440.0, rate=RATE, seconds=1.0):
    time = np.arange(int(rate * seconds)) / rate
    return (0.5 * np.sin(2 * np.pi * frequency * time)).astype(np.float32)


def encoded(samples, rate=RATE, kind="WAV", subtype=None):
    """The bytes of a file."""
    file = io.BytesIO()
    soundfile.write(file, samples, rate, format=kind, subtype=subtype)
    return file.getvalue()


def pitch(samples, rate=RATE):
    """The frequency at which a sound is strongest."""
    middle = samples[len(samples) // 10 : -len(samples) // 10]
    strength = np.abs(np.fft.rfft(middle * np.hanning(len(middle)), 2**19))
    return strength.argmax() * rate / 2**19


@pytest.mark.parametrize(("kind", "subtype"), KINDS)
def test_a_sound_is_the_same_in_every_format(kind, subtype):
    samples = tone(rate=48_000, seconds=2)
    opened = open_sound(encoded(samples, 48_000, kind, subtype), 0, rate=RATE)
    expected = open_sound((samples, 48_000), 0, rate=RATE)
    assert opened.dtype == np.float32
    assert abs(len(opened) - 2 * RATE) < 0.05 * RATE
    inner = slice(RATE // 4, -RATE // 4)
    error = np.abs(opened[: 2 * RATE][inner] - expected[: len(opened)][inner])
    assert error.max() < KINDS[kind, subtype]


@pytest.mark.parametrize("kind", [str, Path, bytes, "array"])
def test_every_source_gives_the_same_sound(tmp_path, kind):
    samples = np.random.default_rng(0).integers(-9000, 9000, 500, dtype=np.int16)
    path = tmp_path / "noise.wav"
    path.write_bytes(encoded(samples))
    source = {
        str: str(path),
        Path: path,
        bytes: path.read_bytes(),
        "array": (samples, RATE),
    }[kind]
    opened = open_sound(source, 0, rate=RATE)
    np.testing.assert_array_equal(opened, (samples / 2**15).astype(np.float32))


@pytest.mark.parametrize(("suffix", "kind"), [("mp3", "FLAC"), ("raw", "WAV")])
def test_the_content_decides_and_not_the_suffix(tmp_path, suffix, kind):
    path = tmp_path / f"tone.{suffix}"
    path.write_bytes(encoded(tone(), kind=kind))
    np.testing.assert_allclose(open_sound(path, 0, rate=RATE), tone(), atol=1e-4)


@pytest.mark.parametrize("n_channels", [1, 2, 6, 100])
@pytest.mark.parametrize("as_file", [True, False])
def test_channels_are_averaged(n_channels, as_file):
    shares = np.linspace(0, 1, n_channels)
    samples = tone()[:, None] * shares
    value = encoded(samples, subtype="FLOAT") if as_file else (samples, RATE)
    opened = open_sound(value, 0, rate=RATE)
    np.testing.assert_allclose(opened, tone() * shares.mean(), atol=1e-6)


def test_memory_does_not_grow_with_the_channels():
    data = encoded(np.zeros((300_000, 100), np.int16))  # 120 MB of float32
    open_sound(data, 0, rate=RATE)
    tracemalloc.start()
    open_sound(data, 0, rate=RATE)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20e6


@pytest.mark.parametrize("rate", [8000, 11_025, 22_050, 32_000, 44_100, 44_101, 48_000])
def test_a_tone_keeps_its_pitch_and_its_loudness_at_another_rate(rate):
    opened = open_sound((tone(1000, rate, 3), rate), 0, rate=RATE)
    assert abs(len(opened) - 3 * RATE) < 3
    assert pitch(opened) == pytest.approx(1000, rel=1e-4)
    inner = opened[RATE:-RATE]
    assert np.sqrt(2) * inner.std() == pytest.approx(0.5, rel=0.01)


@pytest.mark.parametrize("rate", [32_000, 44_100, 48_000])
def test_what_a_rate_cannot_hold_is_left_out_and_not_folded(rate):
    opened = open_sound((tone(12_000, rate, 2), rate), 0, rate=RATE)
    assert np.abs(opened[1000:-1000]).max() < 1e-3


@given(
    st.integers(1000, 768_000),
    st.sampled_from([8000, RATE, 44_100]),
    st.sampled_from([1, 2, 999, BLOCK - 1, BLOCK + 1, 2 * BLOCK + 77]),
)
@settings(max_examples=40, deadline=None)
def test_block_by_block_is_the_same_as_at_once(own_rate, rate, n_samples):
    """Ratios of small numbers stay as they are, so that there is something to see."""
    divisor = max(own_rate, rate) // 400 + 1
    own_rate, rate = (max(1, r // divisor) * 1000 for r in (own_rate, rate))
    samples = np.random.default_rng(0).uniform(-1, 1, n_samples).astype(np.float32)
    if own_rate > 768_000 or n_samples * rate > 2e7 * own_rate:
        return
    opened = open_sound((samples, own_rate), 0, rate=rate)
    expected = resample_poly(samples, rate, own_rate)
    np.testing.assert_allclose(opened, expected, atol=1e-6)


@pytest.mark.parametrize(
    ("dtype", "silence", "loudest"),
    [
        ("uint8", 2**7, 0),
        ("int8", 0, -(2**7)),
        ("uint16", 2**15, 0),
        ("int16", 0, -(2**15)),
        ("uint32", 2**31, 0),
        ("int32", 0, -(2**31)),
        ("float16", 0, -1),
        ("float64", 0, -1),
    ],
)
def test_numbers_of_every_type_are_scaled(dtype, silence, loudest):
    samples = np.array([silence, loudest], dtype=dtype)
    assert open_sound((samples, RATE), 0, rate=RATE).tolist() == [0, -1]


@pytest.mark.parametrize("rate", [RATE, 44_100])
@pytest.mark.parametrize("kind", ["WAV", "FLAC", "OGG", "MP3", "array"])
def test_only_the_first_seconds_are_read_on_request(kind, rate):
    samples = tone(rate=rate, seconds=20)
    value = (samples, rate) if kind == "array" else encoded(samples, rate, kind)
    opened = open_sound(value, 0, rate=RATE, duration=1.5)
    assert len(opened) == 1.5 * RATE
    whole = open_sound(value, 0, rate=RATE)
    np.testing.assert_allclose(opened[:-100], whole[: len(opened) - 100], atol=1e-6)
    longer = open_sound(value, 0, rate=RATE, duration=100)
    np.testing.assert_array_equal(longer, whole)


def test_a_long_sound_is_refused_unless_only_its_start_is_read(monkeypatch):
    monkeypatch.setenv("SKMMREC_MAX_SECONDS", "2")
    assert len(open_sound((tone(seconds=2), RATE), 0, rate=RATE)) == 2 * RATE
    for value in ((tone(seconds=2.1), RATE), encoded(tone(seconds=2.1), kind="OGG")):
        with pytest.raises(ValueError, match="row 5 must last at most 2 seconds"):
            open_sound(value, 5, rate=RATE)
        assert len(open_sound(value, 5, rate=RATE, duration=2)) == 2 * RATE


@pytest.mark.parametrize("rate", [1, 999, 768_001, 2**31 - 1])
@pytest.mark.parametrize("as_file", [True, False])
def test_a_rate_that_no_recorder_has_is_refused(rate, as_file):
    value = tone(), rate
    if as_file:
        data = encoded(tone())
        at = data.index(b"fmt ") + 12
        value = data[:at] + rate.to_bytes(4, "little") + data[at + 4 :]
    with pytest.raises(ValueError, match="row 0 must have between 1,000 and 768,000"):
        open_sound(value, 0, rate=RATE)


def test_a_length_in_the_header_is_not_believed():
    data = bytearray(encoded(tone()))
    at = data.index(b"data") + 4
    data[at : at + 4] = (2**32 - 2).to_bytes(4, "little")
    tracemalloc.start()
    opened = open_sound(bytes(data), 0, rate=RATE)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    np.testing.assert_allclose(opened, tone(), atol=1e-4)
    assert peak < 20e6


def test_a_stream_of_flac_that_does_not_know_its_length_is_read():
    data = bytearray(encoded(tone(), kind="FLAC"))
    data[21] &= 0xF0
    data[22:26] = bytes(4)
    np.testing.assert_allclose(open_sound(bytes(data), 0, rate=RATE), tone(), atol=1e-4)


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        ("no/such.wav", FileNotFoundError, r"row 4 \('no/such.wav'\) must be a file"),
        (os.curdir, FileNotFoundError, "row 4 .* must be a file"),
        (os.devnull, FileNotFoundError, "row 4 .* must be a file"),
        (b"", ValueError, "row 4 must be readable; got an empty file"),
        (b"RIFF", ValueError, "row 4 must be readable; got a damaged file"),
        (b"some text" * 99, ValueError, r"unknown format \(Format not recognised\)"),
        (3.5, TypeError, "row 4 must be a path, bytes or a tuple .* got float"),
        (tone(), TypeError, "must be a path, bytes or a tuple .* got ndarray"),
        ((RATE, tone()), TypeError, r"got \(int, ndarray\); put the samples first"),
        ((tone(),), TypeError, r"got \(ndarray\)"),
        ((tone(), 44.1), TypeError, r"got \(ndarray, float\)"),
        (([0, 1, 2], RATE), TypeError, "at most 32 bits; got int64"),
        ((["a"], RATE), TypeError, "of a float type, or .* got <U1"),
        ((tone()[None], RATE), ValueError, r"got \(1, 16000\); transpose"),
        ((np.zeros((2, 2, 2)), RATE), ValueError, r"got \(2, 2, 2\)"),
        ((np.float64(1), RATE), ValueError, r"got \(\)"),
        ((np.zeros(0), RATE), ValueError, "row 4 must have samples; got none"),
        ((np.zeros((5, 0)), RATE), ValueError, r"got \(5, 0\)"),
        ((np.full(9, np.nan), RATE), ValueError, "from -1 to 1; got NaN or infinity"),
        ((np.full(9, np.inf), RATE), ValueError, "from -1 to 1; got NaN or infinity"),
        ((np.full(9, 9000.0), RATE), ValueError, "from -1 to 1; got 9000; scale"),
        ((tone(), -1), ValueError, "samples per second; got -1"),
        (encoded(np.zeros(0)), ValueError, "row 4 must have samples; got none"),
        (encoded(tone() * np.nan, subtype="FLOAT"), ValueError, "got NaN or infinity"),
        (encoded(tone(), kind="HTK"), ValueError, "HTK is not read"),
    ],
)
def test_what_cannot_be_opened_is_named_by_its_row(value, error, message):
    with pytest.raises(error, match=message):
        open_sound(value, 4, rate=RATE)


def test_a_path_out_of_the_root_is_refused(tmp_path):
    (tmp_path / "tone.wav").write_bytes(encoded(tone()))
    assert len(open_sound("tone.wav", 0, rate=RATE, root=tmp_path)) == RATE
    with pytest.raises(ValueError, match="must lie in the root"):
        open_sound("../tone.wav", 0, rate=RATE, root=tmp_path)


@pytest.mark.parametrize("kind", ["WAV", "FLAC", "OGG", "MP3", "AIFF", "CAF"])
def test_random_damage_raises_nothing_but_our_errors(kind, capfd):
    rng = np.random.default_rng(0)
    data = encoded(rng.uniform(-0.5, 0.5, (3000, 2)), kind=kind)
    outcomes = set()
    for number in range(120):
        damaged = bytearray(data)
        reach = len(data) if number % 2 else min(len(data), 150)
        for position in rng.integers(0, reach, 6):
            damaged[position] = rng.integers(256)
        if number % 3 == 0:
            del damaged[rng.integers(1, len(data)) :]
        try:
            opened = open_sound(bytes(damaged), 0, rate=RATE)
            assert np.isfinite(opened).all()
            outcomes.add("opened")
        except ValueError as error:
            outcomes.add(str(error)[:18])
    assert outcomes <= {"opened", "The sound in row 0"}
    assert "The sound in row 0" in outcomes
    # the decoder of MP3 says a word itself; an exception in a callback says more
    assert "Traceback" not in capfd.readouterr().err


@pytest.mark.parametrize(
    ("duration", "error", "message"),
    [
        ("1", TypeError, "duration must be a number of seconds; got str"),
        (True, TypeError, "duration must be a number of seconds; got bool"),
        (0, ValueError, "duration must be above 0 and finite; got 0"),
        (np.inf, ValueError, "duration must be above 0 and finite; got inf"),
        (np.nan, ValueError, "duration must be above 0 and finite; got nan"),
    ],
)
def test_a_wrong_duration_is_refused(duration, error, message):
    with pytest.raises(error, match=message):
        check_duration(duration)
