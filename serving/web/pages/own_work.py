"""What waits for a member of a panel: the page that they open first."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse

from serving.panel import own_work
from serving.web.access import Seen, SignedIn
from serving.web.render import page

router = APIRouter()


@router.get("/mine")
def show(request: Request, seen: Seen, session: SignedIn) -> HTMLResponse:
    """Show questions to the person's agency, actions, meetings and lists, and what came of what they said."""
    me = session.person
    context = {**own_work.own_work(seen, me).__dict__, "runs": {run.run: run for run in seen.runs()}}
    seen.note(me.user, "view.own_work", "own work")
    return page(request, "own_work.html", context)
