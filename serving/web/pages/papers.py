"""The transparency pack: governance papers with their state, what releases rest on, evidence of deletion."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from serving.access.attention import retention
from serving.access.viewing import Viewing
from serving.deletion import Deletions, deletions
from serving.filing import Filed
from serving.jobs import PAPERS
from serving.making import Making, ask, making
from serving.papers import KINDS, PACK, TITLES, Pack, Papers
from serving.people import EVERYWHERE, Permission
from serving.release.runs import RunDetail, RunSummary
from serving.web.access import FromForm, Seen, Served, SignedIn
from serving.web.headers import attachment
from serving.web.render import looked, page

router = APIRouter(prefix="/papers")
_ASKED_ABOUT = ("released", "awaiting", "refused")


@dataclass(frozen=True)
class Shown:
    """The papers of one run.

    Parameters
    ----------
    why
        Why they are stale; empty where they are fresh, or there are none.
    making
        What was asked for last and is not made yet; None where nothing is.
    """

    run: RunSummary
    pack: Pack | None
    why: str
    making: Making | None

    @property
    def state(self) -> str:
        """Missing, stale or fresh."""
        return "missing" if self.pack is None else "stale" if self.why else "fresh"


@router.get("")
def show(request: Request, seen: Seen, session: SignedIn) -> HTMLResponse:
    """Show the papers of every run that somebody may ask about or that has some, and what releases rest on."""
    seen.note(session.person.user, "view.papers", "papers")
    context: dict[str, Any] = {
        "found": packs_of(seen),
        "titles": TITLES,
        "kinds": KINDS,
        "pack": PACK,
        "looked": looked(seen),
        "rests": [(run.summary, run.gate) for run in newest_of_each_area(seen)],
    }
    if session.person.may(Permission.SEE_LEDGER):
        context["due"], context["deleted"] = due_and_deleted(seen)
    return page(request, "papers.html", context)


@router.post("/{run}")
def make(web: Served, seen: Seen, session: FromForm, run: str) -> Response:
    """Ask for the papers of a run, which the batch side makes."""
    ask(seen, PAPERS, run)
    if web.worker is not None:
        web.worker()
    return RedirectResponse(f"/papers#papers-{run}", 303)


@router.get("/{run}/{name}")
def paper(seen: Seen, session: SignedIn, run: str, name: str) -> Response:
    """Give out a paper, as the ledger vouches for it; a stale one is not given out."""
    content = Papers(seen.stores).read(run, seen.state(run), name)
    seen.note(session.person.user, "view.paper", run, {"name": name})
    return Response(content, media_type=KINDS[name.rpartition(".")[2]][1], headers=attachment(f"{run}-{name}"))


def packs_of(seen: Viewing) -> list[Shown]:
    """Return the papers of the runs that are released, refused or await review, and of others that have some."""
    papers = Papers(seen.stores)
    found = [(run, papers.newest(run.run)) for run in seen.runs()]
    found = [(run, pack) for run, pack in found if pack is not None or run.state in _ASKED_ABOUT]
    being_made = making(seen, PAPERS, [(run.run, pack.at if pack else "") for run, pack in found])
    return [
        Shown(run, pack, papers.stale(pack, run.state) if pack else "", being_made.get(run.run)) for run, pack in found
    ]


def due_and_deleted(seen: Viewing) -> tuple[Filed | None, Deletions | None]:
    """Return what is due for review and what was deleted, over all areas: None for who works in some of them."""
    return retention(seen), deletions(seen.stores) if seen.person.areas >= EVERYWHERE else None


def newest_of_each_area(seen: Viewing) -> list[RunDetail]:
    """Return the run that was scored last in each area."""
    newest: dict[str, RunSummary] = {}
    for run in sorted(seen.runs(), key=lambda each: each.created_at):
        newest[run.area] = run
    return [seen.run(run.run) for _, run in sorted(newest.items())]
