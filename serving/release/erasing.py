"""Erasing a person from stored lists: the documents go, their hashes stay, so that lists still verify."""

from __future__ import annotations

import contextlib
from typing import Any

from sqlalchemy import Connection, Table, delete, func, select, update

from serving.access import unsent
from serving.access.cases import forget
from serving.errors import StoreError
from serving.ledger import ERASED
from serving.links import forget_pairs
from serving.release.changing import erase_lines
from serving.storage import referred, tables
from serving.storage.stores import Stores
from values import digest


def erase(stores: Stores, person: str, by: str) -> int:
    """Remove a pseudonym's rows, cases and identities from both databases, and every page that held them.

    Decisions are kept, since panels have a duty to retain them; destroying the pseudonym's key, which another
    room holds, is what unlinks them. Erasing somebody again changes nothing.

    Returns
    -------
    int
        Documents removed.

    Raises
    ------
    StoreError
        If a database is held open by another process, so that its pages and log cannot be rewritten yet.
    """
    with stores.scores.write() as connection:
        known = _known(stores, connection, tables.scored_identities, person)
        removed = _blank(connection, (tables.scored_rows, tables.scored_cases), person)
        removed += _remove(connection, tables.scored_identities, person)
    published = (tables.published_rows, tables.published_cases)
    with stores.acting() as acting:
        # The ledger says which documents went, so that one blanked by somebody else is not taken for an erasure.
        hashes = [hashed for table in published for hashed in _hashes(acting.connection, table, person)]
        removed += _blank(acting.connection, published, person)
        known += _known(stores, acting.connection, tables.identities, person)
        removed += _remove(acting.connection, tables.identities, person)
        query = select(tables.referred.c.sealed).where(tables.referred.c.person == person)
        sealed = acting.connection.execute(query).scalars().all()
        known += referred.told_of(stores, person, sealed)
        hashes += [str(digest(text)) for text in sealed]
        removed += _remove(acting.connection, tables.referred, person)
        removed += forget_pairs(acting.connection, person)
        forget(acting.connection, person)
        unsent.forget(stores, acting.connection, person, known)
        lines = erase_lines(stores, acting.connection, person)
        removed, hashes = removed + len(lines), hashes + lines
        if removed or not _noted(acting.connection, person):
            acting.enter(by, ERASED, person, {"documents": removed, "hashes": sorted(set(hashes))})
    return removed


def compact(stores: Stores) -> None:
    """Rewrite both databases, so that no free page and no write-ahead log keeps what was removed.

    Raises
    ------
    StoreError
        If another process holds a database open in the middle of reading; ask again once it is done.
    """
    for database in (stores.scores, stores.panel):
        database.compact()


def decisions_of(stores: Stores, person: str) -> int:
    """Return how many decisions, clearances and filed documents about a pseudonym are kept by duty."""
    with stores.panel.read() as connection:
        return sum(
            connection.execute(select(func.count()).select_from(table).where(table.c.person == person)).scalar_one()
            for table in (tables.decisions, tables.clearances, tables.filed)
        )


def _known(stores: Stores, connection: Connection, table: Table, person: str) -> list[dict[str, Any]]:
    """Return who somebody is, as each list knew them."""
    rows = connection.execute(select(table.c.run, table.c.sealed).where(table.c.person == person)).all()
    found = []
    for row in rows:
        with contextlib.suppress(StoreError):  # put there by somebody without the key: it says nothing, and goes too
            found.append(stores.seal.open(row.run, person, row.sealed))
    return found


def _noted(connection: Connection, person: str) -> bool:
    ledger = tables.ledger.c
    found = select(ledger.seq).where(ledger.subject == person, ledger.action == ERASED).limit(1)
    return connection.execute(found).first() is not None


def _hashes(connection: Connection, table: Table, person: str) -> list[str]:
    return list(connection.execute(select(table.c.hash).where(table.c.person == person)).scalars())


def _blank(connection: Connection, holders: tuple[Table, ...], person: str) -> int:
    count = 0
    for table in holders:
        change = update(table).where(table.c.person == person).values(document=None, person=None)
        count += connection.execute(change).rowcount
    return count


def _remove(connection: Connection, table: Table, person: str) -> int:
    return connection.execute(delete(table).where(table.c.person == person)).rowcount
