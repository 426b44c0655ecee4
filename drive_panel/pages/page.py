"""Reports of plain values as HTML: one file, no script, nothing fetched."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drive_panel.pages.intervals import intervals
from records.quality.blocks import Block, Plot, Section, Table, Text
from records.quality.page import rendered


def page(report: Mapping[str, Any], template: str) -> str:
    """Return a report as a page.

    Parameters
    ----------
    report
        A document with ``sections`` of plain values (`fairness.papers`), in which hostile characters are written out.
    template
        The name of a template of this package.
    """
    return rendered("drive_panel.pages", template, report, [_section(each) for each in report["sections"]], ())


def _section(plain: Mapping[str, Any]) -> Section:
    blocks = [_block(f"{plain['id']}-{place}", block) for place, block in enumerate(plain["blocks"])]
    return Section(plain["id"], plain["title"], plain["says"], blocks)


def _block(name: str, block: Mapping[str, Any]) -> Block:
    if block["kind"] == "text":
        return Text(block["text"])
    if block["kind"] == "intervals":
        return Plot(block["title"], intervals(name, block))
    return Table(block["caption"], block["head"], block["rows"], block["texts"], block["folded"])
