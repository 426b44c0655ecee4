"""Opening an SQLite file or a PostgreSQL schema so that writes queue up, survive a power cut and cannot be half done.

Both are used in the same way: a reader sees one state from its first statement to its last, and writers take turns,
so that what a writer has read is still so when it writes.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, MetaData, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError

from serving.errors import StoreError
from serving.keys import WritingKey
from serving.storage.showing import show

Address = Path | URL | str
"""An SQLite file, or the URL of a PostgreSQL database such as ``postgresql:///drive_panel``."""

TURN = "panel_write"
_PRAGMAS = (
    "journal_mode=WAL",
    "foreign_keys=ON",
    "busy_timeout=10000",
    "synchronous=FULL",
    "trusted_schema=OFF",
    "recursive_triggers=ON",  # without it INSERT OR REPLACE deletes a row past its guard
)
_KEPT, _MORE = 20, 20
"""Connections that stay open once they were needed, and further ones: together as many as a web process has threads,
each of which holds one at a time."""
_OURS = 0x6470  # "dp": the class of this program's advisory locks


def open_engine(address: Address, tables: MetaData, key: WritingKey | None = None) -> Engine:
    """Return the engine of a file, or of the schema that `tables` have in a PostgreSQL database.

    Parameters
    ----------
    key
        What a PostgreSQL database demands of whoever writes; None for its owner.

    Raises
    ------
    StoreError
        If the URL is not one of PostgreSQL.
    """
    return _sqlite(address) if isinstance(address, Path) else _postgresql(address, tables.info["schema"], key)


def _sqlite(path: Path) -> Engine:
    def connect() -> sqlite3.Connection:
        # mode=rw: opening never makes a file, only migrating does.
        return sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, check_same_thread=False)

    engine = create_engine(f"sqlite:///{path}", creator=connect, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver would otherwise begin transactions of its own
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        write = connection.get_execution_options().get(TURN, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine


def _postgresql(address: URL | str, schema: str, key: WritingKey | None) -> Engine:
    url = _url(address).set(drivername="postgresql+psycopg")
    # Temporary tables last: nobody puts one in front of what a statement, a guard or a function reads.
    options = f"-c search_path={schema},pg_temp -c timezone=UTC -c lock_timeout=30s"
    engine = create_engine(
        url,
        connect_args={"options": options},
        pool_size=_KEPT,
        max_overflow=_MORE,
        pool_use_lifo=True,  # as few as are needed stay in use
        pool_pre_ping=True,
        hide_parameters=True,
    )

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if connection.get_execution_options().get(TURN, False):
            number = take_turn(connection, schema)
            if key is not None:
                show(connection, key, number)

    return engine


def take_turn(connection: Connection, schema: str) -> str:
    """Wait until no other writer of the schema is at work, and return the number of the transaction.

    The turn ends with the transaction.
    """
    which = {"panel": 1, "scores": 2}[schema]
    taken = connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_OURS}, {which}), pg_current_xact_id()::text")
    return str(taken.one()[1])


def isolation(engine: Engine, write: bool) -> dict[str, Any]:
    """Return the options of a transaction.

    A writer on PostgreSQL reads what is committed at each statement: it holds the turn, so nothing else changes, and a
    snapshot taken while it still waited for the turn would be out of date.
    """
    if engine.dialect.name == "sqlite":
        return {TURN: write}
    if write:
        return {TURN: True, "isolation_level": "READ COMMITTED"}
    return {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


def told(problem: DBAPIError) -> str:
    """Return what the database said, without the values that PostgreSQL adds to it."""
    diagnosis = getattr(problem.orig, "diag", None)
    primary = getattr(diagnosis, "message_primary", None)
    if primary:
        return str(primary)
    if diagnosis is None:
        return str(problem.orig)
    # No answer from a server: who connects to where is not for a page.
    return "it cannot be reached" if isinstance(problem, OperationalError) else type(problem.orig).__name__


def _url(address: URL | str) -> URL:
    try:
        url = make_url(address)
    except ArgumentError:
        raise StoreError("The address of the database is no URL.", "Write postgresql://HOST/DATABASE.") from None
    if url.get_backend_name() != "postgresql":
        raise StoreError(
            f"A database of the kind {url.get_backend_name()} is not supported.",
            "Write postgresql://HOST/DATABASE, or give no address to use SQLite files in the workspace.",
        )
    return url
