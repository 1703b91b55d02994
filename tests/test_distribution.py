"""The wheel and the source archive: what is in them, and that it runs elsewhere."""

import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

import skmmrec

ROOT = Path(__file__).parents[1]


def run(*command, cwd):
    done = subprocess.run(command, capture_output=True, text=True, cwd=cwd)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def tracked():
    """Files that git keeps."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a clone of the repository")
    return run("git", "ls-files", cwd=ROOT).split("\n")[:-1]


@pytest.fixture(scope="module")
def archives(tmp_path_factory):
    """Paths of the wheel and of the source archive that it was built from."""
    pytest.importorskip("build")
    source, built = (tmp_path_factory.mktemp(name) for name in ("source", "built"))
    for name in tracked():  # what lies about in a clone must not matter
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, source / name)
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", built]
    run(*command, cwd=source)
    return *built.glob("*.whl"), *built.glob("*.tar.gz")


def test_the_wheel_has_the_package_and_nothing_else(archives):
    """Every module, the page of the service, and the marker of typed packages."""
    with zipfile.ZipFile(archives[0]) as wheel:
        packed = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert packed == {name for name in tracked() if name.startswith("skmmrec/")}
    assert {"skmmrec/py.typed", "skmmrec/service/page.html"} <= packed


def test_the_source_archive_has_all_of_the_repository(archives):
    """Tests read docs, examples and settings."""
    with tarfile.open(archives[1]) as source:
        packed = {name.partition("/")[2] for name in source.getnames()}
    assert set(tracked()) <= packed


def test_the_wheel_works_where_nothing_of_the_source_is(archives, tmp_path):
    """In an environment that sees the libraries of this one, but not our clone."""
    venv.create(tmp_path / "fresh")
    python = tmp_path / "fresh" / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", python, "install"]
    run(*pip, "--no-deps", "--no-index", archives[0], cwd=tmp_path)
    (site,) = tmp_path.glob("fresh/lib/*/site-packages")
    libraries = (path for path in sys.path if path.endswith("site-packages"))
    (site / "libraries.pth").write_text("\n".join(libraries))
    assert skmmrec.__version__ in run(python.parent / "skmmrec", "--version", cwd="/")
    code = "import skmmrec; [getattr(skmmrec, name) for name in skmmrec.__all__]"
    where = run(python, "-c", f"{code}; print(skmmrec.__file__)", cwd="/")
    assert Path(where.strip()).is_relative_to(site)
