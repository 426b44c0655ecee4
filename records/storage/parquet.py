"""Rows on their way into a Parquet file: in their order, in bounded memory, encoded while the next are being made."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any

import duckdb
import pyarrow
import pyarrow.compute
import pyarrow.parquet

BATCH = 1 << 15
"""Rows that a query hands over at once."""
_GROUP_ROWS, _GROUP_BYTES = 1 << 17, 32 << 20
_SAMPLE = 1 << 14


class ParquetRows:
    """A Parquet file written a table at a time; a context that leaves none if it fails.

    Text that mostly repeats is written as a dictionary, other text as it is, whole numbers as differences: much
    faster than trying a dictionary on every column, and smaller.

    Parameters
    ----------
    path
        Where to; a file that exists is replaced and keeps its mode.
    schema
        Its columns.
    compression
        ``lz4`` for what is soon read and removed, ``zstd`` for what is kept.
    """

    def __init__(self, path: Path, schema: pyarrow.Schema, compression: str = "zstd") -> None:
        self._path, self._schema, self._compression = path, schema, compression
        self._writer: Any = None
        self._worker = ThreadPoolExecutor(1)
        self._pending: Future[None] | None = None
        self._held: list[pyarrow.RecordBatch] = []
        self._rows = self._bytes = 0

    def write(self, rows: pyarrow.Table | pyarrow.RecordBatch) -> None:
        """Append rows; errors of those before may come out here."""
        for batch in rows.to_batches() if isinstance(rows, pyarrow.Table) else [rows]:
            self._held.append(batch)
            self._rows += batch.num_rows
            self._bytes += batch.nbytes
        if self._rows >= _GROUP_ROWS or self._bytes >= _GROUP_BYTES:
            self._hand_over()

    def _hand_over(self) -> None:
        self._settle()
        table = pyarrow.Table.from_batches(self._held, self._schema)
        self._held, self._rows, self._bytes = [], 0, 0
        self._pending = self._worker.submit(self._append, table)

    def _append(self, table: pyarrow.Table) -> None:
        if self._writer is None:
            self._writer = self._open(table)
        if table.num_rows:
            self._writer.write_table(table, row_group_size=table.num_rows)

    def _open(self, first: pyarrow.Table) -> Any:
        counted = [each.name for each in self._schema if each.type == pyarrow.int64()]
        as_it_is = [each.name for each in self._schema if _hardly_repeats(first.column(each.name))]
        return pyarrow.parquet.ParquetWriter(
            self._path,
            self._schema,
            compression=self._compression,
            use_dictionary=[name for name in self._schema.names if name not in (*counted, *as_it_is)],
            column_encoding=dict.fromkeys(counted, "DELTA_BINARY_PACKED") | dict.fromkeys(as_it_is, "PLAIN"),
            write_statistics=False,
        )

    def _settle(self) -> None:
        if self._pending is not None:
            pending, self._pending = self._pending, None
            pending.result()

    def __enter__(self) -> ParquetRows:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self._hand_over()
                self._settle()
        finally:
            self._worker.shutdown()
            if self._writer is not None:
                self._writer.close()
            if error is not None:
                self._path.unlink(missing_ok=True)  # its footer now says that it is whole


def write_query(
    db: duckdb.DuckDBPyConnection,
    query: str,
    path: Path,
    compression: str = "zstd",
    look: Callable[[pyarrow.RecordBatch], None] | None = None,
) -> None:
    """Write the rows of a query in its order.

    Parameters
    ----------
    db
        A `records.storage.database.workbench`.
    query
        SQL that selects.
    path
        Where to; a file that exists is replaced and keeps its mode.
    compression
        See `ParquetRows`.
    look
        Called with the rows in their order as they pass.
    """
    reader = stream(db, query)
    with ParquetRows(path, reader.schema, compression) as rows:
        for batch in reader:
            if look is not None:
                look(batch)
            rows.write(batch)


def stream(db: duckdb.DuckDBPyConnection, query: str) -> pyarrow.RecordBatchReader:
    """Run a query whose rows are read in order, a few at a time, before anything else is asked of `db`."""
    db.complete()  # whoever asked for one row before may have left the rest
    return db.sql(query).to_arrow_reader(BATCH)


def _hardly_repeats(column: pyarrow.ChunkedArray) -> bool:
    """Say whether most values of a column of text are new each time."""
    if not pyarrow.types.is_string(column.type):
        return False
    sample = column.slice(0, _SAMPLE).drop_null()
    return bool(2 * pyarrow.compute.count_distinct(sample).as_py() > len(sample))
