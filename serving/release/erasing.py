"""Erasing a person from stored lists: the documents go, their hashes stay, so that lists still verify."""

from __future__ import annotations

from sqlalchemy import Connection, Table, delete, select, update

from serving.ledger import ERASED
from serving.storage import tables
from serving.storage.stores import Stores


def erase(stores: Stores, person: str, by: str) -> int:
    """Remove a pseudonym's rows, cases and identities from both databases.

    Decisions are kept, since panels have a duty to retain them; destroying the pseudonym's key, which another
    room holds, is what unlinks them.

    Returns
    -------
    int
        Documents removed.
    """
    with stores.scores.write() as connection:
        removed = _blank(connection, (tables.scored_rows, tables.scored_cases), person)
        removed += _remove(connection, tables.scored_identities, person)
    published = (tables.published_rows, tables.published_cases)
    with stores.acting() as acting:
        # The ledger says which documents went, so that one blanked by somebody else is not taken for an erasure.
        hashes = [hashed for table in published for hashed in _hashes(acting.connection, table, person)]
        removed += _blank(acting.connection, published, person)
        removed += _remove(acting.connection, tables.identities, person)
        acting.enter(by, ERASED, person, {"documents": removed, "hashes": sorted(set(hashes))})
    return removed


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
