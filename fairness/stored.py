"""Audit reports read back from the documents that they were stored as."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fairness.audit import AreaCounts, AuditReport, Gap, TableSummary, conclude, find_gaps
from fairness.cells import BEYOND_BY_CHANCE, ONLY_REFUSE, Cell, judge
from fairness.errors import AuditChanged, PolicyMismatch
from fairness.policy_schema import Policy
from fairness.verdict import CellVerdict, Verdict

AGAIN = "Audit the bundle again: run `drive-panel train`."


def restore_report(document: Mapping[str, Any], policy: Policy) -> AuditReport:
    """Return the report that `AuditReport.to_dict` wrote as `document`.

    Raises
    ------
    PolicyMismatch
        If it was made under another policy than `policy`: an audit answers for one policy only.
    AuditChanged
        If its verdict, or what it names as not assessable, is not what its own cells give by today's rules.
    """
    if document["policy"]["hash"] != str(policy.hash):
        raise PolicyMismatch(
            f"The stored audit was made under the policy {document['policy']['name']!r} as it was then, "
            f"not under {policy.name!r} as it is now.",
            "Audit the bundle again under the policy of the gate: run `drive-panel train`.",
        )
    report = AuditReport(
        verdict=Verdict(document["verdict"]),
        evidence=document["evidence"],
        area=document["area"],
        cells=tuple(Cell(**{**cell, "verdict": CellVerdict(cell["verdict"])}) for cell in document["cells"]),
        not_assessable=tuple(Gap(**gap) for gap in document["not_assessable"]),
        reasons=tuple(document["reasons"]),
        tables=tuple(TableSummary(**summary) for summary in document["tables"]),
        unrecorded={(c["table"], c["characteristic"]): c["unrecorded"] for c in document["characteristics"]},
        policy=policy,
        lists=document.get("lists", 1),
        areas=tuple(_area(each) for each in document.get("areas", ())),
    )
    _verify(report)
    return report


def _area(each: Mapping[str, Any]) -> AreaCounts:
    people, harmed = each["people"]
    return AreaCounts(each["table"], each["area"], tuple(each["states"]), (people, harmed))


def _verify(report: AuditReport) -> None:
    """Judge the stored numbers again: a release rests on them, not on the word stored beside them."""
    binding = judge([_unjudged(cell) for cell in report.binding], report.policy)
    gaps = find_gaps(binding, report.policy, report.unrecorded)
    _, verdict, _ = conclude(binding, gaps, report.evidence, report.policy)
    if verdict != report.verdict:
        raise AuditChanged(
            f"The stored audit says {report.verdict.value!r}, but its own cells give {verdict.value!r}.", AGAIN
        )
    if {_key(gap) for gap in gaps} != {_key(gap) for gap in report.not_assessable}:
        raise AuditChanged("The stored audit does not name the groups that its own cells leave unassessed.", AGAIN)


def _unjudged(cell: Cell) -> Cell:
    """Return the cell as it was before it was judged; one under the floor never is."""
    excused = cell.reason in (ONLY_REFUSE, BEYOND_BY_CHANCE)
    under_floor = cell.verdict == CellVerdict.NOT_ASSESSABLE and not excused
    return cell if under_floor else replace(cell, verdict=CellVerdict.REPORTED, reason="", p_holm=None)


def _key(gap: Gap) -> tuple[str, str, str | None, str]:
    return gap.table, gap.characteristic, gap.group, gap.metric
