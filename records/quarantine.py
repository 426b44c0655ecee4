# ruff: noqa: S608 - every name is quoted, every value a literal
"""What is wrong with which row, and the file that tells the people who can mend it."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import duckdb
import numpy as np
from numpy.typing import NDArray

from records.database import literal, quoted
from records.report import Tally
from records.spreadsheets import neutral
from records.staged import Staged
from records.storage import private_file
from records.undecoded import shown

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
        "future_date": "Correct the date: it lies after the extract date.",
        "erased": "Nothing: it names somebody whose records were erased, and is not kept.",
        "impossible_order": "Correct the dates: this one lies before the day it must follow.",
    }
)
"""Every reason for which a row is kept out, and what to do about it."""

COLUMNS = ("file", "line", "column", "reason", "remedy", "also", "row")
"""The columns of a quarantine file. A row is counted under `reason`; `also` lists what else is wrong with it; `row` is
the row as delivered. Text that a spreadsheet would run is written as `records.spreadsheets` says."""
ROWS = 10_000
"""Rows fetched at once."""


def as_delivered(staged: Staged, withheld: Collection[str] = ()) -> str:
    """Return a query of the rows of a staged file as delivered: row, text (where it could not be split), fields.

    Parameters
    ----------
    staged
        The file.
    withheld
        Source columns to leave out.
    """
    columns = ", ".join(staged.identifier(name) for name in staged.columns if name not in withheld)
    return (
        f"SELECT row, NULL::VARCHAR AS text, [{columns}]::VARCHAR[] AS fields FROM {quoted(staged.relation)} "
        f"UNION ALL SELECT row, text, NULL FROM {quoted(staged.faults)} WHERE column_name = '' "
        f"AND row NOT IN (SELECT row FROM {quoted(staged.relation)})"
    )


def faults_of(table: str, faults: str = "faults") -> str:
    """Return a query of the faults of one table in the relation that checking makes."""
    return (
        f"SELECT row, file, line, column_name, reason, position FROM {quoted(faults)} "
        f"WHERE table_name = {literal(table)}"
    )


def faults_of_file(staged: Staged) -> str:
    """Return a query of what was wrong with the rows of a file before any table was made from it."""
    return f"SELECT row, file, line, column_name, reason, 0 AS position FROM {quoted(staged.faults)}"


def reasons(db: duckdb.DuckDBPyConnection, faults: str) -> Counter[str]:
    """Count the rows behind a query of faults by the reason they are counted under; sums to the faulty rows."""
    counted = db.execute(
        f"SELECT reason, count(*) FROM (SELECT arg_min(reason, (position, column_name, reason)) AS reason "
        f"FROM ({faults}) GROUP BY row) GROUP BY 1"
    ).fetchall()
    return Counter(dict(counted))


def tally(db: duckdb.DuckDBPyConnection, read: int, faults: str) -> Tally:
    """Return how many of `read` rows a query of faults leaves."""
    found = db.execute(f"SELECT count(DISTINCT row) FROM ({faults})").fetchone()
    return Tally(read, int(found[0]) if found else 0)


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
        A query of rows as delivered, such as `as_delivered` gives: row, text, fields.

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
        writer = csv.writer(text, lineterminator="\n")
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
    csv.writer(text, lineterminator="\r\n").writerow(fields)  # so that a line break of either kind is quoted
    return text.getvalue().removesuffix("\r\n")


@dataclass(frozen=True)
class Fault:
    """Rows (positions) that share one fault in one column (blank where the row as a whole is at fault)."""

    rows: NDArray[np.intp]
    column: str
    reason: str


class Faults:
    """The faults found so far in the rows of one table.

    Parameters
    ----------
    size
        Rows of the table.
    """

    def __init__(self, size: int) -> None:
        self.bad: NDArray[np.bool_] = np.zeros(size, dtype=bool)
        self.found: list[Fault] = []

    def add(self, mask: NDArray[np.bool_], column: str, reason: str) -> None:
        """Mark the rows under `mask`; the first fault of a row is the one it is counted under."""
        if reason not in REMEDIES:
            raise ValueError(f"{reason!r} is not a declared reason.")
        rows = np.flatnonzero(mask)
        if rows.size:
            self.found.append(Fault(rows, column, reason))
            self.bad[rows] = True

    def by_row(self) -> dict[int, list[Fault]]:
        """Return the faults of each faulty row, in the order they were found."""
        faults: dict[int, list[Fault]] = {}
        for fault in self.found:
            for row in fault.rows.tolist():
                faults.setdefault(row, []).append(fault)
        return dict(sorted(faults.items()))

    def reasons(self) -> Counter[str]:
        """Count the faulty rows by the reason they are counted under; sums to the faulty rows."""
        return Counter(faults[0].reason for faults in self.by_row().values())


def quarantine_csv(faults: Faults, file: str, lines: NDArray[np.int64], row_text: Callable[[int], str]) -> bytes:
    """Write the faulty rows as a CSV file: where, what, what to do, and the row as it was delivered.

    Parameters
    ----------
    faults
        The faults of a table.
    file
        Name of the delivered file.
    lines, row_text
        Line number and original text of each row of the table.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row, found in faults.by_row().items():
        first = found[0]
        also = "; ".join(f"{fault.column}: {fault.reason}" for fault in found[1:])
        remedy = REMEDIES[first.reason]
        writer.writerow((file, lines[row], first.column, first.reason, remedy, also, row_text(row)))
    return text.getvalue().encode("utf-8", errors="backslashreplace")
