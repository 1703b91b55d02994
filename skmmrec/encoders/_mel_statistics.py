"""Sounds by what can be counted in them: spectrum, timbre and rhythm."""

from itertools import pairwise

import numpy as np
from scipy.fft import dct, rfft, rfftfreq
from scipy.signal.windows import hann

from skmmrec.encoders._base import BaseEncoder
from skmmrec.encoders._mel import LogMel, mel_spectrogram
from skmmrec.encoders._sound import check_duration, open_sound

FRONT_END = LogMel(n_mels=40, f_min=50.0, f_max=8000.0, power=2.0)
FRAMES_PER_SECOND = FRONT_END.rate / FRONT_END.hop_length
FLOOR = 1e-6  # of the mean energy: what is 60 dB below it counts as silence
N_COEFFICIENTS = 20  # from the second on: the first is the level
N_REGIONS = 4  # of neighbouring bands, whose rhythm is told apart
PULSES = (0.5, 1, 2, 4, 8, 16, 32)  # in Hz; the ear hears rhythm up to about 16
LEAST_PULSE = 1e-3  # added before the logarithm
N_FFT = 512  # at least, so that each range of pulses has a frequency in short sounds

# Factors by which the total variance of each part is about 1 over the environmental
# sounds of ESC-10, so that no part drowns the others.
SCALES = {"spectrum": 0.1, "variation": 0.1, "timbre": 0.25, "rhythm": 0.12}

BANDS = range(FRONT_END.n_mels)
COEFFICIENTS = range(1, N_COEFFICIENTS + 1)
RANGES = [f"{low:g}to{high:g}hz" for low, high in pairwise(PULSES)]
SPECTRUM_NAMES = ["spectrum_flatness", *(f"spectrum_mel{band}" for band in BANDS)]
VARIATION_NAMES = [f"variation_mel{band}" for band in BANDS]
TIMBRE_NAMES = [
    *(f"timbre_std_mfcc{number}" for number in COEFFICIENTS),
    *(f"timbre_delta_mfcc{number}" for number in COEFFICIENTS),
]
RHYTHM_NAMES = [
    f"rhythm_region{region}_{name}" for region in range(N_REGIONS) for name in RANGES
]
NAMES = [*SPECTRUM_NAMES, *VARIATION_NAMES, *TIMBRE_NAMES, *RHYTHM_NAMES]


def _relative_log_mel(samples):
    """Log-mel spectrogram of (n_frames, n_mels), the mean energy being 0."""
    peak = np.abs(samples).max()
    mel = mel_spectrogram(samples / (peak or 1), FRONT_END).astype(np.float64)
    return np.log(mel / (mel.mean() or 1) + FLOOR)


def _spectrum(log_mel):
    """How flat the spectrum is, and its shape."""
    mean = log_mel.mean(axis=0)
    # the geometric over the arithmetic mean, as the latter is 1
    flatness = mean.mean()
    return [flatness, *(mean - flatness)]


def _timbre(log_mel):
    """How much each cepstral coefficient varies, and how fast."""
    cepstrum = dct(log_mel, axis=1, norm="ortho")[:, 1 : N_COEFFICIENTS + 1]
    steps = np.diff(cepstrum, axis=0, append=cepstrum[-1:])
    return [*cepstrum.std(axis=0), *steps.std(axis=0)]


def _rhythm(log_mel):
    """How strong each region pulses, slowly to fast."""
    n_frames = len(log_mel)
    regions = log_mel.reshape(n_frames, N_REGIONS, -1).mean(axis=2)
    moving = (regions - regions.mean(axis=0)) * hann(n_frames, sym=False)[:, None]
    n_fft = max(N_FFT, n_frames)
    energy = np.abs(rfft(moving, n_fft, axis=0)) ** 2 / n_frames**2
    ranges = np.digitize(rfftfreq(n_fft, 1 / FRAMES_PER_SECOND), PULSES)
    pulses = [energy[ranges == number].sum(axis=0) for number in range(1, len(PULSES))]
    return np.log(np.transpose(pulses) / LEAST_PULSE + 1).ravel()


def _statistics(samples):
    """All features of a sound, (n_features_out,)."""
    log_mel = _relative_log_mel(samples)
    parts = {
        "spectrum": _spectrum(log_mel),
        "variation": log_mel.std(axis=0),
        "timbre": _timbre(log_mel),
        "rhythm": _rhythm(log_mel),
    }
    return np.hstack([np.multiply(parts[name], SCALES[name]) for name in parts])


class MelStatisticsEncoder(BaseEncoder):
    """Spectrum, timbre and rhythm of sounds, counted without any pretrained model.

    Fast, needs no download, learns nothing: the same sound has the same features in
    every table, and as well when it is louder. It tells a voice from a bell and a slow
    beat from a fast one; for what a sound means, see `AudioEncoder`.

    Parameters
    ----------
    duration : float, default=None
        Seconds that are read from the start of each sound, such as 30 for whole songs.
        None reads all.
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
    MelFrameEncoder : The spectrogram itself, for networks that are trained on it.

    Notes
    -----
    Of the sound at 16 kHz, its mean energy set to 1: 41 features of the spectrum, its
    flatness and the mean of each of 40 log-mel bands; 40 of variation, the standard
    deviation of each band; 40 of timbre, the standard deviations of 20 mel-frequency
    cepstral coefficients (Davis and Mermelstein) and of their changes from frame to
    frame; 24 of rhythm, how strong each of four regions of the spectrum pulses, from
    0.5 to 32 times a second (McKinney and Breebaart). The means of the coefficients are
    left out, being sums of those of the bands. Each part is scaled by a fixed factor so
    that all four vary about as much from sound to sound.

    The column holds paths, the bytes of files (WAV, FLAC, Ogg, MP3, AIFF and others of
    libsndfile) or tuples (samples, rate). What exceeds the limits of `set_config` is
    refused.

    References
    ----------
    Davis and Mermelstein (1980). Comparison of parametric representations for
    monosyllabic word recognition in continuously spoken sentences. IEEE Transactions on
    Acoustics, Speech, and Signal Processing 28.

    McKinney and Breebaart (2003). Features for audio and music classification. ISMIR.

    Examples
    --------
    >>> import numpy as np
    >>> from skmmrec.encoders import MelStatisticsEncoder
    >>> time = np.arange(16_000) / 16_000
    >>> low, high = (np.sin(2 * np.pi * hz * time) for hz in (200, 3000))
    >>> sounds = [(low, 16_000), (high, 16_000), None]
    >>> features = MelStatisticsEncoder().fit_transform(sounds)
    >>> features.shape
    (3, 145)
    >>> np.isnan(features).all(axis=1).tolist()
    [False, False, True]
    """

    _noun = "sound"
    _in_files = True
    _libraries = ("soundfile", "scipy", "numpy")

    def __init__(
        self,
        duration=None,
        on_error="raise",
        root=None,
        show_progress=False,
        store=None,
    ) -> None:
        self.duration = duration
        self.on_error = on_error
        self.root = root
        self.show_progress = show_progress
        self.store = store

    def _names(self):
        return NAMES

    def _fit(self, values, rows):
        check_duration(self.duration)

    def _width(self):
        return len(NAMES)

    def _read(self, value, row):
        samples = open_sound(
            value, row, rate=FRONT_END.rate, root=self.root, duration=self.duration
        )
        return _statistics(samples)

    def _encode(self, batch):
        return np.stack(batch)
