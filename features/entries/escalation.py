"""Whether it gets more, closer together or worse; none of it with a direction of its own."""

from __future__ import annotations

from features.entries.vocabulary import DAYS_90, DAYS_180, DOMESTIC, DOMESTIC_CRIME, NO_HARM, OPEN, THREE_YEARS, YEAR
from features.indicator import Indicator
from features.measures import Count, Difference, Gap, Largest, Measure, Ratio, Slope, Total
from values import Window

_RARE = "Most pairs with repeated calls do not escalate (Bland and Ariel 2015)."
_WORSE = "Severity does not rise in general (Bland and Ariel 2015)."
_GAPS = {
    "mean": "How many days lay between neighbouring domestic incidents of the last 1095 days, on average?",
    "min": "How many days lay between the two closest domestic incidents of the last 1095 days?",
    "max": "How many days did the longest break between domestic incidents of the last 1095 days last?",
    "last": "How many days lay between the last two domestic incidents of the last 1095 days?",
    "std": "How uneven (standard deviation) were the days between domestic incidents of the last 1095 days?",
}


def _escalation(
    name: str, question: str, unit: str, measure: Measure, why: str, source: str, absence: str
) -> Indicator:
    return Indicator(name, question, unit, "escalation", measure, "none", why, source, absence)


def _share(days: Window) -> Indicator:
    half = days.days or 0
    return _escalation(
        f"escalation_share_{half}",
        f"Of the domestic incidents of the last {2 * half} days, what share fell into the last {half}?",
        "share",
        Ratio(Count(DOMESTIC, days), (Count(DOMESTIC, days), Count(DOMESTIC, days, skip=half))),
        _RARE,
        "PPIT item: escalating; share in place of a ratio, which has no value after a quiet time",
        f"No domestic incident in the last {2 * half} days.",
    )


INDICATORS = (
    *(_share(days) for days in (DAYS_90, DAYS_180, YEAR)),
    _escalation(
        "harm_escalation_share_365",
        "Of the harm days of domestic crimes of the last 730 days, what share fell into the last 365?",
        "share",
        Ratio(Total(DOMESTIC_CRIME, YEAR), (Total(DOMESTIC_CRIME, YEAR), Total(DOMESTIC_CRIME, YEAR, skip=365))),
        _WORSE,
        "PPIT item: escalating; by harm days, of which a year without crimes has none",
        "No harm days in 730 days, or those of one of the two years are not known.",
    ),
    _escalation(
        "harm_max_change_365",
        "By how many harm days is the worst domestic crime of the last 365 days above that of the 365 days before?",
        "harm days",
        Difference(Largest(DOMESTIC_CRIME, YEAR), Largest(DOMESTIC_CRIME, YEAR, skip=365)),
        _WORSE,
        "PPIT item: escalating; below 0 where it was worse before, and a year without crimes counts 0",
        NO_HARM,
    ),
    _escalation(
        "harm_slope_1095",
        "By how many harm days a year did domestic crimes become more or less harmful over the last 1095 days?",
        "harm days a year",
        Slope(DOMESTIC_CRIME, THREE_YEARS),
        _WORSE,
        "PPIT item: escalating; least squares",
        "The crimes of known harm lie fewer than 90 days apart, or there are fewer than two.",
    ),
    *(
        _escalation(
            f"gap_{how}_1095",
            question,
            "days",
            Gap(DOMESTIC, THREE_YEARS, how=how),  # type: ignore[arg-type]
            OPEN,
            "Frequency of calls (Bland and Ariel 2015); incidents of one day lie 0 days apart",
            "Fewer than two domestic incidents in 1095 days.",
        )
        for how, question in _GAPS.items()
    ),
)
