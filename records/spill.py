# ruff: noqa: S608 - every name is quoted, every value a literal
"""Intermediate tables as private files beside the database that reads them: memory stays free for the work."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import pyarrow

from records.database import literal, quoted
from records.parquet import write_query


def number(db: duckdb.DuckDBPyConnection) -> int:
    """Return a number not given before in this database, for names."""
    db.execute("CREATE SEQUENCE IF NOT EXISTS spill_number")
    [(found,)] = db.execute("SELECT nextval('spill_number')").fetchall()
    return int(found)


def spill_file(db: duckdb.DuckDBPyConnection, name: str) -> Path:
    """Return a new path in the private folder of `db` (a `records.database.workbench`)."""
    [(setting,)] = db.execute("SELECT current_setting('temp_directory')").fetchall()
    folder = Path(setting)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / f"{name}.{number(db)}.parquet"


def view_of(db: duckdb.DuckDBPyConnection, relation: str, path: Path) -> None:
    """Make `relation` show the Parquet file at `path`."""
    db.execute(f"CREATE OR REPLACE VIEW {quoted(relation)} AS SELECT * FROM read_parquet({literal(str(path))})")


def spilled(
    db: duckdb.DuckDBPyConnection,
    relation: str,
    query: str,
    look: Callable[[pyarrow.RecordBatch], None] | None = None,
) -> None:
    """Run `query` once, keep what it gave in a private file, and show it as `relation`; `look` sees it pass."""
    path = spill_file(db, "query")
    write_query(db, query, path, "lz4", look)
    view_of(db, relation, path)
