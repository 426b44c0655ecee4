"""What is wrong with which row, and the file that tells the people who can mend it."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

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
        "impossible_order": "Correct the dates: this one lies before the day it must follow.",
    }
)
"""Every reason for which a row is kept out, and what to do about it."""

COLUMNS = ("file", "line", "column", "reason", "remedy", "also", "row")


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
