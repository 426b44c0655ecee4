"""Delivered files as text: CSV, gzipped CSV, Parquet or a sheet of a workbook, each row with its line."""

from __future__ import annotations

from pathlib import Path

import duckdb

from records.errors import ExtractError
from records.reading.columnar import stage_parquet
from records.reading.delimited import stage_csv
from records.reading.queries import stage_query
from records.reading.staged import Staged
from records.reading.workbooks import stage_workbook
from values import Progress, silent

SUFFIXES = (".csv", ".csv.gz", ".parquet", ".xlsx")
__all__ = ["SUFFIXES", "find_file", "stage_file", "stage_query"]


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
    db: duckdb.DuckDBPyConnection,
    path: Path,
    progress: Progress = silent,
    sheet: str | None = None,
    header_row: int = 1,
) -> Staged:
    """Read a delivered file as text; a row that cannot be split into fields is a fault, not an error.

    Parameters
    ----------
    db
        A `records.storage.database.workbench`.
    path
        A file that ends in one of `SUFFIXES`.
    progress
        Told how much has been read: bytes of CSV, else rows.
    sheet
        The sheet of a workbook; its first where none is named.
    header_row
        The row of the sheet that names its columns, from 1.

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
        return stage_workbook(db, path, progress, sheet, header_row)
    raise ExtractError(f"{path.name} is of no kind that can be read.", f"Deliver {' or '.join(SUFFIXES)}.")
