"""An audit as one report: page one, checks, every cell, what could not be assessed, and the equality-impact annex.

The report is a document of plain values. Page, PDF, workbook and JSON file are made of it and of nothing else, so what
`shown` withheld is in none of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from fairness.cells import UNRECORDED
from fairness.disclosure import Register
from fairness.papers import labels
from fairness.papers.diagnosis import diagnosis_sections, origins_section
from fairness.papers.origins import origins
from fairness.papers.over_time import over_time_section
from fairness.papers.page_one import Found, page_one
from fairness.papers.sections import every_cell, sections
from fairness.papers.shown import SMALLEST, SUPPRESSED, shown, shown_diagnosis
from fairness.papers.wording import VERDICTS, plain

VERSION = 1
ONE_TABLE = "this table"


def audit_report(
    audit: Mapping[str, Any],
    *,
    title: str,
    about: Sequence[tuple[str, str]] = (),
    synthetic: bool = False,
    state: str = "",
    blocks: Sequence[str] = (),
    all_cells: bool = False,
    register: Register | None = None,
    over_time: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the report of an audit.

    Parameters
    ----------
    audit
        What `AuditReport.to_dict` returned, or the audit stored with a scoring run, which holds several.
    title
        What was audited, in words.
    about
        Facts for the head of the report: (name, value).
    synthetic
        Whether everybody in it is made up.
    state
        Of a run; the figures of the list itself are withheld unless it is ``released``.
    blocks
        What forbids a release whatever the gate says.
    all_cells
        Whether the sections hold every cell; without it those that do not decide are counted and only in the files.
    register
        What left before: figures are withheld that would tell, together with it, what it withheld. These audits are
        added to it. Without one only the audits of this report are held against each other.
    over_time
        What lists so far show under the policy of a run, without small numbers.
    """
    gate = "audits" in audit
    whole = audit["audits"] if gate else {ONE_TABLE: audit}
    register = Register() if register is None else register
    parts = [
        {
            "name": name,
            **shown(report, figures=state in ("", "released") or report["evidence"] != "list", register=register),
        }
        for name, report in sorted(whole.items(), key=lambda pair: _order(pair[1]))
    ]
    parts = [{**part, "label_sensitivity": labels.kept(whole[part["name"]], part["cells"])} for part in parts]
    gaps = [{**gap, "reason": _without_share(gap["reason"])} for gap in audit["not_assessable"]]
    found = Found(audit["verdict"], parts, gaps, gate, audit["policy"], tuple(blocks), state)
    diagnosis = shown_diagnosis(audit["diagnosis"], parts[0]) if audit.get("diagnosis") else None
    if diagnosis is not None:
        found = replace(found, origins=origins(found, diagnosis, leaves=True))
    document = {
        "document": "audit report",
        "version": VERSION,
        "title": title,
        "verdict": audit["verdict"],
        "verdict_in_words": VERDICTS[audit["verdict"]],
        "synthetic": synthetic,
        "gate": gate,
        "about": [list(pair) for pair in about],
        "smallest": max(report.get("smallest", SMALLEST) for report in whole.values()),
        "marked": SUPPRESSED,
        "page_one": [answer.to_dict() for answer in page_one(found)],
        "audits": parts,
        "not_assessable": gaps,
        "policy": dict(audit["policy"]),
        "diagnosed": diagnosis is not None,
    }
    shown_document: dict[str, Any] = plain(document)
    beside = []
    if diagnosis is not None:
        first = origins_section(plain(list(found.origins or ())))
        beside = [first, *diagnosis_sections(plain(diagnosis), parts[0]["margin"])]
    appendix = [every_cell(shown_document)] if all_cells else []
    later = [over_time_section(plain(dict(over_time)) if over_time else None)] if gate else []
    return {**shown_document, "sections": [*sections(shown_document), *beside, *later, *appendix]}


def _without_share(reason: str) -> str:
    """Leave out how many are unrecorded: in a small table the share tells a count that is withheld."""
    return UNRECORDED if reason.startswith(UNRECORDED) else reason


def _order(report: Mapping[str, Any]) -> tuple[bool, bool]:
    """Put the backtest over all areas first, then the area's, then the list."""
    return report["evidence"] != "backtest", report["area"] is not None
