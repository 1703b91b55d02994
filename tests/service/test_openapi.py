"""The description of the service, and requests made up from it."""

import pytest
from hypothesis import given, settings

from skmmrec.service import create_app

from .conftest import fitted, shop

schemathesis = pytest.importorskip("schemathesis")

TOKEN = "a token"


def _app():
    X = shop()
    model = fitted(X)
    return create_app(model, X.items, token=TOKEN, reload=lambda: (model, X.items))


def _config():
    """The checks of schemathesis; some bytes are a valid upload, and no picture."""
    config = schemathesis.Config()
    accepted = config.projects.default.checks.positive_data_acceptance
    accepted.expected_statuses = [*accepted.expected_statuses, "415"]
    return config


@pytest.fixture(scope="module")
def app():
    return _app()


def test_no_request_is_answered_wrongly(app):
    """No status, no type and no body that the description does not have."""
    schema = schemathesis.openapi.from_asgi("/openapi.json", app, config=_config())
    operations = [result.ok() for result in schema.get_all_operations()]
    assert len(operations) > 8
    for operation in operations:

        @settings(max_examples=25, deadline=None, derandomize=True)
        @given(case=operation.as_strategy())
        def check(case):
            case.call_and_validate(headers={"Authorization": f"Bearer {TOKEN}"})

        check()


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
