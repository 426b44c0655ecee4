"""Whether human beings decide, and who saw what: for those who answer for the lists."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse

from serving.access.viewing import Viewing
from serving.panel.involvement import Involvement, involvement
from serving.panel.own_views import own_views
from serving.people import Permission
from serving.service import RunSummary
from serving.web.access import Seen, SignedIn
from serving.web.render import page

router = APIRouter(prefix="/oversight")
VIEWS_SHOWN = 500


@dataclass(frozen=True)
class Overseen:
    """A run and, where its list may be read now, how people decided beside its order."""

    run: RunSummary
    figures: Involvement | None


@router.get("")
def show(request: Request, seen: Seen, session: SignedIn) -> HTMLResponse:
    """Show how people decided on each list that may be read now."""
    seen.note(session.person.user, "view.oversight", "oversight")
    return page(request, "oversight.html", {"found": overseen(seen)})


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
    return [Overseen(run, figures_of(seen, run.run)) for run in released]


def figures_of(seen: Viewing, run: str) -> Involvement | None:
    """Return how people decided on a list; None where it may not be read now."""
    found = seen.live_list(run)
    if found is None:
        return None
    views = [view for view in seen.views(run, None) if view["action"] == "view.case"]
    own = own_views(seen, run) if seen.person.may(Permission.REVIEW) else None
    return involvement(found.header, found.rows, seen.decisions(run=run), views, own)
