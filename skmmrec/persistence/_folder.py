"""A folder of parts, and a manifest that vouches for them by their hashes.

Each save writes its parts into a folder of its own and then replaces the manifest,
which is one step for the file system: whoever opens the model finds the old one or the
new one, whole, whenever the writer was killed.
"""

import json
import os
import shutil
import stat
from contextlib import contextmanager
from hashlib import file_digest, sha256
from pathlib import Path, PurePosixPath
from secrets import token_hex

import numpy as np

from skmmrec._checks import check_path
from skmmrec._quote import quoted
from skmmrec.persistence._errors import ModelFileError

MANIFEST = "manifest.json"
FORMAT = 1
MAX_MANIFEST = 2**26  # bytes
LEFT_OVER = 3600  # seconds; no save takes as long
FIELDS = {"versions": dict, "folder": str, "encoders": list, "parts": dict}


def _canonical(content):
    return json.dumps(content, sort_keys=True).encode()


def _sync(path):
    """Wait until a folder's entries are on the disk, where folders can be opened."""
    if os.name == "posix":
        place = os.open(path, os.O_RDONLY)
        try:
            os.fsync(place)
        finally:
            os.close(place)


class _HashedFile:
    """A file that is hashed as it is written."""

    def __init__(self, file):
        self._file, self._hash, self._size = file, sha256(), 0

    def write(self, data):
        self._file.write(data)
        self._hash.update(data)
        self._size += len(data)

    def facts(self):
        return {"size": self._size, "sha256": self._hash.hexdigest()}


class FolderWriter:
    """Writes the parts of a model; use it through `writing`.

    Parameters
    ----------
    path : Path
    """

    def __init__(self, path):
        self.path, self.parts = path, {}
        self.folder = path / f"parts-{token_hex(8)}"
        self.folder.mkdir()

    @contextmanager
    def part(self, name):
        """A part to write to, of that name."""
        place = self.folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        with open(place, "xb") as file:
            hashed = _HashedFile(file)
            yield hashed
            file.flush()
            os.fsync(file.fileno())
        self.parts[name] = hashed.facts()

    def commit(self, content):
        """Make these parts the model, and remove those of the one before."""
        content = {
            "format": FORMAT,
            "folder": self.folder.name,
            **content,
            "parts": self.parts,
        }
        digest = sha256(_canonical(content)).hexdigest()
        manifest, before = self.path / MANIFEST, _folder_named_in(self.path)
        news = self.folder / MANIFEST
        with open(news, "x", encoding="utf-8") as file:
            json.dump({"sha256": digest, "content": content}, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        _sync(self.folder)
        os.replace(news, manifest)
        _sync(self.path)
        for folder in self.path.glob("parts-*"):
            if folder == before or _is_left_over(folder, self.folder):
                shutil.rmtree(folder, ignore_errors=True)


def _is_left_over(folder, current):
    """Whether the parts are of a save that was killed, or overtaken by another."""
    try:
        age = current.stat().st_mtime - folder.stat().st_mtime
    except OSError:  # removed by another save right now
        return False
    return folder != current and age > LEFT_OVER


def _folder_named_in(path):
    """Where the parts of a saved model lie; None where there is none."""
    try:
        return _Manifest(path).folder
    except ModelFileError:
        return None


def _check_place(path):
    """Refuse to write where something else is than a model, or the rest of one."""
    if path.is_dir():
        rest = [p.name for p in path.iterdir() if not p.name.startswith("parts-")]
        if not rest or MANIFEST in rest:
            return
    elif not os.path.lexists(path):
        return
    raise ValueError(
        f"path must be a new folder or a saved model; got {quoted(str(path))}, which "
        f"holds something else; choose another path."
    )


@contextmanager
def writing(path):
    """A `FolderWriter`; what was written without `commit` is removed."""
    check_path(path)
    path = Path(path)
    _check_place(path)
    try:
        path.mkdir(parents=True, exist_ok=True)
        writer = FolderWriter(path)
        with _removed_unless_whole(writer):
            yield writer
    except OSError as error:
        raise type(error)(
            error.errno,
            f"path must be where a model can be written; got {str(path)!r} "
            f"({error.strerror or error}); free some space, or choose another path: a "
            f"model that was there is as it was.",
        ) from error


@contextmanager
def _removed_unless_whole(writer):
    path = writer.path
    try:
        yield
    except BaseException:
        if _folder_named_in(path) != writer.folder:  # else it is the model by now
            shutil.rmtree(writer.folder, ignore_errors=True)
        if not any(path.iterdir()):
            path.rmdir()
        raise


class _Manifest:
    """What a saved model says of itself, checked.

    Raises
    ------
    ModelFileError
    """

    def __init__(self, path):
        self.path = path
        self.raw = self._read()
        content = self._content()
        if content.get("format") != FORMAT:
            raise ModelFileError(
                f"A saved model must be of format {FORMAT}; got format "
                f"{quoted(content.get('format'))} in {quoted(str(path))}; load it "
                f"with the skmmrec that saved it, or a later one."
            )
        for name, kind in FIELDS.items():
            if not isinstance(content.get(name), kind):
                raise self.damaged(MANIFEST, f"has no {name}")
        self.content, self.parts = content, content["parts"]
        self.folder = self.inside(path, content["folder"])

    def _read(self):
        file = self.path / MANIFEST
        try:
            status = file.lstat()
            if stat.S_ISREG(status.st_mode) and status.st_size <= MAX_MANIFEST:
                return file.read_bytes()
        except (OSError, ValueError):
            pass
        raise ModelFileError(
            f"path must be a saved model; got {quoted(str(self.path))}, which has no "
            f"file {MANIFEST}; pass the folder that save wrote."
        )

    def _content(self):
        try:
            manifest = json.loads(self.raw)
            content = manifest["content"]
            if sha256(_canonical(content)).hexdigest() == manifest["sha256"]:
                return dict(content)
        except (ValueError, LookupError, TypeError, RecursionError):
            pass
        raise self.damaged(MANIFEST, "is not what was written")

    def damaged(self, name, what):
        """The error that says what is wrong with a part."""
        return ModelFileError(
            f"A saved model must be as it was written; got {quoted(str(self.path))}, "
            f"whose part {quoted(name)} {what}; copy it again, or save the model anew."
        )

    def inside(self, folder, name):
        """Path of what lies in a folder; a name that leads out of it is refused."""
        parts = PurePosixPath(name).parts
        if not parts or {"..", "/"} & set(parts) or "\\" in name or "\0" in name:
            raise self.damaged(name, "has a name that leads out of the model")
        return folder.joinpath(*parts)


class FolderReader(_Manifest):
    """Reads the parts of a saved model, each checked.

    Parameters
    ----------
    path : Path
    mmap : bool
    check : bool
        Whether arrays and weights are compared with their hashes; all else always is.
    """

    def __init__(self, path, mmap, check):
        super().__init__(path)
        self.mmap, self.check = mmap, check

    def is_replaced(self):
        """Whether another model has been saved here in the meantime."""
        return self.raw != _Manifest(self.path).raw

    def place(self, name):
        """Path of a part, of the size that the manifest says."""
        if name not in self.parts:
            raise self.damaged(name, "is not in the manifest")
        place = self.inside(self.folder, name)
        try:
            status = place.lstat()
        except OSError:
            raise self.damaged(name, "is missing") from None
        size = self.parts[name]["size"]
        if not stat.S_ISREG(status.st_mode) or status.st_size != size:
            raise self.damaged(name, f"does not have its {size} bytes")
        return place

    def _compare(self, name, digest):
        if digest.hexdigest() != self.parts[name]["sha256"]:
            raise self.damaged(name, "is not what was written")

    def read(self, name):
        """The bytes of a part."""
        data = self.place(name).read_bytes()
        self._compare(name, sha256(data))
        return data

    def check_file(self, name):
        """Compare a part that others will read."""
        place = self.place(name)
        if self.check:
            with open(place, "rb") as file:
                self._compare(name, file_digest(file, "sha256"))

    def buffer(self, name):
        """The bytes of a part as an array, mapped if that was asked for."""
        place = self.place(name)
        if self.mmap:  # copy on write: compiled code refuses arrays that are read-only
            buffer = np.memmap(place, dtype=np.uint8, mode="c")
        else:
            buffer = np.fromfile(place, dtype=np.uint8)
        if self.check:
            self._compare(name, sha256(buffer))
        return buffer.view(np.ndarray)
