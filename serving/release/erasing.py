"""Erasing a person from stored lists: the documents go, their hashes stay, so that lists still verify."""

from __future__ import annotations

from sqlalchemy import Connection, Table, delete, update

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
    with stores.acting() as acting:
        removed += _blank(acting.connection, (tables.published_rows, tables.published_cases), person)
        removed += _remove(acting.connection, tables.identities, person)
        acting.enter(by, "person.erased", person, {"documents": removed})
    return removed


def _blank(connection: Connection, holders: tuple[Table, ...], person: str) -> int:
    count = 0
    for table in holders:
        change = update(table).where(table.c.person == person).values(document=None, person=None)
        count += connection.execute(change).rowcount
    return count


def _remove(connection: Connection, table: Table, person: str) -> int:
    return connection.execute(delete(table).where(table.c.person == person)).rowcount
