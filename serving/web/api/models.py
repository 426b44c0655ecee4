"""What the API takes and gives."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import Header, Query
from pydantic import BaseModel, ConfigDict, Field

from serving.documents import CaseDocument, GateDocument, HeaderDocument, RowDocument
from serving.panel import REASON_CODES, Decision, Elsewhere, Offer, Opinion, Override, Particulars, Referred, Support
from serving.people import Role

TEXT = r"^[^\x00]*$"
"""No database keeps a NUL in a text."""
Words = Annotated[str, Field(min_length=1, max_length=4000, pattern=TEXT)]
Name = Annotated[str, Field(min_length=1, max_length=200, pattern=TEXT)]
Limit = Annotated[int, Query(ge=1, le=200, description="How many to return at most.")]
ReadTag = Annotated[
    str | None,
    Header(alias="If-None-Match", max_length=200, description="The ETag of what was read before: 304 if it still is."),
]
WriteTag = Annotated[
    str | None,
    Header(alias="If-Match", max_length=200, description="The ETag of the case that was read: 412 if it changed."),
]
RepeatKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=8,
        max_length=200,
        pattern=r"^[!-~]+$",
        description="A new key for each act, such as a UUID; a call sent again with it is not done twice.",
    ),
]


class Signed(BaseModel):
    """Who is signed in, and the token that calls which change something carry as X-CSRF-Token."""

    user: str
    role: Role
    areas: list[str]
    csrf: str


class Run(BaseModel):
    """A scoring run and what it waits for."""

    run: str
    area: str
    as_of: date
    state: Literal["awaiting", "released", "refused", "withdrawn", "expired"]
    verdict: Literal["pass", "refuse", "insufficient"]
    synthetic: bool
    created_at: str
    release: str | None
    expires: date | None
    published: bool
    needs: str


class Page(BaseModel):
    """Part of a longer series; `next` is the cursor of the following part, null at the end."""

    next: str | None


class Runs(Page):
    """Runs of the caller's areas, the newest date first."""

    runs: list[Run]


class ReviewMade(BaseModel):
    """An act of review."""

    reviewer: str
    act: str
    reason: str
    at: str


class Audit(BaseModel):
    """The audit and the gate's decision, as far as the caller's role reads them.

    `changed` is what changed since the last released list, for reviewers; `rang` are the alarms over time.
    """

    run: str
    state: str
    needs: str
    expires: date | None
    trained_by: list[str]
    reviews: list[ReviewMade]
    changed: dict[str, Any] | None
    rang: list[str]
    gate: GateDocument
    audit: dict[str, Any]


class SupportOffered(BaseModel):
    """Support offered to victims."""

    model_config = ConfigDict(extra="forbid")

    service: str = Field(
        default="", max_length=200, pattern=TEXT, description="Which service offers it; needed if offered."
    )
    offer: Offer
    why: str = Field(default="", max_length=4000, pattern=TEXT, description="Why it could not be offered; needed then.")


class ReferredTo(BaseModel):
    """Where a person is referred to."""

    model_config = ConfigDict(extra="forbid")

    place: Elsewhere
    named: str = Field(default="", max_length=200, pattern=TEXT, description="Which one; needed for `other`.")


class OpinionOn(BaseModel):
    """What the panel makes of one of the case's reasons, numbered from 1 in the order of `case.reasons`."""

    model_config = ConfigDict(extra="forbid")

    reason: int = Field(ge=1, le=1000)
    opinion: Opinion


class ParticularsOut(BaseModel):
    """What a decision says beside its reason; `against_order` where it goes against the order of the list."""

    support: SupportOffered | None
    referred: ReferredTo | None
    opinions: list[OpinionOn]
    against_order: Override | None


class Trained(BaseModel):
    """A training run, and what became of it; `scores` where its bundle ranked the next lists from then on."""

    number: int
    at: str
    bundle: str
    kind: str
    promoted: bool
    for_panel: bool
    scores: bool
    trained_by: str
    extract_date: date
    verdict: str
    mlflow_run: str | None


class Ranks(BaseModel):
    """What ranks an area now: its live list and the bundle that made it, null where no list is live."""

    area: str
    run: str | None
    bundle: str | None


class ModelRuns(Page):
    """Training runs, the newest first, for who sees how models were made; what ranks the caller's areas for everybody.

    `decided` is what became of the last training, in sentences.
    """

    models: list[Trained]
    decided: list[str]
    ranks: list[Ranks]


class CardOut(BaseModel):
    """What batch work said of itself: counts without small numbers, figures of a model, and nobody."""

    number: int
    at: str
    subject: str
    area: str
    card: dict[str, Any]


class Model(BaseModel):
    """How a bundle was made and why, what it scored in the caller's areas, and its lists in the shadow of others."""

    model: CardOut
    scored: list[CardOut]
    shadows: list[CardOut]


class DataQuality(BaseModel):
    """What the newest look at the records found, null where nobody looked, and those before it, the newest first."""

    quality: CardOut | None
    earlier: list[CardOut]


class Faced(BaseModel):
    """Something that two bundles have, each its own."""

    name: str
    first: str
    second: str


class FigureOut(BaseModel):
    """A measure with its interval."""

    value: float | None
    low: float | None
    high: float | None


class FacedFigures(BaseModel):
    """A measure of two bundles; null where one has none."""

    title: str
    says: str
    first: FigureOut | None
    second: FigureOut | None


class Comparison(BaseModel):
    """Two bundles side by side; their figures compare only where `same_lists`.

    `moves` says how many people would change sides, as far as that was ever counted; `only` names the indicators that
    the one reads and the other does not, `both` counts those that both read.
    """

    bundles: list[str]
    same_lists: bool
    moves: list[str]
    facts: list[Faced]
    hashes: list[Faced]
    measures: list[FacedFigures]
    only: list[list[str]]
    both: int


class DecisionMade(BaseModel):
    """A decision of the panel; `current` unless a later one replaced it."""

    decision_id: int
    run: str
    person: str
    by: str
    decision: Decision
    reason_code: str
    reason: str
    until: date | None
    sensitive: bool
    safety_confirmed: str
    replaces: int | None
    at: str
    current: bool
    particulars: ParticularsOut | None


class Decisions(Page):
    """Decisions on the people of a list, oldest first."""

    decisions: list[DecisionMade]


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


class DecisionIn(BaseModel):
    """A decision to record."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "decision": "defer",
                    "reason_code": "information_missing",
                    "reason": "Probation reports next week",
                    "until": "2026-05-12",
                    "sensitive": False,
                }
            ]
        },
    )

    decision: Decision
    reason_code: Literal[tuple(REASON_CODES)]  # type: ignore[valid-type]
    reason: Words
    until: date | None = Field(default=None, description="When the panel looks again; needed to defer, and only then.")
    sensitive: bool = Field(description="Whether only chairs may read the reason again.")
    safety_confirmed: str = Field(
        default="",
        max_length=200,
        pattern=TEXT,
        description="Which service confirmed the safety checks, where there are none.",
    )
    support: SupportOffered | None = Field(
        default=None, description="What came of offering victims support; needed to accept."
    )
    referred: ReferredTo | None = Field(default=None, description="Where to; needed to refer elsewhere, and only then.")
    opinions: list[OpinionOn] = Field(
        default=[], max_length=50, description="What the panel makes of the case's reasons; each at most once."
    )
    replaces: int | None = Field(
        default=None, ge=1, le=2**31 - 1, description="Number of the decision that this one replaces."
    )

    def particulars(self) -> Particulars:
        """Return what stands beside the reason."""
        offered, to = self.support, self.referred
        return Particulars(
            Support(offered.service, offered.offer, offered.why) if offered else None,
            Referred(to.place, to.named) if to else None,
            tuple((each.reason, each.opinion) for each in self.opinions),
        )


class DecisionRecorded(BaseModel):
    """The number of the decision that was recorded."""

    run: str
    person: str
    decision_id: int


class ClearanceIn(BaseModel):
    """A hold to clear."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"kind": "counter_allegation", "reason": "Reviewed with the victim service"}]},
    )

    kind: Name
    reason: Words


class ClearanceRecorded(BaseModel):
    """The hold that was cleared."""

    run: str
    person: str
    kind: str


class EntryOut(BaseModel):
    """One entry of the ledger, as it is chained and signed; to programs without the reasons that people wrote in it."""

    seq: int
    prev: str
    at: str
    actor: str
    action: str
    subject: str
    detail: str
    hash: str
    signature: str


class Entries(Page):
    """Entries of the ledger, newest first."""

    entries: list[EntryOut]
