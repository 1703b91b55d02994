"""What the package asks others to install."""

import configparser
from pathlib import Path

import pytest
from packaging.requirements import Requirement

setup = configparser.ConfigParser()
setup.read(Path(__file__).parents[1] / "setup.cfg")
EXTRAS = dict(setup["options.extras_require"])
LINES = "\n".join([setup["options"]["install_requires"], *EXTRAS.values()]).splitlines()
OTHERS = {line for line in LINES if line and not line.startswith(("#", "skmmrec["))}


@pytest.mark.parametrize("line", sorted(OTHERS))
def test_a_requirement_has_a_lowest_and_a_highest_version(line):
    """The lowest is what `tox -e minimum` installs, the highest what may break us."""
    operators = {part.operator for part in Requirement(line).specifier}
    assert operators == {"=="} or operators == {">=", "<"}


def test_all_has_every_extra_but_spark():
    named = EXTRAS["all"].strip().removeprefix("skmmrec[").removesuffix("]")
    kept_out = {"all", "spark", "test", "docs"}
    assert set(named.split(",")) == set(EXTRAS) - kept_out
