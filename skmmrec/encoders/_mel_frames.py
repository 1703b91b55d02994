"""Log-mel spectrograms of one size, as input of networks trained end to end."""

import numpy as np

from skmmrec.encoders._base import BaseEncoder
from skmmrec.encoders._checks import check_count
from skmmrec.encoders._mel import LogMel, mel_spectrogram
from skmmrec.encoders._sound import check_duration, open_sound

OFFSET = 1e-3  # of a magnitude, as in YAMNet


def _front_end(n_mels, hop_length):
    """Frames that overlap by three fifths, and a transform that holds them."""
    win_length = 5 * hop_length // 2
    n_fft = max(512, 2 ** (win_length - 1).bit_length())
    return LogMel(
        n_mels=n_mels, hop_length=hop_length, win_length=win_length, n_fft=n_fft
    )


def _middle(samples, n_samples):
    """As many samples around the middle, all if there are fewer."""
    start = max(0, (len(samples) - n_samples) // 2)
    return samples[start : start + n_samples]


class MelFrameEncoder(BaseEncoder):
    """The log-mel spectrogram of a sound, for networks that are trained on it.

    A block of one size for every sound, in rows as scikit-learn wants them;
    ``features.reshape(-1, n_frames, n_mels)`` has time and bands again. As features
    themselves, for models that learn no filters, `MelStatisticsEncoder` is better.

    Parameters
    ----------
    n_frames : int, default=128
        Frames of each sound. Of a longer sound those around its middle are taken, to a
        shorter one silence is added at its end.
    n_mels : int, default=64
        Bands, from 125 to 7500 Hz.
    hop_length : int, default=160
        Samples at 16 kHz from one frame to the next: 160 are 10 ms, so that 128 frames
        are 1.3 seconds. A frame is two and a half times as long.
    duration : float, default=None
        Seconds that are read from the start of each sound; the middle is that of what
        was read. None reads all.
    on_error : {"raise", "missing"}, default="raise"
        What to do with a sound that cannot be opened: raise, or treat it as missing and
        warn once.
    root : str or Path, default=None
        Folder in which all files must lie, where paths come from others. Relative paths
        start here.
    show_progress : bool, default=False
        Show a progress bar.
    store : EmbeddingStore, str, Path or False, default=None
        Remembers features, so that no sound is encoded twice; a string is a folder.
        None takes the one of `set_config`, if any; False takes none.

    Attributes
    ----------
    n_features_in_ : int
        Always 1, the column.

    See Also
    --------
    AudioEncoder : By a pretrained network.
    MelStatisticsEncoder : What can be counted in the spectrogram.

    Notes
    -----
    The value of a band is log(1 + m / 0.001), where m is its magnitude: 0 for silence,
    also for that which is added, and about 10 at full scale.

    The column holds paths, the bytes of files (WAV, FLAC, Ogg, MP3, AIFF and others of
    libsndfile) or tuples (samples, rate). What exceeds the limits of `set_config` is
    refused.

    References
    ----------
    Hershey et al. (2017). CNN architectures for large-scale audio classification.
    ICASSP.

    Examples
    --------
    >>> import numpy as np
    >>> from skmmrec.encoders import MelFrameEncoder
    >>> time = np.arange(16_000) / 16_000
    >>> tone = np.sin(2 * np.pi * 440 * time), 16_000
    >>> features = MelFrameEncoder(n_frames=50).fit_transform([tone, None])
    >>> blocks = features.reshape(-1, 50, 64)
    >>> blocks[0].mean(axis=0).argmax()
    np.int64(8)
    >>> np.isnan(blocks[1]).all()
    np.True_
    """

    _noun = "sound"
    _in_files = True
    _libraries = ("soundfile", "scipy", "numpy")

    def __init__(
        self,
        n_frames=128,
        n_mels=64,
        hop_length=160,
        duration=None,
        on_error="raise",
        root=None,
        show_progress=False,
        store=None,
    ) -> None:
        self.n_frames = n_frames
        self.n_mels = n_mels
        self.hop_length = hop_length
        self.duration = duration
        self.on_error = on_error
        self.root = root
        self.show_progress = show_progress
        self.store = store

    def _names(self):
        return [
            f"frame{frame}_mel{band}"
            for frame in range(self.n_frames)
            for band in range(self.n_mels)
        ]

    def _fit(self, values, rows):
        for name in ("n_frames", "n_mels", "hop_length"):
            check_count(name, getattr(self, name))
        check_duration(self.duration)

    def _width(self):
        return self.n_frames * self.n_mels

    def _read(self, value, row):
        settings = _front_end(self.n_mels, self.hop_length)
        samples = open_sound(
            value, row, rate=settings.rate, root=self.root, duration=self.duration
        )
        samples = _middle(samples, settings.n_samples(self.n_frames))
        mel = mel_spectrogram(samples, settings)
        missing = self.n_frames - len(mel)
        return np.pad(np.log1p(mel / OFFSET), ((0, missing), (0, 0))).ravel()

    def _encode(self, batch):
        return np.stack(batch)
