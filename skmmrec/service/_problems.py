"""What goes wrong, as status codes with one sentence each."""

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from skmmrec.service._gate import problem
from skmmrec.service._holder import ReloadFailed
from skmmrec.service._pool import Overloaded
from skmmrec.service._schemas import Problem
from skmmrec.service._served import NotFound, Refused, Unreadable

WHAT = {
    401: "The token is missing or wrong.",
    404: "The model does not know such an item or user.",
    408: "The body took too long.",
    409: "The request is well formed, but not for the model that is served.",
    413: "The body is too large.",
    415: "What was uploaded cannot be read.",
    421: "The service has another name.",
    422: "The request is not as this description says.",
    503: "Too many requests wait.",
    504: "The answer took too long.",
}
# FastAPI takes a body of another type for text, and does not say so
NO_OBJECT = "must be an object in JSON, sent with Content-Type: application/json"


def problems(*statuses):
    """Statuses as OpenAPI documents them."""
    return {s: {"model": Problem, "description": WHAT[s]} for s in statuses}


def sentence(error):
    """A failed validation in one sentence; what was sent is not repeated."""
    parts = []
    for one in error.errors():
        steps = [str(step) for step in one["loc"][1:]] or ["body"]
        # how the validator calls the kinds of an id says nothing to anybody
        steps = [step for step in steps if not step.startswith(("constr", "function"))]
        told = NO_OBJECT if one["type"] == "model_attributes_type" else one["msg"]
        parts.append(f"{'.'.join(steps)}: {told}")
    return "; ".join(parts)


def add_problems(app):
    """Answer what the service raises."""

    @app.exception_handler(RequestValidationError)
    def invalid(request, error):
        return problem(422, sentence(error))

    @app.exception_handler(HTTPException)
    def unparsed(request, error):
        # what cannot be parsed at all is 400 there: one status more for the same fault
        status = 422 if error.status_code == 400 else error.status_code
        return problem(status, error.detail, error.headers)

    for kind, status in ((NotFound, 404), (Refused, 409), (ReloadFailed, 409)):
        app.add_exception_handler(kind, _handler(status))
    app.add_exception_handler(Unreadable, _handler(415))

    @app.exception_handler(Overloaded)
    def overloaded(request, error):
        detail = "Too many requests wait; ask again in a second."
        return problem(503, detail, {"Retry-After": "1"})

    @app.exception_handler(TimeoutError)
    def late(request, error):
        return problem(504, "The answer took too long; ask for less.")


def _handler(status):
    def handle(request, error):
        return problem(status, str(error))

    return handle
