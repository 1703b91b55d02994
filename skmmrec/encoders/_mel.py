"""Log-mel spectrograms: how strong a sound is in bands as wide as the ear's."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.fft import rfft
from scipy.signal.windows import hann

FRAMES_IN_BLOCK = 4096
RATES = 1000, 192_000


@dataclass(frozen=True)
class LogMel:
    """How a log-mel spectrogram is made, and cut into windows for a network.

    The defaults are those of YAMNet. A network has to get what it was trained on, so
    take the values from where its weights come from.

    Parameters
    ----------
    rate : int, default=16000
        Samples per second.
    n_fft : int, default=512
        Length of the Fourier transform, in samples.
    win_length : int, default=400
        Length of a frame, under a Hann window and padded with zeros to `n_fft`.
    hop_length : int, default=160
        Samples from one frame to the next.
    n_mels : int, default=64
        Bands.
    f_min, f_max : float, default=125.0 and 7500.0
        Lower end of the first and upper end of the last band, in Hz.
    mel_scale : {"htk", "slaney"}, default="htk"
        By whose formula the bands are spaced.
    power : float, default=1.0
        1 for the magnitude, 2 for the energy.
    log_offset : float, default=1e-3
        Added before the logarithm, which is the natural one.
    window : int, default=96
        Frames that the network takes at once.
    window_hop : int, default=48
        Frames from one window to the next.

    See Also
    --------
    AudioEncoder : Its parameter `front_end`.
    Waveform : For networks that take samples.

    References
    ----------
    Gemmeke et al. (2017). Audio Set: an ontology and human-labeled dataset for audio
    events. ICASSP.

    Examples
    --------
    >>> from skmmrec.encoders import LogMel
    >>> LogMel(n_mels=128, window=1024, window_hop=512).n_mels
    128
    """

    rate: int = 16_000
    n_fft: int = 512
    win_length: int = 400
    hop_length: int = 160
    n_mels: int = 64
    f_min: float = 125.0
    f_max: float = 7500.0
    mel_scale: str = "htk"
    power: float = 1.0
    log_offset: float = 1e-3
    window: int = 96
    window_hop: int = 48

    def __post_init__(self):
        if not RATES[0] <= self.rate <= RATES[1]:
            raise ValueError(
                f"rate must be from {RATES[0]:,} to {RATES[1]:,}; got {self.rate:,}; "
                f"pass samples per second."
            )
        if not 0 < self.win_length <= self.n_fft:
            raise ValueError(
                f"win_length must be from 1 to n_fft, {self.n_fft}; got "
                f"{self.win_length}; correct it."
            )
        if not 0 <= self.f_min < self.f_max <= self.rate / 2:
            raise ValueError(
                f"f_min and f_max must lie between 0 and half the rate, "
                f"{self.rate / 2:g}; got {self.f_min:g} and {self.f_max:g}; correct "
                f"them."
            )
        for name in ("hop_length", "n_mels", "window", "window_hop"):
            if getattr(self, name) < 1:
                raise ValueError(
                    f"{name} must be at least 1; got {getattr(self, name)}; raise it."
                )

    def n_frames(self, n_samples):
        """Frames of a sound; what is left over at its end makes none.

        Parameters
        ----------
        n_samples : int

        Returns
        -------
        n_frames : int
        """
        return max(0, 1 + (n_samples - self.win_length) // self.hop_length)

    def n_samples(self, n_frames):
        """Samples that so many frames take.

        Parameters
        ----------
        n_frames : int

        Returns
        -------
        n_samples : int
        """
        return self.win_length + (n_frames - 1) * self.hop_length


@lru_cache(maxsize=8)
def mel_filters(n_mels, n_fft, rate, f_min, f_max):
    """Triangles of height 1, spaced evenly on the mel scale of HTK.

    Parameters
    ----------
    n_mels : int
    n_fft : int
    rate : int
    f_min, f_max : float

    Returns
    -------
    filters : ndarray of float32 of shape (n_fft // 2 + 1, n_mels)
    """
    ends = 2595 * np.log10(1 + np.array([f_min, f_max]) / 700)
    corners = 700 * (10 ** (np.linspace(*ends, n_mels + 2) / 2595) - 1)
    frequencies = np.fft.rfftfreq(n_fft, 1 / rate)[:, None]
    left, centre, right = corners[:-2], corners[1:-1], corners[2:]
    rising = (frequencies - left) / (centre - left)
    falling = (right - frequencies) / (right - centre)
    filters = np.maximum(0, np.minimum(rising, falling)).astype(np.float32)
    filters.setflags(write=False)  # shared by all
    return filters


def mel_spectrogram(samples, settings):
    """How strong each band is in each frame.

    Parameters
    ----------
    samples : ndarray of float32 of shape (n_samples,)
        A sound of less than a frame is padded with silence.
    settings : LogMel
        Of the scale "htk".

    Returns
    -------
    mel : ndarray of float32 of shape (n_frames, n_mels)
    """
    missing = settings.win_length - len(samples)
    samples = np.pad(samples, (0, max(0, missing)))
    frames = np.lib.stride_tricks.sliding_window_view(samples, settings.win_length)
    frames = frames[:: settings.hop_length]
    shape = hann(settings.win_length, sym=False).astype(np.float32)
    filters = mel_filters(
        *(settings.n_mels, settings.n_fft, settings.rate),
        *(settings.f_min, settings.f_max),
    )
    blocks = []
    for start in range(0, len(frames), FRAMES_IN_BLOCK):
        block = frames[start : start + FRAMES_IN_BLOCK] * shape
        strength = np.abs(rfft(block, settings.n_fft, axis=1)) ** settings.power
        blocks.append(strength @ filters)
    return np.concatenate(blocks)


def log_mel(samples, settings):
    """The same as a logarithm.

    Parameters
    ----------
    samples : ndarray of float32 of shape (n_samples,)
    settings : LogMel

    Returns
    -------
    log_mel : ndarray of float32 of shape (n_frames, n_mels)
    """
    return np.log(mel_spectrogram(samples, settings) + settings.log_offset)
