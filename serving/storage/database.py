"""Opening an SQLite file so that writes queue up, survive a power cut and cannot be half done."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, MetaData, create_engine, event
from sqlalchemy.exc import DBAPIError

from serving.errors import StoreError

_PRAGMAS = (
    "journal_mode=WAL",
    "foreign_keys=ON",
    "busy_timeout=10000",
    "synchronous=FULL",
    "trusted_schema=OFF",
)


class Database:
    """One SQLite file with its tables.

    Parameters
    ----------
    path
        The file; made with mode 0600 if it is not there.
    tables
        Its tables and triggers.
    """

    def __init__(self, path: Path, tables: MetaData) -> None:
        self.path = path
        self._make_private()
        self.engine = create_engine(f"sqlite:///{path}")
        _prepare(self.engine)
        with self.write() as connection:
            tables.create_all(connection)

    def _make_private(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not self.path.exists():
            os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a transaction that sees one state of the file and changes nothing."""
        with self._transaction(write=False) as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Open a transaction that waits for its turn to write; an exception undoes all of it."""
        with self._transaction(write=True) as connection:
            yield connection

    @contextmanager
    def _transaction(self, write: bool) -> Iterator[Connection]:
        try:
            with self.engine.connect().execution_options(panel_write=write) as connection, connection.begin():
                yield connection
        except DBAPIError as problem:
            if isinstance(problem.orig, sqlite3.DatabaseError):
                raise StoreError(
                    f"The database {self.path.name} refused: {problem.orig}.",
                    "Run `drive-panel ledger verify`, and restore a backup if the file is damaged.",
                ) from problem
            raise

    def close(self) -> None:
        """Give back all connections."""
        self.engine.dispose()


def _prepare(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver would otherwise begin transactions of its own
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        write = connection.get_execution_options().get("panel_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
