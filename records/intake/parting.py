"""Checked rows parted as they pass: sound ones in the form in which a delivery keeps them, the others marked.

Whether a key comes more than once is asked first, of the keys alone: so the sound rows of a table are written once.
"""

from __future__ import annotations

from types import TracebackType
from typing import Any

import duckdb
import numpy as np
import pyarrow
from numpy.typing import NDArray

from records.storage.parquet import ParquetRows, stream
from records.storage.spill import spill_file

SOUND, REFUSED, DISORDERED, AGAIN = range(4)
STATE, UNUSABLE = "state", "unusable"


def hashes_that_repeat(db: duckdb.DuckDBPyConnection, query: str) -> NDArray[np.uint64]:
    """Return the numbers that a query of one UBIGINT gives more than once, each once; holds eight bytes a row."""
    pieces = [batch.column(0).to_numpy() for batch in stream(db, query)]
    every = np.concatenate([np.array([], dtype=np.uint64), *pieces])
    del pieces
    every.sort()
    return np.unique(every[1:][every[1:] == every[:-1]])


class Parting:
    """The rows of one table, parted; a context, after which the file of the sound rows is whole.

    Parameters
    ----------
    db
        A `records.storage.database.workbench`.

    Attributes
    ----------
    sound
        Parquet file of the sound rows, without state and usability.
    others
        Parquet file of the others, with their state; whole once `part` has returned.
    """

    def __init__(self, db: duckdb.DuckDBPyConnection) -> None:
        self.sound, self.others = spill_file(db, "sound"), spill_file(db, "others")
        self._db = db
        self._good: ParquetRows | None = None

    def part(self, query: str) -> int:
        """Run a query once; return how many rows, refused ones aside, do not say since when they were known.

        Parameters
        ----------
        query
            SQL that gives a table's own columns and beside them the row's `STATE` and whether it is `UNUSABLE` before
            the extract date.
        """
        reader = stream(self._db, query)
        kept = [each.name for each in reader.schema if each.name not in (STATE, UNUSABLE)]
        marked = [*kept, STATE]
        unusable = 0
        self._good = ParquetRows(self.sound, _schema(reader.schema, kept))
        with ParquetRows(self.others, _schema(reader.schema, marked), "lz4") as bad:
            for batch in reader:
                state = batch.column(STATE).to_numpy()
                flags = batch.column(UNUSABLE).to_numpy(zero_copy_only=False)
                unusable += int(np.count_nonzero(flags & (state != REFUSED)))
                self._good.write(_only(batch, state == SOUND).select(kept))
                bad.write(_only(batch, state != SOUND).select(marked))
        return unusable

    def add(self, query: str) -> None:
        """Append the rows of a query to the sound ones."""
        if self._good is not None:
            for batch in stream(self._db, query):
                self._good.write(batch)

    def __enter__(self) -> Parting:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._good is not None:
            self._good.__exit__(kind, error, trace)


def _schema(schema: pyarrow.Schema, names: list[str]) -> pyarrow.Schema:
    return pyarrow.schema([schema.field(name) for name in names])


def _only(batch: pyarrow.RecordBatch, wanted: NDArray[Any]) -> pyarrow.RecordBatch:
    return batch if wanted.all() else batch.filter(pyarrow.array(wanted))
