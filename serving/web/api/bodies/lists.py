"""Released lists, the cases on them, and what changed since the list before."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, Field

from serving.documents import CaseDocument, HeaderDocument, RowDocument
from serving.panel.decisions import Decision
from serving.web.api.bodies.decisions import ClearedOut, DecisionMade


class ReleasedListOut(BaseModel):
    """A released list with the decisions that stand, by pseudonym."""

    run: str
    release: str
    list_hash: str
    expires: date
    header: HeaderDocument
    rows: list[RowDocument]
    held: list[RowDocument]
    referred: list[RowDocument]
    apart: list[RowDocument]
    not_shown: int
    notice: str
    decisions: dict[str, DecisionMade]


class CaseOut(BaseModel):
    """One person's row, case document and decisions."""

    run: str
    release: str
    list_hash: str
    row: RowDocument
    case: CaseDocument
    decisions: list[DecisionMade]


class History(BaseModel):
    """What every panel of the area made of somebody; `before` is the list before this one, null where there was none.

    `band` is where they stood on it; null where they did not, or have none.
    """

    decisions: list[DecisionMade]
    clearances: list[ClearedOut]
    referrals: list[int] = Field(description="Numbers of the referrals that name them.")
    before: str | None
    band: str | None
    above_line: bool | None


class DecidedOut(BaseModel):
    """What a panel decided on somebody, without its words."""

    run: str
    person: str
    decision: Decision
    until: date | None
    by: str
    at: str


class ListChanges(BaseModel):
    """Pseudonyms by what changed since the list before; `before` is null where there was none.

    `decided` is what the panel decided since that list was published, `due` the deferrals that nobody decided on since
    and that end while this list may be read.
    """

    before: str | None
    entered: list[str]
    left: list[str]
    rose: list[str]
    fell: list[str]
    held: list[str]
    decided: list[DecidedOut]
    due: list[DecidedOut]
