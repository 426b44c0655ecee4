# ruff: noqa: S608 - every name is quoted, every value a literal
"""Rows as they are read, on their way into a `Staged` relation."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Any

import duckdb
import numpy as np
import pyarrow
from numpy.typing import NDArray

from records.reading.staged import Staged, column_names
from records.storage.database import quoted
from records.storage.parquet import ParquetRows
from records.storage.spill import number, spill_file, view_of

_FAULTS = "row BIGINT, file VARCHAR, line BIGINT, column_name VARCHAR, reason VARCHAR, text VARCHAR"
_PLAIN = "CREATE TABLE IF NOT EXISTS plain_columns (relation VARCHAR, column_name VARCHAR)"


def plain_columns(db: duckdb.DuckDBPyConnection, relation: str) -> set[str]:
    """Return the columns of a staged relation known to hold only printable ASCII without blanks around it."""
    db.execute(_PLAIN)
    found = db.execute("SELECT column_name FROM plain_columns WHERE relation = ?", [relation]).fetchall()
    return {name for (name,) in found}


class Staging:
    """Collects the rows of one file; a context. A row that cannot be split is only a fault.

    Parameters
    ----------
    db
        A `records.storage.database.workbench`.
    file
        Name of the file, for people.
    header
        Its columns; those without a name are not kept.
    """

    def __init__(self, db: duckdb.DuckDBPyConnection, file: str, header: Sequence[str]) -> None:
        self.rows = 0
        self._db, self._file = db, file
        self._kept = [position for position, name in enumerate(header) if name]
        self._columns = tuple(header[position] for position in self._kept)
        self._number = number(db)
        self._faults: list[tuple[int, str, int, str, str, str]] = []
        fields = [("row", pyarrow.int64()), ("file", pyarrow.dictionary(pyarrow.int32(), pyarrow.string()))]
        fields += [("line", pyarrow.int64())]
        fields += [(name, pyarrow.string()) for name in column_names(self._columns)]
        self._schema = pyarrow.schema(fields)
        self._plain = set(column_names(self._columns))
        self._path = spill_file(db, "staged")
        self._spill = ParquetRows(self._path, self._schema, "lz4")

    def add(self, numbers: NDArray[Any], lines: NDArray[Any], columns: Sequence[Any]) -> None:
        """Add rows: their positions, their lines, and the text of each column of the header."""
        file = pyarrow.DictionaryArray.from_arrays(np.zeros(len(numbers), dtype=np.int32), [self._file])
        held = [pyarrow.array(numbers), file, pyarrow.array(lines), *(columns[each] for each in self._kept)]
        self._plain -= {
            name
            for name, each in zip(column_names(self._columns), self._kept, strict=True)
            if name in self._plain and not _is_plain(columns[each])
        }
        self._spill.write(pyarrow.table(held, schema=self._schema))

    def fault(self, row: int, line: int, column: str, reason: str, text: str) -> None:
        """Note what is wrong with a row as a whole (`column` blank) or with one value of a row that is added too."""
        self._faults.append((row, self._file, line, column, reason, text))

    def staged(self) -> Staged:
        """Return the relation of all rows added; after the context has ended."""
        relation, faults = f"staged_{self._number}", f"staged_{self._number}_faults"
        view_of(self._db, relation, self._path)
        self._db.execute(_PLAIN)
        for name in sorted(self._plain):
            self._db.execute("INSERT INTO plain_columns VALUES (?, ?)", [relation, name])
        self._db.execute(f"CREATE TABLE {quoted(faults)} ({_FAULTS})")
        if self._faults:
            names = ("row", "file", "line", "column_name", "reason", "text")
            found = pyarrow.table(list(map(list, zip(*self._faults, strict=True))), names=names)
            self._db.register("found_faults", found)
            self._db.execute(f"INSERT INTO {quoted(faults)} SELECT * FROM found_faults")
            self._db.unregister("found_faults")
        return Staged(self._file, relation, self._columns, self.rows, faults)

    def __enter__(self) -> Staging:
        self._spill.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._spill.__exit__(kind, error, trace)


def _is_plain(column: Any) -> bool:
    """Say whether an Arrow column of strings holds only printable ASCII without blanks around any value."""
    chunks = column.chunks if isinstance(column, pyarrow.ChunkedArray) else [column]
    return all(_chunk_is_plain(chunk) for chunk in chunks)


def _chunk_is_plain(chunk: Any) -> bool:
    _, offsets, content = chunk.buffers()
    if content is None or not len(chunk):
        return True
    ends = np.frombuffer(offsets, dtype=np.int32)[chunk.offset : chunk.offset + len(chunk) + 1]
    text = np.frombuffer(content, dtype=np.uint8)[ends[0] : ends[-1]]
    if not text.size:
        return True
    if text.min() < ord(" ") or text.max() > ord("~"):
        return False
    filled = ends[1:] > ends[:-1]
    first, last = ends[:-1][filled] - ends[0], ends[1:][filled] - ends[0] - 1
    return not (text[first] == ord(" ")).any() and not (text[last] == ord(" ")).any()
