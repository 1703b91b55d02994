"""The template of a plug-in installs into a fresh environment, and passes there."""

import os
import re
import shutil
import subprocess
import sys
import venv
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def _is_new(package, least):
    try:
        return int(version(package).partition(".")[0]) >= least
    except PackageNotFoundError:
        return False


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Runs Python in an environment that sees this one's packages and the plug-in."""
    if find_spec("pip") is None or not _is_new("setuptools", 77):
        pytest.skip("a package is built with pip, and setuptools 77 or later")
    folder = tmp_path_factory.mktemp("fresh")
    source = shutil.copytree(ROOT / "examples" / "plugin", folder / "plugin")
    venv.create(folder / "env", with_pip=False)
    python, *_ = sorted((folder / "env").glob("[bS]*/python*"))
    packages = [path for path in sys.path if path.endswith("-packages")]
    seen = os.pathsep.join([str(ROOT), *packages])
    environ = os.environ | {"PYTHONPATH": seen, "SCIPY_ARRAY_API": "1"}

    def run(*arguments, python=python):
        return subprocess.run(
            [python, *map(str, arguments)],
            cwd=source,
            env=environ,
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    to_it = ["--no-deps", "--no-build-isolation", "--no-index", source]
    run("-m", "pip", "--python", python, "install", *to_it, python=sys.executable)
    return run


def test_its_tests_pass(run):
    """All of them ran; as many as the docs say."""
    printed = run("-m", "pytest", "tests", "-p", "no:cacheprovider", "-q")
    (n_passed,) = re.findall(r"^(\d+) passed", printed, flags=re.M)
    assert "skipped" not in printed
    counts = run(ROOT / "benchmarks" / "plugin_template.py")
    by_class = re.findall(r"(\d+) +(\d+)$", counts, flags=re.M)
    assert sum(int(n) for row in by_class for n in row) == int(n_passed)
    assert counts in (ROOT / "docs" / "plugins.rst").read_text()


def test_it_is_listed_and_used_by_name(run):
    printed = run("-m", "skmmrec", "plugins", "encoders", "recommenders")
    origin = "skmmrec-plugin 0.1.0"
    assert f"PunctuationEncoder of {origin}: column, missing, store" in printed
    assert f"CoOccurrenceRecommender of {origin}: new users, new items" in printed
    code = """
from skmmrec import *
from skmmrec.datasets import make_multimodal_shop
fusion = MultimodalFusion([("style", "punctuation", "description")])
both = VotingRecommender([("popular", "popularity"), ("near", "co_occurrence")])
X = make_multimodal_shop(30, 40, random_state=0)
print(*make_pipeline(fusion, both).fit(X).recommend([1], k=3)[0])
"""
    assert len(run("-c", code).split()) == 3
