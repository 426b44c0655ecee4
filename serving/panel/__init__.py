"""What a panel can decide about a person on a released list: rules without storage."""

from serving.panel.decisions import (
    REASON_CODES,
    Decision,
    DecisionAsked,
    Hold,
    check_clearance,
    check_decision,
    check_particulars,
    kinds_of,
)
from serving.panel.order import Override, against_order, has_side, is_near, line_band
from serving.panel.particulars import Elsewhere, Offer, Opinion, Particulars, Referred, Support

__all__ = [
    "REASON_CODES",
    "Decision",
    "DecisionAsked",
    "Elsewhere",
    "Hold",
    "Offer",
    "Opinion",
    "Override",
    "Particulars",
    "Referred",
    "Support",
    "against_order",
    "check_clearance",
    "check_decision",
    "check_particulars",
    "has_side",
    "is_near",
    "kinds_of",
    "line_band",
]
