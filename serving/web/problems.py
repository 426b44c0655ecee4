"""Errors as pages, and as problem documents for the API; neither holds a name, a place or a score."""

from __future__ import annotations

from urllib.parse import quote

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from serving.errors import (
    DecisionConflict,
    DecisionRefused,
    DemoRefused,
    NoLiveRelease,
    NotFound,
    NotPermitted,
    ReviewRefused,
    ServingError,
)
from serving.web.access import NotSignedIn
from serving.web.render import page
from serving.web.security import security_headers

_STATUS: tuple[tuple[type[ServingError], int, str], ...] = (
    (NotSignedIn, 401, "You are not signed in"),
    (NotFound, 404, "Page not found"),
    (NotPermitted, 403, "Your role does not include this page"),
    (NoLiveRelease, 409, "This list cannot be shown"),
    (DemoRefused, 409, "This cannot be shown in demo mode"),
    (DecisionConflict, 409, "Somebody decided before you"),
    (DecisionRefused, 422, "This decision cannot be recorded"),
    (ReviewRefused, 422, "This cannot be done with the list"),
)
_log = structlog.get_logger("serving.web")


def status_of(problem: ServingError) -> tuple[int, str]:
    """Return the HTTP status and the title of an error."""
    for kind, status, title in _STATUS:
        if isinstance(problem, kind):
            return status, title
    return 500, "There is a problem with the service"


def install(app: FastAPI) -> None:
    """Give the application its error pages."""
    app.add_exception_handler(ServingError, _serving_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _unexpected)


def _for_program(request: Request) -> bool:
    return request.url.path.startswith(("/api/", "/health/"))


def _answer(request: Request, status: int, title: str, message: str, remedy: str) -> Response:
    if _for_program(request):
        problem = {"type": "about:blank", "title": title, "status": status, "detail": f"{message} {remedy}"}
        return JSONResponse(problem, status, media_type="application/problem+json")
    return page(
        request,
        "problem.html",
        {"title": title, "message": message, "remedy": remedy, "status": status},
        status,
    )


def _serving_error(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, ServingError)
    if isinstance(problem, NotSignedIn) and not _for_program(request):
        wanted = quote(request.url.path) if request.method == "GET" else "/"
        return RedirectResponse(f"/sign-in?next={wanted}", 303)
    status, title = status_of(problem)
    return _answer(request, status, title, problem.message, problem.remedy)


def _http_error(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, HTTPException)
    if problem.status_code in (404, 405):
        return _answer(
            request,
            problem.status_code,
            "Page not found",
            "There is no such page.",
            "Check the address, or go to the list of runs.",
        )
    return _answer(request, problem.status_code, "The request was refused", str(problem.detail), "")


def _invalid(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, RequestValidationError)
    where = sorted({str(error["loc"][-1]) for error in problem.errors()})
    return _answer(request, 422, "The form is not right", f"Wrong: {', '.join(where)}.", "Open the page and try again.")


def _unexpected(request: Request, problem: Exception) -> Response:
    _log.error("unexpected", kind=type(problem).__name__)
    answer = _answer(
        request,
        500,
        "There is a problem with the service",
        "What you did was not saved unless the page said so.",
        "Try again in a few minutes, then tell the administrator.",
    )
    # This handler runs outside the guard that gives all other answers their headers.
    nonce = getattr(request.state, "nonce", "")
    answer.headers.update(security_headers(nonce, request.url.path))
    return answer
