"""Folders in which much is kept."""

import os
import shutil
from pathlib import Path

from skmmrec._units import readable


def _size(folder):
    """Bytes of all that is below it; what cannot be read counts nothing."""
    return sum(
        os.lstat(path).st_size
        for at, _, names in os.walk(folder)
        for path in (os.path.join(at, name) for name in names)
        if os.path.isfile(path) and not os.path.islink(path)
    )


def describe(folder):
    """What a folder holds, and what would still go into it."""
    path = Path(folder).absolute()
    there = next(p for p in (path, *path.parents) if p.exists())
    held = readable(_size(path)) if there == path else "not there yet"
    return f"{path}: {held}, {readable(shutil.disk_usage(there).free)} free"
