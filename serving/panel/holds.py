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

from serving.errors import ListChanged
from serving.panel.decisions import Hold, kinds_of
from serving.release.verifying import changed_list
from serving.storage import tables
from serving.storage.stores import Stores

CLEARED = "hold.cleared"
PUBLISHED, WITHDRAWN = "list.published", "review.withdraw"
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
        for held in _held(stores, connection):
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
        newest = _newest(stores, acting.connection)
        overdue = [
            held
            for held in _held(stores, acting.connection)
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


def _newest(stores: Stores, connection: Connection) -> frozenset[str]:
    """Return the newest published list of each area that was not withdrawn."""
    return frozenset({row["area"]: row["run"] for row in _published(stores, connection)}.values())


def _held(stores: Stores, connection: Connection) -> Iterator[Held]:
    """Yield the holds of every published list that was not withdrawn, the oldest list first.

    Raises
    ------
    ListChanged
        If such a list is not as it was released: its deadlines would be somebody else's.
    """
    clear: dict[tuple[str, str], set[str]] = {}
    cleared = connection.execute(select(tables.clearances)).mappings().all()
    for each in stores.ledger.vouched(connection, tables.clearances, CLEARED, cleared):
        clear.setdefault((each["run"], each["person"]), set()).add(each["kind"])
    rows, erased = tables.published_rows.c, stores.ledger.erased(connection)
    for published in _published(stores, connection):
        why = changed_list(connection, published, erased)
        if why:
            raise ListChanged(f"A list is not as it was released: {why}.", "Run `drive-panel ledger verify`.")
        query = select(rows.document).where(rows.run == published["run"], rows.document.is_not(None))
        for document in connection.execute(query.order_by(rows.position)).scalars():
            row: dict[str, Any] = json.loads(document)
            if row["hold"]:
                done = frozenset(clear.get((published["run"], row["person"]), ()))
                hold = Hold(kinds_of(row["hold"]), done)
                deadline = date.fromisoformat(row["hold"]["deadline"])
                yield Held(published["run"], row["person"], hold, deadline, row["hold"]["owner"])


def _published(stores: Stores, connection: Connection) -> list[dict[str, Any]]:
    """Return every publication that the ledger vouches for, with its area; none of a list that it says is withdrawn."""
    runs, table = tables.runs.c, tables.published
    query = (
        select(table).join(tables.runs, runs.run == table.c.run).order_by(runs.as_of, table.c.published_at, runs.run)
    )
    rows = stores.ledger.vouched(connection, table, PUBLISHED, connection.execute(query).mappings().all())
    areas = {row.run: row.area for row in connection.execute(select(runs.run, runs.area))}
    withdrawn = stores.ledger.subjects(connection, WITHDRAWN)
    return [{**row, "area": areas[row["run"]]} for row in rows if row["run"] not in withdrawn]
