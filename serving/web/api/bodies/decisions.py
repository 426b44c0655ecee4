"""Decisions of a panel and holds that it clears."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from serving.panel import REASON_CODES, Elsewhere, Offer, Opinion, Override, Particulars, Referred, Support
from serving.panel.decisions import Decision
from serving.web.api.bodies.fields import TEXT, Name, Page, Words


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


class ClearedOut(BaseModel):
    """A hold that was cleared."""

    run: str
    person: str
    kind: str
    by: str
    reason: str
    at: str
