"""A panel's meeting: its day and list, who was there, what is to be done, and its minutes.

All of it is on file (`serving.filing`). A meeting is known by a name of its own, under which everything else of
it is filed; the chair who changes something has read what stands.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from serving.access.humans import plain, words
from serving.errors import DecisionRefused, FilingConflict, FilingRefused, NotFound
from serving.filing import Draft, Filed
from serving.panel.areas import need_scored
from serving.people import Permission, Person
from serving.service import Service

MEETING, ATTENDANCE, ACTION, MINUTES = "meeting", "attendance", "action", "minutes"
_MOST_PLACES = 500


@dataclass(frozen=True)
class Meeting:
    """A meeting as it stands.

    Parameters
    ----------
    meeting
        Its name, as addresses carry it.
    run
        The list that it works on; empty until one is chosen.
    places
        How many people the panel can accept on that day.
    newest
        Number of the document that a change replaces.
    """

    meeting: str
    area: str
    day: date
    run: str
    places: int
    called_by: str
    newest: int

    def to_dict(self) -> dict[str, Any]:
        """Return the keys that the API prints."""
        return {**self.__dict__, "day": self.day.isoformat()}


@dataclass(frozen=True)
class Attendee:
    """Somebody at a meeting, or who sent apologies.

    Parameters
    ----------
    recused
        Pseudonyms of the cases for which they leave the room.
    """

    name: str
    agency: str
    present: bool
    recused: tuple[str, ...] = ()


@dataclass(frozen=True)
class Action:
    """Something to be done after a meeting; `person` is who it is about, not who does it."""

    what: str
    owner: str
    due: date
    person: str | None = None
    done: str = ""


def call_meeting(service: Service, by: Person, area: str, day: date, places: int, run: str = "") -> str:
    """Put a meeting on file and return its name.

    Raises
    ------
    NotPermitted, NotFound, FilingRefused
        The last for a day in the past, places that are none, or a list of another area.
    """
    by.need(Permission.DECIDE)
    need_scored(service, by, area)
    if day < service.today():
        raise FilingRefused("The meeting would lie in the past.", "Enter a date from today on.")
    document = _checked(service, area, day, places, run)
    meeting = f"{day.isoformat()}-{area}-{secrets.token_hex(3)}"
    number = service.file(by, Draft(MEETING, meeting, area, document))
    # Its first name, where the form that calls it was sent twice.
    return next(each.subject for each in service.filed([MEETING], areas=[area]) if each.number == number)


def change_meeting(service: Service, by: Person, known: Meeting, day: date, places: int, run: str) -> None:
    """Give a meeting another day, number of places or list; `known` is what the chair read."""
    by.need(Permission.DECIDE)
    document = _checked(service, known.area, day, places, run)
    service.file(by, Draft(MEETING, known.meeting, known.area, document, replaces=known.newest))


def meetings(service: Service) -> list[Meeting]:
    """Return every meeting that the reader may know of, the latest day first."""
    found: dict[str, Meeting] = {}
    for each in service.filed([MEETING]):
        called_by = found[each.subject].called_by if each.subject in found else each.by
        if each.current:
            found[each.subject] = _meeting(each, called_by)
    return sorted(found.values(), key=lambda item: (item.day, item.meeting), reverse=True)


def meeting_of(service: Service, meeting: str) -> Meeting:
    """Return a meeting; raises `NotFound`, also where it lies in another area."""
    documents = service.filed([MEETING], subject=meeting)
    if not documents:
        raise NotFound("There is no such meeting.", "Go back to the meetings.")
    return _meeting(documents[-1], documents[0].by)


def attend(service: Service, by: Person, known: Meeting, who: Attendee) -> int:
    """Note who is there; somebody who was noted before under the same name and agency is noted anew.

    A recusal that was noted stays.
    """
    by.need(Permission.DECIDE)
    if not who.name.strip() or not who.agency.strip():
        raise FilingRefused("Attendance needs a name and an agency.", "Enter both.")
    who = replace(who, name=who.name.strip(), agency=who.agency.strip())
    before = next((each for each in attendance(service, known) if _who(each.document) == _who(who.__dict__)), None)
    recused = {*who.recused, *(before.document["recused"] if before else ())}
    document = {**who.__dict__, "recused": sorted(recused)}
    number = before.number if before else None
    return service.file(by, Draft(ATTENDANCE, known.meeting, known.area, document, replaces=number))


def attendance(service: Service, known: Meeting) -> list[Filed]:
    """Return who is noted as there or as having sent apologies, as it stands."""
    return _standing(service.filed([ATTENDANCE], subject=known.meeting))


def out_of_room(service: Service, area: str, person: str) -> list[Filed]:
    """Return who is noted, at any meeting of an area, as leaving the room for a case; the newest note of each."""
    noted = _standing(service.filed([ATTENDANCE], areas=[area]))
    return list({_who(each.document): each for each in noted if person in each.document["recused"]}.values())


def need_in_room(service: Service, by: Person, area: str, person: str) -> None:
    """Pass unless somebody of the name of who decides is noted as leaving the room for the case.

    Raises
    ------
    DecisionRefused
        Whoever has a conflict of interest does not decide, also where it was said in the meeting only.
    """
    mine = words(by.name)
    if any(_may_be_one(words(each.document["name"]), mine) for each in out_of_room(service, area, person)):
        raise DecisionRefused(
            "The attendance says that you leave the room for this case.", "Let another chair of the panel decide."
        )


def agree_action(service: Service, by: Person, known: Meeting, action: Action) -> int:
    """Put an action on file."""
    by.need(Permission.DECIDE)
    if not action.what.strip() or not action.owner.strip():
        raise FilingRefused("An action needs what is to be done and by whom.", "Enter both.")
    if action.due < service.today():
        raise FilingRefused("The action would be due in the past.", "Enter a date from today on.")
    return service.file(by, _action(known, action))


def close_action(service: Service, by: Person, known: Meeting, number: int, done: str) -> None:
    """Close an action with what came of it.

    Raises
    ------
    NotPermitted, NotFound, FilingRefused, FilingConflict
        The last if somebody changed it in the meantime.
    """
    by.need(Permission.DECIDE)
    if not done.strip():
        raise FilingRefused("Say what came of the action.", "Write it in a sentence.")
    found = next((each for each in service.filed([ACTION], subject=known.meeting) if each.number == number), None)
    if found is None:
        raise NotFound("There is no such action.", "Go back to the meeting.")
    if found.document["done"]:
        raise FilingConflict("This action is closed already.", "Read the meeting again.", found.by, found.at)
    draft = Draft(ACTION, known.meeting, known.area, {**found.document, "done": done.strip()}, found.person)
    service.file(by, replace(draft, replaces=number))


def actions(service: Service, known: Meeting) -> list[Filed]:
    """Return the actions of a meeting as they stand, those still open first, then by when they are due."""
    return sorted(_standing(service.filed([ACTION], subject=known.meeting)), key=_open_first)


def open_actions(service: Service, area: str) -> list[Filed]:
    """Return the actions of every meeting of an area that nobody has closed, the first due first."""
    found = _standing(service.filed([ACTION], areas=[area]))
    return sorted((each for each in found if not each.document["done"]), key=_open_first)


def sign_minutes(service: Service, by: Person, known: Meeting, note: str, newest: int | None = None) -> int:
    """Sign the minutes of a meeting, with a note; signing again replaces the minutes that the chair read."""
    by.need(Permission.DECIDE)
    if service.today() < known.day:
        raise FilingRefused("The meeting has not been yet.", "Sign its minutes on its day or later.")
    draft = Draft(MINUTES, known.meeting, known.area, {"note": note.strip()}, replaces=newest, first=newest is None)
    return service.file(by, draft)


def minutes(service: Service, known: Meeting) -> list[Filed]:
    """Return the minutes of a meeting in the order in which they were signed; the last one stands."""
    return service.filed([MINUTES], subject=known.meeting)


def _checked(service: Service, area: str, day: date, places: int, run: str) -> dict[str, Any]:
    if not 1 <= places <= _MOST_PLACES:
        raise FilingRefused("The number of places is not possible.", f"Enter a number from 1 to {_MOST_PLACES}.")
    if run and service.area(run) != area:
        raise FilingRefused("This list is of another area.", "Choose a list of the meeting's area.")
    return {"day": day.isoformat(), "places": places, "run": run}


def _meeting(found: Filed, called_by: str) -> Meeting:
    day, places, run = (found.document[key] for key in ("day", "places", "run"))
    return Meeting(found.subject, found.area, date.fromisoformat(day), run, places, called_by, found.number)


def _action(known: Meeting, action: Action) -> Draft:
    document = {"what": action.what.strip(), "owner": action.owner.strip(), "due": action.due.isoformat(), "done": ""}
    return Draft(ACTION, known.meeting, known.area, document, action.person)


def _standing(found: list[Filed]) -> list[Filed]:
    return [each for each in found if each.current]


def _may_be_one(one: frozenset[str], other: frozenset[str]) -> bool:
    """Say whether two names may be of one person: all words of the shorter, at least two, are in the longer."""
    shorter = min(one, other, key=len)
    return one == other or (len(shorter) > 1 and shorter == one & other)


def _who(document: Mapping[str, Any]) -> tuple[str, str]:
    return document["name"].casefold(), plain(document["agency"])


def _open_first(found: Filed) -> tuple[bool, str, int]:
    return bool(found.document["done"]), found.document["due"], found.number
