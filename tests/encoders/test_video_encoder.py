"""Videos by their frames and their sound, pooled as the formula says."""

import pickle
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image
from sklearn import clone
from sklearn.linear_model import RidgeClassifier
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer
from threadpoolctl import threadpool_limits

pytest.importorskip("av")

from skmmrec.encoders import (
    BaseEncoder,
    ImageEncoder,
    ImageStatisticsEncoder,
    MelStatisticsEncoder,
)
from skmmrec.encoders._fingerprint import fingerprint
from skmmrec.encoders._video import VideoEncoder
from tests._shared import shared
from tests.encoders._films import film, plain, tone


class MeanColour(BaseEncoder):
    """Red, green and blue of a picture, from 0 to 1."""

    def __init__(self, batch_size=3):
        self.batch_size = batch_size

    def _width(self):
        return 3

    def _read(self, value, row):
        return np.asarray(value, dtype=np.float32).mean(axis=(0, 1)) / 255

    def _encode(self, batch):
        assert len(batch) <= self.batch_size
        return np.stack(batch)


class Loudness(BaseEncoder):
    """Loudness and seconds of a sound."""

    def __init__(self, duration=None):
        self.duration = duration

    def _width(self):
        return 2

    def _read(self, value, row):
        samples, rate = value
        return [np.abs(samples).mean(), len(samples) / rate]

    def _encode(self, batch):
        return np.array(batch)


THREE_SCENES = "r" * 20 + "g" * 40 + "b" * 40


def colours(value, **settings):
    return VideoEncoder(MeanColour(), **settings).fit_transform([value])[0]


def test_even_frames_weigh_scenes_by_length_and_scenes_do_not():
    video = film(plain(THREE_SCENES))
    even = colours(video, n_frames=10)
    np.testing.assert_allclose(even, [0.2, 0.4, 0.4], atol=0.03)
    scenes = colours(video, sampling="scenes")
    np.testing.assert_allclose(scenes, [1 / 3, 1 / 3, 1 / 3], atol=0.03)


def test_max_pooling_has_whatever_is_shown_at_some_time():
    most = colours(film(plain(THREE_SCENES)), n_frames=5, pooling="max")
    np.testing.assert_allclose(most, [1, 1, 1], atol=0.03)


def test_attention_is_the_formula():
    """Nine red frames and a blue one, of which the distances are known."""
    video = film(plain("r" * 90 + "b" * 10))
    # to the mean of the others: a blue frame is √2 from red, a red one 1/9 of that
    novelty = np.sqrt(2) * np.array([*[1 / 9] * 9, 1])
    weights = np.exp(novelty / novelty.mean() / 0.5)
    weights /= weights.sum()
    attended = colours(video, n_frames=10, pooling="attention")
    np.testing.assert_allclose(
        attended[[0, 2]], [1 - weights[9], weights[9]], atol=0.03
    )
    assert attended[2] > 0.9
    assert colours(video, n_frames=10)[2] < 0.2


@pytest.mark.parametrize("n_frames", [1, 4])
def test_attention_to_equal_frames_is_their_mean(n_frames):
    video = film(plain("r" * 20))
    attended = colours(video, n_frames=n_frames, pooling="attention")
    np.testing.assert_allclose(attended, [1, 0, 0], atol=0.03)


def test_the_default_is_a_network_for_pictures():
    encoder = VideoEncoder()
    assert isinstance(encoder._parts()[0], ImageEncoder)
    assert encoder.get_params()["image"] is None


def test_a_red_and_a_blue_video_are_told_apart():
    videos = [film(plain(c * 10), kind) for c in "rb" for kind in ("mp4", "gif")]
    features = VideoEncoder(ImageStatisticsEncoder()).fit_transform(videos)
    apart = np.linalg.norm(features[:, None] - features, axis=2)
    assert max(apart[0, 1], apart[2, 3]) < 0.3 * apart[:2, 2:].min()


def test_videos_of_photos_of_ten_classes_are_told_apart():
    """Each of three photos of a class, shown for half a second."""
    pd = pytest.importorskip("pandas")
    weights = shared("weights/mobilenetv2_100")
    folder = shared("data/cifar10-sample")
    photos = pd.read_csv(folder / "labels.csv")
    videos, labels = [], []
    for label, files in photos.groupby("label")["file"]:
        for first in range(0, 18, 3):
            shown = [Image.open(folder / f) for f in files.iloc[first : first + 3]]
            frames = [np.asarray(p.convert("RGB").resize((96, 96))) for p in shown]
            videos.append(film([f for f in frames for _ in range(2)], rate=4))
            labels.append(label)
    probe = make_pipeline(Normalizer(), RidgeClassifier(0.3))
    scores = {}
    with threadpool_limits(1):
        for n_frames in (1, 3):
            encoder = VideoEncoder(ImageEncoder(weights), n_frames=n_frames)
            features = encoder.fit_transform(videos)
            assert features.shape == (60, 1280)
            score = cross_val_score(probe, features, labels, cv=5)
            scores[n_frames] = score.mean()
    assert scores[3] > 0.5  # by chance 0.1
    assert scores[3] > scores[1]


def test_batches_do_not_change_the_features():
    videos = [film(plain(letters), sound=tone(1.0)) for letters in ("rg", "b", "wrwr")]
    videos += [film(plain("bw"))]
    alone, together = (
        VideoEncoder(MeanColour(), Loudness(), batch_size=size).fit_transform(videos)
        for size in (1, 4)
    )
    np.testing.assert_allclose(alone, together, rtol=1e-6)


def test_a_video_without_sound_is_not_missing_and_says_so():
    videos = [film(plain("r" * 20), sound=tone(2.0)), film(plain("r" * 20)), None]
    encoder = VideoEncoder(MeanColour(), Loudness())
    features = encoder.fit_transform(videos)
    names = encoder.get_feature_names_out().tolist()
    assert names == [
        *(f"image_meancolour{i}" for i in range(3)),
        *("sound_loudness0", "sound_loudness1", "has_sound"),
    ]
    np.testing.assert_allclose(features[0, 3:], [1 / np.pi, 2, 1], atol=0.05)
    assert features[1, 3:].tolist() == [0, 0, 0]
    assert np.isnan(features[2]).all()


def test_a_silent_track_is_a_track():
    video = film(plain("r" * 20), sound=0 * tone(2.0))
    features = VideoEncoder(MeanColour(), Loudness()).fit_transform([video])
    np.testing.assert_allclose(features[0, 3:], [0, 2, 1], atol=0.05)


def test_sounds_of_equal_pictures_are_told_apart():
    sounds = [tone(2.0, pitch) for pitch in (200, 210, 4000)]
    videos = [film(plain("r" * 20), sound=sound) for sound in sounds]
    encoder = VideoEncoder(MeanColour(), MelStatisticsEncoder())
    features = encoder.fit_transform(videos)
    near, far = np.linalg.norm(features[0] - features[1:], axis=1)
    assert near < 0.7 * far


def test_no_more_sound_is_read_than_the_encoder_listens_to():
    video = film(plain("r" * 20), sound=tone(2.0))
    features = VideoEncoder(MeanColour(), Loudness(1)).fit_transform([video])
    assert features[0, 4] == 1


def test_names_of_the_picture_features_are_kept():
    encoder = VideoEncoder(ImageStatisticsEncoder()).fit([])
    names = encoder.get_feature_names_out()
    assert len(names) == 273
    assert names[0] == "image_colour_h0s0v0"


def test_encoders_inside_are_tuned_like_any_parameter():
    videos = [film(plain(c * 4)) for c in "rbrbrbrb"]
    pipeline = make_pipeline(
        VideoEncoder(ImageStatisticsEncoder(), n_frames=2), RidgeClassifier()
    )
    grid = {
        "videoencoder__image": [MeanColour(), ImageStatisticsEncoder()],
        "videoencoder__pooling": ["mean", "attention"],
    }
    search = GridSearchCV(pipeline, grid, cv=2).fit(videos, [0, 1] * 4)
    assert search.best_score_ == 1
    encoder = VideoEncoder(MeanColour()).set_params(image__batch_size=2)
    assert clone(encoder).image.batch_size == 2
    assert encoder.fit([])._image is not encoder.image


def test_fingerprints_tell_apart_what_makes_another_vector(tmp_path):
    def key(*args, **settings):
        return fingerprint(VideoEncoder(*args, **settings).fit([]))[0]

    keys = [
        key(MeanColour()),
        key(ImageStatisticsEncoder()),
        key(MeanColour(), Loudness()),
        key(MeanColour(), Loudness(1)),
        key(MeanColour(), n_frames=3),
        key(MeanColour(), sampling="scenes"),
        key(MeanColour(), pooling="max"),
        key(MeanColour(), pooling="attention"),
    ]
    assert len(set(keys)) == len(keys)
    same = key(MeanColour(batch_size=1), batch_size=1, on_error="missing", root="/tmp")
    assert same == keys[0]


def test_fingerprints_follow_the_weights(tiny_network):
    import torch

    other = pickle.loads(pickle.dumps(tiny_network))
    with torch.no_grad():
        other[0].bias += 1
    keys = [
        fingerprint(VideoEncoder(ImageEncoder(network)).fit([]))[0]
        for network in (tiny_network, pickle.loads(pickle.dumps(tiny_network)), other)
    ]
    assert keys[0] == keys[1] != keys[2]


def test_fingerprints_agree_between_processes():
    code = (
        "from skmmrec.encoders import ImageStatisticsEncoder\n"
        "from skmmrec.encoders._fingerprint import fingerprint\n"
        "from skmmrec.encoders._video import VideoEncoder\n"
        "print(fingerprint(VideoEncoder(ImageStatisticsEncoder()).fit([]))[0])"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    here = fingerprint(VideoEncoder(ImageStatisticsEncoder()).fit([]))[0]
    assert run.stdout.strip() == here


def test_a_store_remembers_videos_but_not_frames(tmp_path, monkeypatch):
    path = tmp_path / "film.mp4"
    path.write_bytes(film(plain(THREE_SCENES)))
    encoder = VideoEncoder(MeanColour(), Loudness(), store=tmp_path / "store")
    features = encoder.fit_transform([path, None])
    monkeypatch.delattr(VideoEncoder, "_read")
    again = clone(encoder).fit_transform([str(path), None])
    np.testing.assert_array_equal(again, features)


def test_pickles_give_the_same_features():
    video = film(plain("rgb"))
    encoder = VideoEncoder(ImageStatisticsEncoder()).fit([video])
    copy = pickle.loads(pickle.dumps(encoder))
    np.testing.assert_array_equal(copy.transform([video]), encoder.transform([video]))


def test_a_damaged_video_can_count_as_missing():
    encoder = VideoEncoder(MeanColour(), on_error="missing", batch_size=2)
    column = [b"damaged", "no/such.mp4", film(plain("r")), None]
    with pytest.warns(UserWarning, match="2 of 3 videos .* row 0"):
        features = encoder.fit_transform(column)
    assert np.isnan(features).all(axis=1).tolist() == [True, True, False, True]


def test_a_damaged_video_is_named_by_its_row():
    with pytest.raises(FileNotFoundError, match=r"video in row 1 \('no/such.mp4'\)"):
        VideoEncoder(MeanColour()).fit_transform([None, "no/such.mp4"])


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"image": "resnet"}, TypeError, "image must be an encoder, .* got str"),
        ({"image": ImageEncoder}, TypeError, "image must be an encoder, .* got ABC"),
        ({"audio": 3}, TypeError, "audio must be an encoder, .* got int"),
        ({"n_frames": 0}, ValueError, "n_frames must be at least 1; got 0"),
        ({"batch_size": 0}, ValueError, "batch_size must be at least 1; got 0"),
        ({"sampling": "odd"}, ValueError, "sampling must be one of .* got 'odd'"),
        ({"pooling": "sum"}, ValueError, "pooling must be one of .* got 'sum'"),
        ({"on_error": "skip"}, ValueError, "on_error must be one of .* got 'skip'"),
        ({"image": ImageEncoder(batch_size=0)}, ValueError, "batch_size must be at"),
    ],
)
def test_wrong_parameters_are_refused(parameters, error, message):
    with pytest.raises(error, match=message):
        VideoEncoder(**{"image": MeanColour(), **parameters}).fit([])


def test_a_progress_bar_is_shown_on_request(capsys):
    VideoEncoder(MeanColour(), show_progress=True).fit_transform([film(plain("r"))])
    assert "Videos" in "".join(capsys.readouterr())


def test_importing_the_encoders_works_without_the_library():
    code = (
        "import sys; sys.modules['av'] = None\n"
        "from skmmrec.encoders._video import VideoEncoder\n"
        "from skmmrec.encoders._video_statistics import VideoStatisticsEncoder\n"
        "VideoStatisticsEncoder().fit([]).transform([None])"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
