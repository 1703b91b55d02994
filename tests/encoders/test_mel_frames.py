"""Spectrograms as blocks of one size."""

import pickle

import numpy as np
import pytest
from sklearn import clone

from skmmrec.encoders._mel_frames import MelFrameEncoder

RATE = 16_000


def tone(frequency, n_samples):
    return 0.5 * np.sin(2 * np.pi * frequency * np.arange(n_samples) / RATE)


def blocks_of(encoder, *sounds):
    features = encoder.fit_transform([(sound, RATE) for sound in sounds])
    assert features.dtype == np.float32
    return features.reshape(-1, encoder.n_frames, encoder.n_mels)


def test_time_and_bands_are_where_the_names_say():
    encoder = MelFrameEncoder(n_frames=20, n_mels=16)
    sound = np.concatenate([tone(300, 1800), tone(4000, 1800)])
    (block,) = blocks_of(encoder, sound)
    loudest = block.argmax(axis=1)
    assert (loudest[:9] < 5).all()
    assert (loudest[-9:] > 10).all()
    names = encoder.get_feature_names_out().reshape(20, 16)
    assert names[3, 5] == "frame3_mel5"


@pytest.mark.parametrize("hop_length", [1, 160, 512, 2000])
@pytest.mark.parametrize("n_samples", [1, 399, 5000, 100_000])
def test_every_sound_makes_a_block_of_one_size(hop_length, n_samples):
    encoder = MelFrameEncoder(n_frames=30, n_mels=8, hop_length=hop_length)
    (block,) = blocks_of(encoder, tone(440, n_samples))
    assert block.shape == (30, 8)
    assert np.isfinite(block).all()
    assert (block >= 0).all()


def test_to_a_short_sound_silence_is_added_at_its_end():
    encoder = MelFrameEncoder(n_frames=50)
    short, silent = blocks_of(encoder, tone(440, 4000), np.zeros(4000))
    n_frames = 1 + (4000 - 400) // 160
    assert short[:n_frames].any(axis=1).all()
    assert not short[n_frames:].any()
    assert not silent.any()


def test_of_a_long_sound_the_middle_is_taken():
    encoder = MelFrameEncoder(n_frames=50)
    n_samples = 400 + 49 * 160
    middle = tone(440, n_samples)
    sides = tone(3000, 5001)
    long, alone = blocks_of(encoder, np.concatenate([sides, middle, sides]), middle)
    np.testing.assert_allclose(long, alone, atol=1e-4)


def test_the_middle_is_that_of_what_was_read():
    encoder = MelFrameEncoder(n_frames=10, duration=0.5)
    sound = np.concatenate([tone(440, 8000), tone(3000, 80_000)])
    start, whole = blocks_of(encoder, sound[:8000], sound)
    np.testing.assert_array_equal(start, whole)


def test_a_full_scale_tone_is_about_ten():
    (block,) = blocks_of(MelFrameEncoder(), 2 * tone(1000, 30_000))
    assert 9 < block.max() < 13


def test_missing_sounds_are_rows_of_nan():
    encoder = MelFrameEncoder(n_frames=4, n_mels=3, on_error="missing")
    column = [None, (tone(440, 900), RATE), b"damaged"]
    with pytest.warns(UserWarning, match="1 of 2 sounds .* row 2"):
        features = encoder.fit_transform(column)
    assert np.isnan(features).all(axis=1).tolist() == [True, False, True]


def test_clones_and_pickles_make_the_same():
    encoder = MelFrameEncoder(n_frames=4, n_mels=3)
    column = [(tone(440, 900), RATE)]
    features = encoder.fit_transform(column)
    for copy in (clone(encoder).fit([]), pickle.loads(pickle.dumps(encoder))):
        np.testing.assert_array_equal(copy.transform(column), features)


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"n_frames": 0}, ValueError, "n_frames must be at least 1; got 0"),
        ({"n_mels": 2.5}, TypeError, "n_mels must be an integer; got float"),
        ({"hop_length": 0}, ValueError, "hop_length must be at least 1; got 0"),
        ({"duration": "1"}, TypeError, "duration must be a number .* got str"),
        ({"on_error": "skip"}, ValueError, "on_error must be one of .* got 'skip'"),
    ],
)
def test_wrong_parameters_are_refused(parameters, error, message):
    with pytest.raises(error, match=message):
        MelFrameEncoder(**parameters).fit([])
