"""What changed on a list since the last panel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse

from serving.panel import since as kept
from serving.panel.since import Row, Since
from serving.people import Permission, Person
from serving.release.before import Before
from serving.release.reading import ReleasedList
from serving.web.access import Served, SignedIn, enter
from serving.web.pages.lists import names, redacted
from serving.web.render import Web, page

router = APIRouter()


@dataclass(frozen=True)
class Changed:
    """What changed on a list since the one before, as one person may see it.

    Parameters
    ----------
    made
        Decisions that stand in the list's area, whichever list they were made on.
    decided
        Those of them that were made since the list before was published.
    due
        Deferrals that nobody decided on since and that end while the list may be read.
    """

    found: ReleasedList
    before: Before | None
    since: Since | None
    made: list[dict[str, Any]]
    decided: list[dict[str, Any]]
    due: list[Row]


def changed(web: Web, me: Person, run: str) -> Changed:
    """Return what changed on a list; raises as `Viewing.released_list`."""
    seen = web.service
    found, before = seen.released_list(run), seen.list_before(run)
    made = [redacted(row, me) for row in seen.decisions() if row["current"] and seen.area(row["run"]) == found.area]
    return Changed(
        found=found,
        before=before,
        since=kept.changes(before.found.rows, found.rows) if before else None,
        made=made,
        decided=[row for row in made if before and row["at"] >= before.published_at],
        due=kept.falling_due(made, found.expires),
    )


@router.get("/lists/{run}/changes")
def show(request: Request, web: Served, session: SignedIn, run: str) -> HTMLResponse:
    """Show who entered, left, rose or fell, is newly held or decided, and whose deferral falls due."""
    me = session.person
    enter(web, me, run, Permission.SEE_LIST)
    told = changed(web, me, run)
    found, before = told.found, told.before
    context: dict[str, Any] = {
        **told.__dict__,
        "apart": {row["person"]: row for row in found.rows if row["section"] == "apart"},
        "made": {row["person"]: row for row in told.made},
        "on_list": {row["person"] for row in found.rows},
        "names": names(web, found, me) | (names(web, before.found, me) if before else {}),
    }
    web.service.note(me.user, "view.changes", run, {"before": before.found.run} if before else None)
    return page(request, "since.html", context)
