# ruff: noqa: S608 - every name is quoted, every value a literal
"""What is wrong with which row, and the file that tells the people who can mend it."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import duckdb

from records.reading.spreadsheets import neutral
from records.reading.undecoded import shown
from records.storage.files import private_file

REMEDIES: Mapping[str, str] = MappingProxyType(
    {
        "missing_required": "Fill it in; the contract requires it.",
        "bad_date": "Write it as YYYY-MM-DD, not before 1900, or leave it blank if it is not known.",
        "bad_flag": "Write true or false.",
        "bad_integer": "Write a whole number that is not negative.",
        "duplicate_row": "Nothing: the same row is loaded once. Remove the copy.",
        "conflicting_duplicate": (
            "Keep one of the rows with this key and known_from, or give the later one its own known_from."
        ),
        "orphan": "Deliver the row it points to, or mend that row where it is in quarantine itself.",
        "too_many_fields": "Quote values that hold commas; the row has more fields than the header.",
        "too_few_fields": "Complete the row; it has fewer fields than the header.",
        "bad_quoting": 'Close the quotation, and write a quotation mark inside a quoted value as "".',
        "field_too_long": "Shorten the value to under a million characters; look for a missing line end.",
        "undecodable": "Save the file as UTF-8.",
        "control_character": "Remove the control character.",
        "invisible_character": "Remove the character that cannot be seen (zero-width or right-to-left mark).",
        "merged_cells": "Unmerge the cells of this row in the workbook and fill each one in.",
        "formula_without_value": "Open the workbook, let it calculate, save it; or replace the formula by its value.",
        "error_value": "Mend the formula: the cell shows an error instead of a value.",
        "nested_value": "Write one value a column: a list or a record is no value.",
        "future_date": "Correct the date: it lies after the extract date.",
        "erased": "Nothing: it names somebody whose records were erased, and is not kept.",
        "impossible_order": "Correct the dates: this one lies before the day it must follow.",
    }
)
"""Every reason for which a row is kept out, and what to do about it."""

COLUMNS = ("file", "line", "column", "reason", "remedy", "also", "row")
"""The columns of a quarantine file. A row is counted under `reason`; `also` lists what else is wrong with it; `row` is
the row as delivered. Text that a spreadsheet would run is written as `records.reading.spreadsheets` says."""
ROWS = 10_000
"""Rows fetched at once."""


def write_quarantine(db: duckdb.DuckDBPyConnection, path: Path, faults: str, rows: str) -> int:
    """Write the faulty rows as a CSV file (0600): where, what, what to do, and the row as it was delivered.

    Parameters
    ----------
    db
        The workbench that holds the relations.
    path
        Where to; nothing is written where there is no faulty row.
    faults
        A query of faults: row, file, line, column_name, reason, position.
    rows
        A query of rows as delivered: row, text (where it could not be split into fields), fields.

    Returns
    -------
    int
        The faulty rows.
    """
    found = db.execute(
        f"SELECT f.file, f.line, f.faults, d.text, d.fields FROM (SELECT row, any_value(file) AS file, "
        "any_value(line) AS line, list({'c': column_name, 'r': reason} ORDER BY position, column_name, reason) "
        f"AS faults FROM ({faults}) GROUP BY row) f LEFT JOIN ({rows}) d ON d.row = f.row ORDER BY f.row"
    )
    batch = found.fetchmany(ROWS)
    if not batch:
        return 0
    written = 0
    with private_file(path) as binary:
        text = io.TextIOWrapper(binary, encoding="utf-8", newline="")
        writer = csv.writer(text, lineterminator="\r\n")  # so that a line break of either kind is quoted
        writer.writerow(COLUMNS)
        while batch:
            writer.writerows(_line(*each) for each in batch)
            written += len(batch)
            batch = found.fetchmany(ROWS)
        text.detach()  # flushes, and leaves the file open for its owner
    return written


def _line(
    file: str, line: int, faults: list[dict[str, str]], text: str | None, fields: list[str] | None
) -> tuple[str | int, ...]:
    first = faults[0]
    also = "; ".join(f"{fault['c']}: {fault['r']}" for fault in faults[1:])
    row = one_line(fields) if fields is not None else (text or "")
    cells = (first["c"], first["r"], REMEDIES[first["r"]], also, row)
    return (neutral(file), line, *(neutral(shown(cell)) for cell in cells))


def one_line(fields: list[str]) -> str:
    """Return fields as one row of CSV."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(fields)  # here too
    return text.getvalue().removesuffix("\r\n")
