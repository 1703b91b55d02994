"""Every public name is thrown something at, by a file of this folder."""

from importlib import import_module
from pathlib import Path

import skmmrec

BASES = {"BaseEncoder", "BaseRecommender", "BaseRetriever", "NetworkRecommender"}
SPARK = {  # needs a Java machine, which tests/distributed starts
    *("SparkALSRecommender", "read_interactions", "recommend_all", "spark_encode"),
    "write_interactions",
}
# networks: their files are read as those of the statistics, which are covered
READ_ALIKE = {"AudioEncoder", "VideoEncoder", "LogMel", "Waveform"}


def public():
    """Names of the package and of all sub-packages."""
    modules = {name: import_module(f"skmmrec.{name}") for name in skmmrec._MODULES}
    del modules["testing"]  # for tests, which show what goes wrong
    names = {
        f"{home}.{name}" if home == "plugins" else name
        for home, module in modules.items()
        for name in module.__all__
    }
    return names | set(skmmrec._HOMES)


def test_every_public_name_is_covered():
    """A new one that no property covers fails here."""
    covered = set()
    for path in Path(__file__).parent.glob("test_*.py"):
        module = import_module(f"tests.hostile.{path.stem}")
        covered |= set(getattr(module, "COVERS", ()))
    assert public() - covered - BASES - SPARK - READ_ALIKE == set()
