"""One plain English sentence for the value of one indicator.

A sentence says what is recorded, never what somebody is or is about to do: a record is an allegation. Indicators
without a sentence of their own are told by the question that their catalogue entry asks.
"""

from __future__ import annotations

import math

from features import Indicator
from models.sentences import DEFINITIONS, SENTENCES

_WINDOWS = {
    "30": " in the last 30 days",
    "90": " in the last 90 days",
    "180": " in the last 180 days",
    "365": " in the last 12 months",
    "730": " in the last 2 years",
    "1095": " in the last 3 years",
    "ever": " in all",
}


def sentence(indicator: Indicator, value: float) -> str:
    """Return what is recorded, in one sentence without a full stop.

    Parameters
    ----------
    indicator
        The catalogue entry.
    value
        Its value; NaN where not known.
    """
    if math.isnan(value):
        return f"Not known: {indicator.question[0].lower()}{indicator.question[1:].rstrip('?')}"
    if indicator.name in DEFINITIONS:
        return f"Records {'meet' if value else 'do not meet'} {DEFINITIONS[indicator.name]}"
    stem, _, window = indicator.name.rpartition("_")
    template = SENTENCES.get(indicator.name) or (SENTENCES.get(stem) if window in _WINDOWS else None)
    if template is None:
        unit = "" if indicator.unit == "1 = met" else f" {indicator.unit}"
        return f"{indicator.question} {_number(value)}{unit}"
    told = template.format(
        n="no" if value == 0 else _number(value),
        s="" if value == 1 else "s",
        es="" if value == 1 else "es",
        days=_days(value),
        ago="on the date of the list" if value == 0 else f"{_days(value)} before the date of the list",
        percent=f"{100 * value:.0f} %",
        signed=f"{value:+,.0f}",
        when=_WINDOWS.get(window, ""),
        within="" if window == "ever" else _WINDOWS.get(window, ""),
    )
    return told[0].upper() + told[1:]


def not_known(indicator: Indicator) -> str:
    """Return what is missing and what that means."""
    return f"{indicator.question} Not known: {indicator.absence}"


def provisional(best: int, worst: int) -> str:
    """Return how far what is not known could move a person, everybody else staying where they are."""
    if best == worst:
        return "Nothing that is not known could change this place, everybody else staying as they are."
    return (
        f"Provisional: between place {best} and place {worst} if what is not known were known, "
        "everybody else staying as they are."
    )


def _days(value: float) -> str:
    return "1 day" if value == 1 else f"{_number(value)} days"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == round(value) or abs(value) >= 100 else f"{value:,.1f}"
