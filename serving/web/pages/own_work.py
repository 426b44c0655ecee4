"""What waits for a member of a panel: the page that they open first."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse

from serving.panel import meetings, own_work, requests
from serving.web.access import Seen, SignedIn
from serving.web.render import page

router = APIRouter()


@router.get("/mine")
def show(request: Request, seen: Seen, session: SignedIn) -> HTMLResponse:
    """Show questions to the person's agency, actions, meetings and lists, and what came of what they said."""
    me, today = session.person, seen.today()
    runs = {run.run: run for run in seen.runs()}
    context = {
        "waiting": requests.waiting_for(seen, me.agency) if me.agency else [],
        "actions": own_work.actions(seen, me),
        "meetings": sorted((each for each in meetings.meetings(seen) if each.day >= today), key=lambda each: each.day),
        "runs": runs,
        "lists": [run for run in runs.values() if run.state == "released" and run.published],
        "answered": own_work.answered(seen, me),
        "challenged": own_work.challenged(seen, me),
    }
    seen.note(me.user, "view.own_work", "own work")
    return page(request, "own_work.html", context)
