"""The panel's meetings: the agenda with its gate first, attendance, actions and minutes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from serving.errors import FilingRefused
from serving.panel import meetings as kept
from serving.panel.meetings import Action, Attendee, Meeting, meeting_of
from serving.people import Person
from serving.release.reading import ReleasedList
from serving.release.runs import RunSummary
from serving.web.access import FromForm, Seen, Served, SignedIn
from serving.web.pages.agenda import agenda_of
from serving.web.pages.dates import Day, Due
from serving.web.pages.filled import Filled, Long, Short
from serving.web.pages.referrals import name_of
from serving.web.render import Web, page

router = APIRouter(prefix="/meetings")
_HOW_MANY = "Enter how many people the panel can accept, as a whole number"
_DONE = {
    "called": "The meeting is called.",
    "changed": "The meeting is changed.",
    "attendance": "Attendance is noted.",
    "action": "The action is agreed.",
    "closed": "The action is closed.",
    "minutes": "The minutes are signed.",
}


@router.get("")
def show_all(request: Request, seen: Seen, session: SignedIn) -> HTMLResponse:
    """Show the meetings of the person's areas and, to a chair, the form that calls one."""
    return _all(request, seen, Filled())


@router.post("")
def call(
    request: Request,
    seen: Seen,
    session: FromForm,
    day_parts: Day,
    run: Short = "",
    places: Short = "",
) -> Response:
    """Call a meeting on a list, or show the form again with what is wrong."""
    filled = Filled("call", {"run": run, **day_parts, "places": places})
    chosen = next((each for each in seen.runs() if each.run == run), None)
    if chosen is None:
        filled.errors["run"] = "Choose the list that the meeting works on"
    when, count = filled.day("day", "the day of the meeting"), filled.number("places", _HOW_MANY)
    area = chosen.area if chosen else ""
    meeting = filled.carry_out(lambda: kept.call_meeting(seen, session.person, area, when, count, run), "day-day")
    if filled.errors:
        return _all(request, seen, filled, 422)
    return RedirectResponse(f"/meetings/{meeting}?done=called", 303)


@router.get("/{meeting}")
def show(request: Request, web: Served, seen: Seen, session: SignedIn, meeting: str) -> HTMLResponse:
    """Show the agenda of a meeting and what was noted at it."""
    return _one(request, web, session.person, meeting_of(seen, meeting), Filled())


@router.post("/{meeting}")
def change(
    request: Request,
    web: Served,
    seen: Seen,
    session: FromForm,
    meeting: str,
    day_parts: Day,
    run: Short = "",
    places: Short = "",
    newest: Short = "",
) -> Response:
    """Give a meeting another day, list or number of places."""
    known = meeting_of(seen, meeting)
    filled = Filled("change", {"run": run, **day_parts, "places": places, "newest": newest})
    when, count = filled.day("day", "the day of the meeting"), filled.number("places", _HOW_MANY)
    read = replace(known, newest=filled.number("newest"))
    filled.carry_out(lambda: kept.change_meeting(seen, session.person, read, when, count, run), "day-day", "#agenda")
    return _answer(request, web, session.person, known, filled, "changed", "agenda")


@router.post("/{meeting}/attendance")
def attend(
    request: Request,
    web: Served,
    seen: Seen,
    session: FromForm,
    meeting: str,
    name: Short = "",
    agency: Short = "",
    present: Short = "",
    recused: Short = "",
) -> Response:
    """Note who is at a meeting, and from which cases they recuse themselves."""
    known = meeting_of(seen, meeting)
    filled = Filled("attendance", {"name": name, "agency": agency, "present": present, "recused": recused})
    filled.need("name", "Enter their name")
    filled.need("agency", "Enter their agency")
    filled.one_of("present", ("yes", "no"), "Say whether they are there")
    people = tuple(recused.replace(",", " ").split())
    filled.carry_out(lambda: need_listed(web, known, people), "recused")
    who = Attendee(name, agency, present == "yes", people)
    filled.carry_out(lambda: kept.attend(seen, session.person, known, who), "name", "#attendance")
    return _answer(request, web, session.person, known, filled, "attendance", "attendance")


@router.post("/{meeting}/actions")
def agree(
    request: Request,
    web: Served,
    seen: Seen,
    session: FromForm,
    meeting: str,
    due_parts: Due,
    what: Long = "",
    owner: Short = "",
    person: Short = "",
    read_again: Short = "",
) -> Response:
    """Agree an action."""
    known = meeting_of(seen, meeting)
    told, about = {"what": what, "read_again": read_again}, {"person": person}
    filled = Filled("action", {**told, "owner": owner, **due_parts, **about})
    filled.need("what", "Say what is to be done")
    filled.need("owner", "Enter who does it")
    due = filled.day("due", "the day by which it is done")
    filled.read_again("what")
    filled.carry_out(lambda: need_listed(web, known, [person] if person else []), "person")
    action = Action(what, owner, due, person or None)
    filled.carry_out(lambda: kept.agree_action(seen, session.person, known, action), "what")
    return _answer(request, web, session.person, known, filled, "action", "actions")


@router.post("/{meeting}/actions/{number}")
def close(
    request: Request,
    web: Served,
    seen: Seen,
    session: FromForm,
    meeting: str,
    number: int,
    done: Long = "",
    read_again: Short = "",
) -> Response:
    """Close an action with what came of it."""
    known = meeting_of(seen, meeting)
    filled = Filled(f"action-{number}", {"done": done, "read_again": read_again})
    filled.read_again("done")
    filled.carry_out(
        lambda: kept.close_action(seen, session.person, known, number, done),
        f"done-{number}",
        "#actions",
        once=True,
    )
    return _answer(request, web, session.person, known, filled, "closed", "actions")


@router.post("/{meeting}/minutes")
def sign(
    request: Request,
    web: Served,
    seen: Seen,
    session: FromForm,
    meeting: str,
    note: Long = "",
    newest: Short = "",
    read_again: Short = "",
) -> Response:
    """Sign the minutes."""
    known = meeting_of(seen, meeting)
    filled = Filled("minutes", {"note": note, "newest": newest, "read_again": read_again})
    filled.read_again("note")
    read = filled.number("newest") if newest else None
    filled.carry_out(lambda: kept.sign_minutes(seen, session.person, known, note, read), "note", "#minutes")
    return _answer(request, web, session.person, known, filled, "minutes", "minutes")


def need_listed(web: Web, known: Meeting, people: Iterable[str]) -> None:
    """Pass where people are on the list of a meeting as it may be read now, or raise `FilingRefused`."""
    found = list_of(web, known)
    there = {row["person"] for row in found.rows} if found else set()
    if not there.issuperset(people):
        raise FilingRefused("Somebody is on no list of this meeting.", "Name them as the list shows them.")


def list_of(web: Web, known: Meeting) -> ReleasedList | None:
    """Return the list of a meeting where it may be read now."""
    return web.service.live_list(known.run) if known.run else None


def _answer(
    request: Request, web: Web, me: Person, known: Meeting, filled: Filled, done: str, section: str
) -> Response:
    if filled.errors:
        now = meeting_of(web.service, known.meeting) if filled.overtaken else known
        return _one(request, web, me, now, filled, filled.status)
    return RedirectResponse(f"/meetings/{known.meeting}?done={done}#{section}", 303)


def _all(request: Request, seen: Any, filled: Filled, status: int = 200) -> HTMLResponse:
    runs = {run.run: run for run in seen.runs()}
    found = kept.meetings(seen)
    today = seen.today()
    context = {
        "coming": sorted((each for each in found if each.day >= today), key=lambda item: item.day),
        "past": [each for each in found if each.day < today],
        "runs": runs,
        "choices": _choices(runs.values()),
        "filled": filled,
    }
    return page(request, "meetings.html", context, status)


def _choices(runs: Any) -> list[RunSummary]:
    """Return the lists that a meeting can be called on: released or awaiting review, the newest first."""
    usable = [run for run in runs if run.state in ("released", "awaiting")]
    return sorted(usable, key=lambda run: (run.as_of, run.run), reverse=True)


def _one(request: Request, web: Web, me: Person, known: Meeting, filled: Filled, status: int = 200) -> HTMLResponse:
    seen, found = web.service, list_of(web, known)
    seen.note(me.user, "view.meeting", known.meeting)
    if found is not None:
        seen.note(me.user, "view.list", known.run, {"view": "meeting"})
    runs = [run for run in seen.runs() if run.area == known.area]
    context = {
        "meeting": known,
        "run": next((run for run in runs if run.run == known.run), None),
        "choices": _choices(runs),
        "found": found,
        "stopped": any(each.holds_for(known.area) for each in seen.stops()),
        "agenda": agenda_of(web, me, known, found) if found else None,
        "attendance": kept.attendance(seen, known),
        "actions": kept.actions(seen, known),
        "earlier": [each for each in kept.open_actions(seen, known.area) if each.subject != known.meeting],
        "minutes": kept.minutes(seen, known),
        "filled": filled,
        "name_of": name_of,
        "done": _DONE.get(request.query_params.get("done", "")),
    }
    return page(request, "meeting.html", context, status)
