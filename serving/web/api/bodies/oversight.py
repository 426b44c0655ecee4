"""How people decide beside the order of the lists, and who saw what."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import BaseModel, Field


class Figures(BaseModel):
    """How people decided beside the order of one list; see the page Oversight."""

    decided: int
    accepted_below: int
    declined_above: int
    ordered: int
    marked: int
    disagreed: int
    unseen: int
    own_first: int | None = Field(description="Null where own views are not for the caller.")
    own_kept: int | None
    changed: int
    opened: int
    minutes: float | None
    under_a_minute: int
    repeated_words: int


class Overseen(BaseModel):
    """A list with its figures; none where panels could never read it, or it is not what was released."""

    run: str
    area: str
    as_of: date
    state: str
    stopped: bool = Field(description="Whether the lists of its area are stopped.")
    figures: Figures | None


class ViewOut(BaseModel):
    """Who saw what, and when."""

    actor: str
    action: str
    subject: str
    at: str
    detail: dict[str, Any]


class Oversight(BaseModel):
    """Figures of every list that was released, and of all together, which have no median minutes."""

    lists: list[Overseen]
    total: Figures | None
    elsewhere: list[ViewOut] = Field(description="Who saw people referred, meetings or pairs of records, newest first.")


class OversightOfRun(BaseModel):
    """Figures of one list, and who saw what of it, the newest first."""

    run: str
    figures: Figures | None
    views: list[ViewOut]
