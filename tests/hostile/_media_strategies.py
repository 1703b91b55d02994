"""Hostile texts, pictures, sounds, films and columns of them, each made anew."""

import io
import os
import struct
import zlib
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import scipy.sparse as sp
import soundfile
from hypothesis import strategies as st
from PIL import Image

# -- texts -----------------------------------------------------------------------------

GAPS = [None, float("nan"), np.float32("nan"), pd.NA, pd.NaT, np.datetime64("NaT")]
BLANKS = ["", " \t\r\n", "\u3000"]
TEXTS = [
    *("ghost ship", "Ghost ship", "red tea", "ship", "ghost" * 9),
    *("\x00", "a\x00b", "\ud800", "ghost \udfff ship", "\u200b", "gh\u200bost ship"),
    *("e\u0301a", "\u202etea", "\U0001d4bd\U0001f3f4\u200d\u2620\ufe0f", "١٢٣", "İi"),
    *("the and of", "[PAD] [MASK] </s>", "!!!", "a", "7", "nan", "None", "\ufeffx"),
    *("../../etc/passwd", "http://localhost/a", "{}{0.__class__}%s", "<script>"),
]
LONG_TEXTS = ["ghost ship " * 100_000, "x" * 2**20, "\u0301" * 2**19, "a\n" * 2**18]
# nothing that is text, a file or a picture
OTHERS = [
    *(
        0,
        1.5,
        True,
        1j,
        Decimal("1"),
        date(2020, 1, 1),
        datetime(2020, 1, 1, tzinfo=UTC),
    ),
    *((), ("a", "b", "c"), {"a": 1}, {"a"}, object(), len, np.datetime64("2020")),
    *(np.float16(1), np.zeros(3), np.zeros((2, 2), complex), np.array(None), iter([])),
    *(io.BytesIO(b"a"), pd.Timestamp("2020", tz="Asia/Kathmandu"), np.inf, range(3)),
]


def texts():
    """Texts of any characters, half surrogates among them."""
    return st.sampled_from(TEXTS) | st.text(st.characters(), min_size=1, max_size=8)


def text_columns():
    """Lists of texts, blanks and gaps; also of none, and of one text throughout."""
    entry = texts() | st.sampled_from(BLANKS + GAPS)
    same = st.builds(lambda text, n: [text] * n, texts(), st.integers(1, 4))
    return st.lists(entry, max_size=6) | same


# -- columns and tables ----------------------------------------------------------------


def objects(values):
    """A 1-D array of these very objects."""
    return np.fromiter(values, dtype=object, count=len(values))


def read_only(array):
    """The array, which can no longer be written to."""
    array.flags.writeable = False
    return array


CONTAINERS = [
    tuple,
    objects,
    lambda values: read_only(objects(values)),
    lambda values: objects(values[::-1])[::-1],
    lambda values: np.asfortranarray(objects(values)[:, None]),
    lambda values: [[value] for value in values],
    lambda values: pd.Series(values, dtype=object, index=[0] * len(values)),
    lambda values: pd.DataFrame(
        {"a": objects(values)}, index=range(5, 5 + len(values))
    ),
    lambda values: {"a": values},
    lambda values: pl.Series(values, dtype=pl.String),
    lambda values: pl.DataFrame({"a": values}, schema={"a": pl.String}),
    lambda values: pa.chunked_array([values[:1], values[1:]], type=pa.string()),
    lambda values: pd.Series(values, dtype="category"),
    lambda values: pd.Series(values, dtype="string"),
]


def contained(values, container):
    """The values in a container; None where it cannot hold them."""
    try:
        return container(values)
    except (Exception, pl.exceptions.PanicException):
        return None


def no_columns():
    """Makers of what is no column of values, or not of any that is taken."""
    frame = pd.DataFrame(np.full((2, 2), "a"), columns=["a", "a"])
    levels = pd.MultiIndex.from_product([["a"], ["b", "c"]])
    scattered = sp.csr_array(([1.0, 2, 0], [1, 0, 0], [0, 3, 3]), shape=(2, 2))
    return [
        *(lambda v=v: v for v in (None, 1, 1.5, "ghost", b"ghost", object(), len)),
        *(lambda: (v for v in "ab"), lambda: {"a", "b"}, lambda: {}, lambda: {"a": 1}),
        *(lambda: {"a": ["b"], "c": ["d"]}, lambda: [["a", "b"]], lambda: [[]]),
        *(
            lambda: np.array("a"),
            lambda: np.full((2, 2), "a"),
            lambda: np.zeros((2, 0)),
        ),
        *(lambda: np.zeros((5, 5, 3), np.uint8), lambda: np.zeros((0, 1))),
        *(lambda: np.arange(3) * 1j, lambda: np.zeros(2, "M8[s]"), lambda: np.ones(2)),
        *(lambda: np.zeros(2, [("a", int)]), lambda: np.float16([1, np.nan])),
        *(lambda: frame.copy(), lambda: frame.set_axis(levels, axis=1)),
        *(lambda: pd.DataFrame(), lambda: pd.DataFrame({"a": ["b"]}).T.T[["a", "a"]]),
        *(lambda: pl.LazyFrame({"a": ["b"]}), lambda: pl.DataFrame()),
        lambda: pa.table({"a": ["b"], "c": ["d"]}),
        *(
            lambda: scattered,
            lambda: sp.coo_matrix(scattered),
            lambda: sp.dok_array((2, 1)),
        ),
        *(
            lambda: pd.Series(["a", None], dtype="category"),
            lambda: pl.Series([1, None]),
        ),
        *(
            lambda: pd.Series(pd.date_range("2020", periods=2, tz="UTC")),
            lambda: [OTHERS],
        ),
    ]


# values for parameters, nearly all of which are wrong
SCALARS = [
    *(None, True, 0, 1, -1, 2, 2**63, 2**200, 0.0, 0.5, 1.0, -0.5, 1e308, 5e-324),
    *(float("nan"), float("inf"), "", "a", "auto", "mean", "missing", "\ud800", "a\0"),
    *("x" * 10**5, b"a", (), (1, 2), [], {}, {"a": 1}, 1j, len, object(), np.int64(2)),
    *(np.array(1), np.array([1, 2]), np.array(["a"]), np.float64("nan"), pd.NA, pd.NaT),
    *(pd.DataFrame({"a": [1]}), Path("nowhere"), int, slice(None), Decimal("NaN")),
]


# -- pictures --------------------------------------------------------------------------


def picture(mode="RGB", size=(20, 12)):
    """A picture whose pixels run from dark to bright."""
    width, height = size
    ramp = np.linspace(0, 255, width * height).reshape(height, width).astype(np.uint8)
    return Image.fromarray(ramp).convert(mode)


def saved(image, kind="PNG", **options):
    """The bytes of a file."""
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def bomb(width=100_000, height=100_000):
    """A small PNG that says it is huge."""

    def chunk(name, data):
        checksum = struct.pack(">I", zlib.crc32(name + data))
        return struct.pack(">I", len(data)) + name + data + checksum

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(bytes(10_000)))
    return b"\x89PNG\r\n\x1a\n" + header + pixels + chunk(b"IEND", b"")


def _turned():
    exif = Image.Exif()
    exif[0x112] = 6
    return saved(picture(), "JPEG", exif=exif)


def _wide(side):
    return saved(Image.fromarray(np.arange(side, dtype=np.uint16)[None] * 6))


# by name: the bytes, and whether they are a picture
PICTURES = {
    "1 x 1": (lambda: saved(picture(size=(1, 1))), True),
    "1 x 10000": (lambda: saved(picture(size=(1, 10_000))), True),
    "10000 x 1": (lambda: saved(picture(size=(10_000, 1)), "JPEG"), True),
    "CMYK": (lambda: saved(picture("CMYK"), "JPEG"), True),
    "16 bit": (lambda: _wide(10_000), True),
    "1 bit": (lambda: saved(picture("1"), "BMP"), True),
    "float": (lambda: saved(picture("F"), "TIFF"), True),
    "palette": (lambda: saved(picture("P"), transparency=3), True),
    "bytes of transparency": (
        lambda: saved(picture("P"), transparency=bytes(range(256))),
        True,
    ),
    "transparent": (lambda: saved(picture("LA")), True),
    "animated": (
        lambda: saved(
            picture("P"), "GIF", save_all=True, append_images=[picture("P")] * 3
        ),
        True,
    ),
    "turned": (_turned, True),
    "truncated": (lambda: saved(picture(size=(80, 80)), "JPEG")[:-200], False),
    "cut header": (lambda: saved(picture())[:20], False),
    "bomb": (bomb, False),
    "bomb of one row": (lambda: bomb(2**31 - 1, 1), False),
    "no pixels": (lambda: bomb(0, 0), False),
    "warned of": (lambda: bomb(10_000, 10_000), False),
    "text": (lambda: b"this is not a picture", False),
    "program": (lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", False),
    "vectors": (lambda: b"<svg xmlns='http://www.w3.org/2000/svg'/>", False),
    "zeros": (lambda: bytes(1000), False),
    "empty": (lambda: b"", None),  # bytes that are blank are missing
}


# -- sounds ----------------------------------------------------------------------------


def sound(samples, rate=8000, kind="WAV", subtype="FLOAT"):
    """The bytes of a file."""
    file = io.BytesIO()
    soundfile.write(file, samples, rate, subtype, format=kind)
    return file.getvalue()


def tone(n=4000, channels=1):
    """A tone, softer in each further channel."""
    wave = np.sin(np.arange(n) / 5)[:, None] / np.arange(1, channels + 1)
    return wave.astype(np.float32)


def _with_length(data, length):
    """A WAV that says that it is so long."""
    place = data.index(b"data") + 4
    return data[:place] + struct.pack("<I", length) + data[place + 4 :]


SOUNDS = {
    "one sample": (lambda: sound(np.array([0.5])), True),
    "no sample": (lambda: sound(np.zeros(0)), False),
    "silence": (lambda: sound(np.zeros(1000)), True),
    "constant": (lambda: sound(np.ones(1000)), True),
    "denormal": (lambda: sound(np.full(1000, 1e-42, np.float32)), True),
    "100 channels": (lambda: sound(tone(channels=100)), True),
    "NaN": (lambda: sound(np.full(1000, np.nan)), False),
    "infinite": (lambda: sound(np.array([np.inf, -np.inf] * 500)), False),
    "both infinite": (lambda: sound(np.tile([np.inf, -np.inf], (500, 1))), False),
    "loud": (lambda: sound(np.full(1000, 1e38)), False),
    "odd rate": (lambda: sound(tone(), rate=7919), True),
    "rate of 1": (lambda: sound(tone(), rate=1), False),
    "rate of a million": (lambda: sound(tone(), rate=1_000_000), False),
    "8 bit": (lambda: sound(tone(), subtype="PCM_U8"), True),
    "doubles": (lambda: sound(tone(), subtype="DOUBLE"), True),
    "FLAC": (lambda: sound(tone(), kind="FLAC", subtype="PCM_24"), True),
    "says it is long": (lambda: _with_length(sound(tone()), 2**32 - 1), True),
    "cut header": (lambda: sound(tone())[:30], False),
    "cut FLAC": (lambda: sound(tone(), kind="FLAC", subtype="PCM_16")[:60], False),
    "picture": (lambda: saved(picture()), False),
    "zeros": (lambda: bytes(1000), False),
    "empty": (lambda: b"", None),
}


# -- files and folders -----------------------------------------------------------------


def places(folder):
    """Paths of what is no file with content, by what they are."""
    folder = Path(folder)
    (folder / "folder").mkdir()
    (folder / "empty").touch()
    (folder / "loop").symlink_to(folder / "loop")
    (folder / "dangling").symlink_to(folder / "nowhere")
    os.mkfifo(folder / "pipe")
    (folder / "endless").symlink_to("/dev/zero")
    names = ("folder", "empty", "loop", "dangling", "pipe", "endless", "missing")
    return {name: folder / name for name in names} | {
        "device": "/dev/zero",
        "process": "/proc/self/mem",
        "no bytes": "/proc/self/maps",
        "in a file": folder / "empty" / "file",
        "null": f"{folder}/a\0b",
        "surrogate": f"{folder}/\udcff\ud800",
        "long name": "x" * 10**5,
        "long path": "x/" * 10**5,
        "address": "http://127.0.0.1:9/a.jpg",
        "file address": "file:///etc/passwd",
        "data": "data:image/png;base64,iVBORw0KGgo=",
        "program": "|cat /etc/passwd",
    }
