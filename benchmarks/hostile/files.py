"""Rows as files: CSV in every dialect that comes along, Parquet and workbooks; each row learns its true line."""

from __future__ import annotations

import gzip
import io
import random
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks.hostile.cells import TEXTS
from benchmarks.hostile.rows import Row, Rows, unsplittable
from records.contract import TABLES

POINTED_TO = frozenset(column.points_to for table in TABLES.values() for column in table.columns)
EXTRAS = ("row", "line", "FILE", "PERSON_ID", "Area", "nationality", "=1+1", "", "x" * 300, "known_From", "O'Neil", "é")
"""Columns that the contract does not know; some differ from known ones only in the case of their letters."""


@dataclass
class File:
    """A file of an extract.

    Attributes
    ----------
    name, content
        As they lie in the folder.
    table
        The table that its rows are for; None for a file that holds none or whose rows no one can count.
    columns
        The contract's columns that it holds.
    rows
        What must become of each row, in order.
    starts
        The text that stands on the line of each row that has one, for whoever opens the file.
    """

    name: str
    content: bytes
    table: str | None = None
    columns: tuple[str, ...] = ()
    rows: list[Row] = field(default_factory=list)
    starts: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Dialect:
    """How a CSV file is written."""

    end: str
    quote: str
    mark: bool
    blank_lines: bool
    last_end: bool

    @classmethod
    def drawn(cls, rng: random.Random, rows: Sequence[Row]) -> Dialect:
        """Draw a dialect; a lone carriage return ends lines only where no cell holds a line break."""
        broken = any("\n" in cell.text or "\r" in cell.text for row in rows for cell in row.cells.values())
        end = rng.choice(("\n", "\n", "\r\n", "\r\n", "mixed", "\n" if broken else "\r"))
        return cls(
            end, rng.choice(("least", "all", "some")), rng.random() < 0.3, rng.random() < 0.3, rng.random() < 0.7
        )


def csv_file(
    name: str, rows: Rows, rng: random.Random, headers: Mapping[str, str] | None = None, further: bool = False
) -> File:
    """Write rows as CSV, with rows between them that cannot be split.

    Parameters
    ----------
    headers
        The source's name for each column.
    further
        True where columns that nobody asked for may stand behind the others.
    """
    headers = headers or {}
    extras = tuple(rng.sample(EXTRAS, 2)) if further and rng.random() < 0.4 else ()
    planned = _with_unsplittable(rows, (*rows.columns, *extras), rng)
    dialect = Dialect.drawn(rng, planned)
    out, line, starts = "\ufeff" if dialect.mark else "", 1, {}
    header = ",".join(_written(headers.get(name, name), dialect, rng) for name in (*rows.columns, *extras))
    text = header + _end(dialect, rng)
    line += 1
    for number, row in enumerate(planned):
        while dialect.blank_lines and rng.random() < 0.15:
            text += _end(dialect, rng)
            line += 1
        whole = row.raw
        if whole is None:
            texts = [*(row.cells[name].text for name in rows.columns), *(rng.choice(TEXTS) for _ in extras)]
            whole = ",".join(_written(text, dialect, rng) for text in texts)
        row.line, starts[line] = line, whole.split("\n")[0].rstrip("\r")
        last = number == len(planned) - 1 and not dialect.last_end
        text += whole + ("" if last else _end(dialect, rng))
        line += 1 + whole.count("\n")
    content = (out + text).encode("utf-8", errors="surrogateescape")
    if name.endswith(".gz"):
        half = len(content) // 2
        parts = (content,) if rng.random() < 0.7 else (content[:half], content[half:])
        content = b"".join(gzip.compress(part, mtime=0) for part in parts)
    return File(name, content, rows.table.name, rows.columns, planned, starts)


def _with_unsplittable(rows: Rows, columns: tuple[str, ...], rng: random.Random) -> list[Row]:
    planned = list(rows.rows)
    opens = False
    for _ in range(rng.choice((0, 0, 1, 3))):
        # a quotation that never closes must find nothing behind it that could close it
        closes = len(columns) > len(rows.columns)  # what stands in further columns is drawn later
        closes |= any(cell.text.startswith(("\n", ",")) for row in planned for cell in row.cells.values())
        row = unsplittable(rng, columns, rows.rows[0], not opens)
        here = '"never' in str(row.raw)
        opens |= here
        planned.insert(len(planned) if here and closes else rng.randint(0, len(planned)), row)
    return planned


def _written(text: str, dialect: Dialect, rng: random.Random) -> str:
    must = any(each in text for each in ',"\n\r')
    if must or dialect.quote == "all" or (dialect.quote == "some" and rng.random() < 0.5):
        return '"' + text.replace('"', '""') + '"'
    return text


def _end(dialect: Dialect, rng: random.Random) -> str:
    return rng.choice(("\n", "\r\n")) if dialect.end == "mixed" else dialect.end


def parquet_file(name: str, rows: Rows, headers: Mapping[str, str]) -> File:
    """Write rows as Parquet of texts; what is missing is null or the empty text."""
    import pyarrow
    import pyarrow.parquet

    columns = {
        headers.get(column, column): [row.cells[column].text or None for row in rows.rows] for column in rows.columns
    }
    buffer = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table(columns), buffer, row_group_size=7)
    for number, row in enumerate(rows.rows):
        row.line = number + 1
    return File(name, buffer.getvalue(), rows.table.name, rows.columns, rows.rows)


def xlsx_file(name: str, rows: Rows, rng: random.Random, headers: Mapping[str, str]) -> File:
    """Write rows as a workbook: days, numbers and switches partly as such, with merged cells and bare formulas."""
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append([headers.get(column, column) for column in rows.columns])
    for cell in sheet[1]:
        cell.data_type = "s"  # a name that begins with = is no formula
    merged = []
    for number, row in enumerate(rows.rows):
        line = number + 2
        row.line = line
        for at, column in enumerate(rows.columns, start=1):
            cell = row.cells[column]
            native = cell.value is not None and rows.table.column(column).kind in ("date", "flag", "int")
            target = sheet.cell(line, at)
            if native and rng.random() < 0.7 and not (hasattr(cell.value, "year") and cell.value.year < 1901):
                target.value = cell.value
            elif cell.text:
                target.value = cell.text
                target.data_type = "s"  # a text that begins with = is no formula
        if row.fate == "accepted" and rows.table.name not in POINTED_TO and rng.random() < 0.06:
            row.fate = "kept out"
            at = rng.randint(1, len(rows.columns))
            if rng.random() < 0.5 and at < len(rows.columns):
                merged.append((line, at))
            else:
                sheet.cell(line, at).value = "=1+1"  # never computed by a spreadsheet: there is no value
    for line, at in merged:
        sheet.merge_cells(start_row=line, end_row=line, start_column=at, end_column=at + 1)
    buffer = io.BytesIO()
    book.save(buffer)
    return File(name, undated(buffer.getvalue()), rows.table.name, rows.columns, rows.rows)


def undated(book: bytes) -> bytes:
    """Return a workbook without the moment at which it was written, so that the same cells are the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            content = old.read(part)
            if part == "docProps/core.xml":
                content = re.sub(rb"\d{4}-\d\d-\d\dT[\d:]+Z", b"2024-01-01T00:00:00Z", content)
            new.writestr(zipfile.ZipInfo(part), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()
