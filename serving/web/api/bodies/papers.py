"""What releases rest on: the policy, evidence over time, governance papers, deletion."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from pydantic import BaseModel

from serving.web.api.bodies.filed import FiledOut
from serving.web.api.bodies.making import MakingOut


class Policy(BaseModel):
    """The policy in force, what it could find at the site's numbers, and every version; null where nobody gathered it.

    `check` is null where it was gathered before it held one.
    """

    gathered_at: str | None
    policy: dict[str, Any] | None
    check: dict[str, Any] | None
    versions: list[dict[str, Any]]


class Evidence(BaseModel):
    """Evidence over time as it was gathered; null where nobody gathered any."""

    evidence: dict[str, Any] | None


class PapersOfRun(BaseModel):
    """The newest governance papers of a run: their files' hashes, and whether they may be used."""

    run: str
    area: str
    as_of: date
    state: Literal["fresh", "stale", "missing"]
    why: str
    at: str | None
    files: dict[str, str]
    making: MakingOut | None


class LapseOut(BaseModel):
    """Something that a release rests on, and its last day."""

    what: str
    on: date


class RestsOn(BaseModel):
    """What the newest list of an area rests on: what ends when, what keeps it from release, when its release ends."""

    run: str
    area: str
    expires: date | None
    lapses: list[LapseOut]
    blocks: list[str]


class DeletedOut(BaseModel):
    """How many people something was done about, and when last."""

    people: int
    last: str | None


class Deleted(BaseModel):
    """Erasures, and decisions to keep somebody's records longer, over every area."""

    erased: DeletedOut
    retained: DeletedOut


class PapersOut(BaseModel):
    """Papers of every run that is open or has some, and what releases rest on.

    `due` (for review, as counts) and `deleted` are null where they are not for the caller, or nobody counted.
    """

    papers: list[PapersOfRun]
    rests: list[RestsOn]
    due: FiledOut | None
    deleted: Deleted | None
