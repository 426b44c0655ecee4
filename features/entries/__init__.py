"""The indicators themselves, one entry each, by group.

Every count is of what was recorded about a person in the role of suspect unless it says otherwise; a record
is an allegation, not a finding.
"""

from __future__ import annotations

from features.entries import context, families, harm, history, marac, victims
from features.indicator import Indicator

ALL: tuple[Indicator, ...] = (
    *history.INDICATORS,
    *harm.INDICATORS,
    *victims.INDICATORS,
    *families.INDICATORS,
    *marac.INDICATORS,
    *context.INDICATORS,
)
