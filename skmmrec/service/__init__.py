"""A fitted model behind HTTP, and a page for people."""

from skmmrec._optional import optional_import

for _name in ("fastapi", "uvicorn", "prometheus_client", "python_multipart", "pyarrow"):
    optional_import(_name, extra="serve")

from skmmrec.service._app import Limits, create_app  # noqa: E402

__all__ = ["Limits", "create_app"]
