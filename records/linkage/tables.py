"""The tables of a snapshot, verified, as DuckDB relations."""

from __future__ import annotations

import duckdb

from records.database import literal
from records.errors import SnapshotCorrupt
from records.snapshot import Snapshot
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
