"""Settings of the process: what they are, and what they may not be."""

import os

import pytest

from skmmrec import EmbeddingStore, get_config, set_config


@pytest.fixture(autouse=True)
def _environment(monkeypatch):
    """The settings as they are at first, before and after."""
    for name in ("STORE", "MAX_BYTES", "MAX_PIXELS", "MAX_SECONDS"):
        monkeypatch.setenv(f"SKMMREC_{name}", "")
        monkeypatch.delenv(f"SKMMREC_{name}")


def test_settings_are_what_they_were_set_to(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    set_config(store="here", max_pixels=100)
    assert get_config()["store"] == str(tmp_path / "here")
    assert get_config()["max_pixels"] == 100
    assert get_config()["max_bytes"] == 2**30
    set_config(store=EmbeddingStore("there"))
    assert get_config()["store"] == str(tmp_path / "there")
    set_config(store=None)
    assert get_config()["store"] is None


def test_the_environment_sets_them_as_well(monkeypatch):
    monkeypatch.setenv("SKMMREC_STORE", "/somewhere")
    monkeypatch.setenv("SKMMREC_MAX_SECONDS", "30")
    assert get_config()["store"] == "/somewhere"
    assert get_config()["max_seconds"] == 30
    monkeypatch.setenv("SKMMREC_MAX_SECONDS", "long")
    with pytest.raises(ValueError, match="max_seconds must be a positive .* 'long'"):
        get_config()


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"max_pixel": 3}, TypeError, "must be one of store, .*; got 'max_pixel'"),
        ({"max_pixels": 1.5}, TypeError, "max_pixels must be an integer, .*got float"),
        ({"max_bytes": 0}, ValueError, "max_bytes must be a positive integer"),
    ],
)
def test_wrong_settings_are_refused_and_change_nothing(settings, error, message):
    with pytest.raises(error, match=message):
        set_config(max_seconds=5, **settings)
    assert "SKMMREC_MAX_SECONDS" not in os.environ
