"""Audit reports read back from the documents that they were stored as."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fairness.audit import AuditReport, Gap, TableSummary
from fairness.cells import Cell
from fairness.errors import PolicyMismatch
from fairness.policy_schema import Policy
from fairness.verdict import CellVerdict, Verdict


def restore_report(document: Mapping[str, Any], policy: Policy) -> AuditReport:
    """Return the report that `AuditReport.to_dict` wrote as `document`.

    Raises
    ------
    PolicyMismatch
        If it was made under another policy than `policy`: an audit answers for one policy only.
    """
    if document["policy"]["hash"] != str(policy.hash):
        raise PolicyMismatch(
            f"The stored audit was made under the policy {document['policy']['name']!r} as it was then, "
            f"not under {policy.name!r} as it is now.",
            "Audit the bundle again under the policy of the gate: run `drive-panel train`.",
        )
    return AuditReport(
        verdict=Verdict(document["verdict"]),
        evidence=document["evidence"],
        area=document["area"],
        cells=tuple(Cell(**{**cell, "verdict": CellVerdict(cell["verdict"])}) for cell in document["cells"]),
        not_assessable=tuple(Gap(**gap) for gap in document["not_assessable"]),
        reasons=tuple(document["reasons"]),
        tables=tuple(TableSummary(**summary) for summary in document["tables"]),
        unrecorded={(c["table"], c["characteristic"]): c["unrecorded"] for c in document["characteristics"]},
        policy=policy,
    )
