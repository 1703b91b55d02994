"""Counted videos: pace, cuts and length are seen, and each part has its say."""

import numpy as np
import pytest

pytest.importorskip("av")

from skmmrec.encoders import ImageStatisticsEncoder
from skmmrec.encoders._video_statistics import VideoStatisticsEncoder
from tests._shared import shared
from tests.encoders._films import film, plain

PARTS = ("picture", "spread", "motion", "length")


def named(videos, **settings):
    """The features of each video by their names."""
    encoder = VideoStatisticsEncoder(**settings)
    features = encoder.fit_transform(videos)
    return dict(zip(encoder.get_feature_names_out(), features.T))


def moving(step, n_frames=40):
    """Stripes that move by so many pixels from frame to frame."""
    stripes = np.zeros((48, 64, 3), dtype=np.uint8)
    stripes[:, ::32] = stripes[:, 1::32] = stripes[:, 2::32] = 255
    return [np.roll(stripes, step * number, axis=1) for number in range(n_frames)]


def test_the_mean_of_one_frame_is_what_the_picture_encoder_sees():
    video = film(plain("b" * 10))
    encoder = VideoStatisticsEncoder()
    features = encoder.fit_transform([video])
    names = encoder.get_feature_names_out()
    part = features[:, [name.startswith("picture_") for name in names]]
    (picture,) = ImageStatisticsEncoder().fit_transform(np.array(plain("b")))
    alike = np.corrcoef(part[0], picture)[0, 1]
    assert alike > 0.99
    assert not features[0, [name.startswith("motion_") for name in names]].any()


def test_what_moves_more_has_more_motion():
    seen = named([film(moving(step)) for step in (0, 1)])
    still, slow = seen["motion_mean"]
    assert still < 0.1 * slow


def test_cuts_are_counted():
    videos = ["r" * 40, "r" * 20 + "b" * 20, "r" * 10 + "b" * 10 + "g" * 10 + "w" * 10]
    seen = named([film(plain(letters)) for letters in videos])
    assert seen["motion_cuts"][0] == 0
    assert (np.diff(seen["motion_cuts"]) > 0).all()
    cuts = np.expm1(seen["length_scenes"] / 0.48)
    np.testing.assert_allclose(cuts, [0, 1, 3], atol=1e-4)


def test_the_length_does_not_depend_on_the_frame_rate():
    seen = named([film(plain("r" * 20), rate=5), film(plain("r" * 80), rate=20)])
    seconds = np.expm1(seen["length_seconds"] / 0.48)
    np.testing.assert_allclose(seconds, 4, rtol=0.05)


def test_the_spread_tells_where_the_picture_changes():
    frames = np.zeros((40, 48, 64, 3), dtype=np.uint8)
    frames[20:, :24, :, 0] = 255  # red appears above
    seen = named([film(list(frames))])
    assert seen["spread_layout_00_r"] > 0.5
    assert seen["spread_layout_30_r"] < 0.05


def test_names_tell_the_parts_apart():
    names = VideoStatisticsEncoder().fit([]).get_feature_names_out()
    assert len(set(names)) == len(names) == 329
    assert {name.partition("_")[0] for name in names} == set(PARTS)


def test_no_part_drowns_the_others():
    """Slide shows of posters, of one to eight pictures and two to nine seconds."""
    from PIL import Image

    rng = np.random.default_rng(0)
    paths = sorted(shared("data/movielens-small/posters").glob("*.jpg"))
    videos = []
    for _ in range(40):
        shown = [
            np.asarray(Image.open(path).convert("RGB").resize((64, 96)))
            for path in rng.choice(paths, rng.integers(1, 9))
        ]
        frames = [shown[k * len(shown) // 40] for k in range(40)]
        videos.append(film(frames, rate=int(rng.integers(4, 20))))
    encoder = VideoStatisticsEncoder()
    features = encoder.fit_transform(videos)
    names = encoder.get_feature_names_out()
    spread = [
        features[:, [name.startswith(f"{part}_") for name in names]].var(axis=0).sum()
        for part in PARTS
    ]
    assert min(spread) > 0.02  # the lengths of these hardly differ
    assert max(spread) < 5


def test_features_are_the_same_in_every_table():
    videos = [film(moving(step)) for step in range(12)]
    together = VideoStatisticsEncoder().fit_transform(videos)
    alone = VideoStatisticsEncoder().fit([]).transform(videos[11:])
    np.testing.assert_allclose(alone[0], together[11], atol=1e-6)


def test_a_damaged_video_can_count_as_missing():
    encoder = VideoStatisticsEncoder(on_error="missing")
    column = [film(plain("rgb")), b"damaged", None, "no/such.mp4"]
    with pytest.warns(UserWarning, match="2 of 3 videos .* row 1"):
        features = encoder.fit_transform(column)
    gaps = np.isnan(features).all(axis=1).tolist()
    assert gaps == [False, True, True, True]


def test_a_store_remembers_videos(tmp_path, monkeypatch):
    path = tmp_path / "film.mp4"
    path.write_bytes(film(plain("rgb")))
    encoder = VideoStatisticsEncoder(store=tmp_path / "store")
    features = encoder.fit_transform([path])
    monkeypatch.delattr(VideoStatisticsEncoder, "_read")
    np.testing.assert_array_equal(encoder.fit_transform([str(path)]), features)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"n_frames": 0}, "n_frames must be at least 1; got 0"),
        ({"on_error": "skip"}, "on_error must be one of .* got 'skip'"),
    ],
)
def test_wrong_parameters_are_refused(parameters, message):
    with pytest.raises(ValueError, match=message):
        VideoStatisticsEncoder(**parameters).fit([])
