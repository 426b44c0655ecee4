"""Recording panel decisions and hold clearances, and reading them back.

What a decision says beside its reason is a document on file; the decision's own entry in the ledger vouches for both.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Table, func, select

from serving.errors import DecisionConflict, DecisionRefused
from serving.filing import Draft, row_of
from serving.panel.decisions import (
    Decision,
    DecisionAsked,
    Hold,
    check_clearance,
    check_decision,
    check_particulars,
    kinds_of,
)
from serving.panel.holds import CLEARED
from serving.panel.order import against_order
from serving.panel.places import has_place
from serving.people import Permission, Person
from serving.release.after import newer_list
from serving.release.reading import Case, case_in
from serving.repeats import Repeat
from serving.storage import tables
from serving.storage.stores import Acting, Stores, in_london

DECIDED, PARTICULARS = "decision.made", "particulars"
Opening = Callable[[Connection], None]


def whatever(_: Connection) -> None:
    """Pass: every case is open to whoever has no case closed to them, such as the batch side."""


def decide(
    stores: Stores,
    run: str,
    person: str,
    by: Person,
    asked: DecisionAsked,
    replaces: int | None,
    repeat: Repeat | None = None,
    is_open: Opening = whatever,
) -> int:
    """Record a decision and return its number.

    Parameters
    ----------
    replaces
        Number of the decision that the person read and now replaces; None for the first.
    repeat
        The call that asks, where its sender may send it again; a repeated one gets the first number.
    is_open
        Raises what is told where the case is not open to who decides; asked in the transaction that records it.

    Raises
    ------
    NotPermitted, NotFound, NoLiveRelease, DecisionRefused, DecisionConflict
        The last if somebody decided in the meantime.
    """
    by.need(Permission.DECIDE)
    with stores.acting() as acting:  # all is read in the transaction that writes: nobody withdraws in between
        first = _first_answer(acting.connection, acting.now, repeat)
        if first is not None:
            return int(first["decision_id"])
        found = case_in(stores, acting.connection, run, person)
        by.need_area(found.released.area)
        is_open(acting.connection)
        _need_newest(stores, acting.connection, run, person)
        latest = _latest(stores, acting.connection, run, person)
        if (latest and latest["decision_id"]) != replaces:
            raise DecisionConflict(
                "Somebody recorded a decision on this person in the meantime.", "Read it, then decide again."
            )
        hold = _hold(stores, acting.connection, run, person, found.row)
        check_decision(asked, hold, found.document["safety"], in_london(acting.now))
        made = latest and Decision(latest["decision"])
        holds_one = bool(made and made.accepts) or (has_place(found.row) and made is not Decision.REMOVE)
        check_particulars(asked, len(found.document["reasons"]), holds_one)
        number = (acting.connection.execute(select(func.max(tables.decisions.c.decision_id))).scalar() or 0) + 1
        row = {
            "decision_id": number,
            "run": run,
            "person": person,
            "by": by.user,
            "decision": asked.decision.value,
            "reason_code": asked.reason_code,
            "reason": asked.reason.strip(),
            "until": asked.until.isoformat() if asked.until else None,
            "sensitive": asked.sensitive,
            "safety_confirmed": asked.safety_confirmed.strip(),
            "replaces": replaces,
            "at": acting.now.isoformat(),
        }
        detail = {"person": person, "decision": asked.decision.value, "decision_id": number}
        beside = _beside(acting, by, asked, found, row)
        acting.enter(by.user, DECIDED, run, detail, [(tables.decisions, row), *beside])
        if repeat is not None:
            repeat.keep(acting.connection, acting.now, {"decision_id": number})
    return number


def _need_newest(stores: Stores, connection: Connection, run: str, person: str) -> None:
    """Pass if no newer list holds the person: of two decisions on two lists nobody could say which one counts."""
    newer = newer_list(stores, connection, run, person)
    if newer is not None:
        raise DecisionRefused(
            f"A newer list of this area, as of {newer.header['as_of']}, is released, and this person is on it.",
            f"Decide on that list: /lists/{newer.run}/cases/{person}.",
        )


def _beside(
    acting: Acting, by: Person, asked: DecisionAsked, found: Case, made: Mapping[str, Any]
) -> list[tuple[Table, dict[str, Any]]]:
    """Return the row that is filed beside a decision, where it says more than its reason."""
    override = against_order(found.released.header, found.row, made["decision"])
    document = asked.particulars.document(override and override.value)
    if document is None:
        return []
    document["decision_id"] = made["decision_id"]
    draft = Draft(PARTICULARS, made["run"], found.released.area, document, made["person"])
    return [(tables.filed, row_of(acting, by, draft))]


def clear_hold(
    stores: Stores,
    run: str,
    person: str,
    kind: str,
    by: Person,
    reason: str,
    repeat: Repeat | None = None,
    is_open: Opening = whatever,
) -> None:
    """Clear a hold on a person by name and reason; the next scoring run reads it.

    A call that is sent again (`repeat`) clears nothing twice; `is_open` is asked as by `decide`.

    Raises
    ------
    NotPermitted, NotFound, NoLiveRelease, DecisionRefused
        The last if there is no such hold, it was cleared before, or there is no reason.
    """
    by.need(Permission.DECIDE)
    with stores.acting() as acting:
        if _first_answer(acting.connection, acting.now, repeat) is not None:
            return
        found = case_in(stores, acting.connection, run, person)
        by.need_area(found.released.area)
        is_open(acting.connection)
        row = found.row
        cleared = {made["kind"] for made in _cleared(stores, acting.connection, run) if made["person"] == person}
        check_clearance(row["hold"], kind, kind in cleared, reason)
        made = {
            "run": run,
            "person": person,
            "kind": kind,
            "by": by.user,
            "reason": reason.strip(),
            "at": acting.now.isoformat(),
        }
        detail = {"person": person, "kind": kind}
        acting.enter(by.user, CLEARED, run, detail, [(tables.clearances, made)])
        if repeat is not None:
            repeat.keep(acting.connection, acting.now, {})


def decisions(
    stores: Stores, since: datetime | None = None, run: str | None = None, person: str | None = None
) -> list[dict[str, Any]]:
    """Return decisions made at or after `since`, oldest first; `current` marks those not replaced.

    Each has its `particulars` (support, referred, opinions, against_order), None where it says no more than its reason.
    A row that no genuine entry of the ledger made is left out: it decides nothing.
    """
    query = select(tables.decisions).order_by(tables.decisions.c.decision_id)
    if run is not None:
        query = query.where(tables.decisions.c.run == run)
    if person is not None:
        query = query.where(tables.decisions.c.person == person)
    with stores.panel.read() as connection:
        found = connection.execute(query).mappings().all()
        rows = stores.ledger.vouched(connection, tables.decisions, DECIDED, found)
        told = _particulars(stores, connection, run, person) if rows else {}
    replaced = {row["replaces"] for row in rows}
    for row in rows:
        row["current"] = row["decision_id"] not in replaced
        row["particulars"] = told.get(row["decision_id"])
    return [row for row in rows if since is None or datetime.fromisoformat(row["at"]) >= since]


def deferred(stores: Stores, by: date) -> frozenset[str]:
    """Return who was ever deferred until a day or earlier: on them alone is it worth reading what became of it."""
    made = tables.decisions.c
    query = select(made.person).where(made.decision == Decision.DEFER.value, made.until <= by.isoformat())
    with stores.panel.read() as connection:
        return frozenset(connection.execute(query).scalars())


def clearances(stores: Stores, run: str | None = None) -> list[dict[str, Any]]:
    """Return every hold clearance (person, kind, run, by, reason, at) that the ledger vouches for, oldest first."""
    with stores.panel.read() as connection:
        return _cleared(stores, connection, run)


def _particulars(
    stores: Stores, connection: Connection, run: str | None, person: str | None
) -> dict[int, dict[str, Any]]:
    """Return what is filed beside decisions, by their number."""
    filed = tables.filed.c
    query = select(tables.filed).where(filed.kind == PARTICULARS)
    if run is not None:
        query = query.where(filed.subject == run)
    if person is not None:
        query = query.where(filed.person == person)
    found = connection.execute(query).mappings().all()
    rows = stores.ledger.vouched(connection, tables.filed, DECIDED, found, "subject")
    told = [json.loads(row["document"]) for row in rows]
    return {document.pop("decision_id"): document for document in told}


def _first_answer(connection: Connection, now: datetime, repeat: Repeat | None) -> dict[str, Any] | None:
    return repeat.first_answer(connection, now) if repeat is not None else None


def _hold(stores: Stores, connection: Connection, run: str, person: str, row: Mapping[str, Any]) -> Hold | None:
    if row["hold"] is None:
        return None
    cleared = {made["kind"] for made in _cleared(stores, connection, run) if made["person"] == person}
    kinds = kinds_of(row["hold"])
    return Hold(kinds, frozenset(kind for kind in kinds if kind in cleared))


def _cleared(stores: Stores, connection: Connection, run: str | None) -> list[dict[str, Any]]:
    table = tables.clearances
    query = select(table).where(*([table.c.run == run] if run is not None else [])).order_by(table.c.at)
    return stores.ledger.vouched(connection, table, CLEARED, connection.execute(query).mappings().all())


def _latest(stores: Stores, connection: Connection, run: str, person: str) -> dict[str, Any] | None:
    table = tables.decisions
    query = select(table).where(table.c.run == run, table.c.person == person)
    made = stores.ledger.vouched(connection, table, DECIDED, connection.execute(query).mappings().all())
    return max(made, key=lambda row: row["decision_id"], default=None)
