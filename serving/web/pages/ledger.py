"""The ledger and whether it is whole."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse

from serving.ledger.checking import NEWEST, Checked
from serving.people import Permission
from serving.web.access import Served, SignedIn
from serving.web.render import page

router = APIRouter()


@router.get("/ledger")
def show(request: Request, web: Served, session: SignedIn, against: str = "") -> HTMLResponse:
    """Show the newest entries and whether all of them are whole; a printed head is looked for among all of them."""
    session.person.need(Permission.SEE_LEDGER)
    head = against.strip()
    checked = Checked(web.service.verify(head), web.service.now()) if head else web.service.checked()
    web.service.note(session.person.user, "view.ledger", "ledger")
    entries = web.service.ledger(NEWEST)
    shown = {
        "result": checked.result,
        "read_at": checked.at.isoformat(),
        "entries": entries,
        "against": against,
    }
    return page(request, "ledger.html", shown)
