"""Meetings."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, Field

from serving.web.api.bodies.fields import Name, Note, Numbered, Page, Taken, Words
from serving.web.api.bodies.filed import FiledOut


class MeetingOut(BaseModel):
    """A meeting as it stands; `newest` is what a change of it names."""

    meeting: str
    area: str
    day: date
    run: str
    places: int
    called_by: str
    newest: int


class Meetings(Page):
    """Meetings of the caller's areas, the latest day first."""

    meetings: list[MeetingOut]


class Agenda(BaseModel):
    """What waits for a meeting, by pseudonym: only while its list may be read.

    `taken` is how many places decisions take so far, `disrupt_only` how many people were accepted for disruption only,
    who may take less than a place each; `cleared` are people whose hold was cleared, `back` those who were deferred
    until its day, `tabled` the numbers of the referrals that the panel looks at.
    """

    taken: int | float
    disrupt_only: int
    to_decide: list[str]
    at_line: list[str]
    held: list[str]
    cleared: list[str]
    referred: list[str]
    back: list[str]
    tabled: list[int]


class MeetingWhole(BaseModel):
    """A meeting with its agenda, attendance, actions and minutes."""

    meeting: MeetingOut
    agenda: Agenda | None
    attendance: list[FiledOut]
    actions: list[FiledOut]
    minutes: list[FiledOut]


class MeetingCalled(BaseModel):
    """The name of a meeting that was called."""

    meeting: str


class MeetingIn(Taken):
    """A meeting to call on a list."""

    run: Name
    day: date
    places: int = Field(ge=1, le=500)


class MeetingChange(MeetingIn):
    """Another day, list or number of places for a meeting; `newest` is what was read."""

    newest: Numbered


class AttendeeIn(Taken):
    """Somebody at a meeting, or who sent apologies; `recused` are the cases for which they leave the room."""

    name: Name
    agency: Name
    present: bool
    recused: list[Name] = Field(default=[], max_length=500)


class ActionIn(Taken):
    """An action to agree; `person` is who it is about."""

    what: Words
    owner: Name
    due: date
    person: Name | None = None


class MinutesIn(Taken):
    """Minutes to sign; `newest` is the number of those that they replace."""

    note: Note
    newest: Numbered | None = None
