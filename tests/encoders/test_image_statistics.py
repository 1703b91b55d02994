"""Counted pictures: what is alike is close, and each part has its say."""

import time

import numpy as np
import pytest
from PIL import Image
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from skmmrec.encoders import ImageStatisticsEncoder
from tests._shared import shared

PARTS = ("colour", "texture", "layout")


def parts_of(features, encoder):
    """The columns of each part, by its name."""
    names = encoder.get_feature_names_out()
    return {
        part: features[:, [name.startswith(f"{part}_") for name in names]]
        for part in PARTS
    }


def distances(pictures):
    """Of the first picture to the others, in each part."""
    encoder = ImageStatisticsEncoder()
    parts = parts_of(encoder.fit_transform(pictures), encoder)
    return {
        name: np.linalg.norm(part[0] - part[1:], axis=1) for name, part in parts.items()
    }


def plain(colour):
    return Image.new("RGB", (60, 90), colour)


def stripes(vertical, colours=("black", "white")):
    image = plain(colours[0])
    for start in range(0, 90, 20):
        box = (start, 0, start + 10, 90) if vertical else (0, start, 60, start + 10)
        image.paste(colours[1], box)
    return image


def test_similar_colours_are_closer_than_others():
    reds = distances([plain("red"), plain("firebrick"), plain("blue")])
    assert reds["colour"][0] < reds["colour"][1]
    assert reds["layout"][0] < reds["layout"][1]
    assert not reds["texture"].any()


def test_texture_sees_the_direction_of_edges_but_not_their_colour():
    vertical = distances(
        [stripes(True), stripes(True, ("navy", "yellow")), stripes(False)]
    )
    assert vertical["texture"][0] < 0.5 * vertical["texture"][1]


def test_layout_sees_where_a_colour_is():
    top, bottom = plain("white"), plain("white")
    top.paste("red", (0, 0, 60, 45))
    bottom.paste("red", (0, 45, 60, 90))
    apart = distances([top, bottom])
    assert apart["layout"][0] > 0.3
    assert apart["colour"][0] < 0.01


@pytest.mark.parametrize("size", [(1, 1), (3, 200), (48, 48), (500, 400)])
def test_features_do_not_depend_on_the_size(size):
    image = Image.new("RGB", size, (10, 120, 230))
    features = ImageStatisticsEncoder().fit_transform([image, plain((10, 120, 230))])
    np.testing.assert_allclose(features[0], features[1], atol=1e-6)


def test_features_are_the_same_in_every_table():
    rng = np.random.default_rng(0)
    pictures = list(rng.integers(0, 256, (150, 20, 20, 3), dtype=np.uint8))
    together = ImageStatisticsEncoder().fit_transform(pictures)
    alone = ImageStatisticsEncoder().fit(pictures[:3]).transform(pictures[149:])
    np.testing.assert_allclose(alone[0], together[149], atol=1e-6)


@pytest.mark.parametrize(
    "folder", ["data/movielens-small/posters", "data/cifar10-sample"]
)
def test_no_part_drowns_the_others(folder):
    paths = sorted(shared(folder).glob("*.jpg"))[:600]
    encoder = ImageStatisticsEncoder()
    parts = parts_of(encoder.fit_transform(paths), encoder)
    spread = [part.var(axis=0).sum() for part in parts.values()]
    assert min(spread) > 0.5
    assert max(spread) < 2


def test_classes_of_photos_are_told_apart_better_than_by_raw_pixels():
    pd = pytest.importorskip("pandas")
    folder = shared("data/cifar10-sample")
    photos = pd.read_csv(folder / "labels.csv")
    paths = [folder / file for file in photos["file"]]
    probe = make_pipeline(StandardScaler(), SVC())
    features = ImageStatisticsEncoder().fit_transform(paths)
    raw = np.stack([np.asarray(Image.open(path)).ravel() for path in paths])
    statistics, pixels = (
        cross_val_score(probe, X, photos["label"], cv=5).mean() for X in (features, raw)
    )
    assert statistics > pixels + 0.1
    assert statistics > 0.4  # by chance 0.1


def test_a_thousand_posters_take_seconds():
    paths = sorted(shared("data/movielens-small/posters").glob("*.jpg"))[:1000]
    start = time.perf_counter()
    ImageStatisticsEncoder().fit_transform(paths)
    assert time.perf_counter() - start < 20  # about 1 on a free machine


def test_a_damaged_picture_can_count_as_missing(picture_paths):
    encoder = ImageStatisticsEncoder(on_error="missing")
    column = [picture_paths[0], b"damaged", None, "no/such.jpg", picture_paths[1]]
    with pytest.warns(UserWarning, match="2 of 4 pictures .* row 1"):
        features = encoder.fit_transform(column)
    gaps = np.isnan(features).all(axis=1)
    assert gaps.tolist() == [False, True, True, True, False]
    np.testing.assert_array_equal(
        features[[0, 4]], encoder.transform(picture_paths[:2])
    )


def test_a_damaged_picture_is_named_by_its_row(picture_paths):
    encoder = ImageStatisticsEncoder().fit(picture_paths)
    with pytest.raises(ValueError, match="The picture in row 2 must be readable"):
        encoder.transform([picture_paths[0], None, b"damaged"])


def test_wrong_parameters_are_refused():
    with pytest.raises(ValueError, match="on_error must be one of 'raise', 'missing'"):
        ImageStatisticsEncoder(on_error="ignore").fit([])


def test_the_features_of_a_picture_are_what_they_were():
    """Where these change, raise `_revision`: stores hold the old ones."""
    y, x = np.mgrid[:60, :40]
    picture = np.stack([4 * y, 6 * x, x * y % 256], axis=-1).astype(np.uint8)
    features = ImageStatisticsEncoder().fit_transform([picture])[0]
    some = [0.024, 0.129, 0.3122, 0.3166, 0.0717, -0.0976, 0.0014]
    # Pillow 13 scales a little otherwise than those before
    np.testing.assert_allclose(
        features[[0, 20, 75, 90, 200, 240, 272]], some, atol=0.004
    )
    np.testing.assert_allclose(features @ np.arange(273), 3617.1, atol=3)
    assert ImageStatisticsEncoder._revision == 1
