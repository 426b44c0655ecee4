"""Audit reports as plain JSON values and plain sentences.

Sentences name the mechanism (whose harm is missed, how often, how surely), never a virtue of the list.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from fairness.cells import LEANS, Cell
from fairness.depth import is_shallow
from fairness.metrics import METRICS
from fairness.policy_schema import Policy
from fairness.sensitivity import RECORDS_CANNOT_SHOW, label_sensitivity
from fairness.verdict import CellVerdict

if TYPE_CHECKING:
    from fairness.audit import AuditReport, Gap

ESTIMAND = (
    "Each rate is that of people like those audited, with the list as it stands; 'ratio' sets a group beside "
    "everyone else in the same table. low and high are the exact interval of the rate, ratio_low and ratio_high the "
    "score interval that decides."
)


def describe_cell(cell: Cell, policy: Policy) -> str:
    """Return what one binding cell shows, how surely, and what would settle it.

    The numbers are the cell's own; the reader can find each in the table of cells.
    """
    head = f"{_who(cell)}: {_rates(cell)}"
    ends = f"agreed range {policy.margin.low:g} to {policy.margin.high:g}"
    sure = f"{1 - 2 * policy.alpha:.0%} interval {_interval(cell)}; {ends}"
    if cell.verdict == CellVerdict.REFUSE:
        chance = _adjusted(cell.p_holm) if cell.p_holm is not None else ""
        return f"Refused. {head} ({sure}; {chance})."
    if cell.verdict == CellVerdict.PASS:
        return f"Passed. {head} ({sure})."
    leaning = f" It {cell.reason}." if cell.reason == LEANS else ""
    return f"Not settled. {head} ({sure}).{leaning} {_settle(cell)}"


def _who(cell: Cell) -> str:
    name = cell.characteristic.replace("_", " ")
    return f"{name} {cell.group!r} ({cell.table})"


def _rates(cell: Cell) -> str:
    question = METRICS[cell.metric].question
    if cell.value is None or cell.others_value is None:
        return f"nothing is known of {question}"
    ratio = f", {cell.ratio:.2f} times as often" if cell.ratio is not None else ""
    return f"{question}: {cell.value:.1%} ({cell.events} of {cell.n}) against {cell.others_value:.1%}{ratio}"


def _adjusted(p_value: float) -> str:
    return "adjusted p below 0.001" if p_value < 0.001 else f"adjusted p {p_value:.2g}"


def _interval(cell: Cell) -> str:
    high = "no upper end" if cell.ratio_high is None else f"{cell.ratio_high:.2f}"
    return f"{cell.ratio_low:.2f} to {high}"


def _settle(cell: Cell) -> str:
    parts = []
    if cell.outcomes_to_settle is not None and cell.outcomes_to_settle > cell.n:
        parts.append(
            f"About {cell.outcomes_to_settle} cases of this group, now {cell.n}, would let a list without a gap pass "
            "four times in five."
        )
    if cell.minimum_detectable_ratio is not None:
        parts.append(f"A gap of {cell.minimum_detectable_ratio:.2f} times would be refused four times in five.")
    else:
        parts.append("At this size no gap would be refused reliably.")
    return " ".join(parts)


def describe_missing(gap: Gap) -> str:
    """Return what could not be assessed, for whom and why."""
    name = gap.characteristic.replace("_", " ")
    whom = name if gap.group is None else f"{name} {gap.group!r}"
    return f"Not assessable. {whom} ({gap.table}, {gap.metric.replace('_', ' ')}): {gap.reason}."


def as_json(report: AuditReport) -> dict[str, Any]:
    """Return `report` as plain JSON values; floats have nine significant digits so that hashes are stable."""
    document: dict[str, Any] = rounded(
        {
            "verdict": report.verdict.value,
            "evidence": report.evidence,
            "area": report.area,
            "lists": report.lists,
            "policy": report.policy.summary,
            "estimand": ESTIMAND,
            "margin": list(report.policy.margin.ends),
            "alpha": report.policy.alpha,
            "rate_level": 1 - report.policy.alpha,
            "ratio_level": 1 - 2 * report.policy.alpha,
            "smallest": report.policy.disclosure.smallest,
            "groupings": {name: source for name, (source, _) in report.policy.grouping_pairs.items()},
            "tables": [asdict(summary) for summary in report.tables],
            "characteristics": [
                {"table": table, "characteristic": name, "unrecorded": share}
                for (table, name), share in report.unrecorded.items()
            ],
            "areas": [asdict(each) for each in report.areas],
            "cells": [{**asdict(cell), "verdict": cell.verdict.value} for cell in report.cells],
            "not_assessable": [asdict(gap) for gap in report.not_assessable],
            "alerts": [list(cell.key) for cell in report.alerts],
            "reasons": list(report.reasons),
            "label_sensitivity": [row.to_dict() for row in label_sensitivity(report.cells, report.policy)],
            "label_sensitivity_note": RECORDS_CANNOT_SHOW,
            **({"shallow": True} if report.evidence == "table" and is_shallow(report.binding, report.policy) else {}),
        }
    )
    return document


def rounded(value: Any) -> Any:
    """Return plain values with every float at nine significant digits, so that hashes are stable."""
    if isinstance(value, float):
        return float(f"{value:.9g}")
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [rounded(item) for item in value]
    return value
