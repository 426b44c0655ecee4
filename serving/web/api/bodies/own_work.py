"""What waits for the caller."""

from __future__ import annotations

from pydantic import BaseModel

from serving.web.api.bodies.filed import FiledOut
from serving.web.api.bodies.meetings import MeetingOut
from serving.web.api.bodies.runs import Run


class Actions(BaseModel):
    """Open actions, the first due first: those that name the caller or their agency, and those of others."""

    own: list[FiledOut]
    others: list[FiledOut]


class AnsweredOut(BaseModel):
    """A question to the caller's agency that it answered, and its answer."""

    asked: FiledOut
    answer: FiledOut


class OwnWork(BaseModel):
    """What waits for the caller, and what came of what they said."""

    agency: str
    waiting: list[FiledOut]
    actions: Actions
    meetings: list[MeetingOut]
    lists: list[Run]
    answered: list[AnsweredOut]
    challenged: list[FiledOut]
