"""What stands for a value in a store: a hash of its content, not of where it lies."""

import numpy as np

from skmmrec.encoders._files import confined, file_digest, is_path, label
from skmmrec.encoders._fingerprint import digest
from skmmrec.encoders._store import stat_text


def value_digest(value):
    """Hash of a value that is not the path of a file.

    Parameters
    ----------
    value : str, bytes, array, picture, or a tuple of these and of numbers

    Returns
    -------
    content : bytes
    """
    if isinstance(value, str):
        return digest(b"text " + value.encode("utf-8", "surrogatepass"))
    if isinstance(value, bytes):
        return digest(value)  # the same as that of a file with this content
    if isinstance(value, (tuple, list)):
        return digest(b"several " + b"".join(map(value_digest, value)))
    if hasattr(value, "__array_interface__") or hasattr(value, "__array__"):
        array = np.asarray(value)
        kind = f"array {getattr(value, 'mode', '')} {array.dtype} {array.shape} "
        palette = repr(getattr(value, "palette", None) and value.getpalette())
        return digest((kind + palette).encode() + np.ascontiguousarray(array).tobytes())
    return digest(f"{type(value).__name__} {value!r}".encode())


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
        known = self._store.known_files([p for p in paths if isinstance(p, str)])
        contents, fresh = [], []
        for value, row, path in zip(values, rows, paths):
            if isinstance(path, Exception):
                contents.append(path)
                continue
            if path not in known:
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
            self._store.put_files(fresh)
        return contents

    def _what(self, value, row):
        return label(self._encoder._noun, value, row)

    def _path(self, value, row):
        try:
            return confined(value, self._what(value, row), self._encoder.root)
        except ValueError as error:
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
    contents = [
        None if encoder._in_files and is_path(value) else value_digest(value)
        for value in values
    ]
    places = [place for place, content in enumerate(contents) if content is None]
    found = files.read([values[p] for p in places], [rows[p] for p in places])
    for place, content in zip(places, found):
        contents[place] = content
    return contents
