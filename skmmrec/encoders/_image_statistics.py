"""Pictures by what can be counted in them: colours, edges and layout."""

import numpy as np
from PIL import Image

from skmmrec.encoders._base import BaseEncoder
from skmmrec.encoders._pictures import open_image

SIDE = 48  # pictures are squeezed to SIDE x SIDE pixels first
GRID = 4  # texture and layout are told apart in GRID x GRID cells
HUES, SATURATIONS, VALUES = 8, 3, 3
ORIENTATIONS = 8

# Factors by which the total variance of each part is about 1 over 3,000 film posters
# and over photos of CIFAR-10 alike, so that no part drowns the others.
SCALES = {"colour": 1.15, "texture": 2.0, "layout": 0.63}

CELLS = [f"{row}{column}" for row in range(GRID) for column in range(GRID)]
COLOUR_NAMES = [
    *(
        f"colour_h{h}s{s}v{v}"
        for h in range(HUES)
        for s in range(SATURATIONS)
        for v in range(VALUES)
    ),
    *(f"colour_{kind}_{c}" for kind in ("mean", "std", "skew") for c in "rgb"),
]
TEXTURE_NAMES = [
    *(f"texture_{cell}_{angle}" for cell in CELLS for angle in range(ORIENTATIONS)),
    *(f"texture_{cell}_energy" for cell in CELLS),
]
LAYOUT_NAMES = [f"layout_{cell}_{c}" for cell in CELLS for c in "rgb"]
NAMES = [*COLOUR_NAMES, *TEXTURE_NAMES, *LAYOUT_NAMES]


def _shrink(image):
    """RGB and HSV of a picture in one small array, (2, SIDE, SIDE, 3)."""
    small = image.resize((SIDE, SIDE), Image.Resampling.BILINEAR)
    return np.stack([np.asarray(small), np.asarray(small.convert("HSV"))])


def _histograms(bins, n_bins, weights=None):
    """Histogram of each row of `bins`, (n, n_bins)."""
    offsets = np.arange(len(bins))[:, None] * n_bins
    if weights is not None:
        weights = weights.ravel()
    counts = np.bincount((bins + offsets).ravel(), weights, len(bins) * n_bins)
    return counts.reshape(len(bins), n_bins)


def _colour(rgb, hsv):
    """Roots of the joint HSV histogram, and three moments of each channel."""
    n = len(rgb)
    h, s, v = np.moveaxis(hsv.reshape(n, -1, 3).astype(np.int64), 2, 0)
    bins = h * HUES // 256
    bins = bins * SATURATIONS + s * SATURATIONS // 256
    bins = bins * VALUES + v * VALUES // 256
    histogram = _histograms(bins, HUES * SATURATIONS * VALUES) / SIDE**2
    pixels = rgb.reshape(n, -1, 3)
    mean = pixels.mean(axis=1)
    centred = pixels - mean[:, None]
    skew = np.cbrt((centred * centred * centred).mean(axis=1))
    moments = [mean - 0.5, centred.std(axis=1), skew]
    return np.hstack([np.sqrt(histogram), *moments])


def _texture(rgb):
    """Roots of the edge orientations in each cell, and of the energy of each cell."""
    grey = rgb @ np.float32([0.299, 0.587, 0.114])  # ITU-R BT.601
    down, right = np.gradient(grey, axis=(1, 2))
    strength = np.hypot(down, right)
    # an edge has no direction: angles are taken modulo half a turn
    angle = np.arctan2(down, right) / np.pi % 1
    orientation = np.minimum((angle * ORIENTATIONS).astype(np.int64), ORIENTATIONS - 1)
    cell = np.arange(SIDE) * GRID // SIDE
    bins = (cell[:, None] * GRID + cell) * ORIENTATIONS + orientation
    n = len(rgb)
    edges = _histograms(
        bins.reshape(n, -1), len(CELLS) * ORIENTATIONS, strength.reshape(n, -1)
    )
    total = edges.sum(axis=1, keepdims=True)
    orientations = np.sqrt(np.divide(edges, total, out=edges.copy(), where=total > 0))
    energies = edges.reshape(n, len(CELLS), ORIENTATIONS).sum(axis=2)
    return np.hstack([orientations, np.sqrt(energies) * GRID / SIDE])


def _layout(rgb):
    """Mean colour of each cell, zero for grey."""
    cells = rgb.reshape(len(rgb), GRID, SIDE // GRID, GRID, SIDE // GRID, 3)
    return cells.mean(axis=(2, 4)).reshape(len(rgb), -1) - 0.5


def _statistics(pictures):
    """All features of shrunk pictures, (n, n_features_out)."""
    rgb, hsv = np.moveaxis(np.stack(pictures), 1, 0)
    rgb = rgb.astype(np.float32) / 255
    return np.hstack(
        [
            _colour(rgb, hsv) * SCALES["colour"],
            _texture(rgb) * SCALES["texture"],
            _layout(rgb) * SCALES["layout"],
        ]
    )


class ImageStatisticsEncoder(BaseEncoder):
    """Colours, edges and layout of pictures, counted without any pretrained model.

    Fast, needs no download, learns nothing: the same picture has the same features in
    every table. It sees style, such as dark posters or bright covers, not content; for
    what a picture shows, see `ImageEncoder`.

    Parameters
    ----------
    on_error : {"raise", "missing"}, default="raise"
        What to do with a picture that cannot be opened: raise, or treat it as missing
        and warn once.
    root : str or Path, default=None
        Folder in which all files must lie, where paths come from others. Relative paths
        start here.
    show_progress : bool, default=False
        Show a progress bar.
    store : EmbeddingStore, str, Path or False, default=None
        Remembers features, so that no picture is encoded twice; a string is a folder.
        None takes the one of `set_config`, if any; False takes none.

    Attributes
    ----------
    n_features_in_ : int
        Always 1, the column.

    See Also
    --------
    ImageEncoder : By a pretrained network.

    Notes
    -----
    Of the picture, squeezed to 48 x 48 pixels: 81 features of colour, the square roots
    of a joint histogram of hue, saturation and value (Arandjelović and Zisserman) and
    the mean, standard deviation and root of skewness of red, green and blue (Stricker
    and Orengo); 144 of texture, how strong and in which of eight orientations the edges
    run in each of 4 x 4 cells (Dalal and Triggs); 48 of layout, the mean colour of each
    cell (Kasutani and Yamada). Each part is scaled by a fixed factor so that all three
    vary about as much from picture to picture.

    The column holds paths, the bytes of files, PIL images or uint8 arrays. What exceeds
    the limits of `set_config` is refused.

    References
    ----------
    Arandjelović and Zisserman (2012). Three things everyone should know to improve
    object retrieval. CVPR.

    Dalal and Triggs (2005). Histograms of oriented gradients for human detection. CVPR.

    Kasutani and Yamada (2001). The MPEG-7 color layout descriptor. ICIP.

    Stricker and Orengo (1995). Similarity of color images. Storage and Retrieval for
    Image and Video Databases III.

    Examples
    --------
    >>> import numpy as np
    >>> from skmmrec.encoders import ImageStatisticsEncoder
    >>> red, blue = np.zeros((2, 60, 40, 3), dtype=np.uint8)
    >>> red[..., 0] = blue[..., 2] = 255
    >>> features = ImageStatisticsEncoder().fit_transform([red, blue, None])
    >>> features.shape
    (3, 273)
    >>> np.isnan(features).all(axis=1).tolist()
    [False, False, True]
    """

    _noun = "picture"
    _in_files = True
    _libraries = ("Pillow", "numpy")

    def __init__(
        self, on_error="raise", root=None, show_progress=False, store=None
    ) -> None:
        self.on_error = on_error
        self.root = root
        self.show_progress = show_progress
        self.store = store

    def _names(self):
        return NAMES

    def _width(self):
        return len(NAMES)

    def _read(self, value, row):
        return _shrink(open_image(value, row, root=self.root, side=SIDE))

    def _encode(self, batch):
        return _statistics(batch)
