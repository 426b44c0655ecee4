"""Errors as pages, and as problem documents (RFC 9457) for programs; neither holds a name, a place or a score.

A problem says what is wrong and what to do. It repeats nothing that was sent, since that may be about a person.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import Scope

from serving.errors import (
    DecisionConflict,
    DecisionRefused,
    DemoRefused,
    FilingConflict,
    FilingRefused,
    KeyReused,
    NoLiveRelease,
    NotFound,
    NotPermitted,
    ReviewRefused,
    ServingError,
)
from serving.web import lapsing
from serving.web.access import FormRefused, NotSignedIn
from serving.web.headers import security_headers
from serving.web.rates import TooMany
from serving.web.render import page

MEDIA_TYPE = "application/problem+json"
DESCRIBED_AT = "/about/api"


@dataclass(frozen=True)
class Kind:
    """One kind of problem: its name in an address, the status it is answered with and its title."""

    name: str
    status: int
    title: str

    @property
    def type(self) -> str:
        """The address of its description."""
        return f"{DESCRIBED_AT}#{self.name}"


class NotAsRead(ServingError):
    """What the caller read is no longer what there is (If-Match)."""


class Misplaced(BaseModel):
    """One part of a request that is not as described: where it stands and what it should be."""

    where: str
    problem: str


class Problem(BaseModel):
    """What went wrong (RFC 9457). `type` leads to a description; `instance` is the number of the request."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: list[Misplaced] | None = None


_UNEXPECTED = Kind("unexpected", 500, "There is a problem with the service")
_INVALID = Kind("not-valid", 422, "The request is not right")
_KINDS: tuple[tuple[type[ServingError], Kind], ...] = (
    (NotSignedIn, Kind("not-signed-in", 401, "You are not signed in")),
    (NotFound, Kind("not-found", 404, "Page not found")),
    (FormRefused, Kind("token-missing", 403, "The form is out of date")),
    (NotPermitted, Kind("not-permitted", 403, "This is not open to you")),
    (NoLiveRelease, Kind("no-live-release", 409, "This list cannot be shown")),
    (DemoRefused, Kind("demonstration-only", 409, "This cannot be shown in demo mode")),
    (DecisionConflict, Kind("decided-meanwhile", 409, "Somebody decided before you")),
    (FilingConflict, Kind("filed-meanwhile", 409, "Somebody changed this before you")),
    (FilingRefused, Kind("filing-refused", 422, "This cannot be put on file")),
    (NotAsRead, Kind("not-as-read", 412, "It was changed since you read it")),
    (KeyReused, Kind("key-reused", 422, "This idempotency key was used for another request")),
    (DecisionRefused, Kind("decision-refused", 422, "This decision cannot be recorded")),
    (ReviewRefused, Kind("review-refused", 422, "This cannot be done with the list")),
    (TooMany, Kind("too-many-requests", 429, "Too many requests")),
)
_HTTP = {
    400: Kind("not-readable", 400, "The request cannot be read"),
    403: Kind("refused", 403, "The request was refused"),
    404: Kind("not-found", 404, "Page not found"),
    405: Kind("method-not-allowed", 405, "Page not found"),
    411: Kind("length-required", 411, "The request has no length"),
    413: Kind("too-large", 413, "The request is too large"),
    415: Kind("media-type", 415, "The request is of another media type"),
}
KINDS: tuple[Kind, ...] = tuple(
    {kind.name: kind for kind in (*(kind for _, kind in _KINDS), *_HTTP.values(), _INVALID, _UNEXPECTED)}.values()
)


def kind_of(problem: ServingError) -> Kind:
    """Return which kind of problem an error is."""
    return next((kind for error, kind in _KINDS if isinstance(problem, error)), _UNEXPECTED)


def install(app: FastAPI) -> None:
    """Give the application its error pages."""
    app.add_exception_handler(ServingError, _serving_error)
    app.add_exception_handler(NotSignedIn, _not_signed_in)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _invalid)


def unexpected(request: Request) -> Response:
    """Return the answer to a request that met an error nobody expected; it says nothing of the error."""
    answer = _answer(
        request,
        _UNEXPECTED,
        "What you did was not saved unless the page said so.",
        "Try again in a few minutes, then tell the administrator.",
    )
    # This answer is made outside the guard that gives all others their headers.
    answer.headers.update(security_headers(getattr(request.state, "nonce", ""), request.url.path))
    return answer


def refusal(scope: Scope, status: int, message: str, remedy: str = "") -> Response:
    """Return the answer to a request that does not reach the pages."""
    request = Request(scope)
    return _answer(request, _HTTP[status], message, remedy)


def _for_program(request: Request) -> bool:
    return request.url.path.startswith(("/api/", "/health/"))


def _answer(
    request: Request,
    kind: Kind,
    message: str,
    remedy: str,
    errors: list[Misplaced] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    if _for_program(request):
        problem = Problem(
            type=kind.type,
            title=kind.title,
            status=kind.status,
            detail=f"{message} {remedy}".strip(),
            instance=f"urn:request:{getattr(request.state, 'request', '')}",
            errors=errors,
        )
        body = problem.model_dump(exclude_none=True)
        return JSONResponse(body, kind.status, headers, media_type=MEDIA_TYPE)
    context = {"title": kind.title, "message": message, "remedy": remedy, "status": kind.status}
    answer = page(request, "problem.html", context, kind.status)
    answer.headers.update(headers or {})
    return answer


async def _not_signed_in(request: Request, problem: Exception) -> Response:
    """Send somebody to sign in, and back; what they typed is kept for them where the form was of their own session."""
    if _for_program(request):
        return _serving_error(request, problem)
    if request.method == "POST" and await lapsing.keep(request):
        return RedirectResponse(f"/sign-in?next={quote(lapsing.shown_at(request.url.path))}&kept=yes", 303)
    wanted = quote(request.url.path) if request.method == "GET" else "/"
    return RedirectResponse(f"/sign-in?next={wanted}", 303)


def _serving_error(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, ServingError)
    headers = {"Retry-After": str(problem.seconds)} if isinstance(problem, TooMany) else None
    return _answer(request, kind_of(problem), problem.message, problem.remedy, headers=headers)


def _http_error(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, HTTPException)
    if problem.status_code in (404, 405):
        message, remedy = "There is no such page.", "Check the address, or go to the list of runs."
    else:
        message, remedy = "The request cannot be answered as it was sent.", "Send it as the description says."
    kind = _HTTP.get(problem.status_code, Kind("refused", problem.status_code, "The request was refused"))
    return _answer(request, kind, message, remedy, headers=problem.headers)


def _invalid(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, RequestValidationError)
    errors = [_misplaced(error) for error in problem.errors()]
    where = sorted({error.where.rpartition(".")[2] for error in errors})
    message = f"Wrong: {', '.join(where)}."
    remedy = "Send it as the description says." if _for_program(request) else "Open the page and try again."
    return _answer(request, _INVALID, message, remedy, errors)


def _misplaced(error: Mapping[str, object]) -> Misplaced:
    """Return where a request is wrong, by names that the service gave itself: other names are what was sent."""
    place = error["loc"]
    assert isinstance(place, tuple)
    named = place[:1] if error["type"] in ("extra_forbidden", "json_invalid") else place
    told = "Only declared names are allowed" if error["type"] == "extra_forbidden" else str(error["msg"])
    return Misplaced(where=".".join(str(part) for part in named), problem=told)
