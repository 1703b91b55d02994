"""A release gathers the fragments of the changelog."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FRAGMENTS = sorted((ROOT / "docs" / "changelog.d").glob("*.md"))


def test_a_release_takes_in_every_fragment():
    """What is named otherwise than <issue>.<added|changed|fixed>.md would be lost."""
    pytest.importorskip("towncrier")
    command = [sys.executable, "-m", "towncrier", "build", "--draft", "--version", "99"]
    done = subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", cwd=ROOT, check=True
    )
    assert "## 99 (" in done.stdout
    for fragment in FRAGMENTS:
        assert fragment.read_text(encoding="utf-8").strip() in done.stdout
