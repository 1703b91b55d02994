"""Pictures and sounds as parts of a page, small enough that a page can hold many."""

import io
from base64 import b64encode

import soundfile

from skmmrec.encoders._pictures import open_image
from skmmrec.encoders._sound import open_sound

THUMBNAIL = 320  # pixels of the longer side, twice what is shown: screens are fine
RATE = 22_050  # samples per second
BLOCK = 2**14  # samples; libsndfile overflows its stack where Vorbis gets far more


def picture_jpeg(value, row, root=None):
    """A picture as a small JPEG.

    Parameters
    ----------
    value : str, Path, bytes, PIL.Image.Image or ndarray
        As `ImageEncoder` takes it.
    row : int
        For errors.
    root : str or Path, default=None
        Relative paths start here, and none may lead out.

    Returns
    -------
    content : bytes

    Raises
    ------
    OSError, ValueError, TypeError
        If it cannot be read.
    """
    picture = open_image(value, row, root=root, side=THUMBNAIL)
    picture.thumbnail((THUMBNAIL, THUMBNAIL))
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=80, optimize=True)
    return file.getvalue()


def picture_uri(value, row, root=None):
    """The same as a data URI."""
    return data_uri("image/jpeg", picture_jpeg(value, row, root))


def sound_vorbis(value, row, duration, root=None):
    """The first seconds of a sound as a Vorbis file.

    Parameters
    ----------
    value : str, Path, bytes or tuple
        As `AudioEncoder` takes it.
    row : int
        For errors.
    duration : float
        Seconds.
    root : str or Path, default=None

    Returns
    -------
    content : bytes

    Raises
    ------
    OSError, ValueError, TypeError
        If it cannot be read.
    """
    samples = open_sound(value, row, rate=RATE, root=root, duration=duration)
    file = io.BytesIO()
    options = {"samplerate": RATE, "channels": 1, "format": "OGG", "subtype": "VORBIS"}
    with soundfile.SoundFile(file, "w", **options) as sound:
        for start in range(0, len(samples), BLOCK):
            sound.write(samples[start : start + BLOCK])
    return file.getvalue()


def sound_uri(value, row, duration, root=None):
    """The same as a data URI."""
    return data_uri("audio/ogg", sound_vorbis(value, row, duration, root))


def data_uri(kind, content):
    """Bytes as a data URI of a kind such as "image/png"."""
    return f"data:{kind};base64,{b64encode(content).decode()}"
