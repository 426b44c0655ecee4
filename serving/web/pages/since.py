"""What changed on a list since the last panel."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse

from serving.panel import since as kept
from serving.people import Permission
from serving.web.access import Served, SignedIn, enter
from serving.web.pages.lists import names, redacted
from serving.web.render import page

router = APIRouter()


@router.get("/lists/{run}/changes")
def show(request: Request, web: Served, session: SignedIn, run: str) -> HTMLResponse:
    """Show who entered, left, rose or fell, is newly held or decided, and whose deferral falls due."""
    me, seen = session.person, web.service
    enter(web, me, run, Permission.SEE_LIST)
    found, before = seen.released_list(run), seen.list_before(run)
    here = [redacted(row, me) for row in seen.decisions() if row["current"] and seen.area(row["run"]) == found.area]
    known = names(web, found, me) | (names(web, before.found, me) if before else {})
    context: dict[str, Any] = {
        "found": found,
        "before": before,
        "since": kept.changes(before.found.rows, found.rows) if before else None,
        "apart": {row["person"]: row for row in found.rows if row["section"] == "apart"},
        "made": {row["person"]: row for row in here},
        "decided": [row for row in here if before and row["at"] >= before.published_at],
        "due": kept.falling_due(here, found.expires),
        "on_list": {row["person"] for row in found.rows},
        "names": known,
    }
    seen.note(me.user, "view.changes", run, {"before": before.found.run} if before else None)
    return page(request, "since.html", context)
