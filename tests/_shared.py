"""Where the real data of the tests lies, which is no part of the project."""

import os
from pathlib import Path

import pytest


def shared(name):
    """Path of a shared file or folder; skips the test where it is absent.

    The environment variable SKMMREC_DATA says where to look, by default "../shared"
    from the root of the repository.
    """
    root = Path(__file__).parents[1]
    path = (root / os.environ.get("SKMMREC_DATA", "../shared") / name).resolve()
    if not path.exists():
        pytest.skip(f"{name} is not at {path}; set SKMMREC_DATA to the shared data")
    return path
