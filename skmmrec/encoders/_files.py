"""Files that hold media, opened with care: they are untrusted input.

Only regular files, of a limited size, and, where a root is given, only within it: a
path that leads out, also through a link, is refused. What is handed on is an open file
and never a path, so that no library chooses its reader by the suffix, follows an
address, or opens a second file.
"""

import errno
import os
import stat
from contextlib import contextmanager
from hashlib import blake2b
from io import BytesIO
from pathlib import Path, PurePath

from skmmrec._config import get_config
from skmmrec._quote import quoted

DIGEST_CHUNK = 2**20
LONGEST_PATH = 2**15  # no system takes more; to resolve one takes the square of it
NOT_A_FILE = {
    *(errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ELOOP),
    *(errno.ENXIO, errno.ENODEV, errno.ENAMETOOLONG),
}


def is_path(value):
    """Whether a value names a file."""
    return isinstance(value, (str, PurePath))


def label(noun, value, row):
    """What an error calls a value, such as: The picture in row 3 ('a.jpg')."""
    name = f" ({quoted(os.fspath(value))})" if is_path(value) else ""
    return f"The {noun} in row {row}{name}"


def check_root(root):
    """Refuse a root that is no folder, instead of each file in it.

    Parameters
    ----------
    root : str or Path

    Raises
    ------
    TypeError, ValueError
    """
    if not isinstance(root, (str, os.PathLike)):
        raise TypeError(
            f"root must be a folder or None; got {type(root).__name__}; pass a path."
        )
    if not os.path.isdir(os.path.expanduser(root)):
        raise ValueError(
            f"root must be a folder; got {quoted(os.fspath(root))}, where there is "
            f"none; correct the path."
        )


def confined(value, what, root=None):
    """The path to open.

    Parameters
    ----------
    value : str or Path
    what : str
        Beginning of an error.
    root : str or Path, default=None
        Relative paths start here, and none may lead out.

    Returns
    -------
    path : str

    Raises
    ------
    ValueError
        If the path leads out of the root.
    FileNotFoundError
        If it is too long for any file.
    """
    if len(os.fspath(value)) > LONGEST_PATH:
        raise _not_a_file(what)
    if root is None:
        return os.fspath(value)
    root = Path(root).expanduser().resolve()
    try:
        path = (root / value).resolve()
    except (OSError, RuntimeError, ValueError):  # a loop of links, a null character
        path = None
    if path is None or not path.is_relative_to(root):
        raise ValueError(
            f"{what} must lie in the root {str(root)!r}; got a path that leads out of "
            f"it; correct the path, or the root."
        )
    return str(path)


@contextmanager
def open_file(value, what, root=None):
    """Open a file, or the content of one, for reading.

    Parameters
    ----------
    value : str, Path or bytes
    what : str
        Beginning of an error.
    root : str or Path, default=None
        Relative paths start here, and none may lead out.

    Yields
    ------
    file : binary file

    Raises
    ------
    FileNotFoundError
        If there is no such file, or it is a folder, a device or a pipe.
    OSError
        If it may not be read.
    ValueError
        If it is empty, too large, or outside the root.
    """
    if isinstance(value, bytes):
        _check_size(len(value), what)
        yield BytesIO(value)
        return
    path = confined(value, what, root)
    with _open_regular(path, what) as file:
        _check_size(os.fstat(file.fileno()).st_size, what)
        yield file


def _open_regular(path, what):
    """Open what is a file and nothing else; a pipe would wait for a writer."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except PermissionError as error:
        raise PermissionError(
            f"{what} must be readable; got a file that this user may not read; change "
            f"its permissions, or set on_error='missing'."
        ) from error
    except ValueError as error:  # a null character
        raise _not_a_file(what) from error
    except OSError as error:
        if error.errno in NOT_A_FILE:
            raise _not_a_file(what) from error
        raise OSError(
            f"{what} must be readable; got an error of the system ({error.strerror}); "
            f"try again."
        ) from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise _not_a_file(what)
    return os.fdopen(descriptor, "rb")


def _not_a_file(what):
    return FileNotFoundError(
        f"{what} must be a file; got a path where there is none, or something else, "
        f"such as a folder or a pipe; correct the path, or set on_error='missing'."
    )


def _check_size(n_bytes, what):
    if n_bytes == 0:
        raise ValueError(
            f"{what} must be readable; got an empty file; replace it, or set "
            f"on_error='missing'."
        )
    limit = get_config()["max_bytes"]
    if n_bytes > limit:
        raise ValueError(
            f"{what} must have at most {limit:,} bytes; got {n_bytes:,}; make it "
            f"smaller, or raise the limit with skmmrec.set_config(max_bytes=...)."
        )


def file_digest(path, what, root=None):
    """Hash of the content of a file.

    Parameters
    ----------
    path : str or Path
    what : str
        Beginning of an error.
    root : str or Path, default=None

    Returns
    -------
    content : bytes
    status : os.stat_result
        From before it was read.

    Raises
    ------
    OSError, ValueError
        As `open_file`.
    """
    with open_file(path, what, root) as file:
        status = os.fstat(file.fileno())
        hasher = blake2b(digest_size=16)
        while chunk := file.read(DIGEST_CHUNK):
            hasher.update(chunk)
    return hasher.digest(), status
