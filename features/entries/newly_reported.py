"""What came to be known lately, whenever it happened: counted by the day of report."""

from __future__ import annotations

from features.entries.vocabulary import DAYS_90, DOMESTIC, EVER, NEVER_MISSING, TWO_YEARS, YEAR, over
from features.kinds import Flag, Kind
from features.measures import Count, Delay
from features.selection import Selection

_NEW = "A non-recent report is new knowledge that windows on the day of occurrence do not see."
_SOURCE = "Non-recent reports counted by their report date"
_NO_DAYS = "Report dates are not recorded at all."
_CRIME = Flag.DOMESTIC | Flag.CRIME
_LATE, _LATE_CRIME = (Selection(Kind.INCIDENT, flags=flags, late_by=365) for flags in (Flag.DOMESTIC, _CRIME))

INDICATORS = (
    *over(
        (DAYS_90, YEAR),
        "newly_reported_non_recent",
        "How many domestic incidents reported {when} had occurred more than 365 days before the report?",
        "incidents",
        "newly reported",
        lambda window: Count(_LATE, window, clock="reported"),
        "+",
        _NEW,
        _SOURCE,
        _NO_DAYS,
    ),
    *over(
        (YEAR,),
        "newly_reported_non_recent_crimes",
        "How many domestic crimes reported {when} had occurred more than 365 days before the report?",
        "crimes",
        "newly reported",
        lambda window: Count(_LATE_CRIME, window, clock="reported"),
        "+",
        _NEW,
        f"{_SOURCE}; crimes only",
        _NO_DAYS,
    ),
    *over(
        (DAYS_90, YEAR),
        "incidents_reported",
        "How many domestic incidents were reported {when}?",
        "incidents",
        "newly reported",
        lambda window: Count(DOMESTIC, window, clock="reported"),
        "+",
        "More recorded incidents go with more later ones; recorded counts also follow police attention.",
        "MATAC RFG: frequency, by day of report",
        NEVER_MISSING,
    ),
    *over(
        (TWO_YEARS,),
        "report_delay_mean",
        "After how many days, on average, were domestic incidents {when} of recorded day of report reported?",
        "days",
        "newly reported",
        lambda window: Delay(DOMESTIC, window),
        "none",
        "Late reports can mean fear or a changed relationship; no direction is agreed.",
        "Incident record: day of the report less the last day of conduct",
        "No domestic incident in 730 days has a recorded day of report.",
    ),
    *over(
        (EVER,),
        "report_delay_max",
        "After how many days was the domestic incident {when} of the longest recorded delay reported?",
        "days",
        "newly reported",
        lambda window: Delay(DOMESTIC, window, how="max"),
        "none",
        "Late reports can mean fear or a changed relationship; no direction is agreed.",
        "Incident record: day of the report less the last day of conduct",
        "No domestic incident has a recorded day of report.",
    ),
)
