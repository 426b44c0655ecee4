"""What every request passes: loopback in demo mode, same origin, a size limit; and every answer's headers."""

from __future__ import annotations

import secrets
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.web.settings import LOOPBACK, WebSettings

_UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_LARGEST_BODY = 64 * 1024
_log = structlog.get_logger("serving.web")


def security_headers(nonce: str, path: str) -> dict[str, str]:
    """Return the headers of every answer; `nonce` admits the page template's one inline script."""
    policy = (
        f"default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self'; img-src 'self'; "
        "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    return {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
        "Cache-Control": "max-age=3600" if path.startswith("/static/") else "no-store",
    }


class Guard:
    """Refuses what no page of ours would send, adds the headers, and logs the route without its values."""

    def __init__(self, app: ASGIApp, settings: WebSettings) -> None:
        self._app = app
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        nonce = secrets.token_urlsafe(16)
        scope.setdefault("state", {})["nonce"] = nonce
        started, answered = time.perf_counter(), [500]

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                answered[0] = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in security_headers(nonce, scope["path"]).items():
                    headers[name] = value
            await send(message)

        refusal = refuse(scope, self._settings)
        handler: Callable[..., Awaitable[None]] = refusal or self._app
        try:
            await handler(scope, receive, send_with_headers)
        finally:
            # The route's template, never the path: an address holds a person's pseudonym.
            _log.info(
                "request",
                method=scope["method"],
                route=_template(scope),
                status=answered[0],
                milliseconds=round(1000 * (time.perf_counter() - started), 1),
            )


def refuse(scope: Scope, settings: WebSettings) -> PlainTextResponse | None:
    """Return the answer to a request that must not reach the pages, or None."""
    headers = Headers(scope=scope)
    if settings.demo and not (_from_loopback(scope) and _host(headers) in LOOPBACK):
        return PlainTextResponse("Demo mode answers on this machine only.", 403)
    if scope["method"] not in _UNSAFE:
        return None
    if not _same_origin(headers, scope):
        return PlainTextResponse("The form came from another site. Open the page and try again.", 403)
    length = headers.get("content-length", "")
    if not length.isdigit():
        return PlainTextResponse("A form needs a length.", 411)
    return PlainTextResponse("The form is too long.", 413) if int(length) > _LARGEST_BODY else None


def _from_loopback(scope: Scope) -> bool:
    client = scope.get("client")
    return client is None or client[0] in LOOPBACK


def _host(headers: Headers) -> str:
    host = headers.get("host", "")
    return host.rpartition("]")[0].lstrip("[") if host.startswith("[") else host.partition(":")[0]


def _same_origin(headers: Headers, scope: MutableMapping[str, Any]) -> bool:
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = headers.get("origin")
    # Programs send neither; the token of the session still has to match.
    return origin is None or origin.partition("://")[2] == headers.get("host")


def _template(scope: Scope) -> str:
    route = scope.get("route")
    return str(getattr(route, "path", "static" if scope["path"].startswith("/static/") else "unknown"))
