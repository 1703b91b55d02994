"""Pictures as small arrays: every number where it is said to be."""

import pickle

import numpy as np
import pytest
from PIL import Image
from sklearn import clone
from sklearn.linear_model import RidgeClassifier
from sklearn.model_selection import cross_val_score

from skmmrec.encoders import PixelEncoder
from tests._shared import shared


def noise(n, side):
    shape = n, side, side, 3
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


def test_a_picture_of_the_right_size_is_kept_as_it_is():
    pictures = noise(5, 8)
    features = PixelEncoder(side=8).fit_transform(pictures)
    assert features.dtype == np.float32
    expected = pictures.transpose(0, 3, 1, 2) / 255
    np.testing.assert_allclose(features.reshape(5, 3, 8, 8), expected, atol=1e-6)


def test_features_are_named_by_colour_row_and_column():
    picture = np.zeros((3, 3, 3), dtype=np.uint8)
    picture[2, 0, 1] = 255  # green, at the lower left
    encoder = PixelEncoder(side=3)
    (features,) = encoder.fit_transform([picture])
    names = encoder.get_feature_names_out()
    assert len(names) == 27
    assert names[features == 1].tolist() == ["g_2_0"]


def test_the_whole_picture_is_squeezed():
    tall = Image.new("RGB", (10, 40), "red")
    tall.paste("blue", (0, 20, 10, 40))
    (features,) = PixelEncoder(side=2).fit_transform([tall])
    red, _, blue = features.reshape(3, 2, 2)
    assert (red[0] > 0.8).all()
    assert (blue[1] > 0.8).all()
    tall.paste("white", (0, 0, 10, 3))  # a crop to 10 x 10 would lose this
    assert PixelEncoder(side=2).fit_transform([tall])[0].sum() > features.sum()


@pytest.mark.parametrize("size", [(1, 1), (3, 200), (500, 400)])
def test_colours_do_not_depend_on_the_size(size):
    image = Image.new("RGB", size, (10, 120, 230))
    (features,) = PixelEncoder(side=4).fit_transform([image])
    expected = np.repeat(np.divide([10, 120, 230], 255), 16)
    np.testing.assert_allclose(features, expected, atol=1e-6)


def test_black_and_white_are_zero_and_one():
    pictures = [Image.new("L", (50, 70), shade) for shade in (0, 255)]
    features = PixelEncoder(side=4).fit_transform(pictures)
    assert features.tolist() == [[0] * 48, [1] * 48]


def test_files_give_the_same_as_their_pixels(picture_paths):
    opened = [np.asarray(Image.open(path)) for path in picture_paths]
    encoder = PixelEncoder(side=16).fit(picture_paths)
    from_files = encoder.transform(picture_paths)
    np.testing.assert_array_equal(from_files, encoder.transform(opened))
    assert from_files.min() >= 0
    assert from_files.max() <= 1


def test_photos_are_told_apart_better_than_by_chance():
    pd = pytest.importorskip("pandas")
    folder = shared("data/cifar10-sample")
    photos = pd.read_csv(folder / "labels.csv")
    features = PixelEncoder().fit_transform([folder / file for file in photos["file"]])
    probe = RidgeClassifier(alpha=1e3)
    accuracy = cross_val_score(probe, features, photos["label"], cv=5).mean()
    assert accuracy > 0.2  # by chance 0.1


def test_a_damaged_picture_can_count_as_missing(picture_paths):
    encoder = PixelEncoder(side=4, on_error="missing")
    column = [picture_paths[0], b"damaged", None, picture_paths[1]]
    with pytest.warns(UserWarning, match="1 of 3 pictures .* row 1"):
        features = encoder.fit_transform(column)
    gaps = np.isnan(features).all(axis=1)
    assert gaps.tolist() == [False, True, True, False]


def test_a_damaged_picture_is_named_by_its_row(picture_paths):
    encoder = PixelEncoder().fit(picture_paths)
    with pytest.raises(ValueError, match="The picture in row 2 must be readable"):
        encoder.transform([picture_paths[0], None, b"damaged"])


def test_no_path_leads_out_of_the_root(picture_paths, tmp_path):
    encoder = PixelEncoder(root=tmp_path).fit([])
    with pytest.raises(ValueError, match="must lie in the root"):
        encoder.transform(picture_paths)


def test_an_encoder_survives_clone_and_pickle(picture_paths):
    encoder = PixelEncoder(side=4).fit(picture_paths)
    features = encoder.transform(picture_paths)
    for copy in (pickle.loads(pickle.dumps(encoder)), clone(encoder).fit([])):
        np.testing.assert_array_equal(copy.transform(picture_paths), features)


def test_wrong_parameters_are_refused():
    with pytest.raises(ValueError, match="on_error must be one of 'raise', 'missing'"):
        PixelEncoder(on_error="ignore").fit([])
    with pytest.raises(ValueError, match="side must be at least 1; got 0"):
        PixelEncoder(side=0).fit([])
    with pytest.raises(TypeError, match="side must be an integer; got float"):
        PixelEncoder(side=32.0).fit([])
