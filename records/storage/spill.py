# ruff: noqa: S608 - every name is quoted, every value a literal
"""Intermediate tables as private files beside the database that reads them: memory stays free for the work."""

from __future__ import annotations

from pathlib import Path

import duckdb

from records.storage.database import literal, quoted


def number(db: duckdb.DuckDBPyConnection) -> int:
    """Return a number not given before in this database, for names."""
    db.execute("CREATE SEQUENCE IF NOT EXISTS spill_number")
    [(found,)] = db.execute("SELECT nextval('spill_number')").fetchall()
    return int(found)


def spill_file(db: duckdb.DuckDBPyConnection, name: str) -> Path:
    """Return a new path in the private folder of `db` (a `records.storage.database.workbench`)."""
    [(setting,)] = db.execute("SELECT current_setting('temp_directory')").fetchall()
    folder = Path(setting)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / f"{name}.{number(db)}.parquet"


def view_of(db: duckdb.DuckDBPyConnection, relation: str, path: Path) -> None:
    """Make `relation` show the Parquet file at `path`."""
    db.execute(f"CREATE OR REPLACE VIEW {quoted(relation)} AS SELECT * FROM read_parquet({literal(str(path))})")
