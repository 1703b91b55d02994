"""Pictures of invented products: a vase, a mug, a bag, in a pattern and a colour.

A style of picture is a pattern and a family of hues. Styles share patterns and hues
with each other, so that neither alone tells the style; the shape, the exact colours,
the scale and the angle of the pattern and the background differ from product to
product.
"""

import colorsys
import io

import numpy as np
from PIL import Image
from scipy.interpolate import PchipInterpolator

_SIZE = 96  # pixels on a side

_HUES = (0.02, 0.13, 0.45, 0.62)  # terracotta, ochre, teal, blue

# Everything is drawn on a square from -1 to 1; x points right, y points down.
_AXIS = (np.arange(_SIZE) + 0.5) / _SIZE * 2 - 1
_X, _Y = np.meshgrid(_AXIS, _AXIS)

# -- shapes --------------------------------------------------------------------------

# Turned on a lathe: (height, half width) from top to bottom, and a ring for the handle
# (x, y, radius).
_SHAPES = {
    "vase": ([(-0.75, 0.26), (-0.5, 0.15), (0.15, 0.5), (0.75, 0.24)], None),
    "mug": ([(-0.5, 0.42), (0.4, 0.42), (0.55, 0.36), (0.6, 0.28)], (0.42, 0.0, 0.24)),
    "bottle": ([(-0.8, 0.1), (-0.4, 0.1), (-0.1, 0.33), (0.75, 0.34)], None),
    "bowl": ([(-0.2, 0.74), (0.2, 0.62), (0.5, 0.28), (0.6, 0.3)], None),
    "bag": ([(-0.3, 0.5), (0.7, 0.6)], (0.0, -0.32, 0.3)),
    "lamp": ([(-0.7, 0.26), (0.0, 0.6), (0.01, 0.06), (0.6, 0.06), (0.7, 0.34)], None),
    "cushion": ([(-0.5, 0.56), (-0.44, 0.62), (0.54, 0.62), (0.6, 0.56)], None),
    "jar": ([(-0.6, 0.3), (-0.45, 0.3), (-0.15, 0.54), (0.65, 0.42)], None),
}


def _soft(distance):
    """1 inside, 0 outside, an edge one pixel wide; distance is positive inside."""
    return np.clip(distance * _SIZE / 2 + 0.5, 0.0, 1.0)


def _half_width(shape, scale):
    """Half the width of the product at each height, smooth: (size, 1)."""
    heights, widths = np.array(_SHAPES[shape][0]).T * scale
    inside = _AXIS.clip(heights[0], heights[-1])
    return PchipInterpolator(heights, widths)(inside)[:, None]


def _silhouette(shape, scale):
    """How much of each pixel the product covers: (size, size)."""
    profile, handle = _SHAPES[shape]
    inside = _half_width(shape, scale) - np.abs(_X)
    top, bottom = profile[0][0] * scale, profile[-1][0] * scale
    body = _soft(np.minimum(inside, np.minimum(_Y - top, bottom - _Y)))
    if handle is None:
        return body
    x, y, radius = np.array(handle) * scale
    ring = 0.05 - np.abs(np.hypot(_X - x, _Y - y) - radius)
    return np.maximum(body, _soft(ring))


# -- patterns ------------------------------------------------------------------------


def _stripes(u, v, frequency):
    return np.sin(frequency * u)


def _checks(u, v, frequency):
    return 1.5 * np.sin(frequency * u) * np.sin(frequency * v)


def _dots(u, v, frequency):
    return np.cos(frequency * u) + np.cos(frequency * v) - 0.9


def _rings(u, v, frequency):
    return np.sin(1.3 * frequency * np.hypot(u, v))


def _waves(u, v, frequency):
    return np.sin(frequency * u + 2.2 * np.sin(frequency * v / 1.5))


def _plain(u, v, frequency):
    return np.full_like(u, -1.0) + 0.1 * u


_PATTERNS = (_stripes, _checks, _dots, _rings, _waves, _plain)


def _pattern(style, random):
    """How much of each pixel has the second colour: (size, size)."""
    angle = random.uniform(0, np.pi)
    x, y = _X - random.uniform(-0.2, 0.2), _Y - random.uniform(-0.2, 0.2)
    u, v = (
        np.cos(angle) * x + np.sin(angle) * y,
        np.cos(angle) * y - np.sin(angle) * x,
    )
    frequency = 2 * np.pi * random.uniform(2.0, 3.0)
    value = _PATTERNS[style % len(_PATTERNS)](u, v, frequency)
    return np.clip(0.5 + 2.0 * value, 0.0, 1.0)


# -- the picture -----------------------------------------------------------------------


def _colour(hue, saturation, value):
    return np.array(colorsys.hsv_to_rgb(hue % 1.0, saturation, value))


def _colours(style, random):
    """First and second colour of the product and colour of the background, as RGB."""
    hue = _HUES[style % len(_HUES)] + random.uniform(-0.04, 0.04)
    first = _colour(hue, random.uniform(0.55, 0.8), random.uniform(0.6, 0.85))
    second = _colour(hue + random.uniform(-0.06, 0.06), random.uniform(0.05, 0.3), 0.96)
    background = _colour(random.uniform(), random.uniform(0.02, 0.08), 0.95)
    return first, second, background


def _light(shape, scale):
    """Brightness of a round body lit from the left: (size, size)."""
    across = np.clip(_X / np.maximum(_half_width(shape, scale), 0.05), -1, 1)
    return 1.0 - 0.22 * (across + 0.25) ** 2


def _shadow(shape, scale):
    """Darkness of the ground below the product: (size, size)."""
    profile, _ = _SHAPES[shape]
    height, width = np.array(profile[-1]) * scale
    along = np.exp(-((_AXIS / (width + 0.1)) ** 4))
    down = np.exp(-(((_AXIS - height) / 0.07) ** 2))
    return 0.3 * np.outer(down, along)


def draw(style, random):
    """A picture as the bytes of a PNG file.

    Parameters
    ----------
    style : int
    random : RandomState

    Returns
    -------
    picture : bytes
        RGB, 96 by 96 pixels.
    """
    shape = list(_SHAPES)[random.randint(len(_SHAPES))]
    scale = random.uniform(0.9, 1.1)
    first, second, background = _colours(style, random)
    share = _pattern(style, random)[:, :, None]
    product = (first + share * (second - first)) * _light(shape, scale)[:, :, None]
    ground = background * (1.0 - _shadow(shape, scale)[:, :, None])
    cover = _silhouette(shape, scale)[:, :, None]
    pixels = ground + cover * (product - ground)
    file = io.BytesIO()
    Image.fromarray(np.round(pixels.clip(0, 1) * 255).astype(np.uint8)).save(
        file, "PNG"
    )
    return file.getvalue()
