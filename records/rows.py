"""The rows of a CSV file with their true line numbers, whatever the bytes.

Python's ``csv`` module lets one stray quotation mark swallow the rest of a file into one field. Here a row whose
quotation never closes, or is malformed, is one bad row: reading goes on at the next line.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from typing import NamedTuple

# No possessive groups: Python before 3.11.5 gets them wrong. After a closing quote only a comma or the end may stand,
# so greedy groups find the same rows.
_QUOTED = r'"[^"]*+(?:""[^"]*+)*"'
_FIELD = rf'(?:{_QUOTED}|(?!")[^,]*+)'
_INSIDE = r'[^"]*+(?:""[^"]*+)*'
_WHOLE = re.compile(rf"{_FIELD}(?:,{_FIELD})*", re.DOTALL)
_OPENS = re.compile(rf'(?:{_FIELD},)*"{_INSIDE}', re.DOTALL)
_CLOSES = re.compile(rf'{_INSIDE}"(?:,{_FIELD})*', re.DOTALL)
_STAYS_OPEN = re.compile(rf'{_INSIDE}(?:"(?:,{_FIELD})*?,"{_INSIDE})?', re.DOTALL)
LONGEST = 500
"""Lines that one row may run over before its quotation counts as never closed."""


class Row(NamedTuple):
    """One row: the line it starts on (1 = first), its text, its fields (None where its quotes are broken)."""

    line: int
    text: str
    fields: list[str] | None


def _lines(text: str) -> list[str]:
    if "\n" not in text and "\r" in text:  # a classic Mac file
        return text.split("\r")
    return [line[:-1] if line.endswith("\r") else line for line in text.split("\n")]


def _last_line(lines: list[str], first: int) -> int | None:
    """Return the index of the line on which the row that starts at `first` ends; None if it never does."""
    if _WHOLE.fullmatch(lines[first]):
        return first
    if not _OPENS.fullmatch(lines[first]):
        return None
    for index in range(first + 1, min(first + LONGEST, len(lines))):
        if _CLOSES.fullmatch(lines[index]):
            return index
        if not _STAYS_OPEN.fullmatch(lines[index]):
            return None
    return None


def _quoted(text: str) -> list[str] | None:
    try:
        return next(csv.reader([text]))
    except csv.Error:  # a field longer than the csv module takes, or a bare carriage return
        return None


def rows_of(text: str) -> Iterator[Row]:
    """Yield every row of a CSV text; blank lines are no rows.

    Lines end in LF, CRLF or (where there is no LF) CR.
    """
    lines = _lines(text)
    index = 0
    while index < len(lines):
        line = lines[index]
        if '"' not in line:
            if line:
                yield Row(index + 1, line, line.split(","))
        else:
            last = _last_line(lines, index)
            if last is None:
                yield Row(index + 1, line, None)
            else:
                whole = "\n".join(lines[index : last + 1])
                yield Row(index + 1, whole, _quoted(whole))
                index = last
        index += 1
