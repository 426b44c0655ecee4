"""What a panel can decide about a person on a released list: rules without storage."""

from serving.panel.decisions import (
    REASON_CODES,
    Decision,
    DecisionAsked,
    Hold,
    check_clearance,
    check_decision,
    kinds_of,
)

__all__ = ["REASON_CODES", "Decision", "DecisionAsked", "Hold", "check_clearance", "check_decision", "kinds_of"]
