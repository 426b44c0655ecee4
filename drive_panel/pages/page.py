"""Reports of plain values as HTML: one file, no script, nothing fetched."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drive_panel.pages.intervals import intervals
from records.quality.blocks import Block, Heading, Plot, Section, Table, Text
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


def paper_page(paper: Mapping[str, Any]) -> str:
    """Return a governance paper as a page: each question with its answers, or who gives them, and its source."""
    parts = [_part(each) for each in paper["parts"]]
    return rendered("drive_panel.pages", "paper.html", paper, parts, ())


def _part(part: Mapping[str, Any]) -> Section:
    blocks: list[Block] = []
    for entry in part["entries"]:
        blocks.append(Heading(f"{entry['number']} {entry['question']}"))
        blocks += [Text(answer) for answer in entry["answers"]]
        blocks += [Text(f"Missing. {entry['missing']}")] if entry["missing"] else []
        blocks.append(Text(f"Source: {entry['source']}"))
    return Section(part["id"], part["title"], (), blocks)


def _section(plain: Mapping[str, Any]) -> Section:
    blocks = [_block(f"{plain['id']}-{place}", block) for place, block in enumerate(plain["blocks"])]
    return Section(plain["id"], plain["title"], plain["says"], blocks)


def _block(name: str, block: Mapping[str, Any]) -> Block:
    if block["kind"] == "text":
        return Text(block["text"])
    if block["kind"] == "intervals":
        return Plot(block["title"], intervals(name, block))
    return Table(block["caption"], block["head"], block["rows"], block["texts"], block["folded"])
