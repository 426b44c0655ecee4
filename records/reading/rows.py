"""The rows of a CSV file with their true line numbers, whatever the bytes.

Python's ``csv`` module lets one stray quotation mark swallow the rest of a file into one field. Here a row whose
quotation never closes, or is malformed, is one bad row: reading goes on at the next line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
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
_EACH = re.compile(rf"({_FIELD})(?:,|\Z)", re.DOTALL)
LONGEST = 500
"""Lines that one row may run over before its quotation counts as never closed."""


class Row(NamedTuple):
    """One row: the line it starts on (1 = first), its text, its fields (None where its quotes are broken)."""

    line: int
    text: str
    fields: list[str] | None


class Unfinished(Exception):
    """A quotation is still open where the lines at hand end, and more lines may follow."""


def last_line(lines: Sequence[str], first: int, more: bool = False) -> int | None:
    """Return the index of the line on which the row that starts at `first` ends; None if it never does.

    Raises
    ------
    Unfinished
        If `more` lines may follow and they decide.
    """
    if _WHOLE.fullmatch(lines[first]):
        return first
    if not _OPENS.fullmatch(lines[first]):
        return None
    for index in range(first + 1, first + LONGEST):
        if index >= len(lines):
            if more:
                raise Unfinished
            return None
        line = lines[index]
        if '"' not in line:
            continue
        if _CLOSES.fullmatch(line):
            return index
        if not _STAYS_OPEN.fullmatch(line):
            return None
    return None


def fields_of(text: str) -> list[str]:
    """Split a row whose quotes are well formed into its fields.

    >>> fields_of('1,"say ""no"", twice",')
    ['1', 'say "no", twice', '']
    """
    if '"' not in text:
        return text.split(",")
    found, position = [], 0
    while position <= len(text):
        match = _EACH.match(text, position)
        if match is None:
            raise ValueError("The quotes of this row are not well formed.")
        field = match[1]
        found.append(field[1:-1].replace('""', '"') if field.startswith('"') else field)
        position = match.end() if match.end() > match.end(1) else len(text) + 1
    return found


def row_at(lines: Sequence[str], first: int, number: int, more: bool = False) -> tuple[Row, int]:
    """Return the row that starts at the index `first` and line `number`, and the index of its last line.

    Raises
    ------
    Unfinished
        As `last_line` does.
    """
    last = last_line(lines, first, more)
    if last is None:
        return Row(number, lines[first], None), first
    whole = "\n".join(lines[first : last + 1])
    return Row(number, whole, fields_of(whole)), last


def rows_of(text: str) -> Iterator[Row]:
    """Yield every row of a CSV text; blank lines are no rows.

    Lines end in LF, CRLF or (where there is no LF) CR.
    """
    lines = _lines(text)
    index = 0
    while index < len(lines):
        if lines[index]:
            row, index = row_at(lines, index, index + 1)
            yield row
        index += 1


def _lines(text: str) -> list[str]:
    if "\n" not in text and "\r" in text:  # a classic Mac file
        return text.split("\r")
    return [line[:-1] if line.endswith("\r") else line for line in text.split("\n")]
