"""The description of the service, and requests made up from it."""

import subprocess
import sys

import pytest

from skmmrec.service import create_app

from .conftest import fitted, served, shop

pytest.importorskip("schemathesis")

TOKEN = "a token"


# some bytes are a valid upload, and no picture
CONFIG = """
[checks]
positive_data_acceptance.expected-statuses = [
  "2xx", "401", "403", "404", "409", "415",
]
"""


@pytest.fixture(scope="module")
def app():
    X = shop()
    model = fitted(X)
    return create_app(model, X.items, token=TOKEN, reload=lambda: (model, X.items))


def test_no_request_is_answered_wrongly(app, tmp_path):
    """No status, type or body that the description does not have, and no open door."""
    config = tmp_path / "schemathesis.toml"
    config.write_text(CONFIG)
    command = ["-m", "schemathesis.cli", "--config-file", str(config), "run"]
    options = ["-H", f"Authorization: Bearer {TOKEN}", "-n", "10", "--seed", "0"]
    with served(app) as url:
        ended = subprocess.run(
            [sys.executable, *command, f"{url}openapi.json", *options],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            timeout=300,
        )
    assert ended.returncode == 0, ended.stdout
    assert "Tested: 14" in ended.stdout


def test_every_error_is_described(app):
    """Each path names what can go wrong, with one model for all of it."""
    paths = app.openapi()["paths"]
    assert {"401", "404", "409", "413", "422", "503", "504"} <= set(
        paths["/recommend"]["post"]["responses"]
    )
    for path, operations in paths.items():
        for operation in operations.values():
            assert operation["summary"], path
            assert operation["description"], path
            for status, response in operation["responses"].items():
                if int(status) >= 400:
                    (content,) = response["content"].values()
                    assert content["schema"]["$ref"].endswith("/Problem")


def test_requests_come_with_examples(app):
    """Each body has one that it accepts."""
    schemas = app.openapi()["components"]["schemas"]
    for name in ("Recommend", "Explain", "Similar", "Search", "Likes"):
        assert schemas[name]["examples"]
