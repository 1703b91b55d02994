"""Counted sounds: what sounds alike is close, and each part has its say."""

import numpy as np
import pytest
from scipy.signal import chirp
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from skmmrec.encoders import _mel
from skmmrec.encoders._mel import LogMel, log_mel, mel_spectrogram
from skmmrec.encoders._mel_statistics import MelStatisticsEncoder
from tests._shared import shared

RATE = 16_000
PARTS = ("spectrum", "variation", "timbre", "rhythm")


def noise(seconds=2.0, seed=0):
    n_samples = int(seconds * RATE)
    return 0.1 * np.random.default_rng(seed).standard_normal(n_samples)


def tone(frequency, seconds=2.0):
    return 0.3 * np.sin(2 * np.pi * frequency * np.arange(seconds * RATE) / RATE)


def pulsing(samples, frequency):
    """Louder and softer so many times a second."""
    time = np.arange(len(samples)) / RATE
    return samples * (1 + 0.9 * np.sin(2 * np.pi * frequency * time)) / 2


def parts_of(features, encoder):
    """The columns of each part, by its name."""
    names = encoder.get_feature_names_out()
    return {
        part: features[:, [name.startswith(f"{part}_") for name in names]]
        for part in PARTS
    }


def distances(*sounds):
    """Of the first sound to the others, in each part."""
    encoder = MelStatisticsEncoder()
    features = encoder.fit_transform([(sound, RATE) for sound in sounds])
    return {
        name: np.linalg.norm(part[0] - part[1:], axis=1)
        for name, part in parts_of(features, encoder).items()
    }


def column_of_clips():
    """Paths and labels of ESC-10."""
    pd = pytest.importorskip("pandas")
    folder = shared("data/esc10")
    clips = pd.read_csv(folder / "labels.csv")
    return [folder / file for file in clips["file"]], clips["label"]


@pytest.mark.parametrize(
    "settings",
    [
        LogMel(),
        LogMel(n_mels=40, f_min=50, f_max=8000, power=2.0),
        LogMel(rate=44_100, n_fft=2048, win_length=2048, hop_length=512, f_max=20_000),
        LogMel(win_length=401, hop_length=333),
    ],
)
def test_spectrograms_are_those_of_torchaudio(settings):
    torchaudio = pytest.importorskip("torchaudio")
    import torch

    margin = (settings.n_fft - settings.win_length) // 2
    transform = torchaudio.transforms.MelSpectrogram(
        settings.rate,
        n_fft=settings.n_fft,
        win_length=settings.win_length,
        hop_length=settings.hop_length,
        f_min=settings.f_min,
        f_max=settings.f_max,
        n_mels=settings.n_mels,
        power=settings.power,
        center=False,
        mel_scale="htk",
    )
    samples = noise(3).astype(np.float32)
    padded = np.pad(samples, (margin, settings.n_fft - settings.win_length - margin))
    mel = transform(torch.from_numpy(padded)).T.numpy()
    expected = np.log(mel + settings.log_offset)
    np.testing.assert_allclose(log_mel(samples, settings), expected, atol=1e-4)
    assert settings.n_frames(len(samples)) == len(expected)


def test_long_spectrograms_are_made_in_blocks_to_the_same_result(monkeypatch):
    samples = noise().astype(np.float32)
    whole = mel_spectrogram(samples, LogMel())
    monkeypatch.setattr(_mel, "FRAMES_IN_BLOCK", 7)
    np.testing.assert_allclose(mel_spectrogram(samples, LogMel()), whole, rtol=1e-5)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"rate": 100}, "rate must be from 1,000 to 192,000; got 100"),
        ({"win_length": 513}, "win_length must be from 1 to n_fft, 512; got 513"),
        ({"f_max": 9000}, "between 0 and half the rate, 8000; got 125 and 9000"),
        ({"n_mels": 0}, "n_mels must be at least 1; got 0"),
        ({"window_hop": 0}, "window_hop must be at least 1; got 0"),
    ],
)
def test_a_spectrogram_that_cannot_be_is_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        LogMel(**settings)


def test_spectrum_sees_how_high_a_sound_is():
    apart = distances(tone(300), tone(320), tone(3000))
    assert apart["spectrum"][0] < 0.5 * apart["spectrum"][1]


def test_spectrum_tells_a_tone_from_noise():
    encoder = MelStatisticsEncoder()
    features = encoder.fit_transform([(tone(440), RATE), (noise(), RATE)])
    flatness = features[
        :, list(encoder.get_feature_names_out()).index("spectrum_flatness")
    ]
    assert flatness[0] < flatness[1] - 0.3


def test_rhythm_sees_how_fast_a_sound_pulses_and_not_how_high_it_is():
    slow, fast = (pulsing(noise(4), frequency) for frequency in (1.5, 12))
    again = pulsing(noise(4, seed=1), 1.5)
    apart = distances(slow, again, fast)
    assert apart["rhythm"][0] < 0.3 * apart["rhythm"][1]
    assert apart["spectrum"][1] < 0.2


def test_variation_and_timbre_tell_a_glide_from_what_stands_still():
    time = np.arange(2 * RATE) / RATE
    glide = 0.3 * chirp(time, 200, 2, 4000)
    apart = distances(tone(300), tone(600), glide)
    for part in ("variation", "timbre"):
        assert apart[part][0] < 0.5 * apart[part][1]


@pytest.mark.parametrize("gain", [1e-4, 0.03, 5])
def test_a_louder_sound_has_the_same_features(gain):
    sound = pulsing(noise() + tone(440), 3)
    assert max(apart[0] for apart in distances(sound, gain * sound).values()) < 1e-4


def test_a_longer_sound_of_the_same_kind_is_close():
    apart = distances(pulsing(noise(3), 4), pulsing(noise(30, seed=1), 4))
    other = distances(pulsing(noise(3), 4), pulsing(tone(500, 3), 9))
    for part in PARTS:
        assert apart[part][0] < 0.35 * other[part][0]


@pytest.mark.parametrize("n_samples", [1, 2, 399, 400, 401, 561])
@pytest.mark.parametrize("fill", ["noise", "silence", "ones"])
def test_short_sounds_and_silence_have_finite_features(n_samples, fill):
    samples = noise()[:n_samples]
    if fill != "noise":
        samples = np.full(n_samples, float(fill == "ones"))
    features = MelStatisticsEncoder().fit_transform([(samples, RATE)])
    assert np.isfinite(features).all()


def test_only_the_first_seconds_count_on_request():
    both = np.concatenate([noise(1), tone(500, 1)])
    sounds = [(both, RATE), (both[:RATE], RATE)]
    start, whole = MelStatisticsEncoder(duration=1).fit_transform(sounds)
    np.testing.assert_array_equal(start, whole)


def test_features_are_as_they_were():
    """Where these change, raise `_revision`: stores hold the old ones."""
    sound = pulsing(tone(440) + 0.1 * tone(2500), 5)
    encoder = MelStatisticsEncoder()
    (features,) = encoder.fit_transform([(sound, RATE)])
    assert encoder._revision == 1
    sums = [part.sum() for part in parts_of(features[None], encoder).values()]
    np.testing.assert_allclose(sums, [-1.1091, 2.3366, 5.2391, 3.0668], rtol=1e-3)


def test_no_part_drowns_the_others():
    paths, _ = column_of_clips()
    encoder = MelStatisticsEncoder()
    parts = parts_of(encoder.fit_transform(paths), encoder)
    assert sum(part.shape[1] for part in parts.values()) == 145
    spread = [part.var(axis=0).sum() for part in parts.values()]
    assert min(spread) > 0.5
    assert max(spread) < 2


def test_noises_of_ten_classes_are_told_apart():
    paths, labels = column_of_clips()
    features = MelStatisticsEncoder().fit_transform(paths)
    probe = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    with threadpool_limits(1):
        score = cross_val_score(probe, features, labels, cv=5).mean()
    assert score > 0.8  # by chance 0.1


def test_a_damaged_sound_can_count_as_missing():
    encoder = MelStatisticsEncoder(on_error="missing")
    column = [(noise(), RATE), b"damaged", None, "no/such.wav", (tone(440), RATE)]
    with pytest.warns(UserWarning, match="2 of 4 sounds .* row 1"):
        features = encoder.fit_transform(column)
    gaps = np.isnan(features).all(axis=1)
    assert gaps.tolist() == [False, True, True, True, False]


def test_a_store_knows_a_sound_again(tmp_path, monkeypatch):
    column = [(noise(), RATE), None, (tone(440), RATE)]
    features = MelStatisticsEncoder(store=tmp_path).fit_transform(column)

    def fail(self, value, row):
        raise AssertionError("encoded again")

    monkeypatch.setattr(MelStatisticsEncoder, "_read", fail)
    column = [(samples.copy(), rate) for samples, rate in (column[2], column[0])]
    again = MelStatisticsEncoder(store=tmp_path).fit_transform(column)
    np.testing.assert_array_equal(again, features[[2, 0]])


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"on_error": "ignore"}, "on_error must be one of 'raise', 'missing'"),
        ({"duration": -1}, "duration must be above 0 and finite; got -1"),
    ],
)
def test_wrong_parameters_are_refused(parameters, message):
    with pytest.raises(ValueError, match=message):
        MelStatisticsEncoder(**parameters).fit([])
