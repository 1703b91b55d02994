"""Videos by what can be counted in them: colours, change, cuts and length."""

from itertools import pairwise

import numpy as np
from PIL import Image

from skmmrec.encoders import _image_statistics as pictures
from skmmrec.encoders._base import BaseEncoder
from skmmrec.encoders._checks import check_count
from skmmrec.encoders._film import CUT, SMALL, colour_change, open_looks

# Factors by which the total variance of each part is about 1, so that no part drowns
# the others, over slide shows of film posters that move, of a second to ten minutes.
SCALES = {"picture": 0.9, "spread": 2.8, "motion": 3.3, "length": 0.48}

PICTURE_NAMES = [f"picture_{name}" for name in pictures.NAMES]
SPREAD_NAMES = [f"spread_{name}" for name in pictures.LAYOUT_NAMES]
MOTION_NAMES = [
    *("motion_mean", "motion_std", "motion_max"),
    *("motion_colour_mean", "motion_colour_max", "motion_cuts"),
]
LENGTH_NAMES = ["length_seconds", "length_scenes"]
NAMES = [*PICTURE_NAMES, *SPREAD_NAMES, *MOTION_NAMES, *LENGTH_NAMES]
LAYOUT = [name in pictures.LAYOUT_NAMES for name in pictures.NAMES]


def _glance(looks, duration, n_frames):
    """What is kept of a video.

    Parameters
    ----------
    looks : list of PIL.Image.Image
    duration : float
        In seconds.
    n_frames : int

    Returns
    -------
    frames : list of ndarray of shape (2, 48, 48, 3)
        Shrunk looks, at most `n_frames`, evenly chosen.
    motion, length : list of float
    """
    n = min(n_frames, len(looks))
    chosen = ((np.arange(n) + 0.5) * len(looks) / n).astype(int)
    frames = [pictures._shrink(looks[place]) for place in chosen]
    small = [np.asarray(look.resize((SMALL, SMALL), Image.BILINEAR)) for look in looks]
    changes = np.array([colour_change(a, b) for a, b in pairwise(small)])
    length = [np.log1p(duration), np.log1p((changes >= CUT).sum())]
    return frames, _motion(np.stack(small), changes), length


def _motion(small, changes):
    """How the pixels and the colours change from look to look."""
    if not len(changes):
        return [0.0] * len(MOTION_NAMES)
    moved = np.abs(np.diff(small.astype(np.float32), axis=0)).mean(axis=(1, 2, 3)) / 255
    # roots, as in a few videos much more happens than in most
    amounts = [moved.mean(), moved.std(), moved.max(), changes.mean(), changes.max()]
    return [*np.sqrt(amounts), (changes >= CUT).mean()]


def _statistics(glances):
    """All features of videos at a glance, (n, n_features_out)."""
    ends = np.cumsum([len(frames) for frames, _, _ in glances])[:-1]
    counted = pictures._statistics([f for frames, _, _ in glances for f in frames])
    films = np.split(counted, ends)
    parts = {
        "picture": [film.mean(axis=0) for film in films],
        "spread": [film[:, LAYOUT].std(axis=0) for film in films],
        "motion": [motion for _, motion, _ in glances],
        "length": [length for _, _, length in glances],
    }
    return np.hstack([np.array(part) * SCALES[name] for name, part in parts.items()])


class VideoStatisticsEncoder(BaseEncoder):
    """Colours, change, cuts and length of videos, without any pretrained model.

    Needs no download and learns nothing: the same video has the same features in every
    table. It sees style and pace, such as dark trailers or hectic clips, not content;
    for what a video shows, see `VideoEncoder`. Needs the extra ``skmmrec[video]``.

    Parameters
    ----------
    n_frames : int, default=8
        Frames whose picture statistics are taken; as many as there are, if a video has
        fewer.
    on_error : {"raise", "missing"}, default="raise"
        What to do with a video that cannot be opened: raise, or treat it as missing and
        warn once.
    root : str or Path, default=None
        Folder in which all files must lie, where paths come from others. Relative paths
        start here.
    show_progress : bool, default=False
        Show a progress bar.
    store : EmbeddingStore, str, Path or False, default=None
        Remembers features, so that no video is encoded twice; a string is a folder.
        None takes the one of `set_config`, if any; False takes none.

    Attributes
    ----------
    n_features_in_ : int
        Always 1, the column.

    See Also
    --------
    VideoEncoder : By a pretrained network.
    ImageStatisticsEncoder : The statistics of one frame.

    Notes
    -----
    A video is looked at twice a second, and where it is longer than two minutes, 240
    times at equal distances. Of `n_frames` of these looks: the mean of the 273 picture
    statistics, and the standard deviation of the 48 of layout, which tells where the
    picture changes. Of all looks: by how much pixels differ from one to the next (mean,
    standard deviation and maximum), by how much the shades of red, green and blue move
    in the quarters of the picture (mean and maximum; all five as square roots), and the
    share of looks that begin a scene. Last the logarithms of 1 + seconds and of 1 +
    cuts. Each part, which is the first word of a name, is scaled by a fixed factor so
    that all four vary about as much from video to video.

    The column holds paths or the bytes of files, and what is said in `VideoEncoder` of
    limits and damaged files holds here too. The sound is not listened to.

    Examples
    --------
    >>> from skmmrec.encoders import VideoStatisticsEncoder
    >>> encoder = VideoStatisticsEncoder().fit([])
    >>> encoder.get_feature_names_out()[-2:].tolist()
    ['length_seconds', 'length_scenes']
    >>> encoder.transform(["trailer.mp4", None]).shape  # doctest: +SKIP
    (2, 329)
    """

    _noun = "video"
    _in_files = True
    _libraries = ("av", "Pillow", "numpy")

    def __init__(
        self, n_frames=8, on_error="raise", root=None, show_progress=False, store=None
    ) -> None:
        self.n_frames = n_frames
        self.on_error = on_error
        self.root = root
        self.show_progress = show_progress
        self.store = store

    def _names(self):
        return NAMES

    def _fit(self, values, rows):
        check_count("n_frames", self.n_frames)

    @property
    def _n_in_batch(self):
        return 8  # a video takes long enough to be shown in the progress bar

    def _width(self):
        return len(NAMES)

    def _read(self, value, row):
        return _glance(*open_looks(value, row, root=self.root), self.n_frames)

    def _encode(self, batch):
        return _statistics(batch)
