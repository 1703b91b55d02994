"""Every encoder of one column, and hostile columns, entries and parameters."""

import inspect
import io

import av
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone

from skmmrec import encoders
from tests.encoders._films import film, plain
from tests.encoders.conftest import (  # noqa: F401, fixtures
    tiny_network,
    tiny_sentence_transformer,
)
from tests.hostile._judge import judge
from tests.hostile._media_strategies import (
    CONTAINERS,
    GAPS,
    LONG_TEXTS,
    OTHERS,
    PICTURES,
    SCALARS,
    SOUNDS,
    TEXTS,
    contained,
    no_columns,
    picture,
    saved,
    sound,
    text_columns,
    tone,
)
from tests.hostile._strategies import HOSTILE

HEAVY = {
    "AudioEncoder",
    "VideoEncoder",
    "LogMel",
    "Waveform",
}  # networks of sound, film
COVERS = sorted(set(encoders.__all__) - HEAVY - {"EmbeddingStore"})

WORDS = {"ghost": [1.0, 0.0], "ship": [0.0, 1.0], "tea": [-1.0, 0.5]}
OF_TEXT = {
    "sparse": encoders.SparseTextEncoder(n_components=2, random_state=0),
    "hashed": encoders.SparseTextEncoder("hashing", n_components=2, random_state=0),
    "words": encoders.WordVectorEncoder(WORDS),
    "weighed words": encoders.WordVectorEncoder(WORDS, pooling="sif"),
    "learned words": encoders.WordVectorEncoder(
        n_components=2, epochs=1, min_df=1, random_state=0
    ),
    "tokens": encoders.TokenSequenceEncoder(max_length=4, min_df=1),
}
OF_PICTURES = {
    "statistics": encoders.ImageStatisticsEncoder(),
    "pixels": encoders.PixelEncoder(side=3),
}
OF_SOUNDS = {
    "statistics": encoders.MelStatisticsEncoder(),
    "frames": encoders.MelFrameEncoder(n_frames=3, n_mels=4),
}
OF_FILMS = {"statistics": encoders.VideoStatisticsEncoder(n_frames=2)}
ALL = {
    f"{kind} {name}": encoder
    for kind, some in [
        *(("text", OF_TEXT), ("picture", OF_PICTURES)),
        *(("sound", OF_SOUNDS), ("film", OF_FILMS)),
    ]
    for name, encoder in some.items()
}


def named(encoders):
    return pytest.mark.parametrize("encoder", encoders.values(), ids=list(encoders))


def check_features(features, column, encoder):
    """What holds for all answers."""
    assert features.shape == (len(column), len(encoder.get_feature_names_out()))
    assert features.dtype == np.float32
    assert features.flags.c_contiguous
    gaps = np.isnan(features)
    assert (gaps.any(axis=1) == gaps.all(axis=1)).all()
    assert np.isfinite(features[~gaps]).all()
    for value, row in zip(column, gaps.all(axis=1)):
        blank = isinstance(value, (str, bytes)) and not value.strip()
        if blank or any(value is gap for gap in GAPS):
            assert row, "a missing value that has a vector"


# -- texts -----------------------------------------------------------------------------


@named(OF_TEXT)
@HOSTILE
@given(column=text_columns(), container=st.sampled_from(CONTAINERS))
def test_texts_have_one_answer_in_any_container(encoder, column, container):
    """Equal texts have equal rows, gaps are rows of NaN, whatever holds them."""
    encoder = clone(encoder)
    features, _ = judge(lambda: encoder.fit_transform(column), column)
    if features is None:
        return
    check_features(features, column, encoder)
    for row, value in enumerate(column):
        if isinstance(value, str):
            first = next(
                r for r, v in enumerate(column) if isinstance(v, str) and v == value
            )
            np.testing.assert_array_equal(features[row], features[first])
    if (other := contained(column, container)) is not None:
        again, refusal = judge(lambda: encoder.transform(other))
        assert refusal is None, refusal
        np.testing.assert_array_equal(again, features)


@named(OF_TEXT)
@HOSTILE
@given(
    column=st.lists(st.sampled_from(TEXTS), min_size=1, max_size=3),
    other=st.sampled_from(OTHERS),
)
def test_what_is_no_text_is_refused_by_its_row(encoder, column, other):
    """The fitted encoder is as before."""
    encoder = clone(encoder)
    known = ["ghost ship", "tea ghost", "ship tea"]
    before = encoder.fit(known).transform(known)
    _, refusal = judge(lambda: encoder.transform([*column, other]))
    assert f"in row {len(column)}" in str(refusal)
    np.testing.assert_array_equal(encoder.transform(known), before)


@named(OF_TEXT)
@pytest.mark.parametrize("text", LONG_TEXTS, ids=range(len(LONG_TEXTS)))
def test_a_text_of_a_megabyte(encoder, text):
    """It is encoded, or has no word and is missing."""
    encoder = clone(encoder).fit(["ghost ship", "tea ghost", "ship tea"])
    features, refusal = judge(lambda: encoder.transform([text, None]))
    assert refusal is None, refusal
    check_features(features, [text, None], encoder)


def test_a_sentence_transformer_reads_any_text(tiny_sentence_transformer):  # noqa: F811
    """Half surrogates, which its tokenizer cannot read, among them."""
    encoder = encoders.TextEncoder(tiny_sentence_transformer)
    column = [*TEXTS, LONG_TEXTS[0], *GAPS]
    features, refusal = judge(lambda: encoder.fit_transform(column))
    assert refusal is None, refusal
    check_features(features, column, encoder)
    alone = [encoder.transform([value])[0] for value in column]
    np.testing.assert_allclose(features, alone, atol=1e-5)


# -- columns and parameters of all -----------------------------------------------------


@named(ALL)
@HOSTILE
@given(make=st.sampled_from(no_columns()))
def test_what_is_no_column_is_refused(encoder, make):
    """Or, where it is one after all, encoded; before and after fit."""
    column = make()
    features, _ = judge(lambda: clone(encoder).fit_transform(column))
    if features is not None:
        assert len(features) == len(column)


@named(ALL)
@HOSTILE
@given(data=st.data())
def test_parameters_of_any_kind(encoder, data):
    """They are taken, or refused in a sentence; then the next fit is as ever."""
    encoder, good = clone(encoder), [None, None]
    if encoder._noun == "text":
        good = ["ghost ship", "tea ghost ship", "ship tea"]
    names = sorted(set(inspect.signature(type(encoder)).parameters) - {"store"})
    name = data.draw(st.sampled_from(names))
    value = data.draw(st.sampled_from(SCALARS))
    usual = getattr(encoder, name)
    encoder.set_params(**{name: value})
    judge(lambda: encoder.fit(good).transform(good))
    encoder.set_params(**{name: usual})
    check_features(encoder.fit_transform(good), good, encoder)


@named(ALL)
@HOSTILE
@given(column=st.lists(st.sampled_from(GAPS), max_size=4))
def test_a_modality_that_all_items_lack(encoder, column):
    """Rows of NaN, or a refusal to learn from nothing."""
    encoder = clone(encoder)
    features, _ = judge(lambda: encoder.fit_transform(column))
    if features is not None:
        check_features(features, column, encoder)


# -- media -----------------------------------------------------------------------------


def check_medium(encoder, content, is_good, noun):
    """One entry: encoded, missing if `is_good` is None, or refused by its row."""
    encoder = clone(encoder).fit([None])
    features, refusal = judge(lambda: encoder.transform([None, content]))
    if is_good is False:
        assert str(refusal).startswith(f"The {noun} in row 1"), refusal
        encoder.set_params(on_error="missing")
        features, refusal = judge(lambda: encoder.transform([None, content]))
    assert refusal is None, refusal
    assert np.isnan(features[0]).all()
    assert np.isfinite(features[1]).all() == bool(is_good)


def many(good, media):
    """Columns of media by name, one that is good among them."""
    return st.lists(st.sampled_from(sorted(media)), max_size=4).map(
        lambda names: [good, *names]
    )


def check_column(encoder, names, media):
    """With on_error="missing", each is what it is alone."""
    encoder = clone(encoder).set_params(on_error="missing").fit([None])
    column = [media[name][0]() for name in names]
    features, refusal = judge(lambda: encoder.transform(column), column)
    assert refusal is None, refusal
    alone = [judge(lambda c=c: encoder.transform([c]))[0][0] for c in column]
    np.testing.assert_array_equal(features, alone)


@named(OF_PICTURES)
@pytest.mark.parametrize("name", PICTURES)
def test_pictures(encoder, name):
    make, is_good = PICTURES[name]
    check_medium(encoder, make(), is_good, "picture")


@named(OF_PICTURES)
@HOSTILE
@given(names=many("1 x 1", PICTURES))
def test_columns_of_pictures(encoder, names):
    check_column(encoder, names, PICTURES)


@pytest.mark.parametrize("name", PICTURES)
def test_a_network_reads_the_same_pictures(tiny_network, name):  # noqa: F811
    """With the usual steps of the model, which scale and cut out the middle."""
    make, is_good = PICTURES[name]
    encoder = encoders.ImageEncoder(tiny_network, device="cpu")
    features, refusal = judge(lambda: encoder.fit_transform([None, make()]))
    assert (refusal is not None) == (is_good is False), refusal
    if refusal is None:
        assert np.isfinite(features[1]).all() == bool(is_good)


def test_a_very_long_picture_is_its_middle(tiny_network):  # noqa: F811
    """Of which a model sees a square; the rest would fill the memory first."""
    image = picture(size=(10_000, 1))
    middle = image.crop((4992, 0, 5008, 1))
    encoder = encoders.ImageEncoder(tiny_network, device="cpu")
    features = encoder.fit_transform([image, middle])
    np.testing.assert_array_equal(features[0], features[1])


def test_a_picture_in_memory_is_that_of_its_file():
    """Of any dtype, order and mode; and is left as it is."""
    encoder = encoders.PixelEncoder(side=3).fit([None])
    image = picture()
    expected = encoder.transform([saved(image)])
    pixels = np.asarray(image)
    wide = np.zeros((12, 40, 3), np.uint8)
    wide[:, ::2] = pixels
    for same in (image, pixels, np.asfortranarray(pixels), wide[:, ::2]):
        features, refusal = judge(lambda same=same: encoder.transform([same]), same)
        assert refusal is None, refusal
        np.testing.assert_array_equal(features, expected)
    for wrong in (
        *(pixels.astype(kind) for kind in ("f2", "f8", "c8", "i8", "O", "?")),
        *(pixels[:0], pixels[..., :2], pixels[None], pixels.ravel(), np.array(1)),
        np.frombuffer(pixels.tobytes(), "V3").reshape(12, 20),
    ):
        features, refusal = judge(lambda wrong=wrong: encoder.transform([wrong]))
        assert features is None
        assert "uint8" in str(refusal), refusal


@named(OF_SOUNDS)
@pytest.mark.parametrize("name", SOUNDS)
def test_sounds(encoder, name):
    make, is_good = SOUNDS[name]
    check_medium(encoder, make(), is_good, "sound")


@named(OF_SOUNDS)
@HOSTILE
@given(names=many("one sample", SOUNDS))
def test_columns_of_sounds(encoder, names):
    check_column(encoder, names, SOUNDS)


@named(OF_SOUNDS)
@HOSTILE
@given(
    kind=st.sampled_from(["f2", "f4", "f8", "i2", "u1", "c8", "i8", "O", "U1", "?"]),
    shape=st.sampled_from([(), (0,), (1,), (900,), (900, 3), (3, 900), (0, 2), (2, 0)]),
    rate=st.sampled_from([8000, 7919, 999, 0, -1, 10**9, 2**70, 8000.0, None, "8000"]),
    fill=st.sampled_from([0, 1, 0.5, 1e-300, 1e300, np.nan, np.inf, -np.inf]),
)
def test_samples_in_memory(encoder, kind, shape, rate, fill):
    """Of any type, shape and rate: encoded, or refused by their row."""
    with np.errstate(all="ignore"):
        samples = contained(fill, lambda fill: np.full(shape, fill).astype(kind))
    if samples is None:
        return
    encoder = clone(encoder).fit([None])
    features, refusal = judge(
        lambda: encoder.transform([None, (samples, rate)]), samples
    )
    if refusal is None:
        assert np.isfinite(features[1]).all()
    else:
        assert "in row 1" in str(refusal)


def _only_sound():
    file = io.BytesIO()
    with av.open(file, "w", format="matroska") as container:
        stream = container.add_stream("pcm_s16le", rate=8000)
        stream.layout = "mono"
        samples = np.zeros((1, 800), np.int16)
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()


def _without_index():
    data = film(plain("rg"))
    place = data.rindex(b"stco")
    return data[:place] + b"\xff" * 40 + data[place + 40 :]


FILMS = {
    "one frame": (lambda: film(plain("r")), True),
    "one frame of a GIF": (lambda: saved(picture("P"), "GIF"), True),
    "two sizes of pixels": (lambda: film(plain("rg", (2, 2))), True),
    "turned": (lambda: film(plain("rg"), rotation=90), True),
    "no frame": (_only_sound, False),
    "broken index": (_without_index, False),
    "no index": (lambda: film(plain("rg"))[:300], False),
    "cut": (lambda: film(plain("rgb" * 9), "mkv")[:-600], True),
    "playlist": (lambda: b"#EXTM3U\n#EXTINF:1,\n/etc/passwd\n", False),
    "list of files": (lambda: b"ffconcat version 1.0\nfile /etc/passwd\n", False),
    "sound": (lambda: sound(tone()), False),
    "picture": (lambda: saved(picture()), False),
    "zeros": (lambda: bytes(1000), False),
    "empty": (lambda: b"", None),
}


@pytest.mark.parametrize("name", FILMS)
def test_films(name):
    make, is_good = FILMS[name]
    check_medium(OF_FILMS["statistics"], make(), is_good, "video")


@HOSTILE
@given(names=many("one frame", FILMS))
def test_columns_of_films(names):
    check_column(OF_FILMS["statistics"], names, FILMS)


@named({n: e for n, e in ALL.items() if not n.startswith("text")})
@HOSTILE
@given(other=st.sampled_from([o for o in OTHERS if not isinstance(o, np.ndarray)]))
def test_what_is_no_medium_is_refused_by_its_row(encoder, other):
    """File objects among them; with on_error="missing" it has no vector."""
    encoder = clone(encoder).fit([None])
    _, refusal = judge(lambda: encoder.transform([None, other]))
    assert "in row 1" in str(refusal)
    encoder.set_params(on_error="missing")
    features, refusal = judge(lambda: encoder.transform([None, other]))
    assert refusal is None
    assert np.isnan(features).all()


# -- tables ----------------------------------------------------------------------------

NUMBERS = [
    0,
    1,
    -1.5,
    1e308,
    -1e308,
    5e-324,
    np.inf,
    np.nan,
    2**70,
    True,
    np.float16(2),
]
ENTRIES = NUMBERS + TEXTS + GAPS + OTHERS + [[], ["a", "b"], ["\ud800"], [1.0, 2.0]]


@HOSTILE
@given(
    columns=st.lists(
        st.lists(st.sampled_from(ENTRIES), min_size=3, max_size=3)
        | st.lists(st.sampled_from(NUMBERS), min_size=3, max_size=3)
        | st.lists(st.sampled_from(TEXTS + GAPS), min_size=3, max_size=3),
        min_size=1,
        max_size=3,
    )
)
def test_tables_of_anything(columns):
    """Mixed, constant, huge: finite features, or a refusal that names the column."""
    encoder = encoders.TabularEncoder()
    table = {f"column {n}": column for n, column in enumerate(columns)}
    features, refusal = judge(lambda: encoder.fit_transform(table))
    if refusal is not None:
        assert "Column 'column " in str(refusal)
        return
    assert features.dtype == np.float32
    assert len(features) == 3
    assert not np.isinf(features).any()
    if (frame := contained(table, pd.DataFrame)) is not None:
        again, refusal = judge(lambda: encoder.transform(frame))
        assert refusal is None, refusal
        np.testing.assert_array_equal(again, features)


def test_a_column_of_huge_numbers():
    """Their squares are beyond float64; what is far from those of fit stays finite."""
    encoder = encoders.TabularEncoder()
    features = encoder.fit_transform({"a": [1e308, -1e308, None], "b": [0, 2, 1]})
    assert features[:, 0].tolist() == [1, -1, 0]
    features = encoder.fit({"a": [0, 2]}).transform({"a": [1e308, -1e308]})
    assert features.ravel().tolist() == [np.float32(1e15), np.float32(-1e15)]


@HOSTILE
@given(make=st.sampled_from(no_columns()))
def test_what_is_no_table(make):
    judge(lambda: encoders.TabularEncoder().fit_transform(make()))


@HOSTILE
@given(name=st.sampled_from(["separator", "max_categories"]), data=st.data())
def test_parameters_of_tables(name, data):
    value = data.draw(st.sampled_from(SCALARS))
    encoder = encoders.TabularEncoder(**{name: value})
    table = {"a": ["b|c", "d", None], "n": [1, 2, 3]}
    judge(lambda: encoder.fit_transform(table))
