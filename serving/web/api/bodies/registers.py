"""The registers of incidents and challenges."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import BaseModel

from serving.panel.registers import CHALLENGE, INCIDENT, ChallengeFrom, IncidentKind
from serving.web.api.bodies.fields import Name, Taken, Words
from serving.web.api.bodies.filed import FiledOut

Kind = Literal[INCIDENT, CHALLENGE]  # type: ignore[valid-type]


class Registers(BaseModel):
    """The registers as they stand, what is open first."""

    incidents: list[FiledOut]
    challenges: list[FiledOut]


class IncidentIn(Taken):
    """An incident to report; it names nobody."""

    area: Name
    kind: IncidentKind
    happened: date
    what: Words


class ChallengeIn(Taken):
    """A challenge that arrived; names stay under its reference."""

    area: Name
    arrived: date
    who: ChallengeFrom
    reference: Name
    about: Words
