"""The command that says what works here."""

import os
import re
import subprocess
import sys
from importlib.metadata import version
from importlib.util import find_spec

import pytest

from skmmrec.__main__ import main
from skmmrec.doctor._requirements import packages, parts


def doctor(*only, path=None, **variables):
    """Status and lines of the command; modules in the folder `path` come first."""
    environment = os.environ | {"PYTHONPATH": str(path or "")} | variables
    command = [sys.executable, "-m", "skmmrec", "doctor", *only]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    return done.returncode, done.stdout.splitlines()


def line_of(name, lines):
    (line,) = (line for line in lines if line.split()[:1] == [name])
    return line


@pytest.mark.parametrize("part", parts())
def test_the_module_of_every_package_is_known(part):
    """The doctor would call a package broken whose module it looks for in vain."""
    for package in packages(part):
        assert find_spec(package.module) or not package.version


def test_what_works_is_said_to_work():
    """With versions beside their bounds; status 0."""
    pytest.importorskip("matplotlib")
    status, lines = doctor("plot")
    assert status == 0
    assert line_of("plot", lines) == "plot      works"
    assert version("matplotlib") in line_of("matplotlib", lines)
    assert ">=3.10.7,<4" in line_of("matplotlib", lines)


def test_the_core_works():
    """And tells of the machine."""
    status, lines = doctor("core")
    assert status == 0
    assert line_of("core", lines) == "core      works"
    assert line_of("device", lines)
    assert re.search(r"\d+ cores", " ".join(lines))


def fake(folder, name, number, code=""):
    """An installed package: a module and its metadata."""
    (folder / f"{name}.py").write_text(code)
    about = folder / f"{name}-{number}.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {name}\nVersion: {number}\n"
    )


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("raise RuntimeError('operator nms does not exist')", "operator nms does not"),
        ("import os; print('me'); os._exit(3)", "the process ended with status 3"),
        ("raise SystemExit", "SystemExit"),
    ],
)
def test_a_broken_module_is_named_and_harms_no_other(code, says, tmp_path):
    """It raises, or takes the process with it: the report goes on."""
    fake(tmp_path, "fastapi", "0.120", code)
    fake(tmp_path, "uvicorn", "0.40")
    status, lines = doctor("serve", path=tmp_path)
    assert status == 1
    assert "pip install --force-reinstall 'skmmrec[serve]'" in line_of("serve", lines)
    assert says in line_of("fastapi", lines)
    assert line_of("uvicorn", lines).split() == ["uvicorn", "0.40", ">=0.30,<1"]
    assert line_of("device", lines)


def test_a_version_out_of_bounds_is_broken(tmp_path):
    """pip can mend it."""
    fake(tmp_path, "av", "99.0")
    status, lines = doctor("video", path=tmp_path)
    assert status == 1
    assert line_of("video", lines) == "video     broken: pip install 'skmmrec[video]'"
    assert line_of("av", lines).endswith("a version that was not tested")


def test_what_is_absent_is_no_fault(monkeypatch, capsys):
    """One line says how to install it."""
    monkeypatch.setattr("skmmrec.doctor._requirements._installed", lambda name: None)
    assert main(["doctor", "video"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert line_of("video", lines).endswith(
        "not installed: pip install 'skmmrec[video]'"
    )


def test_places_are_told(tmp_path):
    """The store with its size, and settings that are wrong."""
    (tmp_path / "vectors").write_bytes(b"0" * 2000)
    _, lines = doctor("plot", SKMMREC_STORE=str(tmp_path))
    assert f"{tmp_path}: 2 kB, " in line_of("store", lines)
    status, lines = doctor("plot", SKMMREC_MAX_BYTES="many")
    assert status == 1
    assert "max_bytes must be a positive integer" in line_of("settings", lines)


def test_a_java_that_is_not_there(monkeypatch, tmp_path):
    """For Spark."""
    from skmmrec.doctor._report import _java

    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert "correct the variable JAVA_HOME" in _java()[1]
    monkeypatch.delenv("JAVA_HOME")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert _java() == (None, "not installed; Spark needs Java 17 or newer")


def test_an_extra_that_is_none(capsys):
    assert main(["doctor", "vidio"]) == 1
    assert "must be of core, text, onnx" in capsys.readouterr().err
