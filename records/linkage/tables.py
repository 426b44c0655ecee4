# ruff: noqa: S608 - every name is one of the contract's, every path a literal
"""The tables of a snapshot, verified, as DuckDB relations."""

from __future__ import annotations

import duckdb

from records.contract import TABLES
from records.errors import SnapshotCorrupt
from records.intake.kinds import SQL_TYPES
from records.purposes import Sources, sources_of
from records.snapshot import Snapshot
from records.storage.database import literal, quoted
from values import digest_file


def relations(db: duckdb.DuckDBPyConnection, snapshot: Snapshot) -> frozenset[str]:
    """Make a view ``base_<table>`` on every table of `snapshot`, sealed columns included; return the tables.

    Raises
    ------
    SnapshotCorrupt
        If a stored file no longer holds what was stored.
    """
    for table, entry in sorted(snapshot.card["tables"].items()):
        path = snapshot.path / f"{table}.parquet"
        if not path.is_file() or digest_file(path) != entry["sha256"]:
            raise SnapshotCorrupt(
                f"{path.name} does not hold what was stored.",
                "Restore the snapshot from backup, or ingest the extract again into a fresh store.",
            )
        db.execute(f"CREATE OR REPLACE TEMP VIEW base_{table} AS SELECT * FROM read_parquet({literal(str(path))})")
    return snapshot.tables


def behind(snapshot: Snapshot) -> Snapshot:
    """Return the snapshot of person records behind a linked one; one that is not linked is returned as it is."""
    return snapshot if snapshot.base is None else Snapshot(snapshot.path.parent / snapshot.base)


def evidence(db: duckdb.DuckDBPyConnection, snapshot: Snapshot) -> frozenset[str]:
    """Make the views as `relations` does, as far as the purpose ``link`` may see them; the rest reads as missing."""
    tables = relations(db, snapshot)
    sources = sources_of(snapshot.path.parents[1])
    for table in tables:
        source = f"base_{table}"
        columns = ", ".join(_seen(sources, table, name) for name in TABLES[table].names)
        db.execute(f"CREATE OR REPLACE TEMP VIEW seen_{table} AS SELECT {columns} FROM {source}")
    return tables


def _seen(sources: Sources, table: str, name: str) -> str:
    """Return the column, or a missing one where it may not be used to link."""
    kept = name in TABLES[table].key or name in ("known_from", "known_to", "known_from_assumed")
    if kept or sources.permits(f"{table}.{name}", "link"):
        return quoted(name)
    return f"CAST(NULL AS {SQL_TYPES[TABLES[table].column(name).kind]}) AS {quoted(name)}"
