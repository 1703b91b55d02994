"""What a request has to pass before the service reads it."""

import asyncio
import hmac

from starlette.datastructures import Headers
from starlette.responses import JSONResponse

# without data: the page asks for the token, and those who look after health have none
OPEN = ("/", "/health", "/openapi.json")
HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
]


def problem(status, detail, headers=None):
    """An error as the service words it."""
    return JSONResponse({"detail": detail}, status, headers)


class Gate:
    """ASGI middleware: hosts, the token, and the size and time of a body.

    The body is read here, within its limits, and handed on in one piece.

    Parameters
    ----------
    app : ASGI application
    token : str or None
    max_bytes : int
        Of a body.
    timeout : float
        Seconds until a body must be there.
    hosts : set of str or None
        Names by which the service may be called, None: any. A service without a token
        on the loopback address answers no other, so that no page on the web can have
        its own name point here, and read the answers.
    """

    def __init__(self, app, *, token, max_bytes, timeout, hosts):
        self.app, self.max_bytes, self.timeout = app, max_bytes, timeout
        self.hosts, self.expected = hosts, token and f"Bearer {token}".encode()

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_safely(message):
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *HEADERS]
            await send(message)

        answer = self._refusal(scope) or await self._read(scope, receive)
        if callable(answer):
            await answer(scope, receive, send_safely)
            return
        body = [{"type": "http.request", "body": answer, "more_body": False}]

        async def replay():
            return body.pop() if body else await receive()

        await self.app(scope, replay, send_safely)

    def _refusal(self, scope):
        """The answer to a request that must not pass, else None."""
        headers = Headers(scope=scope)
        if self.hosts is not None and _name(headers.get("host", "")) not in self.hosts:
            return problem(
                421,
                f"The host must be one of {sorted(self.hosts)}; got "
                f"{headers.get('host')!r}; call the service by such a name, or start "
                f"it with a token.",
            )
        given = headers.get("authorization", "").encode()
        if self.expected and scope["path"] not in OPEN:
            scheme, _, token = given.partition(b" ")
            given = scheme.lower().capitalize() + b" " + token.strip()
            if not hmac.compare_digest(given, self.expected):
                return problem(
                    401,
                    "The header Authorization must be 'Bearer <token>', with the token "
                    "that the service was started with.",
                    {"WWW-Authenticate": "Bearer"},
                )
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > self.max_bytes:
            return self._too_large()
        return None

    async def _read(self, scope, receive):
        """The body, or the answer to one that is too large or too slow."""
        body = bytearray()
        try:
            async with asyncio.timeout(self.timeout):
                while True:
                    message = await receive()
                    body += message.get("body", b"")
                    if len(body) > self.max_bytes:
                        return self._too_large()
                    if not message.get("more_body"):
                        return bytes(body)
        except TimeoutError:
            return problem(408, f"The body must be sent within {self.timeout} seconds.")

    def _too_large(self):
        return problem(
            413, f"The body must have {self.max_bytes:,} bytes at most; send less."
        )


def _name(host):
    """A host without its port."""
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0].lower()
