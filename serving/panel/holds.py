"""Deadlines of holds: they run from the first released list that showed the hold, and escalate when they have passed.

A hold is never dropped by time; only a named decision clears it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from serving.panel.decisions import Hold, kinds_of
from serving.storage import tables
from serving.storage.stores import Stores

ESCALATED = "hold.escalated"
ESCALATED_TO = "Senior responsible owner"


@dataclass(frozen=True)
class Held:
    """A hold on a released list."""

    run: str
    person: str
    hold: Hold
    deadline: date
    owner: str


def first_deadlines(stores: Stores) -> dict[tuple[str, str], date]:
    """Return the earliest deadline of every hold that stands, by pseudonym and kind.

    A hold that was cleared and found again on new evidence begins anew.
    """
    found: dict[tuple[str, str], date] = {}
    with stores.panel.read() as connection:
        for held in _held(connection):
            for kind in held.hold.kinds:
                if kind in held.hold.cleared:
                    found.pop((held.person, kind), None)
                else:
                    found[held.person, kind] = min(held.deadline, found.get((held.person, kind), held.deadline))
    return found


def escalate(stores: Stores) -> int:
    """Enter in the ledger each hold of an area's newest released list whose deadline has passed; return how many.

    Each is entered once a list.
    """
    today = stores.today()
    with stores.acting() as acting:
        newest = _newest(acting.connection)
        overdue = [
            held
            for held in _held(acting.connection)
            if held.run in newest and held.hold.standing and held.deadline < today
        ]
        known = {run: stores.ledger.genuine(acting.connection, run) for run in {held.run for held in overdue}}
        entered = {
            (run, entry.content["person"])
            for run, entries in known.items()
            for entry in entries
            if entry.action == ESCALATED
        }
        fresh = [held for held in overdue if (held.run, held.person) not in entered]
        for held in fresh:
            detail = {
                "person": held.person,
                "kinds": list(held.hold.standing),
                "deadline": held.deadline.isoformat(),
                "owner": held.owner,
                "to": ESCALATED_TO,
            }
            acting.enter("batch", ESCALATED, held.run, detail)
    return len(fresh)


def _newest(connection: Connection) -> frozenset[str]:
    """Return the newest published list of each area that was not withdrawn."""
    runs, published = tables.runs.c, tables.published.c
    query = (
        select(runs.area, runs.run)
        .join(tables.published, published.run == runs.run)
        .where(published.release.not_in(select(tables.withdrawals.c.release)))
        .order_by(runs.as_of, published.published_at)
    )
    return frozenset({row.area: row.run for row in connection.execute(query)}.values())


def _held(connection: Connection) -> Iterator[Held]:
    """Yield the holds of every published list that was not withdrawn, the oldest list first."""
    runs, rows, cleared = tables.runs.c, tables.published_rows.c, tables.clearances.c
    withdrawn = select(tables.withdrawals.c.release)
    query = (
        select(runs.run, rows.document)
        .join(tables.published, tables.published.c.run == runs.run)
        .join(tables.published_rows, rows.run == runs.run)
        .where(rows.document.is_not(None), tables.published.c.release.not_in(withdrawn))
        .order_by(runs.as_of, tables.published.c.published_at, runs.run, rows.position)
    )
    clear: dict[tuple[str, str], set[str]] = {}
    for each in connection.execute(select(cleared.run, cleared.person, cleared.kind)):
        clear.setdefault((each.run, each.person), set()).add(each.kind)
    for found in connection.execute(query).all():
        row: dict[str, Any] = json.loads(found.document)
        if row["hold"]:
            done = frozenset(clear.get((found.run, row["person"]), ()))
            hold = Hold(kinds_of(row["hold"]), done)
            deadline = date.fromisoformat(row["hold"]["deadline"])
            yield Held(found.run, row["person"], hold, deadline, row["hold"]["owner"])
