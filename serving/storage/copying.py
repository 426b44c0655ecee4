"""Copying every row from one database of the service to another, and telling whether both hold the same.

The databases may be of either kind; a copy is whole or not there, and copying again after an interruption goes on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, MetaData, Table, func, insert, select

from serving.errors import StoreError
from serving.storage.database import Database
from serving.storage.guards import lifted
from serving.storage.migrating import migrate, prepare
from values import Progress, canonical_json

_AT_ONCE = 500


@dataclass(frozen=True)
class Held:
    """What a table holds: how many rows, and the hash of all of them in the order of the primary key."""

    rows: int
    hash: str

    def to_dict(self) -> dict[str, Any]:
        """Return rows and hash."""
        return asdict(self)


def held(connection: Connection, tables: MetaData) -> dict[str, Held]:
    """Return what every table holds, the same on either kind of database."""
    found = {}
    for table in tables.sorted_tables:
        counted = _Counted()
        for part in _rows(connection, table):
            counted.add(part)
        found[table.name] = counted.held
    return found


def fits(source: Connection, target: Database) -> None:
    """Pass if the target is empty or holds the rows of the source already; else raise `StoreError`."""
    migrate(target)
    with target.read() as connection:
        if not _empty(connection, target.tables):
            told = f"The database {target.name} holds other rows already."
            _compare(held(source, target.tables), held(connection, target.tables), told)


def copy(source: Connection, target: Database, progress: Progress) -> dict[str, Held]:
    """Copy every row as it is into an empty database; where it holds the same rows already, nothing is done.

    Parameters
    ----------
    source
        An open transaction that sees one state, over tables of this version's revision.
    target
        Is made if it is not there.

    Returns
    -------
    dict
        What each table holds, read back from the target and equal to the source.

    Raises
    ------
    StoreError
        If the target holds other rows, or did not take a row as it was; then nothing was copied.
    """
    fits(source, target)
    tables = target.tables
    with target.alone() as connection:
        if not _empty(connection, tables):
            return held(connection, tables)
        with lifted(connection):
            wanted = _poured(source, connection, tables, progress)
        _compare(wanted, held(connection, tables), f"The database {target.name} did not take every row as it was.")
    return wanted


def ready(database: Database) -> None:
    """Pass if a database can be copied from: it is there and at this version's revision; else raise `StoreError`."""
    prepare(database, make=False)


class _Counted:
    def __init__(self) -> None:
        self._rows, self._hash = 0, hashlib.sha256()

    def add(self, rows: list[dict[str, Any]]) -> None:
        for row in rows:
            self._hash.update(canonical_json(list(row.values())).encode("utf-8") + b"\n")
        self._rows += len(rows)

    @property
    def held(self) -> Held:
        return Held(self._rows, self._hash.hexdigest())


def _rows(connection: Connection, table: Table) -> Iterator[list[dict[str, Any]]]:
    query = select(table).order_by(*table.primary_key).execution_options(yield_per=_AT_ONCE)
    with connection.execute(query) as result:
        for part in result.mappings().partitions():
            yield [dict(row) for row in part]


def _poured(source: Connection, target: Connection, tables: MetaData, progress: Progress) -> dict[str, Held]:
    found, total = {}, len(tables.sorted_tables)
    for number, table in enumerate(tables.sorted_tables):
        progress(f"copying {tables.info['schema']}", number, total)
        counted = _Counted()
        for part in _rows(source, table):
            target.execute(insert(table), part)
            counted.add(part)
        found[table.name] = counted.held
    progress(f"copying {tables.info['schema']}", total, total)
    return found


def _empty(connection: Connection, tables: MetaData) -> bool:
    counts = (select(func.count()).select_from(table) for table in tables.sorted_tables)
    return not any(connection.execute(count).scalar_one() for count in counts)


def _compare(wanted: Mapping[str, Held], found: Mapping[str, Held], told: str) -> None:
    other = sorted(name for name in wanted if wanted[name] != found[name])
    if other:
        raise StoreError(f"{told} They differ in {', '.join(other)}.", "Choose an empty database, and try again.")
