"""Scoring runs as lists and pages show them: where each stands and whom or what it waits for."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from serving.documents import Document
from serving.errors import ListChanged
from serving.release.rules import Act, State, unrecorded
from serving.release.standing import Standing, run_row, standing
from serving.storage import tables
from serving.storage.stores import Stores
from values import Hash


@dataclass(frozen=True)
class RunSummary:
    """One scoring run as the list of runs shows it.

    Parameters
    ----------
    needs
        Whom or what the run waits for, in words; empty where nothing is open.
    """

    run: str
    area: str
    as_of: str
    state: str
    verdict: str
    synthetic: bool
    created_at: str
    release: str | None
    expires: date | None
    published: bool
    needs: str

    def to_dict(self) -> dict[str, Any]:
        """Return the keys that `runs --json` and the API print."""
        return {**self.__dict__, "expires": self.expires.isoformat() if self.expires else None}


@dataclass(frozen=True)
class RunDetail:
    """A run with its gate, its record and the acts of review so far."""

    summary: RunSummary
    list_hash: Hash
    record: Document
    gate: Document
    reviews: tuple[Mapping[str, Any], ...]
    trainers: frozenset[str]


def runs(stores: Stores, areas: Collection[str] | None = None) -> list[RunSummary]:
    """Return all runs, or those of some areas (``*`` for every one), the newest date first."""
    columns = [column for column in tables.runs.c if column is not tables.runs.c.audit]
    query = select(*columns).order_by(tables.runs.c.as_of.desc(), tables.runs.c.run)
    if areas is not None and "*" not in areas:
        query = query.where(tables.runs.c.area.in_(sorted(areas)))
    with stores.panel.read() as connection:
        rows = [dict(row) for row in connection.execute(query).mappings()]
        return [_summary_of(stores, connection, row) for row in rows]


def run(stores: Stores, name: str) -> RunDetail:
    """Return one run with its gate and reviews; raises `NotFound`."""
    with stores.panel.read() as connection:
        found = stands(stores, connection, name)
    row = found.row
    return RunDetail(
        _summary(found),
        Hash(row["list_hash"]),
        json.loads(row["record"]),
        {**json.loads(row["gate"]), **({"blocks": list(found.facts.blocks)} if found.facts.blocks else {})},
        tuple(found.reviews),
        found.trainers,
    )


def area(stores: Stores, name: str) -> str:
    """Return the area of a run, which is looked at before anything else of it; raises `NotFound`."""
    with stores.panel.read() as connection:
        found: str = run_row(connection, name, audit=False)["area"]
    return found


def audit(stores: Stores, name: str) -> Document:
    """Return the audit document of a run; raises `NotFound`, or `ListChanged` if it was changed."""
    with stores.panel.read() as connection:
        found: Document = json.loads(standing(stores, connection, run_row(connection, name)).row["audit"])
    return found


def stands(stores: Stores, connection: Connection, name: str) -> Standing:
    """Return where a run stands, without its audit; raises `NotFound`."""
    return standing(stores, connection, run_row(connection, name, audit=False))


def _summary_of(stores: Stores, connection: Connection, row: Mapping[str, Any]) -> RunSummary:
    try:
        return _summary(standing(stores, connection, row))
    except ListChanged as changed:
        # One changed run must not take the list of runs down; it shows as withdrawn, and says why.
        withheld = Standing(row, (), None, State.WITHDRAWN, published=False)
        return replace(_summary(withheld), needs=f"{changed.message} Verify the ledger.")


def _summary(found: Standing) -> RunSummary:
    record = json.loads(found.row["record"])
    release = found.release
    return RunSummary(
        run=found.row["run"],
        area=found.row["area"],
        as_of=found.row["as_of"],
        state=found.state.value,
        verdict=found.facts.verdict,
        synthetic=record["synthetic"],
        created_at=found.row["created_at"],
        release=release["release"] if release else None,
        expires=date.fromisoformat(release["expires"]) if release else None,
        published=found.published,
        needs=_needs(found),
    )


def _needs(found: Standing) -> str:
    if found.state is State.RELEASED and not found.published:
        return "The released list is being published"
    if unrecorded(found.state, found.past):
        return "A governance reviewer to record the refusal"
    if found.state is not State.AWAITING:
        return ""
    facts = found.facts
    if facts.blocks or not facts.for_panel:
        return "It cannot be released; a governance reviewer records the refusal"
    if facts.verdict == "pass":
        return "A governance reviewer to approve or refuse"
    waived = any(review.act is Act.WAIVE for review in found.past)
    return (
        "A second governance reviewer to waive or refuse"
        if waived
        else "Two governance reviewers to waive, or one to refuse"
    )
