"""The fairness policy: what it could find at the site's numbers, and who set which version when and why."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse

from serving.web.access import Seen, SignedIn
from serving.web.pages.evidence import NONE_YET
from serving.web.render import page

router = APIRouter()


@router.get("/policy")
def show(request: Request, seen: Seen, session: SignedIn) -> HTMLResponse:
    """Show the policy in force and its history, as the evidence over time was gathered last."""
    found = seen.evidence()
    seen.note(session.person.user, "view.policy", "policy")
    return page(request, "policy.html", {"found": found, "none_yet": NONE_YET})
