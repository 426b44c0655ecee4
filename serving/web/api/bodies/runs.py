"""Scoring runs, their audits, and the newest report that was kept of one."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, Field

from serving.documents import GateDocument
from serving.people import Role
from serving.web.api.bodies.fields import Page
from serving.web.api.bodies.making import MakingOut


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
    `audit.origins` says where each gap may come from; it decides nothing and never says why. `shown` is what may leave,
    `exact` is for reviewers; null for lists that were scored before it was kept.
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


class Report(BaseModel):
    """The kept report of a run: the state that it speaks of, and the hash of each file."""

    run: str
    at: str | None
    state: str | None
    holds: bool = Field(description="Whether it speaks of the run as it stands, so that its page gives it out.")
    files: dict[str, str]
    making: MakingOut | None
