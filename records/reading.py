"""Delivered files as text: CSV, gzipped CSV, Parquet or a sheet of a workbook, each row with its line."""

from __future__ import annotations

import contextlib
import csv
import gc
import gzip
import io
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from records.columnar import stage_parquet
from records.delimited import stage_csv
from records.errors import ExtractError
from records.quarantine import Faults
from records.queries import stage_query
from records.rows import Row, rows_of
from records.staged import Staged
from records.workbooks import stage_workbook
from values import Progress, silent

SUFFIXES = (".csv", ".csv.gz", ".parquet", ".xlsx")
__all__ = ["SUFFIXES", "find_file", "stage_file", "stage_query"]
Text = NDArray[np.object_]


@dataclass
class Delivered:
    """The rows of one file (or, after a mapping, of one table made from it) before they are parsed.

    Parameters
    ----------
    file
        Name of the file, for the people who mend it.
    columns
        Text of each column; the empty string is missing.
    lines
        True line number of each row (1 is the header of a CSV file; row number in Parquet).
    row_text
        Gives the row at a position as it was delivered.
    faults
        What is wrong with which row so far.
    """

    file: str
    columns: dict[str, Text]
    lines: NDArray[np.int64]
    row_text: Callable[[int], str]
    faults: Faults

    def __len__(self) -> int:
        return len(self.lines)


def find_file(folder: Path, table: str) -> Path | None:
    """Return the file that delivers `table`, None where there is none.

    Raises
    ------
    ExtractError
        If more than one file does.
    """
    found = [path for suffix in SUFFIXES if (path := folder / f"{table}{suffix}").is_file()]
    if len(found) > 1:
        names = " and ".join(path.name for path in found)
        raise ExtractError(f"{names} both deliver the table {table}.", "Keep one of them.")
    return found[0] if found else None


def stage_file(
    db: duckdb.DuckDBPyConnection, path: Path, progress: Progress = silent, sheet: str | None = None
) -> Staged:
    """Read a delivered file as text; a row that cannot be split into fields is a fault, not an error.

    Parameters
    ----------
    db
        A `records.database.workbench`.
    path
        A file that ends in one of `SUFFIXES`.
    progress
        Told how much has been read: bytes of CSV, else rows.
    sheet
        The sheet of a workbook; its first where none is named.

    Raises
    ------
    ExtractError
        If the file as a whole is cut off, unreadable, a bomb, of an unknown kind or without a usable header.
    """
    if path.name.endswith((".csv", ".csv.gz")):
        return stage_csv(db, path, progress)
    if path.name.endswith(".parquet"):
        return stage_parquet(db, path, progress)
    if path.name.endswith(".xlsx"):
        return stage_workbook(db, path, progress, sheet)
    raise ExtractError(f"{path.name} is of no kind that can be read.", f"Deliver {' or '.join(SUFFIXES)}.")


def read_file(path: Path) -> Delivered:
    """Read a delivered file; rows of the wrong length or with broken quotes are faults, not errors.

    Raises
    ------
    ExtractError
        If the file is empty, cut off, not readable or without a usable header.
    """
    if path.name.endswith(".parquet"):
        return _read_parquet(path)
    text = _bytes(path).decode("utf-8-sig", errors="surrogateescape")
    with _collector_at_rest():
        rows = rows_of(text)
        header = next(rows, None)
        if header is None or header.fields is None:
            raise ExtractError(f"{path.name} has no header line.", "Write the column names on its first line.")
        return _from_rows(path.name, _header(path.name, header.fields), list(rows))


@contextlib.contextmanager
def _collector_at_rest() -> Iterator[None]:
    """Keep the cyclic collector from walking a million short-lived lists again and again: a third of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _bytes(path: Path) -> bytes:
    try:
        content = path.read_bytes()
        if path.name.endswith(".gz"):
            content = gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        why = type(error).__name__
        raise ExtractError(f"{path.name} cannot be read ({why}).", "Deliver the file again.") from error
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ExtractError(f"{path.name} is UTF-16 text.", "Save it as UTF-8.")
    return content


def _header(file: str, fields: Sequence[str]) -> list[str]:
    names = [name.strip().encode("utf-8", errors="backslashreplace").decode("utf-8") for name in fields]
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        raise ExtractError(f"{file}, line 1: the column {twice[0]!r} appears twice.", "Keep one of them.")
    if not any(names):
        raise ExtractError(f"{file} has no header line.", "Write the column names on its first line.")
    return names


def _from_rows(file: str, header: list[str], rows: list[Row]) -> Delivered:
    width = len(header)
    lengths = np.array([-1 if row.fields is None else len(row.fields) for row in rows], dtype=np.int64)
    faults = Faults(len(rows))
    faults.add(lengths == -1, "", "bad_quoting")
    faults.add(lengths > width, "", "too_many_fields")
    faults.add((lengths >= 0) & (lengths < width), "", "too_few_fields")
    blank = [""] * width
    fields = [
        row.fields if row.fields is not None and not bad else blank
        for row, bad in zip(rows, faults.bad.tolist(), strict=True)
    ]
    across: Iterable[tuple[str, ...]] = zip(*fields, strict=True) if fields else [()] * width
    columns = {name: _text(values) for name, values in zip(header, across, strict=True) if name}
    lines = np.array([row.line for row in rows], dtype=np.int64)
    texts = [row.text for row in rows]
    return Delivered(file, columns, lines, texts.__getitem__, faults)


def _text(values: Iterable[str]) -> Text:
    listed = list(values)
    column = np.empty(len(listed), dtype=object)
    column[:] = listed
    return column


def _read_parquet(path: Path) -> Delivered:
    import pyarrow
    import pyarrow.parquet

    try:
        table = pyarrow.parquet.read_table(path)
    except (pyarrow.ArrowException, OSError) as error:
        why = type(error).__name__
        raise ExtractError(f"{path.name} is not a whole Parquet file ({why}).", "Deliver it again.") from error
    header = _header(path.name, table.column_names)
    columns = {name: _text(map(_plain, table.column(name).to_pylist())) for name in header if name}
    lines = np.arange(1, table.num_rows + 1, dtype=np.int64)
    return Delivered(path.name, columns, lines, as_csv(columns), Faults(table.num_rows))


def _plain(value: Any) -> str:
    """Return the text that a CSV file would hold for a Parquet value."""
    if value is None or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="surrogateescape")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def as_csv(columns: dict[str, Text]) -> Callable[[int], str]:
    """Return what gives the row of `columns` at a position as one line of CSV."""

    def row_text(row: int) -> str:
        text = io.StringIO()
        csv.writer(text, lineterminator="").writerow([values[row] for values in columns.values()])
        return text.getvalue()

    return row_text
