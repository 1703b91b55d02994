"""Pictures from anywhere, opened with care: media are untrusted input.

Only raster formats are read (no EPS or PDF, which would start a program), nothing above
a limit of pixels is decoded, and every error names the row.
"""

import struct
import warnings
import zlib
from contextlib import contextmanager
from functools import lru_cache
from io import BytesIO
from threading import Lock

import numpy as np
from PIL import Image, ImageOps

from skmmrec._config import get_config
from skmmrec._quote import reason
from skmmrec.encoders._files import is_path, label, open_file

FORMATS = ("AVIF", "BMP", "GIF", "JPEG", "JPEG2000", "PNG", "PPM", "TIFF", "WEBP")
DRAFT_FACTOR = 2  # a JPEG is decoded to at least so many times the size it is needed in

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


def open_image(value, row, *, root=None, side=None, noun="picture"):
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
    root : str or Path, default=None
        Relative paths start here, and none may lead out.
    side : int, default=None
        Length in pixels of the shorter side that is needed. A JPEG of more than twice
        that is decoded at a half, a quarter or an eighth of its size, which is several
        times faster and differs by less than resizing does.
    noun : str, default="picture"
        What the value is called in messages.

    Returns
    -------
    image : PIL.Image.Image
        Of mode RGB; a picture that was passed is left as it is.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the picture cannot be read, is too large, or outside the root.
    TypeError
        If the value is no picture at all.
    """
    what = label(noun, value, row)
    if isinstance(value, np.ndarray):
        _check_array(value, what)
        value = Image.fromarray(value)
    if isinstance(value, Image.Image):
        with _one_error(what):
            return _to_rgb(value)
    if not is_path(value) and not isinstance(value, bytes):
        raise TypeError(
            f"{what} must be a path, bytes, a PIL image or an array; got "
            f"{type(value).__name__}; convert it, or set it to None if it is missing."
        )
    with open_file(value, what, root) as file:
        # in memory, as a file would reserve whatever length a damaged header names
        content = BytesIO(file.read())
    with _one_error(what), Image.open(content, formats=_formats()) as image:
        _check_size(image)
        if side is not None:
            image.draft("RGB", _draft_size(image, side))
        return _to_rgb(image)


class _Quiet:
    """Pillow's warnings are left out, until the last of all threads is outside.

    Filters of warnings are those of the process: what each thread put back for itself
    could be what another had changed.
    """

    def __init__(self):
        self._lock, self._n_inside = Lock(), 0

    def __enter__(self):
        with self._lock:
            self._n_inside += 1
            if self._n_inside == 1:
                self._caught = warnings.catch_warnings()
                self._caught.__enter__()
                warnings.filterwarnings("ignore", module=r"PIL\.")

    def __exit__(self, *exception):
        with self._lock:
            self._n_inside -= 1
            if not self._n_inside:
                self._caught.__exit__(*exception)


_quiet = _Quiet()


@contextmanager
def _one_error(what):
    """Whatever Pillow raises, as one sentence; what it warns of is in the picture."""
    try:
        with _quiet:
            yield
    except TOO_LARGE as error:
        limit = min(get_config()["max_pixels"], 2 * Image.MAX_IMAGE_PIXELS)
        raise ValueError(
            f"{what} must have at most {limit:,} pixels; got more ({reason(error)}); "
            f"make it smaller, or raise the limit with "
            f"skmmrec.set_config(max_pixels=...)."
        ) from error
    except UNREADABLE as error:
        raise ValueError(
            f"{what} must be readable; got a damaged file or an unknown format "
            f"({reason(error)}); replace it, or set on_error='missing'."
        ) from error


def _check_array(array, what):
    """Refuse an array that is no picture."""
    grey, colour = array.ndim == 2, array.ndim == 3 and array.shape[2] in (3, 4)
    if array.dtype != np.uint8 or not (grey or colour) or not array.size:
        raise TypeError(
            f"{what} must be of uint8 and of shape (h, w), (h, w, 3) or (h, w, 4); got "
            f"{array.dtype} of shape {array.shape}; convert it."
        )


def _check_size(image):
    """Known before the pixels are decoded."""
    if image.width * image.height > get_config()["max_pixels"]:
        raise Image.DecompressionBombError(f"{image.width} x {image.height}")


def _draft_size(image, side):
    """The least size at which a JPEG may be decoded."""
    scale = DRAFT_FACTOR * side / min(image.size)
    return tuple(max(1, int(np.ceil(length * scale))) for length in image.size)


def _to_rgb(image):
    """A copy in RGB."""
    _check_size(image)
    if image.mode == "F" and 0 < image.getextrema()[1] <= 1:
        raise ValueError("its pixels are from 0 to 1 and not from 0 to 255")
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I"):  # Pillow would clip 16-bit greys to white
        grey = np.clip(np.asarray(image), 0, 2**16 - 1) // 2**8
        image = Image.fromarray(grey.astype(np.uint8))
    if image.has_transparency_data:
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image.convert("RGBA"))
    return image.convert("RGB")
