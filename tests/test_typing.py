"""Names and signatures as type checkers and editors see them."""

import subprocess
import sys
from pathlib import Path

import pytest

import skmmrec

ROOT = Path(__file__).parents[1]
USER = ROOT / "tests" / "typing" / "user.py"


def stub():
    """Text of `skmmrec/__init__.pyi`: names are imported lazily, which no tool sees."""
    homes = sorted(skmmrec._HOMES.items(), key=lambda name: name[::-1])
    return "\n".join(
        [
            "# Written by: python -m tests.test_typing",
            "__version__: str",
            "__all__: list[str]",
            *(
                f"from skmmrec import {module} as {module}"
                for module in skmmrec._MODULES
            ),
            *(f"from skmmrec.{at} import {name} as {name}" for name, at in homes),
            "",
        ]
    )


def test_the_stub_names_all_that_is_public():
    """Where it does not: python -m tests.test_typing"""
    assert (ROOT / "skmmrec" / "__init__.pyi").read_text() == stub()


def test_the_code_of_a_user_is_checked():
    """What is right passes, what is wrong is found: an unused "ignore" is an error."""
    pytest.importorskip("mypy")
    command = [sys.executable, "-m", "mypy", USER]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stdout


if __name__ == "__main__":
    (ROOT / "skmmrec" / "__init__.pyi").write_text(stub())
