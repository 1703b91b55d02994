"""What the package and its extras require, by its metadata, and what is there."""

from importlib.metadata import PackageNotFoundError, metadata, requires, version
from typing import NamedTuple

from packaging.requirements import Requirement

_FOR_DEVELOPERS = {"all", "docs", "test"}
_MODULES = {  # of packages whose module has another name
    "faiss-cpu": "faiss",
    "pillow": "PIL",
    "rectools-lightfm": "lightfm",
    "scikit-learn": "sklearn",
}


class Package(NamedTuple):
    """A package that is required."""

    name: str
    version: str  # what is installed; None, nothing
    bounds: str
    fits: bool  # the version is within the bounds

    @property
    def module(self):
        """What to import."""
        name = self.name.lower()
        return _MODULES.get(name, name.replace("-", "_"))


def parts():
    """ "core", and the extras that bring features, in the order of setup.cfg."""
    extras = metadata("skmmrec").get_all("Provides-Extra", [])
    return ["core", *(extra for extra in extras if extra not in _FOR_DEVELOPERS)]


def _is_of(marker, part):
    """Whether a requirement with that marker is of the core, or of the extra."""
    is_core = marker is None or marker.evaluate({"extra": ""})
    is_extra = not is_core and marker.evaluate({"extra": part})
    return is_core if part == "core" else is_extra


def _requirements(part):
    """Those of the core or an extra, and of the extras that it includes."""
    for requirement in map(Requirement, requires("skmmrec")):
        if not _is_of(requirement.marker, part):
            continue
        if requirement.name != "skmmrec":
            yield requirement
        for included in requirement.extras if requirement.name == "skmmrec" else ():
            yield from _requirements(included)


def _installed(name):
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def packages(part):
    """What the core or an extra requires.

    Returns
    -------
    packages : list of Package
    """
    found = []
    for name, bounds in {r.name: r.specifier for r in _requirements(part)}.items():
        here = _installed(name)
        fits = here is not None and bounds.contains(here, prereleases=True)
        text = ",".join(sorted(map(str, bounds), reverse=True))  # the lowest first
        found.append(Package(name, here, text, fits))
    return found
