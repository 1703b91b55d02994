"""What the shop promises: the planted truth is in the data, and nothing else is."""

import io
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from skmmrec.datasets import make_multimodal_shop

MODALITIES = ["text", "image", "audio", "tabular"]
TABULAR = ["category", "price", "tags", "released"]
CONTENT = ["description", "picture", "sound", *TABULAR]


@pytest.fixture(scope="module")
def shop():
    return make_multimodal_shop(random_state=0, return_truth=True)


def small(**arguments):
    return make_multimodal_shop(12, 48, **{"random_state": 0, **arguments})


def same_tables(first, second):
    return first.keys() == second.keys() and all(
        np.array_equal(first[name], second[name]) for name in first
    )


# -- content tells the style ---------------------------------------------------------


def text_features(items):
    return TfidfVectorizer().fit_transform(items["description"]).toarray()


def picture_features(picture):
    """Hues of the middle, and how much it changes on which scale."""
    image = Image.open(io.BytesIO(picture)).crop((24, 24, 72, 72))
    hue, saturation, _ = np.moveaxis(np.asarray(image.convert("HSV")), -1, 0)
    hues, _ = np.histogram(hue, bins=12, range=(0, 256), weights=saturation / 255)
    grey = np.asarray(image.convert("L")) / 255
    spectrum = np.abs(np.fft.fft2(grey - grey.mean()))
    frequency = np.fft.fftfreq(48) * 48
    ring = np.hypot(frequency[:, None], frequency).astype(int)
    scales = np.bincount(ring.ravel(), spectrum.ravel())[1:12]
    peaks = np.sort(spectrum.ravel())[::-1][:40:4]
    return np.concatenate([hues, np.log1p(scales), np.log1p(peaks)])


def image_features(items):
    return np.array([picture_features(picture) for picture in items["picture"]])


def sound_features(sound):
    """Log-spectrum, and loudness over time."""
    wave, _ = soundfile.read(io.BytesIO(sound))
    spectrum = np.abs(np.fft.rfft(wave))[:2000].reshape(80, 25).mean(axis=1)
    loudness = np.abs(wave).reshape(40, 100).mean(axis=1)
    return np.log(np.concatenate([spectrum, loudness]) + 0.01)


def audio_features(items):
    return np.array([sound_features(sound) for sound in items["sound"]])


def tabular_features(items):
    category = OneHotEncoder().fit_transform(items["category"][:, None]).toarray()
    tags = CountVectorizer(token_pattern="[^|]+").fit_transform(items["tags"]).toarray()
    days = items["released"].astype("datetime64[D]").astype(float)
    return np.column_stack([category, tags, np.log(items["price"]), days])


FEATURES = {
    "text": text_features,
    "image": image_features,
    "audio": audio_features,
    "tabular": tabular_features,
}


def accuracy(features, styles):
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.3, max_iter=1000))
    return cross_val_score(model, features, styles, cv=3).mean()


@pytest.mark.parametrize(
    ("modality", "floor"),
    [("text", 0.93), ("image", 0.9), ("audio", 0.9), ("tabular", 0.8)],
)
def test_content_of_a_modality_tells_its_style_and_no_other(shop, modality, floor):
    X, truth = shop
    features = FEATURES[modality](X.items)
    assert accuracy(features, truth.styles[modality]) > floor
    for other in set(MODALITIES) - {modality}:
        assert accuracy(features, truth.styles[other]) < 2.0 / 8  # chance is 1 / 8


def test_no_attribute_alone_tells_the_tabular_style(shop):
    X, truth = shop
    features = tabular_features(X.items)
    for columns in (slice(0, 4), slice(4, -2), slice(-2, -1), slice(-1, None)):
        assert accuracy(features[:, columns], truth.styles["tabular"]) < 0.6


def test_no_two_items_have_the_same_content(shop):
    X, _ = shop
    for name in ("description", "picture", "sound"):
        assert len(set(X.items[name])) == 400


def test_pictures_and_sounds_open(shop):
    X, _ = shop
    image = Image.open(io.BytesIO(X.items["picture"][0]))
    assert (image.format, image.mode, image.size) == ("PNG", "RGB", (96, 96))
    sound, rate = soundfile.read(io.BytesIO(X.items["sound"][0]))
    assert (rate, sound.shape) == (8000, (4000,))


# -- the truth -----------------------------------------------------------------------


def test_each_modality_carries_its_share_of_the_taste_of_every_user(shop):
    _, truth = shop
    for modality, share in truth.shares.items():
        variance = truth.taste(modality).var(axis=1)
        np.testing.assert_allclose(variance, share)


def test_shares_are_the_weights_of_styles_in_the_utilities(shop):
    _, truth = shop
    taste = truth.utilities() - truth.popularity  # (n_users, n_items)
    one_hot = [np.eye(8)[truth.styles[m]] - 1 / 8 for m in MODALITIES]
    effects, *_ = np.linalg.lstsq(np.hstack(one_hot), taste.T)
    parts = np.split(effects, 4)
    carried = [(styles @ part).var() for styles, part in zip(one_hot, parts)]
    np.testing.assert_allclose(carried, [0.4, 0.3, 0.2, 0.1], atol=1e-6)


def test_users_take_what_is_worth_most_to_them(shop):
    X, truth = shop
    utilities = truth.utilities()
    taken = utilities[X.user_codes, X.item_codes]
    assert taken.mean() > np.quantile(utilities, 0.9)


def test_without_noise_users_take_the_very_best():
    X, truth = small(noise=0, return_truth=True)
    utilities = truth.utilities()
    for user in range(12):
        taken = np.zeros(48, dtype=bool)
        taken[X.item_codes[X.user_codes == user]] = True
        assert utilities[user, taken].min() >= utilities[user, ~taken].max()


def test_styles_are_balanced(shop):
    _, truth = shop
    for styles in truth.styles.values():
        assert np.bincount(styles).tolist() == [50] * 8


def test_utilities_of_some_users(shop):
    _, truth = shop
    part = truth.utilities(slice(3, 5))
    np.testing.assert_array_equal(part, truth.utilities()[3:5])


def test_a_modality_of_share_zero_has_content_without_taste():
    X, truth = small(shares={"text": 1, "audio": 0}, return_truth=True)
    assert truth.shares == {"text": 1.0, "audio": 0.0}
    assert all(isinstance(sound, bytes) for sound in X.items["sound"])
    assert not truth.taste("audio").any()


def test_a_modality_left_out_has_no_column():
    X = small(shares={"image": 2.5})
    assert list(X.items) == ["item", "title", "picture"]


def test_other_shares_leave_the_rest_of_the_world_as_it_was():
    X, truth = small(return_truth=True)
    other, other_truth = small(shares={"text": 1, "image": 5}, return_truth=True)
    assert np.array_equal(X.items["picture"], other.items["picture"])
    assert np.array_equal(truth.styles["image"], other_truth.styles["image"])
    assert np.array_equal(truth.affinities["text"], other_truth.affinities["text"])


# -- events --------------------------------------------------------------------------


def test_every_user_has_five_distinct_items_or_more(shop):
    X, _ = shop
    counts = np.bincount(X.user_codes)
    assert len(X) == counts.sum() == 300 * 20
    assert counts.min() >= 5
    assert counts.max() > 2 * np.median(counts)
    assert len(set(zip(X.user_codes, X.item_codes))) == len(X)


@pytest.mark.parametrize("n_events", [12 * 5, 12 * 48])
def test_fewest_and_most_events(n_events):
    X = small(n_events=n_events)
    assert np.bincount(X.user_codes).tolist() == [n_events // 12] * 12


def test_times_rise_within_each_user(shop):
    X, _ = shop
    same_user = np.diff(X.user_codes) == 0
    assert (np.diff(X.time)[same_user] > 0).all()
    assert X.time.dtype == np.int64


def test_the_order_of_events_is_not_that_of_preference(shop):
    X, truth = shop
    utility = truth.utilities()[X.user_codes, X.item_codes]
    last = np.append(np.diff(X.user_codes) > 0, True)
    assert abs(utility[last].mean() - utility.mean()) < 0.2


def test_ids_are_numbers_of_users_and_texts_of_items():
    X = small()
    assert X.user_ids.dtype == np.int64
    assert X.item_vocabulary.ids[[0, -1]].tolist() == ["sku-0000", "sku-0047"]


# -- arguments -----------------------------------------------------------------------


def test_same_random_state_same_shop():
    first, second, other = small(), small(), small(random_state=1)
    assert np.array_equal(first.item_ids, second.item_ids)
    assert np.array_equal(first.time, second.time)
    assert same_tables(first.items, second.items)
    assert not np.array_equal(first.items["picture"], other.items["picture"])
    assert not np.array_equal(first.item_ids, other.item_ids)


def test_events_and_texts_are_the_same_on_every_machine():
    """Written down once; a change here changes every result made with the shop."""
    X = small()
    assert X.item_ids[:3].tolist() == ["sku-0001", "sku-0016", "sku-0000"]
    assert X.items["description"][0] == (
        "Meet a small favourite of our shop. It brings to mind the boulder and "
        "the cliff. The cliff gave it its name, the summit its shape. Think of "
        "the avenue, the eagle and one rugged afternoon. A good present for a "
        "friend."
    )


def test_missing_is_a_share_of_every_column_and_of_no_name():
    items = small(missing=0.25).items
    for name in CONTENT:
        column = items[name]
        gone = [value is None or value != value for value in column]
        assert sum(gone) == 12, name
    assert None not in items["title"]


def test_missing_values_leave_the_others_as_they_were():
    whole, holes = small(), small(missing=0.5)
    assert np.array_equal(whole.item_ids, holes.item_ids)
    for name in ("description", "picture", "sound", "tags"):
        kept = holes.items[name] != None  # noqa: E711
        assert np.array_equal(whole.items[name][kept], holes.items[name][kept])


def test_everything_may_be_missing():
    assert set(small(missing=1).items["picture"]) == {None}


def test_media_in_a_folder(tmp_path):
    folder = tmp_path / "shop" / "media"
    inside, outside = small(missing=0.25), small(missing=0.25, folder=folder)
    assert len(list(folder.glob("*.png"))) == len(list(folder.glob("*.wav"))) == 36
    for name in ("picture", "sound"):
        for content, path in zip(inside.items[name], outside.items[name]):
            assert (path is None) == (content is None)
            if path is not None:
                assert Path(path).is_absolute()
                assert Path(path).read_bytes() == content


def test_a_folder_given_from_here_is_written_from_the_root(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    X = small(shares={"image": 1}, folder="here")
    assert X.items["picture"][7] == str(tmp_path / "here" / "sku-0007.png")


@pytest.mark.parametrize("n_styles", [2, 12])
def test_few_and_many_styles(n_styles):
    _, truth = small(n_styles=n_styles, return_truth=True)
    for modality in MODALITIES:
        assert len(np.unique(truth.styles[modality])) == n_styles
        assert truth.affinities[modality].shape == (12, n_styles)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"shares": {"text": -1, "image": 2}}, "share of text must be .* got -1;"),
        ({"shares": {"text": np.nan}}, "share of text must be .* got nan;"),
        ({"shares": {"text": 0, "image": 0.0}}, "shares must have one above 0; got"),
        ({"shares": {}}, "shares must have one above 0; got"),
        ({"shares": {"smell": 1}}, "among .*'tabular'.*got {'smell': 1};"),
        ({"shares": ["text"]}, r"shares must be a mapping .* got \['text'\];"),
        ({"n_styles": 1}, "n_styles must be a whole number from 2 to 12.* got 1;"),
        ({"n_styles": 13}, "n_styles must be a whole number from 2 to 12.* got 13;"),
        ({"n_items": 7}, "n_items must be a whole number from 8 .* got 7;"),
        ({"n_users": 0}, "n_users must be a whole number from 1 .* got 0;"),
        ({"n_users": 3.0}, r"n_users must be a whole number from 1 .* got 3\.0;"),
        ({"n_events": 59}, "n_events must be a whole number from 60 to 576.* got 59;"),
        ({"n_events": 577}, "n_events must be a whole .* got 577;"),
        ({"noise": -0.1}, "noise must be a number of 0 or more; got -0.1;"),
        ({"popularity": "much"}, "popularity must be .* got 'much';"),
        ({"missing": 1.5}, "missing must be a number from 0 to 1; got 1.5;"),
    ],
)
def test_a_bad_argument_is_named(arguments, message):
    sizes = {"n_users": 12, "n_items": 48}
    with pytest.raises(ValueError, match=message):
        make_multimodal_shop(**{**sizes, **arguments})
