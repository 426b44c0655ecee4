"""The registers of incidents and challenges, and the forms that open and close an entry."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from serving.errors import NotFound
from serving.panel import registers as kept
from serving.panel.registers import CHALLENGE, INCIDENT, Challenge, ChallengeFrom, Incident, IncidentKind
from serving.people import Permission
from serving.web.access import FromForm, Seen, SignedIn
from serving.web.pages.dates import Arrived, Happened
from serving.web.pages.filled import Filled, Long, Short
from serving.web.render import page

router = APIRouter(prefix="/registers")
_DONE = {
    "incident": "The incident is reported. A governance reviewer reads it.",
    "challenge": "The challenge is entered.",
    "closed": "The entry is closed.",
}


@router.get("")
def show(request: Request, seen: Seen, session: SignedIn) -> HTMLResponse:
    """Show the form that reports an incident and, to those who answer for the lists, the registers."""
    return _page(request, seen, Filled())


@router.post("/incidents")
def report(
    request: Request,
    seen: Seen,
    session: FromForm,
    happened_parts: Happened,
    area: Short = "",
    kind: Short = "",
    what: Long = "",
    read_again: Short = "",
) -> Response:
    """Report an incident."""
    chosen_parts, told = {"area": area, "kind": kind}, {"what": what, "read_again": read_again}
    filled = Filled("incident", {**chosen_parts, **happened_parts, **told})
    happened = filled.day("happened", "the day on which it happened")
    chosen = filled.one_of("kind", IncidentKind, "Choose what it was")
    filled.need("what", "Say what happened")
    _check_area(seen, filled, "area", area)
    filled.read_again("what")
    filled.carry_out(
        lambda: kept.report_incident(seen, session.person, area, Incident(IncidentKind(chosen), happened, what)), "what"
    )
    return _answer(request, seen, filled, "incident")


@router.post("/challenges")
def challenge(
    request: Request,
    seen: Seen,
    session: FromForm,
    arrived_parts: Arrived,
    area: Short = "",
    who: Short = "",
    reference: Short = "",
    about: Long = "",
    read_again: Short = "",
) -> Response:
    """Enter a challenge that arrived."""
    named, told = {"challenged": area, "who": who, "reference": reference}, {"about": about, "read_again": read_again}
    filled = Filled("challenge", {**named, **arrived_parts, **told})
    arrived = filled.day("arrived", "the day on which it arrived")
    chosen = filled.one_of("who", ChallengeFrom, "Choose who challenges")
    filled.need("reference", "Enter the reference of the letter or case")
    filled.need("about", "Say what is asked")
    _check_area(seen, filled, "challenged", area)
    filled.read_again("about")
    filled.carry_out(
        lambda: kept.enter_challenge(
            seen, session.person, area, Challenge(arrived, ChallengeFrom(chosen), reference, about)
        ),
        "about",
    )
    return _answer(request, seen, filled, "challenge")


@router.post("/{kind}/{number}")
def close(
    request: Request,
    seen: Seen,
    session: FromForm,
    kind: str,
    number: int,
    outcome: Long = "",
    read_again: Short = "",
) -> Response:
    """Close an entry with what came of it."""
    if kind not in (INCIDENT, CHALLENGE):
        raise NotFound("There is no such register.", "Go back to the registers.")
    filled = Filled(f"close-{number}", {"outcome": outcome, "read_again": read_again})
    filled.read_again("outcome")
    filled.carry_out(
        lambda: kept.close(seen, session.person, kind, number, outcome),
        f"outcome-{number}",
        f"#{kind}s",
        once=True,
    )
    return _answer(request, seen, filled, "closed")


def _check_area(seen: Any, filled: Filled, name: str, area: str) -> None:
    if area not in _areas(seen):
        filled.errors[name] = "Choose the area that it is about"


def _areas(seen: Any) -> list[str]:
    return sorted({run.area for run in seen.runs()})


def _answer(request: Request, seen: Any, filled: Filled, done: str) -> Response:
    if filled.errors:
        return _page(request, seen, filled, filled.status)
    return RedirectResponse(f"/registers?done={done}", 303)


def _page(request: Request, seen: Any, filled: Filled, status: int = 200) -> HTMLResponse:
    context: dict[str, Any] = {
        "areas": _areas(seen),
        "incident_kinds": list(IncidentKind),
        "challengers": list(ChallengeFrom),
        "filled": filled,
        "done": _DONE.get(request.query_params.get("done", "")),
    }
    if seen.person.may(Permission.SEE_LEDGER):
        seen.note(seen.person.user, "view.registers", "registers")
        context["incidents"] = kept.register(seen, INCIDENT)
        context["challenges"] = kept.register(seen, CHALLENGE)
    return page(request, "registers.html", context, status)
