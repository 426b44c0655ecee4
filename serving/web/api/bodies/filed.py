"""Documents on file, and what is answered to an act that files or does something."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel

from serving.web.api.bodies.fields import Taken, Words


class FiledOut(BaseModel):
    """A document on file; `current` unless a later one replaced it."""

    number: int
    kind: str
    subject: str
    area: str
    person: str | None
    agency: str
    by: str
    document: dict[str, Any]
    replaces: int | None
    at: str
    current: bool


class FiledNumber(BaseModel):
    """The number under which something is on file."""

    number: int


class Carried(BaseModel):
    """That an act which has no number was carried out."""

    done: Literal[True]


class OutcomeIn(Taken):
    """What came of something that is closed."""

    outcome: Words


class Nothing(Taken):
    """An act that says all by its address."""
