"""What every request passes: loopback in demo mode, same origin, a size limit; and every answer's headers."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.web.headers import security_headers
from serving.web.problems import refusal
from serving.web.settings import LOOPBACK, WebSettings

_UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_LARGEST_BODY = 64 * 1024


class Guard:
    """Refuses what no page of ours would send, and adds the headers."""

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

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in security_headers(nonce, scope["path"]).items():
                    headers[name] = value
            await send(message)

        handler: Callable[..., Awaitable[None]] = refuse(scope, self._settings) or self._app
        await handler(scope, receive, send_with_headers)


def refuse(scope: Scope, settings: WebSettings) -> Response | None:
    """Return the answer to a request that must not reach the pages, or None."""
    headers = Headers(scope=scope)
    if settings.demo and not (_from_loopback(scope) and _host(headers) in LOOPBACK):
        return refusal(scope, 403, "Demo mode answers on this machine only.")
    if settings.hosts and _host(headers) not in settings.hosts:
        return refusal(scope, 400, "This service does not answer to this name.")
    if not scope["path"].isprintable():
        return refusal(scope, 404, "There is no such address.")
    if scope["method"] not in _UNSAFE:
        return None
    if not _same_origin(headers, scope):
        return refusal(scope, 403, "The form came from another site.", "Open the page and try again.")
    length = headers.get("content-length", "")
    if not length.isdigit():
        return refusal(scope, 411, "A form needs a length.", "Send Content-Length.")
    if int(length) > _LARGEST_BODY:
        return refusal(scope, 413, "The form is too long.", f"Send at most {_LARGEST_BODY} bytes.")
    return None


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
