"""The ledger and whether it is whole."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse

from serving.people import Permission
from serving.web.access import Served, SignedIn
from serving.web.render import page

router = APIRouter()
_NEWEST = 100


@router.get("/ledger")
def show(request: Request, web: Served, session: SignedIn, against: str = "") -> HTMLResponse:
    """Show the newest entries and the result of verifying all of them."""
    session.person.need(Permission.SEE_LEDGER)
    result = web.service.verify(against.strip() or None)
    web.service.note(session.person.user, "view.ledger", "ledger")
    entries = web.service.ledger(_NEWEST)
    return page(request, "ledger.html", {"result": result, "entries": entries, "against": against})
