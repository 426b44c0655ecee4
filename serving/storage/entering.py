"""Writing an entry of the ledger: the one statement in which the two databases differ.

On PostgreSQL nobody inserts: a function of the role that owns the ledger checks the entry's hash, and that whoever
signed in may enter such an act at all. On SQLite a trigger checks that it follows the newest one, but cannot hash.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, func, insert, select

from serving.storage.tables import ledger

ENTER = "enter_in_ledger"


def enter(connection: Connection, entry: Mapping[str, Any]) -> None:
    """Insert an entry, with a value for each column of the ledger."""
    if connection.dialect.name == "sqlite":
        connection.execute(insert(ledger).values(**entry))
    else:
        connection.execute(select(getattr(func, ENTER)(*(entry[column.name] for column in ledger.columns))))
