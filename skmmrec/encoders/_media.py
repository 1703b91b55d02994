"""Pictures from anywhere, opened with care: media are untrusted input.

Only raster formats are read (no EPS or PDF, which would start a program), nothing above
a limit of pixels is decoded, and every error names the row.
"""

import os
import struct
import warnings
import zlib
from functools import lru_cache
from io import BytesIO
from pathlib import PurePath

import numpy as np
from PIL import Image, ImageOps
from rich.progress import track

MAX_PIXELS = 50_000_000
FORMATS = ("AVIF", "BMP", "GIF", "JPEG", "JPEG2000", "PNG", "PPM", "TIFF", "WEBP")

# what Pillow's readers raise on files with bytes changed at random
UNREADABLE = (
    *(OSError, SyntaxError, ValueError, TypeError, LookupError, AttributeError),
    *(RuntimeError, ArithmeticError, EOFError, struct.error, zlib.error),
)
TOO_LARGE = (Image.DecompressionBombError, Image.DecompressionBombWarning)


@lru_cache(maxsize=1)
def _formats():
    """Those of the formats that this build of Pillow has."""
    Image.init()
    return tuple(name for name in FORMATS if name in Image.OPEN)


def open_image(value, row, *, max_pixels=MAX_PIXELS):
    """Open one picture and turn it into RGB.

    Transparent parts become white, the rotation noted by a camera is applied, palettes
    and 16-bit greys are converted, of an animation the first frame counts.

    Parameters
    ----------
    value : str, Path, bytes, PIL.Image.Image or ndarray of uint8
        A file, the content of a file, or a picture. Arrays are of shape (h, w),
        (h, w, 3) or (h, w, 4).
    row : int
        Row of the column, for messages.
    max_pixels : int, default=50_000_000
        Pictures of more pixels are refused before they are decoded.

    Returns
    -------
    image : PIL.Image.Image
        Of mode RGB; a picture that was passed is left as it is.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the picture cannot be read or is too large.
    TypeError
        If the value is no picture at all.
    """
    label = f"The picture in row {row}"
    if isinstance(value, (str, PurePath)):
        label += f" ({os.fspath(value)!r})"
    _check_kind(value, label)
    try:
        return _decode(value, max_pixels)
    except TOO_LARGE as error:
        raise ValueError(
            f"{label} must have at most {max_pixels:,} pixels; got more ({error}); "
            f"make it smaller, or set on_error='missing'."
        ) from error
    except UNREADABLE as error:
        raise ValueError(
            f"{label} must be readable; got a damaged file or an unknown format "
            f"({error}); replace it, or set on_error='missing'."
        ) from error


def _check_kind(value, label):
    """Refuse a path without a file, and what is neither a path nor a picture."""
    if isinstance(value, (str, PurePath)):
        if not os.path.isfile(value):
            raise FileNotFoundError(
                f"{label} must be a file; got a path where there is none; correct the "
                f"path, or set on_error='missing'."
            )
    elif isinstance(value, np.ndarray):
        grey, colour = value.ndim == 2, value.ndim == 3 and value.shape[2] in (3, 4)
        if value.dtype != np.uint8 or not (grey or colour) or not value.size:
            raise TypeError(
                f"{label} must be of uint8 and of shape (h, w), (h, w, 3) or "
                f"(h, w, 4); got {value.dtype} of shape {value.shape}; convert it."
            )
    elif not isinstance(value, (bytes, Image.Image)):
        raise TypeError(
            f"{label} must be a path, bytes, a PIL image or an array; got "
            f"{type(value).__name__}; convert it, or set it to None if it is missing."
        )


def _decode(value, max_pixels):
    """An RGB picture, or whatever Pillow raises."""
    if isinstance(value, np.ndarray):
        value = Image.fromarray(value)
    if isinstance(value, Image.Image):
        return _to_rgb(value, max_pixels)
    source = BytesIO(value) if isinstance(value, bytes) else value
    with Image.open(source, formats=_formats()) as image:
        return _to_rgb(image, max_pixels)


def _to_rgb(image, max_pixels):
    """A copy in RGB; the size is known before the pixels are decoded."""
    if image.width * image.height > max_pixels:
        raise Image.DecompressionBombError(f"{image.width} x {image.height}")
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I"):  # Pillow would clip 16-bit greys to white
        grey = np.clip(np.asarray(image), 0, 2**16 - 1) // 2**8
        image = Image.fromarray(grey.astype(np.uint8))
    if image.has_transparency_data:
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image.convert("RGBA"))
    return image.convert("RGB")


def read_images(
    values, rows, prepare, *, chunk_size, on_error="raise", show_progress=False
):
    """Open a column of pictures chunk by chunk, so that few are in memory at a time.

    Parameters
    ----------
    values : list
    rows : list of int
        Row of each value, for messages.
    prepare : callable
        Called with each RGB picture as soon as it is open; its result is kept.
    chunk_size : int
        Number of results handed out at a time.
    on_error : {"raise", "missing"}, default="raise"
        Raise for a picture that cannot be opened, or leave it out and warn once.
    show_progress : bool, default=False
        Show a progress bar.

    Yields
    ------
    positions : list of int
        Which of the values were opened.
    prepared : list
        What `prepare` returned for them.
    """
    failures = []
    starts = range(0, len(values), chunk_size)
    for start in track(starts, "Pictures", disable=not show_progress):
        positions, prepared = [], []
        for position in range(start, min(start + chunk_size, len(values))):
            try:
                image = open_image(values[position], rows[position])
            except (OSError, ValueError, TypeError) as error:
                if on_error == "raise":
                    raise
                failures.append(error)
                continue
            positions.append(position)
            prepared.append(prepare(image))
        if positions:
            yield positions, prepared
    if failures:
        warnings.warn(
            f"{len(failures)} of {len(values)} pictures could not be opened and count "
            f"as missing. The first: {failures[0]}",
            stacklevel=2,
        )
