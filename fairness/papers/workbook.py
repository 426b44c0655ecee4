"""A report as a workbook: page one, every cell as a long table, what could not be assessed, and about it all.

Every text is written as text. A value that looks like a formula, a number or an address stays what it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

_AS_TEXT = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_CELL = (
    "table", "characteristic", "group", "metric", "binding", "verdict", "n", "events", "value", "low", "high",
    "others_n", "others_value", "ratio", "ratio_low", "ratio_high", "difference", "difference_low", "difference_high",
    "design_effect", "minimum_detectable_ratio", "outcomes_to_settle", "p_value", "p_holm",
)  # fmt: skip
_LONGEST = 32_767
WITHHELD = "withheld"


def workbook(report: Mapping[str, Any]) -> bytes:
    """Return the workbook (XLSX) of what `audit_report` returned."""
    buffer = BytesIO()
    with Workbook(buffer, dict(_AS_TEXT)) as book:
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        wrap = book.add_format({"text_wrap": True, "valign": "top"})

        def sheet(name: str, rows: Sequence[Sequence[Any]], widths: Sequence[int]) -> None:
            page = book.add_worksheet(name)
            for column, width in enumerate(widths):
                page.set_column(column, column, width)
            for place, row in enumerate(rows):
                for column, value in enumerate(row):
                    _write(page, place, column, value, bold if place == 0 else wrap)
            page.freeze_panes(1, 0)

        sheet("Page one", _page_one(report), (36, 110))
        sheet("Cells", cell_rows(report), (24, 10, 18, 24, 12))
        sheet("Not assessable", _gaps(report), (24, 10, 20, 24, 60))
        sheet("About", _about(report), (30, 90))
    return buffer.getvalue()


def _write(page: Worksheet, row: int, column: int, value: Any, look: Any) -> None:
    if value is None:
        page.write_blank(row, column, None, look)
    elif isinstance(value, bool):
        page.write_string(row, column, "yes" if value else "no", look)
    elif isinstance(value, (int, float)):
        page.write_number(row, column, value, look)
    else:
        page.write_string(row, column, str(value)[:_LONGEST], look)


def _page_one(report: Mapping[str, Any]) -> list[list[Any]]:
    rows = [["Question", "Answer"]]
    for answer in report["page_one"]:
        texts = [*answer["says"], *(f"– {point}" for point in answer["points"])]
        rows += [[answer["question"] if place == 0 else "", text] for place, text in enumerate(texts)]
    return rows


def cell_rows(report: Mapping[str, Any]) -> list[list[Any]]:
    """Return every cell of a report as rows under their names: what is withheld has no figure, and says so."""
    rows: list[list[Any]] = [["audit", *_CELL, "note"]]
    for part in report["audits"]:
        for cell in part["cells"]:
            hidden = bool(cell.get("suppressed"))
            rows.append([part["name"], *(cell.get(key) for key in _CELL), WITHHELD if hidden else ""])
    return rows


def _gaps(report: Mapping[str, Any]) -> list[list[Any]]:
    head = ["audit", "table", "characteristic", "group", "reason"]
    return [head, *([gap.get(key) or "" for key in head] for gap in report["not_assessable"])]


def _about(report: Mapping[str, Any]) -> list[list[Any]]:
    rows: list[list[Any]] = [["Fact", "Value"], ["Title", report["title"]], ["Verdict", report["verdict_in_words"]]]
    rows += [list(pair) for pair in report["about"]]
    rows += [["Policy", report["policy"]["name"]], ["Policy hash", report["policy"]["hash"]]]
    rows.append(["Synthetic", "Everybody in these records is made up" if report["synthetic"] else "no"])
    rows.append(["Withheld", f"Groups with fewer than {report['smallest']} on either side, and further ones"])
    return rows
