"""The list of runs and what each waits for; the page about the service."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse

from serving.people import Permission
from serving.release.runs import RunSummary
from serving.web.access import Served, SignedIn
from serving.web.render import page

router = APIRouter()
_GROUPS = (
    ("released", "Released", "Panels can read these lists."),
    ("awaiting", "Awaiting review", "Nothing of these lists is shown until a reviewer releases them."),
    ("refused", "Refused", "These lists will not be released."),
    ("expired", "Expired", "The time of these releases has passed; score again for a new list."),
    ("withdrawn", "Withdrawn", "These lists were taken back."),
)


@router.get("/")
def runs(request: Request, web: Served, session: SignedIn) -> HTMLResponse:
    """Show the runs of the person's areas, grouped by state."""
    session.person.need(Permission.SEE_RUNS)
    areas = session.person.areas
    seen = [run for run in web.service.runs() if "*" in areas or run.area in areas]
    groups = [(title, hint, _of(seen, state)) for state, title, hint in _GROUPS if _of(seen, state)]
    open_ = [run for run in seen if run.needs and run.state in ("awaiting", "refused")]
    waiting = open_ if session.person.may(Permission.REVIEW) else []
    return page(
        request, "runs.html", {"groups": groups, "waiting": waiting, "total": len(seen), "stops": web.service.stops()}
    )


@router.get("/about")
def about(request: Request, session: SignedIn) -> HTMLResponse:
    """Say what the service is and is not."""
    return page(request, "about.html")


def _of(seen: list[RunSummary], state: str) -> list[RunSummary]:
    return [run for run in seen if run.state == state]
