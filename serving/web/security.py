"""What every request passes: loopback in demo mode, same origin, a size limit; and every answer's headers."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.errors import ServingError
from serving.web.headers import security_headers
from serving.web.problems import refusal
from serving.web.refusals import NOBODY, Refusals
from serving.web.settings import LOOPBACK, WebSettings

_UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_LARGEST_BODY = 64 * 1024
_ERRORS = 400


class Guard:
    """Refuses what no page of ours would send, adds the headers, and lets go of kept words that were sent again."""

    def __init__(self, app: ASGIApp, settings: WebSettings, refusals: Refusals) -> None:
        self._app = app
        self._settings = settings
        self._refusals = refusals

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
                if message["status"] < _ERRORS and (resent := scope["state"].get("resent")) is not None:
                    # Where it cannot be let go, it is shown to its writer again.
                    with contextlib.suppress(ServingError):
                        await run_in_threadpool(resent)
            await send(message)

        why = refuse(scope, self._settings)
        if why is not None:
            # The ledger is a database: others' requests go on while it writes.
            await run_in_threadpool(self._enter, why)
        handler: Callable[..., Awaitable[None]] = why.answer(scope) if why else self._app
        await handler(scope, receive, send_with_headers)

    def _enter(self, why: Refused) -> None:
        # Who is refused here is not known yet. What cannot be entered is refused all the same.
        with contextlib.suppress(ServingError):
            self._refusals.note("access.refused", NOBODY, why.kind)


@dataclass(frozen=True)
class Refused:
    """Why a request does not reach the pages.

    Parameters
    ----------
    kind
        How the ledger calls it; nothing of the request is in it.
    """

    kind: str
    status: int
    message: str
    what_to_do: str = ""

    def answer(self, scope: Scope) -> Response:
        """Return what is answered."""
        return refusal(scope, self.status, self.message, self.what_to_do)


_NOT_HERE = Refused("demonstration from elsewhere", 403, "Demo mode answers on this machine only.")
_OTHER_NAME = Refused("request under another host's name", 400, "This service does not answer to this name.")
_UNPRINTABLE = Refused("control characters in an address", 404, "There is no such address.")
_OTHER_SITE = Refused("form of another site", 403, "The form came from another site.", "Open the page and try again.")
_NO_LENGTH = Refused("form without a length", 411, "A form needs a length.", "Send Content-Length.")
_TOO_LONG = Refused("form that is too long", 413, "The form is too long.", f"Send at most {_LARGEST_BODY} bytes.")


def refuse(scope: Scope, settings: WebSettings) -> Refused | None:
    """Return why a request must not reach the pages, or None."""
    headers = Headers(scope=scope)
    if settings.demo and not (_from_loopback(scope) and _host(headers) in LOOPBACK):
        return _NOT_HERE
    if settings.hosts and _host(headers) not in settings.hosts:
        return _OTHER_NAME
    if not scope["path"].isprintable():
        return _UNPRINTABLE
    return _refuse_form(scope, headers) if scope["method"] in _UNSAFE else None


def _refuse_form(scope: Scope, headers: Headers) -> Refused | None:
    if not _same_origin(headers, scope):
        return _OTHER_SITE
    length = headers.get("content-length", "")
    if not length.isdigit():
        return _NO_LENGTH
    return _TOO_LONG if int(length) > _LARGEST_BODY else None


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
