"""Registers beside the lists: what went wrong or nearly did, and who asks that a record or a place is looked at again.

Both are on file (`serving.filing`): an entry is opened, taken further and closed; nothing of it is changed. Anybody
who works with lists reports an incident. A challenge is what a person on a list, or somebody for them, asks; it is
answered within a month of its arrival (UK GDPR, article 12(3)).
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

from serving.errors import FilingConflict, FilingRefused, NotFound
from serving.filing import Draft, Filed
from serving.panel.areas import need_scored
from serving.people import Permission, Person
from serving.service import Service

INCIDENT, CHALLENGE = "incident", "challenge"


class IncidentKind(StrEnum):
    """What an incident was."""

    NEAR_MISS = "near_miss"
    HARM = "harm"
    WRONG_RECORD = "wrong_record"
    WRONG_PERSON = "wrong_person"
    DISCLOSURE = "disclosure"
    MISUSE = "misuse"
    OTHER = "other"

    @property
    def label(self) -> str:
        """The kind in words."""
        return _INCIDENTS[self]


_INCIDENTS = {
    IncidentKind.NEAR_MISS: "Something nearly went wrong",
    IncidentKind.HARM: "Somebody came to harm; a harm review is due",
    IncidentKind.WRONG_RECORD: "A record was wrong",
    IncidentKind.WRONG_PERSON: "A record belonged to another person",
    IncidentKind.DISCLOSURE: "Somebody saw what was not for them",
    IncidentKind.MISUSE: "A list was used for something else",
    IncidentKind.OTHER: "Something else",
}


class ChallengeFrom(StrEnum):
    """Who challenges."""

    SUBJECT = "subject"
    REPRESENTATIVE = "representative"
    VICTIM = "victim"
    AGENCY = "agency"
    OMBUDSMAN = "ombudsman"

    @property
    def label(self) -> str:
        """Who it is, in words."""
        return _CHALLENGERS[self]


_CHALLENGERS = {
    ChallengeFrom.SUBJECT: "The person themselves",
    ChallengeFrom.REPRESENTATIVE: "Somebody who acts for them",
    ChallengeFrom.VICTIM: "A victim, or somebody who acts for one",
    ChallengeFrom.AGENCY: "An agency",
    ChallengeFrom.OMBUDSMAN: "The Information Commissioner or another supervisor",
}


@dataclass(frozen=True)
class Incident:
    """An incident as it is reported; free of names."""

    kind: IncidentKind
    happened: date
    what: str


@dataclass(frozen=True)
class Challenge:
    """A challenge as it arrived.

    Parameters
    ----------
    reference
        Number of the letter or case under which the organisation keeps it; names stay there.
    """

    arrived: date
    who: ChallengeFrom
    reference: str
    about: str


def report_incident(service: Service, by: Person, area: str, incident: Incident) -> int:
    """Report an incident and return its number."""
    by.need(Permission.SEE_RUNS)
    need_scored(service, by, area)
    if not incident.what.strip():
        raise FilingRefused("An incident needs what happened.", "Write it in a few sentences; name nobody.")
    if incident.happened > service.today():
        raise FilingRefused("The day lies in the future.", "Enter the day on which it happened or was noticed.")
    document = {
        "kind": incident.kind.value,
        "happened": incident.happened.isoformat(),
        "what": incident.what.strip(),
        "outcome": "",
    }
    return service.file(by, Draft(INCIDENT, f"incidents {area}", area, document))


def enter_challenge(service: Service, by: Person, area: str, challenge: Challenge) -> int:
    """Enter a challenge that arrived and return its number."""
    by.need(Permission.SEE_LEDGER)
    need_scored(service, by, area)
    if not challenge.about.strip() or not challenge.reference.strip():
        raise FilingRefused("A challenge needs its reference and what it is about.", "Enter both; name nobody.")
    if challenge.arrived > service.today():
        raise FilingRefused("The day lies in the future.", "Enter the day on which it arrived.")
    document = {
        "arrived": challenge.arrived.isoformat(),
        "due": a_month_after(challenge.arrived).isoformat(),
        "who": challenge.who.value,
        "reference": challenge.reference.strip(),
        "about": challenge.about.strip(),
        "outcome": "",
    }
    return service.file(by, Draft(CHALLENGE, f"challenges {area}", area, document))


def close(service: Service, by: Person, kind: str, number: int, outcome: str) -> None:
    """Close an incident or a challenge with what came of it, by a governance reviewer or an administrator.

    Raises
    ------
    NotPermitted, NotFound, FilingRefused, FilingConflict
        The last if somebody closed it in the meantime.
    """
    by.need(Permission.SEE_LEDGER)
    if not outcome.strip():
        raise FilingRefused("Say what came of it.", "Write what was found and what changes; name nobody.")
    found = next((each for each in service.filed([kind]) if each.number == number), None)
    if found is None:
        raise NotFound("There is no such entry in the register.", "Go back to the registers.")
    if found.document["outcome"]:
        raise FilingConflict("This entry is closed already.", "Read the register again.", found.by, found.at)
    document = {**found.document, "outcome": outcome.strip()}
    service.file(by, replace(_thread(found), document=document, replaces=number))


def register(service: Service, kind: str) -> list[Filed]:
    """Return the entries of a register as they stand, those still open first, the newest first among them."""
    found = [each for each in service.filed([kind]) if each.current]
    return sorted(found, key=lambda each: (bool(each.document["outcome"]), -each.number))


def is_overdue(challenge: Mapping[str, Any], today: date) -> bool:
    """Say whether a challenge waits for longer than a month."""
    return not challenge["outcome"] and date.fromisoformat(challenge["due"]) < today


def a_month_after(day: date) -> date:
    """Return the same day of the next month, or that month's last day where it has no such day.

    >>> a_month_after(date(2026, 1, 31)), a_month_after(date(2026, 12, 3))
    (datetime.date(2026, 2, 28), datetime.date(2027, 1, 3))
    """
    year, month = (day.year + day.month // 12, day.month % 12 + 1)
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def _thread(found: Filed) -> Draft:
    return Draft(found.kind, found.subject, found.area, found.document, found.person, found.agency)
