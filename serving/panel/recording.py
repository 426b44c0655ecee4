"""Recording panel decisions and hold clearances, and reading them back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from serving.errors import DecisionConflict
from serving.panel.decisions import DecisionAsked, Hold, check_clearance, check_decision, kinds_of
from serving.people import Permission, Person
from serving.release.reading import case, released_list
from serving.repeats import Repeat
from serving.storage import tables
from serving.storage.stores import Stores

DECIDED, CLEARED = "decision.made", "hold.cleared"


def decide(
    stores: Stores,
    run: str,
    person: str,
    by: Person,
    asked: DecisionAsked,
    replaces: int | None,
    repeat: Repeat | None = None,
) -> int:
    """Record a decision and return its number.

    Parameters
    ----------
    replaces
        Number of the decision that the person read and now replaces; None for the first.
    repeat
        The call that asks, where its sender may send it again; a repeated one gets the first number.

    Raises
    ------
    NotPermitted, NotFound, NoLiveRelease, DecisionRefused, DecisionConflict
        The last if somebody decided in the meantime.
    """
    by.need(Permission.DECIDE)
    with stores.panel.read() as connection:
        first = _first_answer(connection, stores.now(), repeat)
    if first is not None:
        return int(first["decision_id"])
    found = case(stores, run, person)
    by.need_area(found.released.area)
    hold = _hold(stores, run, person, found.row)
    check_decision(asked, hold, found.document["safety"], stores.today())
    with stores.acting() as acting:
        first = _first_answer(acting.connection, acting.now, repeat)  # the same call may be under way twice
        if first is not None:
            return int(first["decision_id"])
        latest = _latest(acting.connection, run, person)
        if latest != replaces:
            raise DecisionConflict(
                "Somebody recorded a decision on this person in the meantime.", "Read it, then decide again."
            )
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
        acting.enter(by.user, DECIDED, run, detail, [(tables.decisions, row)])
        if repeat is not None:
            repeat.keep(acting.connection, acting.now, {"decision_id": number})
    return number


def clear_hold(
    stores: Stores, run: str, person: str, kind: str, by: Person, reason: str, repeat: Repeat | None = None
) -> None:
    """Clear a hold on a person by name and reason; the next scoring run reads it.

    A call that is sent again (`repeat`) clears nothing twice.

    Raises
    ------
    NotPermitted, NotFound, NoLiveRelease, DecisionRefused
        The last if there is no such hold, it was cleared before, or there is no reason.
    """
    by.need(Permission.DECIDE)
    with stores.panel.read() as connection:
        if _first_answer(connection, stores.now(), repeat) is not None:
            return
    found = released_list(stores, run)
    by.need_area(found.area)
    row = found.row(person)
    with stores.acting() as acting:
        if _first_answer(acting.connection, acting.now, repeat) is not None:
            return
        cleared = _cleared(acting.connection, run, person, kind)
        check_clearance(row["hold"], kind, cleared, reason)
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


def decisions(stores: Stores, since: datetime | None = None, run: str | None = None) -> list[dict[str, Any]]:
    """Return decisions made at or after `since`, oldest first; `current` marks those not replaced.

    A row that no genuine entry of the ledger made is left out: it decides nothing.
    """
    query = select(tables.decisions).order_by(tables.decisions.c.decision_id)
    if run is not None:
        query = query.where(tables.decisions.c.run == run)
    with stores.panel.read() as connection:
        found = connection.execute(query).mappings().all()
        rows = stores.ledger.vouched(connection, tables.decisions, DECIDED, found)
    replaced = {row["replaces"] for row in rows}
    for row in rows:
        row["current"] = row["decision_id"] not in replaced
    return [row for row in rows if since is None or datetime.fromisoformat(row["at"]) >= since]


def clearances(stores: Stores, run: str | None = None) -> list[dict[str, Any]]:
    """Return every hold clearance (person, kind, run, by, reason, at) that the ledger vouches for, oldest first."""
    query = select(tables.clearances).order_by(tables.clearances.c.at)
    if run is not None:
        query = query.where(tables.clearances.c.run == run)
    with stores.panel.read() as connection:
        found = connection.execute(query).mappings().all()
        return stores.ledger.vouched(connection, tables.clearances, CLEARED, found)


def _first_answer(connection: Connection, now: datetime, repeat: Repeat | None) -> dict[str, Any] | None:
    return repeat.first_answer(connection, now) if repeat is not None else None


def _hold(stores: Stores, run: str, person: str, row: Mapping[str, Any]) -> Hold | None:
    if row["hold"] is None:
        return None
    cleared = {made["kind"] for made in clearances(stores, run) if made["person"] == person}
    kinds = kinds_of(row["hold"])
    return Hold(kinds, frozenset(kind for kind in kinds if kind in cleared))


def _cleared(connection: Any, run: str, person: str, kind: str) -> bool:
    table = tables.clearances.c
    query = select(table.run).where(table.run == run, table.person == person, table.kind == kind)
    return connection.execute(query).first() is not None


def _latest(connection: Any, run: str, person: str) -> int | None:
    query = select(func.max(tables.decisions.c.decision_id)).where(
        tables.decisions.c.run == run, tables.decisions.c.person == person
    )
    found: int | None = connection.execute(query).scalar()
    return found
