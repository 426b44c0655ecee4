"""Tables as files that a spreadsheet opens: every text is written as text, whatever it looks like.

A text that begins like a formula stays a text. In a workbook its cell is one of text; CSV knows no types, so that a
text which a spreadsheet would carry out gets an apostrophe in front, and every field is quoted (OWASP, CSV injection).
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import BytesIO, StringIO
from typing import Any

from serving.web.exports.shown import LONGEST_CELL, shown
from serving.web.exports.stamp import Stamp
from serving.web.exports.tables import Table

_AS_TEXT = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_WIDTH = 24
_OBEYED = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")


def workbook(stamp: Stamp, tables: Sequence[Table]) -> bytes:
    """Return a workbook (XLSX) of a sheet for each table; each says at its top and on paper what it is."""
    from xlsxwriter import Workbook  # not before somebody takes one: the pages do without

    buffer = BytesIO()
    with Workbook(buffer, dict(_AS_TEXT)) as book:
        book.set_properties({"title": _cell(stamp.title), "author": _cell(stamp.by), "comments": stamp.heading})
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        wrap = book.add_format({"text_wrap": True, "valign": "top"})
        for table in tables:
            page = book.add_worksheet(table.name)
            page.set_landscape()
            page.set_paper(9)  # A4
            page.fit_to_pages(1, 0)
            page.set_header(f"&C{_printed(stamp.heading)}")
            page.set_footer(f"&L&8{_printed(stamp.line)}&R&8&P / &N")
            page.set_column(0, len(table.columns), _WIDTH, wrap)
            for place, (name, value) in enumerate([*stamp.facts(), ("Read this first", table.says)]):
                page.write_string(place, 0, name, bold)
                page.write_string(place, 1, _cell(value))
            top = place + 2
            page.freeze_panes(top + 1, 0)
            page.repeat_rows(top)
            for column, name in enumerate(table.columns):
                page.write_string(top, column, _cell(name), bold)
            for place, row in enumerate(table.rows, top + 1):
                for column, value in enumerate(row):
                    if isinstance(value, int):
                        page.write_number(place, column, value, wrap)
                    elif value not in (None, ""):
                        page.write_string(place, column, _cell(value), wrap)
    return buffer.getvalue()


def comma_separated(stamp: Stamp, table: Table) -> bytes:
    """Return a table as CSV (UTF-8, with the mark that spreadsheets know it by); each row carries the whole stamp.

    A table without rows is one row that says so: no file leaves unmarked.
    """
    facts = [("Read this first", table.says), *stamp.facts()]
    rows = list(table.rows) or [["Nothing", *([""] * (len(table.columns) - 1))]]
    text = StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow([unobeyed(name) for name in (*table.columns, *(name for name, _ in facts))])
    for row in rows:
        writer.writerow([unobeyed(value) for value in (*row, *(value for _, value in facts))])
    return b"\xef\xbb\xbf" + text.getvalue().encode("utf-8")


def unobeyed(value: Any) -> str:
    """Return a value of a CSV file with an apostrophe in front where a spreadsheet would carry it out.

    >>> unobeyed("=1+1"), unobeyed("  @SUM(A1)"), unobeyed("A woman")
    ("'=1+1", "'  @SUM(A1)", 'A woman')
    """
    text = _cell("" if value is None else value)
    return f"'{text}" if text.startswith(_OBEYED) or text.lstrip().startswith(_OBEYED) else text


def _cell(value: Any) -> str:
    return str(shown(str(value), LONGEST_CELL))


def _printed(text: str) -> str:
    """Return a text for the head of a printed sheet: an ampersand begins a command there; 255 characters are all."""
    return str(shown(text)).replace("&", "&&")[:200]
