"""Small videos, made by PyAV itself."""

from io import BytesIO

import av
import numpy as np

# container and codec of each kind of file
KINDS = {
    "mp4": ("mp4", "libx264"),
    "mp4-part2": ("mp4", "mpeg4"),
    "mkv": ("matroska", "libx264"),
    "webm": ("webm", "libvpx-vp9"),
    "gif": ("gif", "gif"),
    "avi": ("avi", "mpeg4"),
    "ts": ("mpegts", "libx264"),
    "flv": ("flv", "flv"),
    "mpg": ("mpeg", "mpeg2video"),
    "wmv": ("asf", "wmv2"),
}
COLOURS = {"r": (255, 0, 0), "g": (0, 255, 0), "b": (0, 0, 255), "w": (255, 255, 255)}
SOUND_RATE = 48_000


def plain(letters, size=(64, 48)):
    """Frames of plain colours, one for each letter of such as "rrgb"."""
    width, height = size
    return [np.full((height, width, 3), COLOURS[c], dtype=np.uint8) for c in letters]


def tone(seconds, pitch=440.0):
    """Samples of a sound."""
    times = np.arange(round(seconds * SOUND_RATE)) / SOUND_RATE
    return 0.5 * np.sin(2 * np.pi * pitch * times).astype(np.float32)


def film(
    frames, kind="mp4", rate=10, sound=None, rotation=0, fragmented=False, **options
):
    """The bytes of a video file.

    Parameters
    ----------
    frames : list of ndarray of uint8 of shape (height, width, 3)
    kind : str, default="mp4"
        One of KINDS.
    rate : int, default=10
        Frames a second.
    sound : ndarray of float32, default=None
        For mp4, mkv and webm.
    rotation : int, default=0
        Noted in the file, counter-clockwise.
    fragmented : bool, default=False
        Write an mp4 in pieces, each with its own index.
    **options : str
        Of the codec.
    """
    container, codec = KINDS[kind]
    file = BytesIO()
    flags = {"movflags": "empty_moov+frag_every_frame"} if fragmented else {}
    with av.open(file, "w", format=container, options=flags) as output:
        stream = output.add_stream(codec, rate=25 if kind == "mpg" else rate)
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = "rgb8" if kind == "gif" else "yuv420p"
        stream.bit_rate = 2_000_000
        stream.options = options
        if rotation:
            stream.set_display_rotation(rotation)
        if sound is not None:
            codec = "libopus" if kind == "webm" else "aac"
            track = output.add_stream(codec, rate=SOUND_RATE)
        for pixels in frames:
            output.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, "rgb24")))
        output.mux(stream.encode(None))
        if sound is not None:
            block = av.AudioFrame.from_ndarray(sound[None], "fltp", "mono")
            block.sample_rate, block.pts = SOUND_RATE, 0
            output.mux(track.encode(block))
            output.mux(track.encode(None))
    return file.getvalue()


def sound_file(samples, cover=None):
    """A file without moving pictures; `cover` is an array, or None for no picture."""
    file = BytesIO()
    with av.open(file, "w", format="mp4") as output:
        track = output.add_stream("aac", rate=SOUND_RATE)
        if cover is not None:
            stream = output.add_stream("mjpeg", rate=1)
            stream.height, stream.width = cover.shape[:2]
            stream.pix_fmt = "yuvj420p"
            stream.disposition = av.stream.Disposition.attached_pic
            output.mux(stream.encode(av.VideoFrame.from_ndarray(cover, "rgb24")))
            output.mux(stream.encode(None))
        block = av.AudioFrame.from_ndarray(samples[None], "fltp", "mono")
        block.sample_rate, block.pts = SOUND_RATE, 0
        output.mux(track.encode(block))
        output.mux(track.encode(None))
    return file.getvalue()
