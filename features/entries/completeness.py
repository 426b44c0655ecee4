"""What is not known about the recorded incidents of the last two years, as shares of them."""

from __future__ import annotations

import dataclasses

from features.entries.vocabulary import DOMESTIC, DOMESTIC_CRIME, PAIR, TWO_YEARS, UNKNOWN
from features.indicator import Indicator
from features.kinds import Flag
from features.measures import Count, Distinct, Measure, Ratio
from features.selection import Selection


def _share(name: str, question: str, measure: Measure, absence: str) -> Indicator:
    return Indicator(
        f"{name}_share_730",
        question,
        "share",
        "completeness",
        measure,
        "none",
        UNKNOWN,
        "Completeness of the record",
        absence,
    )


def _lacking(selection: Selection, flag: Flag) -> Ratio:
    """Return the share of the selected events without a flag that says that something is recorded."""
    having = dataclasses.replace(selection, flags=selection.flags | flag)
    recorded, every = (Distinct(one, TWO_YEARS, of="event", unknown_as_zero=True) for one in (having, selection))
    return Ratio(recorded, (every,), rest=True)


_IDENTIFIED = Distinct(PAIR, TWO_YEARS, of="event", unknown_as_zero=True)
_UNWEIGHED = Count(DOMESTIC_CRIME.whose_harm_is("unknown"), TWO_YEARS)
_UNMAPPED = Count(dataclasses.replace(DOMESTIC_CRIME, families=("unmapped",)), TWO_YEARS)
_DERIVED = Count(dataclasses.replace(PAIR, flags=PAIR.flags | Flag.DERIVED), TWO_YEARS)

INDICATORS = (
    _share(
        "harm_unknown",
        "What share of the domestic crimes of the last 730 days has no known harm weight?",
        Ratio(_UNWEIGHED, (Count(DOMESTIC_CRIME, TWO_YEARS),)),
        "No domestic crime in 730 days, or offence codes are not recorded at all.",
    ),
    _share(
        "offence_unknown",
        "What share of the domestic crimes of the last 730 days has no offence code that the reference knows?",
        Ratio(_UNMAPPED, (Count(DOMESTIC_CRIME, TWO_YEARS),)),
        "No domestic crime in 730 days, or offence codes are not recorded at all.",
    ),
    _share(
        "victim_unknown",
        "In what share of the domestic incidents of the last 730 days is no victim identified?",
        Ratio(_IDENTIFIED, (Count(DOMESTIC, TWO_YEARS),), rest=True),
        "No domestic incident in 730 days, or no victim is identified for anybody.",
    ),
    _share(
        "victim_derived",
        "Of the identified pairs of domestic incidents of the last 730 days, what share was derived, not recorded?",
        Ratio(_DERIVED, (Count(PAIR, TWO_YEARS),)),
        "No pair is identified in 730 days.",
    ),
    _share(
        "report_day_unknown",
        "What share of the domestic incidents of the last 730 days has no recorded day of report?",
        _lacking(DOMESTIC, Flag.REPORT_DATED),
        "No domestic incident in 730 days, or days of report are not recorded at all.",
    ),
    _share(
        "reporter_unknown",
        "Of what share of the domestic incidents of the last 730 days is it not recorded who reported them?",
        _lacking(DOMESTIC, Flag.REPORTER),
        "No domestic incident in 730 days, or it is not recorded at all who reported.",
    ),
    _share(
        "relationship_unknown",
        "Of the domestic incidents of the last 730 days with a known victim, what share has no stated relationship?",
        _lacking(PAIR, Flag.RELATIONSHIP),
        "No victim is identified in 730 days, or no relationship of anybody is stated.",
    ),
    _share(
        "grade_unknown",
        "What share of the domestic incidents of the last 730 days has no stated risk grade?",
        _lacking(DOMESTIC, Flag.GRADED),
        "No domestic incident in 730 days, or no grade of anybody is stated.",
    ),
)
