"""Stops of the lists of an area."""

from __future__ import annotations

from pydantic import BaseModel

from serving.web.api.bodies.fields import Name, Taken, Words


class StopOut(BaseModel):
    """A stop in force; ``*`` is every area."""

    area: str
    by: str
    at: str
    reason: str


class Stops(BaseModel):
    """The stops in force for the caller's areas."""

    stops: list[StopOut]


class StopIn(Taken):
    """Lists to stop, or to let go on, and why."""

    area: Name
    reason: Words
