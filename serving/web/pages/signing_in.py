"""Signing in and out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from serving.access.accounts import Accounts
from serving.access.states import spend
from serving.errors import NotPermitted, ServingError
from serving.people import Person, Role
from serving.web.access import FromForm, Served
from serving.web.oidc import ProviderUnreachable, SignIn, SignInRefused
from serving.web.refusals import NOBODY, Refusals
from serving.web.render import Web, page

router = APIRouter()


@router.get("/sign-in")
def offer(request: Request, web: Served, next: str = "/", kept: str = "") -> HTMLResponse:
    """Offer the provider, or the made-up users of a demonstration; say so where neither is set up."""
    inside, told = _inside(next), {"kept": kept == "yes"}
    if web.settings.demo:
        return page(request, "sign_in.html", {"users": web.settings.users, "next": inside, **told})
    if web.settings.provider is None:
        return page(request, "sign_in_closed.html", status=503)
    return page(request, "sign_in_provider.html", {"provider": web.settings.provider.name, "next": inside, **told})


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
    person = Accounts(web.service.stores).make_up(chosen)
    return _signed_in(request, web, person, _inside(next))


@router.get("/sign-in/start")
async def start(request: Request, web: Served, next: str = "/") -> Response:
    """Send the browser to the provider."""
    try:
        answer = await _provider(request).leave(request)
    except ServingError as problem:
        return await _refused(request, web, problem)
    request.session["next"] = _inside(next)
    return answer


@router.get("/sign-in/back")
async def back(request: Request, web: Served, state: str = "") -> Response:
    """Take the browser back from the provider and start a new session for whom it vouches for."""
    inside = _inside(str(request.session.get("next", "/")))
    try:
        if not await run_in_threadpool(spend, web.service.stores, state):
            raise SignInRefused("replay", "This sign-in was used before.", "Start again from the sign-in page.")
        arrival = await _provider(request).come_back(request)
        person = await run_in_threadpool(Accounts(web.service.stores).arrive, arrival)
    except ServingError as problem:
        return await _refused(request, web, problem)
    finally:
        request.session.clear()
    return await run_in_threadpool(_signed_in, request, web, person, inside)


@router.post("/sign-out")
def sign_out(request: Request, web: Served, session: FromForm) -> Response:
    """End the session."""
    web.sessions.end(request.cookies[web.settings.cookie])
    answer = RedirectResponse("/sign-in" if web.settings.provider is None else "/signed-out", 303)
    answer.delete_cookie(web.settings.cookie, path="/", secure=web.settings.secure, httponly=True)
    return answer


@router.get("/signed-out")
async def signed_out(request: Request, web: Served) -> Response:
    """Say so, and offer to end the provider's own session, from which anybody at this machine could sign in again."""
    if web.settings.provider is None:
        return RedirectResponse("/sign-in", 303)
    context = {"provider": web.settings.provider.name, "goodbye": await _provider(request).goodbye()}
    return page(request, "signed_out.html", context)


def _signed_in(request: Request, web: Web, person: Person, inside: str) -> Response:
    """Start a session under a token of its own; the one that the browser came with ends."""
    old = request.cookies.get(web.settings.cookie)
    if old:
        web.sessions.end(old)
    # What waits for a member is another page than the lists with which everybody else begins.
    first = "/mine" if inside == "/" and person.role is Role.PANEL_MEMBER else inside
    answer = RedirectResponse(first, 303)
    answer.set_cookie(
        web.settings.cookie,
        web.sessions.start(person),
        httponly=True,
        secure=web.settings.secure,
        samesite="lax",
        path="/",
    )
    return answer


def _provider(request: Request) -> SignIn:
    provider: SignIn | None = request.app.state.sign_in
    if provider is None:
        raise NotPermitted("No sign-in provider is set up.", "Ask the administrator.")
    return provider


async def _refused(request: Request, web: Web, problem: ServingError) -> Response:
    """Answer a sign-in that failed; what a provider or a stranger sent is not repeated."""
    kind = problem.kind if isinstance(problem, SignInRefused) else type(problem).__name__
    refusals: Refusals = request.app.state.refusals
    await run_in_threadpool(refusals.note, "sign_in.refused", NOBODY, kind)
    context = {"title": "You are not signed in", "message": problem.message, "remedy": problem.remedy}
    status = 503 if isinstance(problem, ProviderUnreachable) else 403
    return page(request, "sign_in_refused.html", context, status)


def _inside(address: str) -> str:
    """Return an address of this service, or its front page: nobody is sent elsewhere after signing in."""
    inside = address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()
    return address if inside else "/"
