"""OpenAI's shape for what went wrong, its key check, and the request id that every answer carries."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Awaitable, Callable

from aiohttp import web

log = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
NO_KEY = (
    "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth "
    "(i.e. Authorization: Bearer YOUR_KEY)."
)


class ApiError(Exception):
    """An answer other than 200, as OpenAI words it. *param* names the offending field."""

    def __init__(
        self, status: int, message: str, *, param: str | None = None, code: str | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.param, self.code = status, message, param, code

    def response(self) -> web.Response:
        """The JSON body ``{"error": {message, type, param, code}}``."""
        kind = "server_error" if self.status >= 500 else "invalid_request_error"
        body = {"message": self.message, "type": kind, "param": self.param, "code": self.code}
        return web.json_response({"error": body}, status=self.status)


@web.middleware
async def answer_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turns exceptions into OpenAI's error bodies, and keyless requests under /v1 into 401."""
    try:
        if request.path.startswith("/v1"):
            _require_key(request)
        return await handler(request)
    except ApiError as error:
        return error.response()
    except web.HTTPException as error:
        message = f"Invalid URL ({request.method} {request.path})" if error.status == 404 else error.reason
        return ApiError(error.status, message).response()
    except Exception:
        log.exception("%s %s", request.method, request.path)
        return ApiError(500, "The server had an error while processing your request.").response()


def _require_key(request: web.Request) -> None:
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        raise ApiError(401, NO_KEY)


async def stamp(request: web.Request, response: web.StreamResponse) -> None:
    """Adds ``x-request-id``; runs before the headers of any answer leave."""
    response.headers["x-request-id"] = f"req_{uuid.uuid4().hex}"
