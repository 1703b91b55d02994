"""Sounds from anywhere, as one channel at one rate: media are untrusted input.

A file is decoded block by block, its channels are averaged and its rate is changed at
once, so that what is in memory grows with the seconds alone. What a header says of the
length is not believed, and rates that no recorder has are refused.
"""

import io
from contextlib import contextmanager
from fractions import Fraction
from numbers import Integral, Real

import numpy as np
import soundfile
from scipy.signal import resample_poly

from skmmrec._config import get_config
from skmmrec._quote import reason
from skmmrec.encoders._files import is_path, label, open_file

FORMATS = (
    *("WAV", "WAVEX", "FLAC", "OGG", "MP3", "AIFF"),
    *("AU", "CAF", "RF64", "W64"),
)
RATES = 1000, 768_000  # in Hz
LOUDEST = 16.0  # full scale is 1; what decoders overshoot is far below
BLOCK = 2**18  # samples of all channels together
LARGEST_FACTOR = 1000  # of a ratio of rates; the filter has 20 times as many taps
INTEGERS = ("uint8", "int8", "uint16", "int16", "uint32", "int32")

# what soundfile raises on damaged files, besides errors of its own
UNREADABLE = (
    *(OSError, ValueError, TypeError, LookupError, AttributeError, RuntimeError),
    *(ArithmeticError, EOFError, MemoryError, AssertionError),
)


class _Refused(Exception):
    """A sentence of ours about a sound."""


class _Source:
    """An open file for libsndfile: nameless, and a seek to nowhere is no exception.

    An exception could not pass through the C library, and would be printed.
    """

    def __init__(self, file):
        self._file = file
        self.tell = file.tell
        self.readinto = file.readinto
        self.read = file.read  # not called, but asked for

    def seek(self, offset, whence=io.SEEK_SET):
        try:
            return self._file.seek(offset, whence)
        except (OSError, ValueError, OverflowError):
            return self._file.tell()


class _Sound(soundfile.SoundFile):
    """Read from start to end, without a seek after each block.

    There is nothing to seek, and in a stream of FLAC it would fail.
    """

    def seekable(self):
        return False


def open_sound(value, row, *, rate, root=None, duration=None, noun="sound"):
    """Open one sound, average its channels, and bring it to a rate.

    Parameters
    ----------
    value : str, Path, bytes or tuple
        A file, the content of a file, or (samples, rate): an array of shape (n,) or (n,
        channels), floats from -1 to 1 or integers of at most 32 bits, and samples per
        second.
    row : int
        Row of the column, for messages.
    rate : int
        Samples per second of the result.
    root : str or Path, default=None
        Relative paths start here, and none may lead out.
    duration : float, default=None
        Seconds that are read from the start. None reads all, and refuses sounds that
        are longer than the limit of `set_config`.
    noun : str, default="sound"
        What the value is called in messages.

    Returns
    -------
    samples : ndarray of float32 of shape (n_samples,)
        At least one sample.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the sound cannot be read, is too long, empty, or outside the root.
    TypeError
        If the value is no sound at all.
    """
    what = label(noun, value, row)
    if isinstance(value, tuple):
        samples, own_rate = _checked_pair(value, what)
        with _one_error(what):
            return _gathered(_array_blocks(samples), own_rate, rate, duration)
    if not is_path(value) and not isinstance(value, bytes):
        raise TypeError(
            f"{what} must be a path, bytes or a tuple (samples, rate); got "
            f"{type(value).__name__}; convert it, or set it to None if it is missing."
        )
    with (
        open_file(value, what, root) as file,
        _one_error(what),
        _Sound(_Source(file)) as sound,
    ):
        if sound.format not in FORMATS:
            raise soundfile.SoundFileRuntimeError(f"{sound.format} is not read")
        return _gathered(_file_blocks(sound), sound.samplerate, rate, duration)


@contextmanager
def _one_error(what):
    """Whatever soundfile raises, as one sentence."""
    try:
        yield
    except _Refused as error:
        raise ValueError(f"{what} {error}") from error
    except (soundfile.SoundFileError, *UNREADABLE) as error:
        got = reason(getattr(error, "error_string", None) or error)
        raise ValueError(
            f"{what} must be readable; got a damaged file or an unknown format "
            f"({got}); replace it, or set on_error='missing'."
        ) from error


def _checked_pair(pair, what):
    """Samples of shape (n, channels), and their rate."""
    if len(pair) != 2 or not isinstance(pair[1], Integral):
        kinds = ", ".join(type(part).__name__ for part in pair)
        raise TypeError(
            f"{what} must be a tuple (samples, rate) with an integer rate; got "
            f"({kinds}); put the samples first, and the samples per second after them."
        )
    samples = np.asarray(pair[0])
    if samples.dtype.kind != "f" and samples.dtype.name not in INTEGERS:
        raise TypeError(
            f"{what} must have samples of a float type, or of integers of at most 32 "
            f"bits; got {samples.dtype}; convert them to floats from -1 to 1."
        )
    if samples.ndim == 1:
        samples = samples[:, None]
    # more channels than samples are those of torchaudio, which has them first
    if samples.ndim != 2 or not 0 < samples.shape[1] <= max(1, len(samples)):
        raise ValueError(
            f"{what} must have samples of shape (n,) or (n, channels); got "
            f"{np.shape(pair[0])}; transpose or flatten them."
        )
    return samples, int(pair[1])


def _array_blocks(samples):
    """Blocks of shape (n, channels) of an array, integers scaled to -1 to 1."""
    size = max(1, BLOCK // samples.shape[1])
    middle, scale = 0.0, 1.0
    if samples.dtype.kind != "f":
        scale = 2.0 ** (8 * samples.dtype.itemsize - 1)
        middle = scale if samples.dtype.kind == "u" else 0.0
    for start in range(0, len(samples), size):
        block = samples[start : start + size].astype(np.float64)
        yield (block - middle) / scale


def _file_blocks(sound):
    """Blocks of shape (n, channels) of an open file, until it has no more."""
    buffer = np.empty((max(1, BLOCK // sound.channels), sound.channels), np.float32)
    # into a buffer, as otherwise the length in the header decides what is read
    while len(block := sound.read(out=buffer)):
        yield block


def _gathered(blocks, own_rate, rate, duration):
    """Blocks of any channels as one array of a single channel, at a rate."""
    least, most = RATES
    if not least <= own_rate <= most:
        raise _Refused(
            f"must have between {least:,} and {most:,} samples per second; got "
            f"{own_rate:,}; convert it, or set on_error='missing'."
        )
    mono = _limited(map(_to_mono, blocks), own_rate, duration)
    parts = list(_resampled(mono, own_rate, rate))
    if not parts:
        raise _Refused(
            "must have samples; got none; replace it, or set on_error='missing'."
        )
    return np.concatenate(parts)


def _to_mono(block):
    """The mean of the channels."""
    with np.errstate(all="ignore"):  # the peak tells
        mono = np.ascontiguousarray(block.mean(axis=1), dtype=np.float32)
    peak = np.abs(mono).max(initial=0.0)
    if not peak <= LOUDEST:
        got = f"{peak:g}" if np.isfinite(peak) else "NaN or infinity"
        raise _Refused(
            f"must have samples from -1 to 1; got {got}; scale it, or set "
            f"on_error='missing'."
        )
    return mono


def _limited(blocks, rate, duration):
    """No more samples than are wanted; an error if that is all, and there are more."""
    limit = get_config()["max_seconds"]
    left = int(np.ceil(rate * (limit if duration is None else duration)))
    for block in blocks:
        if len(block) >= left and duration is not None:
            yield block[:left]
            return
        if len(block) > left:
            raise _Refused(
                f"must last at most {limit:,} seconds; got more; shorten it, set "
                f"duration, or raise the limit with "
                f"skmmrec.set_config(max_seconds=...)."
            )
        left -= len(block)
        yield block


def _resampled(blocks, own_rate, rate):
    """Blocks at another rate, to the same result as all at once.

    Of rates without a common divisor, such as 44,101 and 16,000, the ratio is rounded
    to one of small numbers; the pitch is wrong by a thousandth at most, unheard.
    """
    if own_rate == rate:
        yield from blocks
        return
    low, high = sorted((own_rate, rate))
    ratio = Fraction(low, high).limit_denominator(LARGEST_FACTOR)
    up, down = ratio.as_integer_ratio()
    if rate == high:
        up, down = down, up
    # the filter reaches over 10 max(up, down) samples at `up` times the own rate
    reach = 1 - (-10 * max(up, down) // up)
    margin = -(-reach // down) * down
    size = -(-BLOCK // down) * down
    held = np.zeros(margin, np.float32)  # before the sound there is silence
    for block in blocks:
        held = np.concatenate([held, block])
        while len(held) >= size + 2 * margin:
            piece = resample_poly(held[: size + 2 * margin], up, down)
            start = margin // down * up
            yield piece[start : start + size // down * up]
            held = held[size:]
    n_left = len(held) - margin
    if n_left:
        piece = resample_poly(held, up, down)
        start = margin // down * up
        yield piece[start : start + -(-n_left * up // down)]


def check_duration(duration):
    """Refuse what is no number of seconds.

    Parameters
    ----------
    duration : float or None

    Raises
    ------
    TypeError
        If it is no number.
    ValueError
        If it is not above 0.
    """
    if duration is None:
        return
    if not isinstance(duration, Real) or isinstance(duration, bool):
        raise TypeError(
            f"duration must be a number of seconds; got {type(duration).__name__}; "
            f"pass one, or None for whole sounds."
        )
    if not 0 < duration < np.inf:
        raise ValueError(
            f"duration must be above 0 and finite; got {duration}; pass a number of "
            f"seconds, or None for whole sounds."
        )
