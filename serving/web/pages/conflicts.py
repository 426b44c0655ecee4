"""Declaring a conflict of interest, before the case is opened."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from serving.web.access import FromForm, Seen, SignedIn
from serving.web.render import page

router = APIRouter(prefix="/lists/{run}/cases/{person}/conflict")


@router.get("")
def ask(request: Request, seen: Seen, session: SignedIn, run: str, person: str) -> HTMLResponse:
    """Ask whether the person recuses themselves; nothing of the case is shown."""
    seen.listed(run, person)
    return page(request, "conflict.html", {"run": run, "person": person})


@router.post("")
def declare(seen: Seen, session: FromForm, run: str, person: str) -> Response:
    """Recuse the person from the case."""
    seen.declare_conflict(run, person)
    return RedirectResponse(f"/lists/{run}?done=conflict", 303)
