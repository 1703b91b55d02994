"""What stands for a value in a store: a hash of its content, not of where it lies."""

from contextlib import suppress

import joblib
import numpy as np
from PIL import Image

from skmmrec._config import get_config
from skmmrec._quote import reason
from skmmrec.encoders._files import confined, file_digest, is_path, label
from skmmrec.encoders._fingerprint import digest
from skmmrec.encoders._pictures import open_image
from skmmrec.encoders._store import StoreError, stat_text


def value_digest(value, row, noun):
    """Hash of a value that is not the path of a file.

    Parameters
    ----------
    value : str, bytes, array, picture, or whatever else joblib can hash
    row : int
    noun : str
        Both for errors.

    Returns
    -------
    content : bytes

    Raises
    ------
    ValueError
        If it cannot be read, or told from others.
    """
    if isinstance(value, str):
        return digest(value.encode("utf-8", "surrogatepass"), b"text")
    if isinstance(value, bytes):
        return digest(value)  # the same as that of a file with this content
    if isinstance(value, Image.Image):
        value = np.asarray(open_image(value, row, noun=noun))
    if isinstance(value, np.ndarray) and value.dtype != object:
        kind = f"{value.dtype} {value.shape} ".encode()
        return digest(kind + np.ascontiguousarray(value).tobytes(), b"array")
    try:
        return digest(joblib.hash(value).encode(), b"object")
    except Exception as error:  # whatever a pickler meets
        raise ValueError(
            f"{label(noun, value, row)} must be picklable, so that a store can tell it "
            f"from others; got one that is not ({reason(error)}); set store=False."
        ) from error


class FileContents:
    """Hashes of files, read again only where the file has changed.

    Parameters
    ----------
    store : EmbeddingStore
        Remembers them.
    encoder : BaseEncoder
        Its noun is for errors, its root for relative paths.
    """

    def __init__(self, store, encoder):
        self._store = store
        self._encoder = encoder
        self._looks = {}  # value -> (path, what stat said of it)

    def read(self, values, rows):
        """The hash of each file, or the error that it raised.

        Parameters
        ----------
        values : list of str or Path
        rows : list of int

        Returns
        -------
        contents : list of bytes or Exception
        """
        paths = [self._path(value, row) for value, row in zip(values, rows)]
        known = {}
        with suppress(StoreError):  # the vectors are asked for next, and warned of
            known = self._store.known_files([p for p in paths if isinstance(p, str)])
        limit = get_config()["max_bytes"]
        contents, fresh = [], []
        for value, row, path in zip(values, rows, paths):
            if isinstance(path, Exception):
                contents.append(path)
                continue
            n_bytes = int(known[path][0].split()[0]) if path in known else limit + 1
            if n_bytes > limit:
                try:
                    content, status = file_digest(path, self._what(value, row))
                except (OSError, ValueError) as error:
                    contents.append(error)
                    continue
                known[path] = stat_text(status), content
                fresh.append((path, status, content))
            self._looks[value] = path, known[path][0]
            contents.append(known[path][1])
        if fresh:
            with suppress(StoreError):
                self._store.put_files(fresh)
        return contents

    def _what(self, value, row):
        return label(self._encoder._noun, value, row)

    def _path(self, value, row):
        try:
            return confined(
                value, self._what(value, row), getattr(self._encoder, "root", None)
            )
        except (OSError, ValueError) as error:
            return error

    def is_unchanged(self, value):
        """Whether a file still is what was hashed; True for what is no file.

        Parameters
        ----------
        value : object

        Returns
        -------
        is_unchanged : bool
        """
        if not is_path(value) or value not in self._looks:
            return True
        path, look = self._looks[value]
        return stat_text(path) == look


def contents_of(values, rows, encoder, files):
    """The hash of each value, or the error that it raised.

    Parameters
    ----------
    values : list
    rows : list of int
    encoder : BaseEncoder
    files : FileContents

    Returns
    -------
    contents : list of bytes or Exception
    """
    contents, places = [None] * len(values), []
    for place, (value, row) in enumerate(zip(values, rows)):
        if encoder._in_files and is_path(value):
            places.append(place)
            continue
        try:
            contents[place] = value_digest(value, row, encoder._noun)
        except (OSError, ValueError, TypeError) as error:
            contents[place] = error
    found = files.read([values[p] for p in places], [rows[p] for p in places])
    for place, content in zip(places, found):
        contents[place] = content
    return contents
