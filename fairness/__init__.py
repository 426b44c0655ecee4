"""The auditor: communities, counts, intervals, verdicts and policies over plain tables.

It imports no room but `values`: what audits does not depend on what is audited. `audit` judges one table, `break_down`
measures all of it, `combine` makes the gate's verdict out of several audits, `load_policy` refuses a policy that could
never pass.
"""

from fairness.audit import AuditReport, audit, read_table
from fairness.breakdown import Breakdown, break_down
from fairness.depth import select_at_audit_depth
from fairness.errors import (
    AuditChanged,
    FairnessError,
    PolicyCannotPass,
    PolicyCannotStop,
    PolicyError,
    PolicyMismatch,
    TableError,
)
from fairness.gate import GateVerdict, combine
from fairness.policy import SHIPPED, Policy, PolicyCheck, check, load_policy, read_policy
from fairness.verdict import CellVerdict, Verdict

__all__ = [
    "SHIPPED",
    "AuditChanged",
    "AuditReport",
    "Breakdown",
    "CellVerdict",
    "FairnessError",
    "GateVerdict",
    "Policy",
    "PolicyCannotPass",
    "PolicyCannotStop",
    "PolicyCheck",
    "PolicyError",
    "PolicyMismatch",
    "TableError",
    "Verdict",
    "audit",
    "break_down",
    "check",
    "combine",
    "load_policy",
    "read_policy",
    "read_table",
    "select_at_audit_depth",
]
