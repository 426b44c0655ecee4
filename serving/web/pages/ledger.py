"""The ledger and whether it is whole."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import HTMLResponse

from serving.ledger.checking import NEWEST, Checked
from serving.people import Permission
from serving.web.access import Served, SignedIn
from serving.web.render import page

router = APIRouter()


@router.get("/ledger")
def show(
    request: Request,
    web: Served,
    session: SignedIn,
    against: str = "",
    everything: Annotated[str, Query(alias="all", max_length=10)] = "",
    before: Annotated[str, Query(max_length=20)] = "",
) -> HTMLResponse:
    """Show entries, the newest first, and what is known of the whole; a printed head is looked for among all of it."""
    session.person.need(Permission.SEE_LEDGER)
    head = against.strip()
    checked = (
        Checked(web.service.verify(head), web.service.now()) if head else web.service.checked(whole=bool(everything))
    )
    web.service.note(session.person.user, "view.ledger", "ledger")
    older = int(before) if before.isascii() and before.isdigit() and len(before) < 10 else None
    entries, next_before = web.service.ledger_part(NEWEST, older)
    shown = {
        "result": checked.result,
        "read_at": checked.at.isoformat() if checked.at else "",
        "newest": min(NEWEST, checked.result.entries),
        "entries": entries,
        "older": older,
        "next_before": next_before,
        "against": against,
    }
    return page(request, "ledger.html", shown)
