"""Signing in and out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from serving.errors import NotPermitted
from serving.web.access import FromForm, Served
from serving.web.render import page

router = APIRouter()


@router.get("/sign-in")
def offer(request: Request, web: Served, next: str = "/") -> HTMLResponse:
    """Offer the made-up users; outside demo mode say that sign-in is not set up."""
    if not web.settings.demo:
        return page(request, "sign_in_closed.html", status=503)
    return page(request, "sign_in.html", {"users": web.settings.users, "next": _inside(next)})


@router.post("/sign-in")
def sign_in(
    request: Request,
    web: Served,
    user: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/",
) -> Response:
    """Start a new session for a made-up user."""
    offered = web.settings.users if web.settings.demo else ()
    chosen = {person.user: person for person in offered}.get(user)
    if chosen is None:
        raise NotPermitted("There is no such user.", "Choose one of those on the sign-in page.")
    old = request.cookies.get(web.settings.cookie)
    if old:
        web.sessions.end(old)
    answer = RedirectResponse(_inside(next), 303)
    answer.set_cookie(
        web.settings.cookie,
        web.sessions.start(chosen),
        httponly=True,
        secure=web.settings.secure,
        samesite="lax",
        path="/",
    )
    return answer


@router.post("/sign-out")
def sign_out(request: Request, web: Served, session: FromForm) -> Response:
    """End the session."""
    web.sessions.end(request.cookies[web.settings.cookie])
    answer = RedirectResponse("/sign-in", 303)
    answer.delete_cookie(web.settings.cookie, path="/", secure=web.settings.secure, httponly=True)
    return answer


def _inside(address: str) -> str:
    """Return an address of this service, or its front page: nobody is sent elsewhere after signing in."""
    inside = address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()
    return address if inside else "/"
