"""Who asks: the session or token of a request, its rule, the token of a form, what the person may see."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from typing import Annotated

from fastapi import Depends, Form, Header
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from serving.access import unsent
from serving.access.tokens import Tokens
from serving.access.unsent import RESENT
from serving.access.viewing import Viewing
from serving.errors import FilingRefused, NotFound, NotPermitted, ServingError
from serving.people import Permission, Person
from serving.repeats import Repeat
from serving.storage import Database
from serving.web.refusals import NOBODY, Refusals
from serving.web.render import Web, web_of
from serving.web.rules import Ruled
from serving.web.sessions import Session
from values import digest

_BEARER = "bearer "
_SECRETS = frozenset({"token", "access_token", "api_key", "session", "csrf", "id_token"})


class NotSignedIn(ServingError):
    """Nobody is signed in, or the session ended."""


class FormRefused(NotPermitted):
    """A form came without the token of the session."""


def admit(request: Request) -> None:
    """Let a request in by the rule of its address: somebody who is signed in, whose role allows it, in their areas.

    Runs before everything else that a route does; `create_app` hangs it before every route.

    Raises
    ------
    NotSignedIn, NotPermitted, NotFound, DemoRefused
    """
    address: Ruled = request.app.state.ruled[request.scope["endpoint"]]
    _no_token_in_address(request)
    if address.rule.public:
        return
    session = _by_token(request, address) or _by_cookie(request)
    request.state.session = session
    web = web_of(request)
    service = web.service.in_one_state()
    request.state.reading = service.stores.panel
    viewing = Viewing(service, session.person, web.settings.demo, session.csrf)
    run = request.path_params.get("run")
    try:
        address.rule.refuse(session.person)
        if run is not None:
            viewing.area(run)
    except (NotPermitted, NotFound):
        _refusals(request).note("access.refused", session.person.user, f"{address.method} {address.path}")
        raise
    request.state.viewing = viewing


async def let_go(request: Request) -> AsyncIterator[None]:
    """Give back, before anything is sent, the connection with which a request was read; begins before `admit`."""
    try:
        yield
    finally:
        reading: Database | None = getattr(request.state, "reading", None)
        if reading is not None and reading.is_held:
            await run_in_threadpool(reading.let_go)


def _refusals(request: Request) -> Refusals:
    """Return where refusals are entered; who waits for their turn to write keeps nothing open."""
    reading: Database | None = getattr(request.state, "reading", None)
    if reading is not None:
        reading.let_go()
    refusals: Refusals = request.app.state.refusals
    return refusals


def _no_token_in_address(request: Request) -> None:
    """Refuse a token in an address, where logs, histories and caches keep it; one that is real is revoked."""
    if not _SECRETS & request.query_params.keys():
        return
    tokens = Tokens(web_of(request).service.stores)
    for name in _SECRETS & request.query_params.keys():
        found = tokens.find(request.query_params[name])
        if found is not None:
            tokens.revoke(found.name, "drive-panel")
    _refusals(request).note("access.refused", NOBODY, "token in an address")
    raise NotPermitted("An address must hold no token.", "Send it as the header Authorization; make a new one.")


def _by_cookie(request: Request) -> Session:
    web = web_of(request)
    token = request.cookies.get(web.settings.cookie)
    session = web.sessions.find(token) if token else None
    if session is None:
        raise NotSignedIn("You are not signed in, or your session has ended.", "Sign in.")
    return session


def _by_token(request: Request, address: Ruled) -> Session | None:
    """Return the session of a service account that calls the API; a cookie beside its token counts for nothing."""
    given = request.headers.get("authorization", "")
    if not given.lower().startswith(_BEARER) or not address.path.startswith("/api/"):
        return None
    found = Tokens(web_of(request).service.stores).find(given[len(_BEARER) :].strip())
    if found is None:
        _refusals(request).note("access.refused", NOBODY, "token that is not in force")
        raise NotSignedIn("This token is unknown, expired or revoked.", "Ask an administrator for another.")
    if not address.for_tokens:
        raise NotPermitted("A service account may not do this.", "It reads; people decide and review.")
    return Session(found.person, csrf="")


async def session_of(request: Request) -> Session:
    """Return the session of a request that was admitted, or raise `NotSignedIn`."""
    session: Session | None = getattr(request.state, "session", None)
    if session is None:
        raise NotSignedIn("You are not signed in, or your session has ended.", "Sign in.")
    return session


async def served(request: Request) -> Web:
    """Return what the application was made with, its service as the person who asks may see it.

    Where nobody needs to be signed in (sign-in, health) the service is whole.
    """
    web = web_of(request)
    viewing: Viewing | None = getattr(request.state, "viewing", None)
    return web if viewing is None else replace(web, service=viewing)


def _viewing(request: Request) -> Viewing:
    viewing: Viewing = request.state.viewing
    return viewing


async def viewing_of(request: Request) -> Viewing:
    """Return the service as the person who asks may see it."""
    return _viewing(request)


SignedIn = Annotated[Session, Depends(session_of)]
Served = Annotated[Web, Depends(served)]
Seen = Annotated[Viewing, Depends(viewing_of)]


async def filled_in(request: Request) -> list[list[str]]:
    """Return every field of a form with what was filled in, in order; raise `FilingRefused` where it holds a NUL."""
    found = [[name, str(value)] for name, value in (await request.form()).multi_items()]
    if any("\0" in text for pair in found for text in pair):  # no database keeps it in a text
        raise FilingRefused("The form holds a character that no text has.", "Type it again instead of pasting it.")
    return found


def form_of(
    request: Request,
    session: SignedIn,
    fields: Annotated[list[list[str]], Depends(filled_in)],
    csrf: Annotated[str, Form()] = "",
) -> Session:
    """Return the session of a form that carries its token, or raise `FormRefused`.

    Behind the token stands the number of the page that the form is on. With all that was filled in it is the key under
    which the viewing does what is asked once: a double click, or a form that is sent anew from the browser's history,
    gets the first answer; one that was changed in between is asked anew. What was kept when a session ended is let go
    once a form that holds it is answered (`Guard`), unless with an error: then it is still all that there is.
    """
    token, _, number = csrf.partition(".")
    checked = _checked(request, session, token)
    if number:
        asked = digest([request.url.path, *fields])
        viewing = _viewing(request)
        viewing.sent = Repeat(session.person.user, asked, asked, viewing.stores.ledger.signer)
    if number.endswith(f".{RESENT}") or any(name == RESENT for name, _ in fields):
        request.state.resent = partial(unsent.let_go, _viewing(request).stores, session.person.user, request.url.path)
    return checked


def call_of(request: Request, session: SignedIn, x_csrf_token: Annotated[str, Header()] = "") -> Session:
    """Return the session of an API call that carries its token, or raise `FormRefused`."""
    return _checked(request, session, x_csrf_token)


def _checked(request: Request, session: Session, token: str) -> Session:
    if not session.matches(token):
        _refusals(request).note("access.refused", session.person.user, "form without the token of the session")
        raise FormRefused("The form is out of date.", "Open the page again and send it once more.")
    return session


FromForm = Annotated[Session, Depends(form_of)]
FromCall = Annotated[Session, Depends(call_of)]


def enter(web: Web, person: Person, run: str, permission: Permission) -> None:
    """Let a person into a run: first the role, then the area, then (in demo mode) that it is made up.

    Raises
    ------
    NotPermitted, NotFound, DemoRefused
    """
    person.need(permission)
    web.service.area(run)
