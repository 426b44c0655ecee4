"""The hash of a table's content, the same for the same rows whatever file, library or batch size holds them.

A column's hash is taken over two streams: how long each value is (-1 where it is missing) and the values' bytes, or
for dates, flags and counts over their numbers alone. Reading a stream in pieces gives the hash of the whole.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow
import pyarrow.compute

from values import Hash, digest

_MISSING_DAY = np.int32(np.iinfo(np.int32).min)
_MISSING_COUNT = np.int64(np.iinfo(np.int64).min)


class ColumnHash:
    """The hash of one column, fed in pieces of Arrow."""

    def __init__(self) -> None:
        self._kind = ""
        self._rows = 0
        self._sizes, self._content = hashlib.sha256(), hashlib.sha256()

    def feed(self, piece: Any) -> None:
        """Add the next values: strings, dates, booleans or whole numbers."""
        for chunk in piece.chunks if isinstance(piece, pyarrow.ChunkedArray) else [piece]:
            if len(chunk):  # an empty column has no kind: a file may hold no piece of it at all
                self._rows += len(chunk)
                self._feed(chunk)

    def _feed(self, chunk: Any) -> None:
        if pyarrow.types.is_string(chunk.type) or pyarrow.types.is_large_string(chunk.type):
            self._kind = "text"
            self._feed_text(chunk)
        elif pyarrow.types.is_date32(chunk.type):
            self._kind = "date"
            self._content.update(_numbers(chunk.cast(pyarrow.int32()), _MISSING_DAY, "<i4"))
        elif pyarrow.types.is_boolean(chunk.type):
            self._kind = "flag"
            self._content.update(_numbers(chunk.cast(pyarrow.int8()), np.int8(-1), "<i1"))
        else:
            self._kind = "count"
            self._content.update(_numbers(chunk.cast(pyarrow.int64()), _MISSING_COUNT, "<i8"))

    def _feed_text(self, chunk: Any) -> None:
        sizes = pyarrow.compute.binary_length(chunk).cast(pyarrow.int32())
        self._sizes.update(_numbers(sizes, np.int32(-1), "<i4"))
        filled = pyarrow.compute.fill_null(chunk, "") if chunk.null_count else chunk
        _, offsets, content = filled.buffers()
        if content is None:
            return
        width = np.int64 if pyarrow.types.is_large_string(filled.type) else np.int32
        ends = np.frombuffer(offsets, dtype=width)[filled.offset : filled.offset + len(filled) + 1]
        self._content.update(memoryview(content)[int(ends[0]) : int(ends[-1])])

    def hash(self) -> Hash:
        """Return the hash of what was fed so far."""
        return digest([self._kind, self._rows, self._sizes.hexdigest(), self._content.hexdigest()])


def _numbers(column: Any, missing: Any, form: str) -> bytes:
    filled = pyarrow.compute.fill_null(column, missing.item()) if column.null_count else column
    return bytes(filled.to_numpy(zero_copy_only=False).astype(form, copy=False).tobytes())


class ContentHash:
    """The hashes of the columns of a table, fed in pieces.

    Parameters
    ----------
    names
        Its columns.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self.rows = 0
        self._columns = {name: ColumnHash() for name in names}

    def feed(self, piece: Any) -> None:
        """Add the next rows: a record batch or a table."""
        self.rows += piece.num_rows
        for name, column in self._columns.items():
            column.feed(piece.column(name))

    def hashes(self) -> dict[str, Hash]:
        """Return the hash of every column so far."""
        return {name: column.hash() for name, column in self._columns.items()}


def hash_pieces(pieces: Iterable[Any], names: Iterable[str]) -> tuple[dict[str, Hash], int]:
    """Return the hash of every column and the number of rows of record batches or tables, one after the other."""
    content = ContentHash(names)
    for piece in pieces:
        content.feed(piece)
    return content.hashes(), content.rows


def column_hashes(frame: pd.DataFrame) -> dict[str, Hash]:
    """Return the hash of every column of a frame of strings."""
    table = pyarrow.Table.from_pandas(frame, preserve_index=False)
    return hash_pieces([table], table.column_names)[0]


def table_hash(columns: dict[str, Hash], rows: int) -> Hash:
    """Return the hash of a table from those of its columns."""
    return digest({"columns": dict(columns), "rows": rows})
