"""Paths of all that is no file with content, damaged files, and roots."""

import gzip
import struct
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone

from skmmrec import (
    ImageStatisticsEncoder,
    MelStatisticsEncoder,
    ModelFileError,
    VideoStatisticsEncoder,
    WordVectorEncoder,
    get_config,
    load,
    set_config,
)
from skmmrec.datasets import load_movielens
from skmmrec.encoders._pictures import open_image
from skmmrec.encoders._sound import open_sound
from skmmrec.encoders._word_files import read_word_vectors
from skmmrec.persistence._npy import read_npy
from tests.encoders._films import film, plain
from tests.hostile._judge import judge
from tests.hostile._media_strategies import (
    PICTURES,
    SCALARS,
    SOUNDS,
    picture,
    places,
    saved,
    sound,
    tone,
)
from tests.hostile._strategies import HOSTILE

COVERS = ["set_config", "load", "load_movielens"]

READERS = {
    "picture": (ImageStatisticsEncoder(), lambda: saved(picture())),
    "sound": (MelStatisticsEncoder(), lambda: sound(tone())),
    "video": (VideoStatisticsEncoder(), lambda: film(plain("rg"))),
}
each_reader = pytest.mark.parametrize("noun", READERS)


@pytest.fixture(scope="module")
def no_files(tmp_path_factory):
    """Paths by what they are."""
    return places(tmp_path_factory.mktemp("places"))


NO_FILES = [
    *("folder", "empty", "loop", "dangling", "pipe", "endless", "missing", "device"),
    *("process", "no bytes", "in a file", "null", "surrogate", "long name"),
    *("long path", "address", "file address", "data", "program"),
]


# -- paths -----------------------------------------------------------------------------


@each_reader
@pytest.mark.parametrize("name", NO_FILES)
@pytest.mark.parametrize("kind", [str, None], ids=["text", "path"])
def test_what_is_no_file_is_refused_at_once(noun, name, kind, no_files, tmp_path):
    """Within a root as well; with on_error="missing" the others are encoded."""
    path = no_files[name] if kind is None else kind(no_files[name])
    encoder, make = READERS[noun]
    (tmp_path / "good").write_bytes(make())
    encoder = clone(encoder).fit([None])
    _, refusal = judge(lambda: encoder.transform([None, path]))
    assert str(refusal).startswith(f"The {noun} in row 1")
    encoder.set_params(root=tmp_path)
    _, refusal = judge(lambda: encoder.transform([None, path]))
    assert str(refusal).startswith(f"The {noun} in row 1")
    encoder.set_params(on_error="missing", store=tmp_path / "store")
    features, refusal = judge(lambda: encoder.transform([path, "good"]))
    assert refusal is None, refusal
    assert np.isnan(features[0]).all()
    assert np.isfinite(features[1]).all()


@each_reader
@pytest.mark.parametrize("suffix", ["jpg", "wav", "mp4", "gz", "svg", "m3u8", "\udcff"])
def test_the_end_of_a_name_decides_nothing(noun, suffix, tmp_path):
    """What a file is, its content says."""
    encoder, make = READERS[noun]
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(make())
    features, refusal = judge(lambda: clone(encoder).fit_transform([path, make()]))
    assert refusal is None, refusal
    np.testing.assert_array_equal(features[0], features[1])


@each_reader
def test_paths_that_lead_out_of_the_root(noun, tmp_path):
    """By name, by link, and by a name that is absolute."""
    encoder, make = READERS[noun]
    root = tmp_path / "root"
    (root / "inner").mkdir(parents=True)
    (tmp_path / "out").write_bytes(make())
    (root / "link").symlink_to(tmp_path / "out")
    (root / "up").symlink_to("..")
    encoder = clone(encoder).set_params(root=root).fit([None])
    for path in ("../out", "link", "up/out", "inner/../../out", str(tmp_path / "out")):
        _, refusal = judge(lambda path=path: encoder.transform([path]))
        assert "leads out of it" in str(refusal)


@pytest.mark.parametrize("name", NO_FILES)
def test_a_root_that_is_no_folder(name, no_files):
    encoder = ImageStatisticsEncoder(root=no_files[name])
    _, refusal = judge(lambda: encoder.fit([None]))
    assert (refusal is None) == (name == "folder")


@pytest.mark.parametrize("name", NO_FILES)
def test_no_file_of_words_and_no_model(name, no_files):
    """Nor a folder of ratings."""
    path = no_files[name]
    for call in (
        lambda: WordVectorEncoder(path).fit(["a ghost"]),
        lambda: load(path),
        lambda: load_movielens(path),
    ):
        _, refusal = judge(call)
        assert refusal is not None


@each_reader
@HOSTILE
@given(limit=st.sampled_from([*SCALARS, 10]))
def test_limits_of_any_kind(noun, limit):
    """A limit of bytes is held, or refused when it is set."""

    def encoded():
        before = get_config()["max_bytes"]
        try:
            set_config(max_bytes=limit)
            return clone(READERS[noun][0]).fit_transform([READERS[noun][1]()])
        finally:
            set_config(max_bytes=before)

    _, refusal = judge(encoded)
    if type(limit) is int and limit == 10:
        assert "at most 10 bytes" in str(refusal)


# -- files that are damaged ------------------------------------------------------------


@each_reader
@HOSTILE
@given(data=st.data())
def test_damaged_files(noun, data):
    """Cut, with other bytes, or with the end of another: read, or refused by row."""
    encoder, make = READERS[noun]
    content = bytearray(make())
    for _ in range(data.draw(st.integers(0, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(
            st.sampled_from([0, 1, 127, 128, 255])
        )
    content = bytes(content[: data.draw(st.integers(1, len(content)))])
    features, refusal = judge(lambda: clone(encoder).fit_transform([None, content]))
    if refusal is None:
        blank = not content.strip()
        assert np.isfinite(features[1]).all() != blank
    else:
        assert str(refusal).startswith(f"The {noun} in row 1")


@HOSTILE
@given(
    content=st.binary(max_size=60)
    | st.lists(
        st.sampled_from(["a", "é", "7", "-1e400", "nan", "inf", "0x1", "\n", " ", "2"]),
        max_size=12,
    ).map(lambda words: " ".join(words).encode()),
    suffix=st.sampled_from([".txt", ".bin", ".txt.gz", ".bin.gz"]),
    packed=st.booleans(),
)
def test_damaged_files_of_words(content, suffix, packed, tmp_path_factory):
    """They give finite vectors, or are refused."""
    path = tmp_path_factory.mktemp("words") / f"vectors{suffix}"
    path.write_bytes(gzip.compress(content) if packed else content)
    encoder = WordVectorEncoder(path)
    features, refusal = judge(lambda: encoder.fit_transform(["a é 7 ghost"]))
    if refusal is None:
        assert features.dtype == np.float32
        assert not np.isinf(features).any()


# -- what the fuzzers found ------------------------------------------------------------


def tiff(tag, kind, count, offset):
    """A TIFF of one tag."""
    return struct.pack("<2sHIHHHIII", b"II", 42, 8, 1, tag, kind, count, offset, 0)


@pytest.mark.parametrize(
    "data", [tiff(270, 2, 10**6, 8), tiff(256, 3, 1, 4)[:20], tiff(34665, 4, 1, 10**6)]
)
def test_pillow_warns_nobody(data):
    """Of a tag that is larger than its file, or a file that is cut off."""
    _, refusal = judge(lambda: open_image(data, 0))
    assert str(refusal).startswith("The picture in row 0")


def test_threads_leave_the_filters_of_warnings_as_they_were():
    """Which are those of the process: one could put back what another changed."""
    before = list(warnings.filters)
    with ThreadPoolExecutor(8) as pool:
        content = saved(picture())
        list(pool.map(lambda row: open_image(content, row), range(200)))
    assert warnings.filters == before


def test_channels_that_are_infinite_both_ways():
    """Their mean is no number; numpy would warn."""
    _, refusal = judge(lambda: open_sound(SOUNDS["both infinite"][0](), 0, rate=8000))
    assert "got NaN or infinity" in str(refusal)


def test_a_picture_between_pillows_limit_and_ours_is_refused_without_a_warning():
    _, refusal = judge(lambda: open_image(PICTURES["warned of"][0](), 0))
    assert refusal is not None


def test_numbers_of_words_that_float32_does_not_hold(tmp_path):
    path = tmp_path / "vectors.txt"
    path.write_text("sea 1e39 2\n")
    (words, vectors), _ = judge(lambda: read_word_vectors(path))
    assert words == ["sea"]
    assert vectors.tolist() == [[np.inf, 2.0]]
    _, refusal = judge(lambda: WordVectorEncoder(path).fit(["sea"]))
    assert "finite numbers" in str(refusal)


def test_a_long_line_is_quoted_in_short(tmp_path):
    """Of word vectors, and of ratings."""
    path = tmp_path / "vectors.txt"
    path.write_text("sea " + "x" * 10**5 + "\n")
    _, refusal = judge(lambda: read_word_vectors(path))
    assert "not of numbers" in str(refusal)
    (tmp_path / "u.data").write_text("7\t" + "|" * 10**5)
    for name in ("u.item", "u.user"):
        (tmp_path / name).touch()
    _, refusal = judge(lambda: load_movielens(tmp_path))
    assert "Line 1" in str(refusal)


@pytest.mark.parametrize("name", ["1" * 20, "1" * 5000, "\u00b2", "-1", ""])
def test_ids_of_movies_that_are_no_int64(name, tmp_path):
    """Python refuses to read numbers of thousands of digits, in words of its own."""
    (tmp_path / "ratings.csv").write_text("userId,movieId,rating,timestamp\n")
    (tmp_path / "movies.csv").write_text(f"movieId,title,genres\n{name},Heat,War\n")
    _, refusal = judge(lambda: load_movielens(tmp_path))
    assert "must be a line with a whole number as movieId" in str(refusal)


def test_a_release_without_ratings(tmp_path):
    """numpy would warn of the empty file."""
    for name in ("u.data", "u.item", "u.user"):
        (tmp_path / name).touch()
    X, refusal = judge(lambda: load_movielens(tmp_path))
    assert refusal is None
    assert len(X) == 0


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x93NUMPY\x00\x00",
        b"\x93NUMPY\x01\x00\x05\x00{'''\n",
        b"\x93NUMPY\x01\x00\x04\x00(((\n",
        b"\x93NUMPY\x01\x00\x3d\x00{'descr': '<f8', 'fortran_order': False, "
        b"'shape': (1L,), }\n" + bytes(8),
    ],
    ids=["nothing", "version", "text", "brackets", "Python 2"],
)
def test_headers_of_arrays_that_numpy_stumbles_over(data):
    with pytest.raises(ValueError, match="no header"):
        read_npy(np.frombuffer(data, np.uint8))


def test_a_manifest_of_brackets(tmp_path):
    """As deep as JSON does not go."""
    (tmp_path / "manifest.json").write_text("[" * 10**5)
    _, refusal = judge(lambda: load(tmp_path))
    assert isinstance(refusal, ModelFileError)
