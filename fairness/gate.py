"""Several audits, one gate: what a release would need.

The mature backtest over all areas must pass. Audits of one area, of one list and of the lists released so far can
refuse; they are not required to pass, because their numbers seldom could (an area's backtest is, where the policy says
``area_evidence: must_pass``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from fairness.audit import AuditReport, Gap
from fairness.cells import Cell
from fairness.errors import PolicyMismatch
from fairness.policy_schema import Policy
from fairness.verdict import Verdict

NO_BACKTEST = "There is no mature backtest over all areas, and nothing else can pass."


@dataclass(frozen=True)
class GateVerdict:
    """What the gate says.

    Attributes
    ----------
    verdict
        ``refuse`` cannot be waived; ``insufficient`` needs two people to waive it.
    reasons
        Plain sentences, each beginning with the audit it comes from.
    binding
        (audit, cell) for every binding cell of every audit.
    not_assessable
        (audit, gap) for everything to acknowledge by name, from the audits that must pass.
    """

    verdict: Verdict
    reasons: tuple[str, ...]
    binding: tuple[tuple[str, Cell], ...]
    not_assessable: tuple[tuple[str, Gap], ...]
    policy: Policy

    def to_dict(self) -> dict[str, Any]:
        """Return the verdict as plain JSON values."""
        return {
            "verdict": self.verdict.value,
            "reasons": list(self.reasons),
            "policy": self.policy.summary,
            "binding": [
                {"audit": audit, **dict(zip(("table", "characteristic", "group", "metric"), cell.key, strict=True))}
                | {"verdict": cell.verdict.value}
                for audit, cell in self.binding
            ],
            "not_assessable": [{"audit": audit, **asdict(gap)} for audit, gap in self.not_assessable],
        }


def combine(reports: Mapping[str, AuditReport], policy: Policy) -> GateVerdict:
    """Return the gate's verdict over `reports` (the caller's name of each audit -> the audit).

    Raises
    ------
    PolicyMismatch
        If a report was made under another policy than `policy`.
    """
    for name, report in reports.items():
        if report.policy.hash != policy.hash:
            raise PolicyMismatch(
                f"The audit {name!r} was made under the policy {report.policy.name!r}, not {policy.name!r}.",
                "Audit again under the policy of the gate.",
            )
    required = [name for name, report in reports.items() if _must_pass(report, policy)]
    pooled = [name for name, r in reports.items() if r.evidence == "backtest" and r.area is None]
    refused = [name for name, report in reports.items() if report.verdict == Verdict.REFUSE]
    if refused:
        verdict, telling = Verdict.REFUSE, refused
    elif pooled and all(reports[name].verdict == Verdict.PASS for name in required):
        verdict, telling = Verdict.PASS, required
    else:
        verdict = Verdict.INSUFFICIENT
        telling = [name for name in required if reports[name].verdict != Verdict.PASS]
    reasons = [f"{name}: {reason}" for name in telling for reason in reports[name].reasons]
    if not pooled:
        reasons.append(NO_BACKTEST)
    return GateVerdict(
        verdict,
        tuple(reasons),
        tuple((name, cell) for name, report in reports.items() for cell in report.binding),
        tuple((name, gap) for name in required for gap in reports[name].not_assessable),
        policy,
    )


def _must_pass(report: AuditReport, policy: Policy) -> bool:
    if report.evidence != "backtest":
        return False
    return report.area is None or policy.area_evidence == "must_pass"
