"""A sheet of an .xlsx workbook as text in DuckDB, refusing bombs and saying what a spreadsheet hides."""

from __future__ import annotations

import contextlib
import itertools
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, time
from pathlib import Path, PurePosixPath
from typing import Any
from xml.etree import ElementTree

import duckdb
import numpy as np
import pyarrow

from records.errors import ExtractError
from records.reading.columnar import plain_text
from records.reading.header import header_names
from records.reading.limits import LIMITS, Limits
from records.reading.staged import Staged
from records.reading.staging import Staging
from values import Progress, silent

ROWS = 10_000
"""Rows handed on at once."""
_FIRST = 20  # rows among which a header is looked for
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_CELL = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})")
# what openpyxl and the parsers below it raise on files that are not what they say
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    ElementTree.ParseError,
    OSError,
    EOFError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    ArithmeticError,
    RuntimeError,
)


def stage_workbook(
    db: duckdb.DuckDBPyConnection,
    path: Path,
    progress: Progress = silent,
    sheet: str | None = None,
    header_row: int = 1,
    limits: Limits = LIMITS,
) -> Staged:
    """Read a sheet; what stands above its header is not read, a row's line is its number in the sheet.

    Merged cells, formulas that were never calculated and error values are faults of their row and column: a
    spreadsheet shows more, or less, than such cells hold.

    Parameters
    ----------
    db
        A `records.storage.database.workbench`.
    path
        An .xlsx file.
    progress
        Told of rows.
    sheet
        The sheet's name; the first where none is given.
    header_row
        The row that names the columns, from 1.
    limits
        What the file may unpack to.

    Raises
    ------
    ExtractError
        If the file is no workbook, a bomb, defines entities, lacks the sheet or has no usable header.
    """
    try:
        _check_parts(path, limits)
        hidden = _find_sheet(path, sheet)
        return _stage(db, path, hidden, header_row, progress)
    except _BROKEN as error:
        raise _broken(path, error) from error


def _broken(path: Path, error: Exception) -> ExtractError:
    return ExtractError(
        f"{path.name} is not a whole workbook ({type(error).__name__}).", "Save it again as .xlsx, without a password."
    )


def _check_parts(path: Path, limits: Limits) -> None:
    """Unpack every part without keeping it: how large it is, and whether it defines anything."""
    packed, unpacked = path.stat().st_size, 0
    with zipfile.ZipFile(path) as archive:
        limits.check(path.name, packed, sum(part.file_size for part in archive.infolist()))
        for part in archive.infolist():
            tail = b""
            with archive.open(part) as content:
                while chunk := content.read(1 << 20):
                    unpacked += len(chunk)
                    limits.check(path.name, packed, unpacked)
                    if part.filename.endswith((".xml", ".rels")) and _defines(tail + chunk):
                        raise ExtractError(
                            f"{path.name} defines entities of its own; no spreadsheet program writes that.",
                            "Check where it comes from, and save it again as .xlsx.",
                        )
                    tail = chunk[-16:]


def _defines(content: bytes) -> bool:
    plain = content.replace(b"\x00", b"")  # UTF-16 hides ASCII behind zero bytes
    return b"<!DOCTYPE" in plain or b"<!ENTITY" in plain


@dataclass
class _Sheet:
    """A sheet, and what reading its values does not show.

    Attributes
    ----------
    name
        Its name.
    merged
        Its merged areas: first row, last row, first column, last column (from 1).
    uncalculated
        Rows and columns of formulas without a value.
    """

    name: str
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    uncalculated: set[tuple[int, int]] = field(default_factory=set)


def _find_sheet(path: Path, wanted: str | None) -> _Sheet:
    with zipfile.ZipFile(path) as archive:
        listed = {
            each.attrib["name"]: each.attrib[_RELATION]
            for each in ElementTree.fromstring(archive.read("xl/workbook.xml")).iter(f"{_MAIN}sheet")  # noqa: S314
        }
        name = wanted if wanted is not None else next(iter(listed), "")
        if name not in listed:
            raise ExtractError(
                f"{path.name} has no sheet {name!r}.", f"Name one of {', '.join(map(repr, listed)) or 'its sheets'}."
            )
        relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
        target = {each.attrib["Id"]: each.attrib["Target"] for each in relations}[listed[name]]
        part = target.lstrip("/") if target.startswith("/") else str(PurePosixPath("xl") / target)
        found = _Sheet(name)
        with archive.open(part) as content:
            for _, element in ElementTree.iterparse(content):  # noqa: S314 - parts that define entities were refused
                _look(element, found)
    return found


def _look(element: ElementTree.Element, sheet: _Sheet) -> None:
    if element.tag == f"{_MAIN}mergeCell":
        first, _, last = element.attrib["ref"].partition(":")
        (top, left), (bottom, right) = _place(first), _place(last or first)
        sheet.merged.append((top, bottom, left, right))
    elif element.tag == f"{_MAIN}c":
        calculated = element.findtext(f"{_MAIN}v")
        if element.find(f"{_MAIN}f") is not None and not calculated and element.attrib.get("t") != "str":
            sheet.uncalculated.add(_place(element.attrib["r"]))
    elif element.tag == f"{_MAIN}row":
        element.clear()


def _place(cell: str) -> tuple[int, int]:
    """Return row and column (from 1) of a cell such as ``B7``."""
    found = _CELL.fullmatch(cell)
    if found is None:
        raise ValueError("A cell has no place.")
    column = 0
    for letter in found[1]:
        column = 26 * column + ord(letter) - ord("A") + 1
    return int(found[2]), column


def _stage(db: duckdb.DuckDBPyConnection, path: Path, sheet: _Sheet, header_row: int, progress: Progress) -> Staged:
    name = f"{path.name} [{sheet.name}]"
    with _rows(path, sheet) as rows:
        above = itertools.islice(rows, header_row - 1, None)
        header = _header(name, next(above, ()), sheet, header_row)
        with Staging(db, name, header) as staging:
            reader = _Reader(staging, header, sheet)
            for line, cells in enumerate(above, start=header_row + 1):
                reader.read(line, cells)
                if line % ROWS == 0:
                    progress(f"read {name}", line, line)
            reader.flush()
    return staging.staged()


@contextlib.contextmanager
def _rows(path: Path, sheet: _Sheet) -> Iterator[Iterator[Any]]:
    """Give the rows of a sheet, blank ones too, each as its cells."""
    import openpyxl

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about styles and extensions, which hold no value
        book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
        try:
            worksheet = book[sheet.name]
            worksheet.reset_dimensions()  # files lie about them
            yield worksheet.iter_rows()
        finally:
            book.close()


def header_row(path: Path, limits: Limits = LIMITS) -> int:
    """Return the row of a workbook's first sheet that seems to name its columns, from 1; 1 where none does.

    It is the first of the first rows that holds nothing but texts, all different, in more than half as many cells as
    the widest of them: a title, or a line that says which meeting it was, fills fewer.

    Raises
    ------
    ExtractError
        If the file is no workbook, a bomb or defines entities.
    """
    try:
        _check_parts(path, limits)
        with _rows(path, _find_sheet(path, None)) as rows:
            held = [
                [cell.value for cell in cells if cell.value is not None] for cells in itertools.islice(rows, _FIRST)
            ]
    except _BROKEN as error:
        raise _broken(path, error) from error
    widest = max(map(len, held), default=0)
    names = (
        number
        for number, values in enumerate(held, 1)
        if 2 * len(values) > widest
        and all(isinstance(each, str) for each in values)
        and len(set(values)) == len(values)
    )
    return next(names, 1)


def _header(name: str, cells: Iterable[Any], sheet: _Sheet, row: int) -> tuple[str, ...]:
    texts = [_text(cell.value) for cell in cells]
    while texts and not texts[-1].strip():
        texts.pop()
    if any(top <= row <= bottom and (right > left or bottom > top) for top, bottom, left, right in sheet.merged):
        raise ExtractError(f"{name}, row {row}: header cells are merged.", "Unmerge them and name every column.")
    if any(each == row for each, _ in sheet.uncalculated):
        raise ExtractError(f"{name}, row {row}: a header cell is a formula.", "Write the column's name.")
    return header_names(name, texts)


class _Reader:
    """Turns rows of cells into text, a batch at a time."""

    def __init__(self, staging: Staging, header: tuple[str, ...], sheet: _Sheet) -> None:
        self._staging, self._header = staging, header
        self._uncalculated = sheet.uncalculated
        self._merged = sorted(sheet.merged, reverse=True)
        self._active: list[tuple[int, int, int, int]] = []
        self._numbers: list[int] = []
        self._lines: list[int] = []
        self._rows: list[list[str]] = []

    def read(self, line: int, cells: Iterable[Any]) -> None:
        """Take the next row; a blank one is none."""
        held = list(cells)
        texts = [_text(cell.value) for cell in held]
        width = len(self._header)
        faults = list(self._faults(line, held))
        if not faults and not any(text.strip() for text in texts):
            return
        number = self._staging.rows
        self._staging.rows += 1
        if any(text.strip() for text in texts[width:]):
            raw = ",".join(texts)
            self._staging.fault(number, line, "", "too_many_fields", raw)
            return
        for column, reason in faults:
            self._staging.fault(number, line, column, reason, "")
        self._numbers.append(number)
        self._lines.append(line)
        self._rows.append((texts + [""] * width)[:width])
        if len(self._rows) >= ROWS:
            self.flush()

    def _faults(self, line: int, cells: list[Any]) -> Iterator[tuple[str, str]]:
        while self._merged and self._merged[-1][0] <= line:
            self._active.append(self._merged.pop())
        self._active = [area for area in self._active if area[1] >= line]
        for place, column in enumerate(self._header, start=1):
            if not column:
                continue
            if any(left <= place <= right for _, _, left, right in self._active):
                yield column, "merged_cells"
            elif (line, place) in self._uncalculated:
                yield column, "formula_without_value"
            elif place <= len(cells) and getattr(cells[place - 1], "data_type", "") == "e":
                yield column, "error_value"

    def flush(self) -> None:
        """Hand the rows taken so far on."""
        if self._rows:
            columns = [pyarrow.array(values, pyarrow.string()) for values in zip(*self._rows, strict=True)]
            self._staging.add(np.array(self._numbers), np.array(self._lines), columns)
        self._numbers, self._lines, self._rows = [], [], []


def _text(value: Any) -> str:
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    return plain_text(value)
