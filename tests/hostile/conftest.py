"""What holds for all files of the hostile suite."""

import os
import resource

import pytest

from tests.hostile import _judge

ROOM = 6 * 2**30  # bytes that may be taken while these tests run


@pytest.fixture(autouse=True, scope="module")  # of a package others may run in between
def bounded_memory():
    """What asks for terabytes is told that there are none, and fails its test."""
    with open("/proc/self/statm") as file:
        used = int(file.read().split()[0]) * resource.getpagesize()
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (used + ROOM, hard))
    yield
    resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


@pytest.fixture(autouse=True, scope="package")
def told_of_hangs(pytestconfig):
    """What hangs ends the run, and is shown past the capture of pytest."""
    capture = pytestconfig.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        _judge.HANGS_TO = os.dup(2)
    yield
    os.close(_judge.HANGS_TO)
