"""The review of links between records."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

from serving.links import Answer, Outcome
from serving.web.api.bodies.fields import Note, Numbered, Taken
from serving.web.api.bodies.filed import FiledOut


class PairOut(BaseModel):
    """A pair of records: why it is up for review and how far that is; weights are in bits, null where none were kept.

    `together` where both stand under one person now; `start` is where the weights start, `bar` what keeps linkage from
    deciding, `answered` how many people answered.
    """

    pair: str
    round: int
    together: bool
    areas: list[str]
    why: Literal["queue", "challenge", "contradiction"]
    probability: float | None
    weight: float | None
    start: float | None
    bar: str | None
    synthetic: bool
    outcome: Outcome
    answered: int
    answered_by_me: bool


class Links(BaseModel):
    """Pairs to review, those that wait for the caller first, and open challenges by panels."""

    pairs: list[PairOut]
    challenges: list[FiledOut]


class Line(BaseModel):
    """One line of two records; other people in their incidents are not told."""

    what: str
    left: str
    right: str
    compares: str
    weight: float | None


class PairSideBySide(PairOut):
    """Two records side by side, and the answers as far as the caller may read them."""

    records: list[str]
    rows: list[Line]
    mine: FiledOut | None
    others: list[FiledOut]


class LinkAnswerIn(Taken):
    """An answer, and what decides it unless the caller knows one of them; `round` is that of the pair as read."""

    answer: Answer
    reason: Note = ""
    round: Numbered
