"""Who asks: the session of a request, the token of a form, the area of a run."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Form, Header
from starlette.requests import Request

from serving.errors import DemoRefused, NotPermitted, ServingError
from serving.people import Permission, Person
from serving.web.render import Web, web_of
from serving.web.sessions import Session


class NotSignedIn(ServingError):
    """Nobody is signed in, or the session ended."""


class FormRefused(NotPermitted):
    """A form came without the token of the session."""


def session_of(request: Request) -> Session:
    """Return the session of a request, or raise `NotSignedIn`."""
    web = web_of(request)
    token = request.cookies.get(web.settings.cookie)
    session = web.sessions.find(token) if token else None
    if session is None:
        raise NotSignedIn("You are not signed in, or your session has ended.", "Sign in.")
    request.state.session = session
    return session


SignedIn = Annotated[Session, Depends(session_of)]
Served = Annotated[Web, Depends(web_of)]


def form_of(session: SignedIn, csrf: Annotated[str, Form()] = "") -> Session:
    """Return the session of a form that carries its token, or raise `FormRefused`."""
    return _checked(session, csrf)


def call_of(session: SignedIn, x_csrf_token: Annotated[str, Header()] = "") -> Session:
    """Return the session of an API call that carries its token, or raise `FormRefused`."""
    return _checked(session, x_csrf_token)


def _checked(session: Session, token: str) -> Session:
    if not session.matches(token):
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
    person.need_area(web.service.area(run))
    if web.settings.demo and not web.service.run(run).summary.synthetic:
        raise DemoRefused("This run is not of made-up people.", "Demo mode shows made-up people only.")
