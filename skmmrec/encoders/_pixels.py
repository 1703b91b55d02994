"""Pictures as they are, only smaller, for networks that learn to see."""

import numpy as np
from PIL import Image

from skmmrec.encoders._base import BaseEncoder
from skmmrec.encoders._checks import check_count
from skmmrec.encoders._pictures import open_image


class PixelEncoder(BaseEncoder):
    """Red, green and blue of each pixel of a picture, made small.

    For networks that are trained end to end, as a convolutional branch for pictures.
    Two photos of the same thing have little in common pixel by pixel; where nothing is
    trained on the pixels, see `ImageEncoder` or `ImageStatisticsEncoder`.

    Parameters
    ----------
    side : int, default=32
        Height and width in pixels to which pictures are squeezed, or enlarged.
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
    ImageStatisticsEncoder : By colours, edges and layout.

    Notes
    -----
    Features are float32 between 0 and 1, in the order channel, row, column:
    ``features.reshape(-1, 3, side, side)`` is what convolutions of torch expect, and
    ``np.nan_to_num`` makes missing pictures black first. The whole picture is squeezed
    into a square and nothing is cropped: the pictures of a catalogue mostly have one
    shape, so that all are distorted alike, while a crop would take a third off every
    film poster.

    The column holds paths, the bytes of files, PIL images or uint8 arrays. What exceeds
    the limits of `set_config` is refused.

    References
    ----------
    Torralba, Fergus and Freeman (2008). 80 million tiny images: a large data set for
    nonparametric object and scene recognition. IEEE Transactions on Pattern Analysis
    and Machine Intelligence 30(11), on what 32 x 32 pixels suffice for.

    Examples
    --------
    >>> import numpy as np
    >>> from skmmrec.encoders import PixelEncoder
    >>> red = np.zeros((60, 40, 3), dtype=np.uint8)
    >>> red[..., 0] = 255
    >>> encoder = PixelEncoder(side=2)
    >>> features = encoder.fit_transform([red, None])
    >>> features[0].reshape(3, 2, 2)
    array([[[1., 1.],
            [1., 1.]],
           [[0., 0.],
            [0., 0.]],
           [[0., 0.],
            [0., 0.]]], dtype=float32)
    >>> encoder.get_feature_names_out()[:4].tolist()
    ['r_0_0', 'r_0_1', 'r_1_0', 'r_1_1']
    """

    _noun = "picture"
    _in_files = True
    _libraries = ("Pillow",)

    def __init__(
        self, side=32, on_error="raise", root=None, show_progress=False, store=None
    ) -> None:
        self.side = side
        self.on_error = on_error
        self.root = root
        self.show_progress = show_progress
        self.store = store

    def _names(self):
        places = range(self.side)
        return [f"{c}_{row}_{col}" for c in "rgb" for row in places for col in places]

    def _fit(self, values, rows):
        check_count("side", self.side)

    def _width(self):
        return 3 * self.side**2

    def _read(self, value, row):
        image = open_image(value, row, root=self.root, side=self.side)
        small = image.resize((self.side, self.side), Image.Resampling.BILINEAR)
        return np.asarray(small)

    def _encode(self, batch):
        pixels = np.moveaxis(np.stack(batch), 3, 1)  # (n, 3, side, side)
        return pixels.reshape(len(batch), -1).astype(np.float32) / 255
