# ruff: noqa: S608 - every name is quoted, every value a literal
"""Intermediate tables as private files beside the database that reads them: memory stays free for the work."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any

import duckdb
import pyarrow
import pyarrow.parquet

from records.database import literal, quoted


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


def spilled(db: duckdb.DuckDBPyConnection, relation: str, query: str) -> None:
    """Run `query` once, keep what it gave in a private file, and show it as `relation`."""
    path = spill_file(db, "query")
    db.execute(f"COPY ({query}) TO {literal(str(path))} (FORMAT parquet, COMPRESSION lz4)")
    view_of(db, relation, path)


class Spill:
    """A Parquet file written a table at a time while the next is being made; a context.

    Parameters
    ----------
    path
        Where to.
    schema
        Its columns.
    """

    def __init__(self, path: Path, schema: pyarrow.Schema) -> None:
        self.rows = 0
        counted = [each.name for each in schema if pyarrow.types.is_integer(each.type)]
        self._writer = pyarrow.parquet.ParquetWriter(
            path,
            schema,
            compression="lz4",
            use_dictionary=[each.name for each in schema if each.name not in counted],
            column_encoding=dict.fromkeys(counted, "DELTA_BINARY_PACKED"),
            write_statistics=False,
        )
        self._worker = ThreadPoolExecutor(1)
        self._pending: Future[Any] | None = None

    def write(self, table: pyarrow.Table) -> None:
        """Append `table`; errors of the table before come out here."""
        self.rows += table.num_rows
        self._settle()
        self._pending = self._worker.submit(_appending(self._writer), table)

    def _settle(self) -> None:
        if self._pending is not None:
            self._pending.result()
            self._pending = None

    def __enter__(self) -> Spill:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self._settle()
        finally:
            self._worker.shutdown()
            self._writer.close()


def _appending(writer: Any) -> Callable[[pyarrow.Table], None]:
    def append(table: pyarrow.Table) -> None:
        if table.num_rows:
            writer.write_table(table)

    return append
