"""Meetings: what their pages show and take, as documents."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from serving.access.viewing import Viewing
from serving.errors import FilingConflict
from serving.filing import Filed
from serving.panel import meetings as kept
from serving.panel.meetings import Action, Attendee, meeting_of
from serving.people import Permission
from serving.web.access import Seen, Served, SignedIn
from serving.web.api.answers import part, tagged
from serving.web.api.bodies.fields import Limit, ReadTag
from serving.web.api.bodies.filed import Carried, FiledNumber, OutcomeIn
from serving.web.api.bodies.meetings import (
    ActionIn,
    AttendeeIn,
    MeetingCalled,
    MeetingChange,
    MeetingIn,
    Meetings,
    MeetingWhole,
    MinutesIn,
)
from serving.web.api.description import ACTS, READS
from serving.web.api.sending import Sent
from serving.web.limiting import API, WRITES
from serving.web.pages.agenda import agenda_of
from serving.web.pages.meetings import list_of, need_listed

reading = APIRouter(prefix="/api/v1/meetings", responses=READS, dependencies=[API])
acting = APIRouter(prefix="/api/v1/meetings", responses=ACTS, dependencies=[API, WRITES])
Cursor = Annotated[str | None, Query(max_length=200, description="`next` of the part before; leave out for the first.")]


@reading.get("", response_model=Meetings)
def meetings(
    seen: Seen, session: SignedIn, limit: Limit = 50, cursor: Cursor = None, known: ReadTag = None
) -> Response:
    """Return the meetings of the caller's areas, the latest day first."""
    found, following = part(kept.meetings(seen), limit, cursor, lambda each: each.meeting)
    return tagged({"meetings": [each.to_dict() for each in found], "next": following}, known)


@reading.get("/{meeting}", response_model=MeetingWhole)
def meeting(web: Served, seen: Seen, session: SignedIn, meeting: str, known: ReadTag = None) -> Response:
    """Return a meeting with what waits for it and what was noted at it."""
    here = meeting_of(seen, meeting)
    found = list_of(web, here)
    seen.note(session.person.user, "view.meeting", meeting)
    if found is not None:
        seen.note(session.person.user, "view.list", here.run, {"view": "meeting"})
    document = {
        "meeting": here.to_dict(),
        "agenda": _named(agenda_of(web, session.person, here, found)) if found else None,
        "attendance": [_told(seen, each) for each in kept.attendance(seen, here)],
        "actions": [each.to_dict() for each in kept.actions(seen, here)],
        "minutes": [each.to_dict() for each in kept.minutes(seen, here)],
    }
    return tagged(document, known)


@acting.post("", status_code=201, response_model=MeetingCalled)
def call_meeting(asked: MeetingIn, seen: Seen, sent: Sent) -> dict[str, Any]:
    """Call a meeting on a list."""
    sent.once(asked)
    area = seen.area(asked.run)
    return {"meeting": kept.call_meeting(seen, sent.me, area, asked.day, asked.places, asked.run)}


@acting.post("/{meeting}", status_code=201, response_model=Carried)
def change_meeting(asked: MeetingChange, meeting: str, seen: Seen, sent: Sent) -> dict[str, Any]:
    """Give a meeting another day, list or number of places."""
    here = meeting_of(seen, meeting)
    if not sent.once(asked):
        if asked.newest != here.newest:
            raise FilingConflict("Somebody changed this meeting in the meantime.", "Read it again, then send yours.")
        kept.change_meeting(seen, sent.me, here, asked.day, asked.places, asked.run)
    return {"done": True}


@acting.post("/{meeting}/attendance", status_code=201, response_model=FiledNumber)
def note_attendance(asked: AttendeeIn, meeting: str, web: Served, seen: Seen, sent: Sent) -> dict[str, Any]:
    """Note who is at a meeting, and from which cases they recuse themselves."""
    here = meeting_of(seen, meeting)
    sent.once(asked)
    need_listed(web, here, asked.recused)
    who = Attendee(asked.name, asked.agency, asked.present, tuple(asked.recused))
    return {"number": kept.attend(seen, sent.me, here, who)}


@acting.post("/{meeting}/actions", status_code=201, response_model=FiledNumber)
def agree_action(asked: ActionIn, meeting: str, web: Served, seen: Seen, sent: Sent) -> dict[str, Any]:
    """Agree an action."""
    here = meeting_of(seen, meeting)
    sent.once(asked)
    need_listed(web, here, [asked.person] if asked.person else [])
    action = Action(asked.what, asked.owner, asked.due, asked.person)
    return {"number": kept.agree_action(seen, sent.me, here, action)}


@acting.post("/{meeting}/actions/{number}", status_code=201, response_model=Carried)
def close_action(asked: OutcomeIn, meeting: str, number: int, seen: Seen, sent: Sent) -> dict[str, Any]:
    """Close an action with what came of it."""
    here = meeting_of(seen, meeting)
    sent.once(asked)
    kept.close_action(seen, sent.me, here, number, asked.outcome)
    return {"done": True}


@acting.post("/{meeting}/minutes", status_code=201, response_model=FiledNumber)
def sign_minutes(asked: MinutesIn, meeting: str, seen: Seen, sent: Sent) -> dict[str, Any]:
    """Sign the minutes of a meeting; signing again replaces those that were read."""
    here = meeting_of(seen, meeting)
    sent.once(asked)
    return {"number": kept.sign_minutes(seen, sent.me, here, asked.note, asked.newest)}


def _told(seen: Viewing, noted: Filed) -> dict[str, Any]:
    """Return attendance; from which cases somebody recuses themselves is for chairs, as on the page."""
    people = noted.document["recused"] if seen.person.may(Permission.DECIDE) else []
    open_to = [person for person in people if not seen.closed.shuts(person)]
    return {**noted.to_dict(), "document": {**noted.document, "recused": open_to}}


def _named(agenda: dict[str, Any]) -> dict[str, Any]:
    """Return an agenda by pseudonyms."""
    sections = {name: [row["person"] for row in rows] for name, rows in agenda["sections"]}
    people = {name: [row["person"] for row in agenda[name]] for name in ("to_decide", "at_line", "back")}
    tabled = [each.filed.number for each in agenda["referred"]]
    taken = {"taken": agenda["taken"].places, "disrupt_only": agenda["taken"].disrupted}
    return {**taken, **people, **sections, "tabled": tabled}
