"""What every request passes first: a number to find it by, a log line, a count; and the last resort for errors."""

from __future__ import annotations

import re
import time
import uuid

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.web.logs import places
from serving.web.metrics import Metrics, method_of
from serving.web.problems import unexpected

_log = structlog.get_logger("serving.web")
_NUMBER = re.compile(r"[0-9a-f]{8}(-?[0-9a-f]{4,12}){1,4}")


class Observed:
    """Numbers, logs and counts each request by its route's template, never by its address.

    An error that nobody expected ends here: the log says its kind and place. A server's own report of it would
    print what the error holds, such as the values of a database statement.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        number = _number(scope)
        scope.setdefault("state", {})["request"] = number
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request=number)
        started, answered = time.perf_counter(), [0]

        async def send_numbered(message: Message) -> None:
            if message["type"] == "http.response.start":
                answered[0] = message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = number
            await send(message)

        try:
            await self._app(scope, receive, send_numbered)
        except Exception as problem:  # noqa: BLE001 - see the class: nothing may print what an error holds
            _log.error("unexpected", kind=type(problem).__name__, places=places(problem), request=number)
            if not answered[0]:
                await unexpected(Request(scope))(scope, receive, send_numbered)
        seconds = time.perf_counter() - started
        method, route = method_of(scope["method"]), template(scope)
        self._metrics.answered(method, route, answered[0], seconds)
        _log.info(
            "request",
            request=number,
            method=method,
            route=route,
            status=answered[0],
            milliseconds=round(1000 * seconds, 1),
        )


def template(scope: Scope) -> str:
    """Return the template of a request's route: an address itself holds a person's pseudonym."""
    route = scope.get("route")
    return str(getattr(route, "path", "static" if scope["path"].startswith("/static/") else "unknown"))


def _number(scope: Scope) -> str:
    """Return the number that a proxy gave the request if it is one, or a new one."""
    given = Headers(scope=scope).get("x-request-id", "")
    return given if _NUMBER.fullmatch(given) else str(uuid.uuid4())
