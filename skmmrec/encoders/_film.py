"""Frames and sound of videos, decoded with care: media are untrusted input.

FFmpeg gets an open file without its name, the containers of the list below, and no
protocol: playlists, which open other files and addresses, are none of them. How much is
read and decoded of a file has an end that depends on nothing but the file, so that what
is taken from it is the same on a slow machine.
"""

import math
import struct
from contextlib import contextmanager, suppress

import numpy as np
from PIL import Image

from skmmrec._config import get_config
from skmmrec._optional import optional_import
from skmmrec._quote import reason
from skmmrec.encoders._files import is_path, label, open_file

CONTAINERS = "mov,matroska,avi,flv,gif,asf,mpegts,mpeg,ogg"
ATTACHED = 0x400  # FFmpeg's mark of a picture that is no film
WITHOUT_SEEKING = "gif"  # a frame holds only what differs from the one before

# of one file, at most
MOST_FRAMES = 6000  # decoded
MOST_PIXELS = 2**33  # decoded: 4,000 frames of 1920 x 1080
MOST_PACKETS = 500_000  # read without decoding, where the length is not known
MOST_READ = 8, 2**28  # times its size, and bytes besides
MOST_LOOKS = 240

LOOKS_PER_SECOND = 2
# Change of colour from one look to the next with which a scene begins: 99 % of the cuts
# between moving film posters are above it, 99 % of the moves below.
CUT = 0.1
LONGEST_GAP = 3600  # seconds from one frame to the next; a time after that is damage
SEEK_AHEAD = 2.0  # seconds up to which decoding on is no slower than seeking
STEPS_BACK = 0, 5, 15, 45  # seconds
SHORTEST = 1.0  # seconds; what is said to be shorter is measured
SIDE = 512  # frames are scaled to about the pixels of SIDE x 2 SIDE, if they have more
SMALL, BINS = 32, 16  # pixels and shades in which colours are compared
RATES = 4000, 48_000  # of a sound, in Hz

# what PyAV raises on damaged files, besides errors of its own
UNREADABLE = (
    *(OSError, ValueError, TypeError, LookupError, AttributeError, RuntimeError),
    *(ArithmeticError, EOFError, MemoryError, AssertionError, struct.error),
)


class _Refused(Exception):
    """A sentence of ours about a file."""


class _Lost(Exception):
    """The frames do not lie where the container says."""


class _Source:
    """An open file for FFmpeg: nameless, and what is read of it has an end.

    PyAV keeps an exception in here until some later call fails, which may be one for
    another file; so there are none.
    """

    def __init__(self, file):
        self._file = file
        factor, extra = MOST_READ
        self._left = factor * file.seek(0, 2) + extra
        self.tell = file.tell

    def read(self, size):
        self._left -= size
        try:
            return self._file.read(size) if self._left > 0 else b""
        except OSError:
            return b""

    def seek(self, offset, whence=0):
        try:
            return self._file.seek(offset, whence)
        except (OSError, ValueError, OverflowError):
            return -1


def _refuse(url, flags, options):
    """For whatever else FFmpeg would like to open."""
    raise PermissionError("a second file")


@contextmanager
def _container(source):
    """The opened container; what it lacks is found out by those who look for it."""
    av = optional_import("av", extra="video")
    source.seek(0)
    allowed = {"format_whitelist": CONTAINERS, "protocol_whitelist": "none"}
    # PyAV before 18 crashes on options of streams that turn up late; it decodes a frame
    # to learn its size, which is refused afterwards
    has_limit = int(av.__version__.partition(".")[0]) >= 18
    limit = {"max_pixels": str(get_config()["max_pixels"])} if has_limit else {}
    with av.open(
        source,
        "r",
        options=limit,
        container_options=allowed,
        metadata_errors="replace",
        io_open=_refuse,
    ) as container:
        yield container


@contextmanager
def _one_error(what):
    """Whatever PyAV raises, as one sentence."""
    av = optional_import("av", extra="video")
    try:
        yield
    except _Refused as error:
        raise ValueError(f"{what} {error}") from error
    except (av.FFmpegError, *UNREADABLE) as error:
        raise ValueError(
            f"{what} must be readable; got a damaged file or an unknown format "
            f"({reason(error)}); replace it, or set on_error='missing'."
        ) from error


@contextmanager
def _opened(value, row, root):
    """The source of a value, errors included."""
    optional_import("av", extra="video")
    what = label("video", value, row)
    if not is_path(value) and not isinstance(value, bytes):
        raise TypeError(
            f"{what} must be a path or bytes; got {type(value).__name__}; convert it, "
            f"or set it to None if it is missing."
        )
    with open_file(value, what, root) as file, _one_error(what):
        yield _Source(file)


def _is_picture(stream):
    """Whether a stream is a cover inside a sound file."""
    disposition = getattr(stream, "disposition", 0)
    return bool(getattr(disposition, "value", disposition) & ATTACHED)


def _picture_stream(container):
    """The first stream of moving pictures, set up for a pool of threads."""
    streams = [s for s in container.streams.video if not _is_picture(s)]
    if not streams:
        raise _Refused(
            "must have moving pictures; got a file without any; replace it, or set "
            "on_error='missing'."
        )
    stream = streams[0]
    if stream.codec_context is None:
        raise _Refused(
            "must be of a known codec; got one for which FFmpeg has no decoder; "
            "convert it, or set on_error='missing'."
        )
    context, limit = stream.codec_context, get_config()["max_pixels"]
    # FFmpeg forgets a size that it would refuse
    if not 0 < context.width * context.height <= limit:
        raise _Refused(
            f"must have frames of a known size and at most {limit:,} pixels; got "
            f"{context.width} x {context.height}, where 0 is unknown or too large; "
            f"make it smaller, or raise the limit with "
            f"skmmrec.set_config(max_pixels=...)."
        )
    context.thread_count = 1
    context.options = {"max_pixels": str(limit)}  # frames may grow later
    return stream


def _seconds(number, base):
    """A number of units of time in seconds; None where it is unknown or absurd."""
    if number is None or not base:
        return None
    seconds = float(number * base)
    return seconds if math.isfinite(seconds) else None


class _Reader:
    """Frames of an open container in order of time, by decoding and by seeking.

    Parameters
    ----------
    container : av.container.InputContainer
    may_seek : bool
        If not, frames are found by decoding all before them, and one cannot get lost.
    """

    def __init__(self, container, may_seek):
        self._container, self._may_seek = container, may_seek
        self._stream = _picture_stream(container)
        is_gif = container.format.name == WITHOUT_SEEKING
        self._seek_ahead = math.inf if is_gif else SEEK_AHEAD
        self._frames_left, self._pixels_left = MOST_FRAMES, MOST_PIXELS
        self._start = _seconds(self._stream.start_time, self._stream.time_base) or 0.0
        self._frames = self._decoded()
        self._shown = None  # (time, frame), the last one not after the target
        self._next = None  # the one after it

    @property
    def duration(self):
        """In seconds, as the container says; None if it does not."""
        of_stream = _seconds(self._stream.duration, self._stream.time_base)
        of_all = _seconds(self._container.duration, 1e-6)
        return next((d for d in (of_stream, of_all) if d and d > 0), None)

    def shown_at(self, times):
        """The frames shown at increasing times, each once, as (time, frame).

        Raises
        ------
        _Lost
            If there are none at a time at which there should be.
        """
        last = None
        for turn, time in enumerate(times):
            self._go_to(time, len(times) - turn)
            shown = self._shown or self._next
            if shown is not None and shown is not last:
                last = shown
                yield shown

    def _go_to(self, time, n_left):
        """Make the frame at a time the shown one, for its share of what is left."""
        self._seek(time)
        frames_after = self._frames_left - self._frames_left // n_left
        pixels_after = self._pixels_left - self._pixels_left // n_left
        while self._next is None or self._next[0] <= time:
            if self._frames_left <= frames_after or self._pixels_left <= pixels_after:
                return
            self._shown = self._next or self._shown
            self._next = next(self._frames, None)
            if self._next is None:
                self._check_end(time)
                return

    def _check_end(self, time):
        """Whether the last frame can be the one that is shown at a time."""
        if not self._may_seek:
            return
        if self._shown is None or time - self._shown[0] > self._tolerance:
            raise _Lost

    @property
    def _tolerance(self):
        return max(1.0, (self.duration or 0) / 50)

    def _seek(self, time):
        """Go to the key frame before a time, if it is worth while."""
        position = self._next or self._shown
        position = 0.0 if position is None else position[0]
        if not self._may_seek or time - position <= self._seek_ahead:
            return
        # some containers do not know where key frames are: the first is after the time
        landed = next(filter(lambda f: f[0] <= time, self._landings(time)), None)
        if landed is None:
            raise _Lost
        if landed[0] <= position:
            # key frames are at least as far apart as this
            self._seek_ahead = time - landed[0]
        self._shown, self._next = None, landed

    def _landings(self, time):
        """The frames to which seeking leads, for the time and for ones before it."""
        av = optional_import("av", extra="video")
        for step_back in STEPS_BACK:
            offset = (time - step_back + self._start) / self._stream.time_base
            try:
                self._container.seek(round(offset), stream=self._stream)
            except (av.FFmpegError, *UNREADABLE):
                continue
            self._frames = self._decoded()
            landed = next(self._frames, None)
            if landed is not None:
                yield landed

    def _decoded(self):
        """All frames from here, as (time, frame); damaged ones are left out."""
        av = optional_import("av", extra="video")
        time, step = 0.0, 1 / max(float(self._stream.average_rate or 25), 1)
        for packet in _packets(self._container, self._stream):
            try:
                frames = packet.decode()
            except (av.FFmpegError, *UNREADABLE):
                self._frames_left -= 1
                continue
            for frame in frames:
                self._frames_left -= 1
                self._pixels_left -= frame.width * frame.height
                noted = _seconds(frame.pts, frame.time_base)
                time = time + step if noted is None else noted - self._start
                yield time, frame


def _packets(container, stream):
    """Packets of a stream, up to the first damage that ends the container."""
    av = optional_import("av", extra="video")
    packets = container.demux(stream)
    for _ in range(MOST_PACKETS):
        try:
            yield next(packets)
        except StopIteration:
            return
        except (av.FFmpegError, *UNREADABLE):
            return


def _measured(source):
    """Seconds from the first frame to the end of the last, by reading all packets."""
    with _container(source) as container:
        stream = _picture_stream(container)
        step = 1 / max(float(stream.average_rate or 25), 1)
        begins, ends, count = [], [], 0
        for packet in _packets(container, stream):
            count += bool(packet.size)
            begin = _seconds(packet.pts, packet.time_base)
            if begin is not None:
                length = _seconds(packet.duration, packet.time_base) or step
                begins.append(begin)
                ends.append(begin + min(length, LONGEST_GAP))
    if not begins:
        return count * step
    order = np.argsort(begins)
    begins, ends = np.array(begins)[order], np.array(ends)[order]
    gaps = np.flatnonzero(np.diff(begins) > LONGEST_GAP)
    return float(ends[gaps[0] if len(gaps) else -1] - begins[0])


def _picked(source, pick):
    """What is picked of a film, wherever its container says that the frames are.

    Parameters
    ----------
    source : _Source
    pick : callable
        Of a reader and the duration in seconds.

    Returns
    -------
    picked : object
    duration : float
        In seconds.
    """

    def attempt(measured, may_seek):
        with _container(source) as container:
            reader = _Reader(container, may_seek)
            duration = reader.duration if measured is None else measured
            if duration is None or (measured is None and duration < SHORTEST):
                raise _Lost
            return pick(reader, duration), duration

    with suppress(_Lost):
        return attempt(None, may_seek=True)
    measured = _measured(source)
    with suppress(_Lost):
        return attempt(measured, may_seek=True)
    return attempt(measured, may_seek=False)


def _middles(duration, n):
    """Of n equal stretches, in seconds."""
    return (np.arange(n) + 0.5) * duration / n


def _look_times(duration):
    """Twice a second, less often in a long film."""
    n_looks = math.ceil(min(duration * LOOKS_PER_SECOND, MOST_LOOKS))
    return _middles(duration, max(n_looks, 1))


class _Painter:
    """Turns frames into pictures; keeps what swscale has set up for the last size."""

    def __init__(self):
        reformatter = optional_import("av.video.reformatter", extra="video")
        self._reformat = reformatter.VideoReformatter().reformat

    def array(self, frame, width, height):
        """Pixels of a frame, (height, width, 3)."""
        return self._reformat(frame, width, height, "rgb24").to_ndarray()

    def picture(self, frame, side):
        """A PIL image of limited size, turned as the camera says."""
        scale = min(1.0, math.sqrt(2 * side**2 / (frame.width * frame.height)))
        width, height = (max(1, round(n * scale)) for n in (frame.width, frame.height))
        picture = Image.fromarray(self.array(frame, width, height))
        turn = round(getattr(frame, "rotation", 0) or 0) % 360
        return picture.rotate(turn, expand=True) if turn else picture


def _colours(pixels):
    """Cumulated shares of the shades, by quarter of the picture and channel."""
    half = SMALL // 2
    cells = (pixels // (256 // BINS)).reshape(2, half, 2, half, 3)
    cells = np.moveaxis(cells, (0, 2, 4), (0, 1, 2)).reshape(12, -1)
    bins = cells + BINS * np.arange(12)[:, None]
    counts = np.bincount(bins.ravel(), minlength=12 * BINS).reshape(12, BINS)
    return counts.cumsum(axis=1) / half**2


def colour_change(before, after):
    """How far the shades move from one to the other: 0 for none, 1 for black to white.

    The earth mover's distance of the histograms of red, green and blue in each quarter
    of the picture, the mean of all twelve. Unlike the difference of two histograms it
    is small for a slight change of light.

    Parameters
    ----------
    before, after : ndarray of uint8 of shape (32, 32, 3)

    Returns
    -------
    change : float
    """
    moved = np.abs(_colours(before) - _colours(after)).sum(axis=1) / (BINS - 1)
    return float(moved.mean())


def _strongest_scenes(shown, painter, n_scenes, side):
    """The first look at each scene that begins with a cut, the strongest ones."""
    best, before = [], None  # (change, -order, picture), the strongest last
    for order, (_, frame) in enumerate(shown):
        small = painter.array(frame, SMALL, SMALL)
        change = math.inf if before is None else colour_change(before, small)
        before = small
        if change < CUT or (len(best) == n_scenes and change <= best[0][0]):
            continue
        best.append((change, -order, painter.picture(frame, side)))
        best = sorted(best, key=lambda scene: scene[:2])[-n_scenes:]
    return [picture for _, _, picture in sorted(best, key=lambda scene: -scene[1])]


def open_frames(value, row, *, n_frames, sampling="even", root=None, side=SIDE):
    """A few frames of a video, in order of time.

    Parameters
    ----------
    value : str, Path or bytes
        A file, or the content of one.
    row : int
        Row of the column, for messages.
    n_frames : int
        Fewer where the video has fewer.
    sampling : {"even", "scenes"}, default="even"
        The frames in the middle of `n_frames` equal stretches of time; or the first
        ones of the scenes before which the colours change most.
    root : str or Path, default=None
        Relative paths start here, and none may lead out.
    side : int, default=512
        Frames of more pixels than a picture of `side` x 2 `side` are scaled down.

    Returns
    -------
    pictures : list of PIL.Image.Image
        Of mode RGB, at least one.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the video cannot be read, is too large, or outside the root.
    TypeError
        If the value is neither a path nor bytes.
    """

    def pick(reader, duration):
        painter = _Painter()
        if sampling == "scenes":
            shown = reader.shown_at(_look_times(duration))
            return _strongest_scenes(shown, painter, n_frames, side)
        shown = reader.shown_at(_middles(duration, n_frames))
        return [painter.picture(frame, side) for _, frame in shown]

    with _opened(value, row, root) as source:
        pictures, _ = _picked(source, pick)
        _check_any(pictures)
    return pictures


def open_looks(value, row, *, root=None):
    """A video at a glance: small pictures, up to two a second.

    Parameters
    ----------
    value : str, Path or bytes
    row : int
        For messages.
    root : str or Path, default=None

    Returns
    -------
    pictures : list of PIL.Image.Image
        At most 240, so further apart in videos of more than two minutes; turned as the
        camera says.
    duration : float
        In seconds.

    Raises
    ------
    OSError, ValueError, TypeError
        As `open_frames`.
    """

    def pick(reader, duration):
        painter = _Painter()
        shown = reader.shown_at(_look_times(duration))
        return [painter.picture(frame, SMALL * 4) for _, frame in shown]

    with _opened(value, row, root) as source:
        pictures, duration = _picked(source, pick)
        _check_any(pictures)
    return pictures, duration


def _check_any(pictures):
    if not pictures:
        raise _Refused(
            "must be readable; got a file of which no frame can be decoded; replace "
            "it, or set on_error='missing'."
        )


def open_track(value, row, *, rate=None, seconds=None, root=None):
    """The sound of a video, mixed to one channel.

    Parameters
    ----------
    value : str, Path or bytes
        A file, or the content of one.
    row : int
        Row of the column, for messages.
    rate : int, default=None
        Samples a second; None is what the file has, within 4,000 and 48,000.
    seconds : float, default=None
        How much is taken from the beginning; None is the limit of `set_config`, which
        holds anyway.
    root : str or Path, default=None
        Relative paths start here, and none may lead out.

    Returns
    -------
    track : (ndarray of float32 of shape (n_samples,), int) or None
        Samples and their rate; None if there is no sound, or none that can be decoded.

    Raises
    ------
    OSError, ValueError, TypeError
        As `open_frames`.
    """
    with _opened(value, row, root) as source, _container(source) as container:
        streams = [s for s in container.streams.audio if s.codec_context is not None]
        if not streams:
            return None
        streams[0].codec_context.thread_count = 1
        rate = rate or int(np.clip(streams[0].rate or RATES[0], *RATES))
        limit = get_config()["max_seconds"]
        most = math.ceil(rate * min(limit, limit if seconds is None else seconds))
        blocks, n_samples = [], 0
        for block in _resampled(container, streams[0], rate):
            blocks.append(block)
            n_samples += len(block)
            if n_samples >= most:
                break
    if not n_samples:
        return None
    samples = np.concatenate(blocks)[:most]
    samples = np.nan_to_num(samples, posinf=0.0, neginf=0.0)
    return samples.clip(-1, 1), rate  # damage may be louder than any sound


def _resampled(container, stream, rate):
    """Blocks of samples; what is damaged is left out."""
    av = optional_import("av", extra="video")
    resampler = av.AudioResampler(format="flt", layout="mono", rate=rate)
    for packet in _packets(container, stream):
        try:
            blocks = [b for frame in packet.decode() for b in resampler.resample(frame)]
        except (av.FFmpegError, *UNREADABLE):
            continue
        yield from (block.to_ndarray().ravel() for block in blocks)
    try:
        rest = resampler.resample(None)
    except (av.FFmpegError, *UNREADABLE):
        return
    yield from (block.to_ndarray().ravel() for block in rest)
