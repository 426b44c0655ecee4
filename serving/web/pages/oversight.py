"""Whether human beings decide, and who saw what: for those who answer for the lists."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse

from serving.access.elsewhere import KINDS, views_elsewhere
from serving.access.openings import openings
from serving.access.viewing import Viewing
from serving.errors import ListChanged
from serving.panel.involvement import Involvement, involvement, together
from serving.panel.own_views import own_views
from serving.people import Permission
from serving.release.past import past_list
from serving.release.runs import RunSummary
from serving.web.access import Seen, SignedIn
from serving.web.render import page

router = APIRouter(prefix="/oversight")
VIEWS_SHOWN, ELSEWHERE_SHOWN = 500, 100


@dataclass(frozen=True)
class Overseen:
    """A run, how people decided beside its list's order, and whether its area is stopped.

    The figures are None where nobody could read the list, or it is not what was released.
    """

    run: RunSummary
    figures: Involvement | None
    stopped: bool


@router.get("")
def show(request: Request, seen: Seen, session: SignedIn) -> HTMLResponse:
    """Show how people decided on each list that was released, and on all of them together."""
    seen.note(session.person.user, "view.oversight", "oversight")
    found = overseen(seen)
    beside = {"elsewhere": views_elsewhere(seen, ELSEWHERE_SHOWN), "most": ELSEWHERE_SHOWN, "kinds": KINDS}
    return page(request, "oversight.html", {"found": found, "total": total_of(found), **beside})


@router.get("/{run}")
def show_run(request: Request, seen: Seen, session: SignedIn, run: str) -> HTMLResponse:
    """Show who saw what of one run, the newest first."""
    summary = seen.run(run).summary
    views = seen.views(run, VIEWS_SHOWN)
    seen.note(session.person.user, "view.oversight", run)
    context = {"run": summary, "views": views, "most": VIEWS_SHOWN, "figures": figures_of(seen, run)}
    return page(request, "oversight_run.html", context)


def overseen(seen: Viewing) -> list[Overseen]:
    """Return every list that was ever released, with its figures."""
    released = [run for run in seen.runs() if run.state in ("released", "expired", "withdrawn")]
    stops = seen.stops()
    return [
        Overseen(run, figures_of(seen, run.run), any(each.holds_for(run.area) for each in stops)) for run in released
    ]


def total_of(found: Iterable[Overseen]) -> Involvement | None:
    """Return how people decided on all lists together."""
    return together(each.figures for each in found if each.figures is not None)


def figures_of(seen: Viewing, run: str) -> Involvement | None:
    """Return how people decided on a list, live or not; None where nobody could read it, or it is not what it was.

    Counts that name nobody outlast the list: whether panels depart from the order is asked of a year, not of a month.
    """
    seen.area(run)
    try:
        found = past_list(seen.stores, run)
    except ListChanged:
        found = None
    if found is None:
        return None
    decisions = seen.decisions(run=run)
    views = openings(seen, run, {(each["by"], each["person"]) for each in decisions})
    own = own_views(seen, run) if seen.person.may(Permission.REVIEW) else None
    return involvement(found.header, found.rows, decisions, views, own)
