"""The indicators themselves, one entry each, by group.

Every count is of what was recorded about a person in the role of suspect unless it says otherwise; a record
is an allegation, not a finding.
"""

from __future__ import annotations

from features.entries import (
    completeness,
    context,
    counter_allegation,
    escalation,
    families,
    frequency,
    grades,
    harm,
    marac,
    newly_reported,
    orders,
    partners,
    recency,
    reporting,
    same_victim,
    victims,
)
from features.indicator import Indicator

ALL: tuple[Indicator, ...] = (
    *recency.INDICATORS,
    *frequency.INDICATORS,
    *harm.INDICATORS,
    *victims.INDICATORS,
    *same_victim.INDICATORS,
    *escalation.INDICATORS,
    *families.INDICATORS,
    *partners.INDICATORS,
    *marac.INDICATORS,
    *counter_allegation.INDICATORS,
    *orders.INDICATORS,
    *grades.INDICATORS,
    *context.INDICATORS,
    *reporting.INDICATORS,
    *newly_reported.INDICATORS,
    *completeness.INDICATORS,
)
