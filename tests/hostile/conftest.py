"""What holds for all files of the hostile suite."""

import resource

import pytest

ROOM = 6 * 2**30  # bytes that may be taken while these tests run


@pytest.fixture(autouse=True, scope="package")
def bounded_memory():
    """What asks for terabytes is told that there are none, and fails its test."""
    with open("/proc/self/statm") as file:
        used = int(file.read().split()[0]) * resource.getpagesize()
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (used + ROOM, hard))
    yield
    resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
