"""Stopping every list of an area at once, and letting them go on."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from serving.access.viewing import Viewing
from serving.errors import FilingRefused
from serving.release.stopping import EVERYWHERE
from serving.web.access import FromForm, Seen, SignedIn
from serving.web.pages.filled import Filled, Long, Short
from serving.web.render import page

router = APIRouter(prefix="/stops")
_DONE = {
    "stopped": "The lists are stopped. Nobody sees or decides on them until a governance reviewer lets them go on.",
    "going-on": "The lists go on.",
}


@router.get("")
def show(request: Request, seen: Seen, session: SignedIn) -> HTMLResponse:
    """Show which lists are stopped, by whom and why."""
    return _page(request, seen, Filled())


@router.post("")
def stop(request: Request, seen: Seen, session: FromForm, area: Short = "", reason: Long = "") -> Response:
    """Stop every list of an area."""
    filled = Filled("stop", {"area": area, "reason": reason})
    filled.carry_out(lambda: need_stoppable(seen, area), "area")
    filled.carry_out(lambda: seen.stop(session.person, area, reason), "reason", "#stopped", once=True)
    if filled.errors:
        return _page(request, seen, filled, filled.status)
    return RedirectResponse("/stops?done=stopped", 303)


@router.post("/go-on")
def let_go_on(request: Request, seen: Seen, session: FromForm, area: Short = "", reason: Long = "") -> Response:
    """Let the lists of an area be shown again."""
    filled = Filled(f"go-on-{area}", {"reason": reason})
    filled.carry_out(lambda: seen.let_go_on(session.person, area, reason), f"why-{area}", "#stopped", once=True)
    if filled.errors:
        return _page(request, seen, filled, filled.status)
    return RedirectResponse("/stops?done=going-on", 303)


def need_stoppable(seen: Viewing, area: str) -> None:
    """Pass for an area whose lists the person may stop, or raise `FilingRefused`."""
    if area not in _areas(seen):
        raise FilingRefused("There is no list to stop there.", "Choose the area whose lists are stopped.")


def _areas(seen: Viewing) -> list[str]:
    """Return the areas whose lists the person may stop; everywhere for who works in all of them."""
    everywhere = [EVERYWHERE] if EVERYWHERE in seen.person.areas else []
    return [*everywhere, *sorted({run.area for run in seen.runs()})]


def _page(request: Request, seen: Any, filled: Filled, status: int = 200) -> HTMLResponse:
    standing = seen.stops()
    context = {
        "stops": standing,
        "areas": [area for area in _areas(seen) if area not in {each.area for each in standing}],
        "everywhere": EVERYWHERE,
        "filled": filled,
        "done": _DONE.get(request.query_params.get("done", "")),
    }
    return page(request, "stops.html", context, status)
