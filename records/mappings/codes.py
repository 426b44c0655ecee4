"""Code translations that stand in a CSV table beside the mapping."""

from __future__ import annotations

import csv
import io

from records.reading.nodes import Node


def codes_from(node: Node) -> dict[str, str]:
    """Read ``{file: offences.csv, code: local, to: home_office}``: what each code of one column becomes.

    Raises
    ------
    MappingError
        If the table is not beside the mapping, lacks a column, or says two things about one code.
    """
    keys = node.block(["file", "code", "to"])
    name = keys["file"].text()
    try:
        text = keys["file"].beside().decode("utf-8-sig")
        rows = csv.DictReader(io.StringIO(text, newline=""), strict=True)
        header = list(rows.fieldnames or ())
        for each in (keys["code"], keys["to"]):
            if each.text() not in header:
                raise each.unknown(f"{name} has no column {each.text()!r}", each.text(), header)
        return _pairs(rows, keys["code"].text(), keys["to"].text(), keys["file"])
    except (UnicodeDecodeError, csv.Error) as error:
        raise keys["file"].wrong(f"{name} is no CSV table", "Save it as CSV, UTF-8, with a header.") from error


def _pairs(rows: csv.DictReader[str], code: str, to: str, at: Node) -> dict[str, str]:
    found: dict[str, str] = {}
    for row in rows:
        old, new = (row[code] or "").strip(), (row[to] or "").strip()
        if old and found.setdefault(old, new) != new:
            raise at.wrong(f"{at.text()}, line {rows.line_num}: the code {old!r} becomes two things", "Keep one.")
    return found
