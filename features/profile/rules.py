"""Dates before and after a change of recording rules: what moved, and which numbers mix both rules.

A number as of T that counts the last 365 days knows one rule only if T lies before the change, or 365 days or more
after it. In between, and for ever where all of history counts, it mixes the two. Only indicators that read what the
change touched are looked at. Between the last date before and the first wholly after lies time as well: a difference
is no proof of its cause.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Literal

from features.profile.bins import Values
from features.profile.drift import cliffs_delta
from features.profile.settings import ProfileSettings
from features.profile.source import Facts, RuleChange
from values import day_number

Side = Literal["before", "mixed", "after"]


def side_of(day: date, window: int | None, first: date) -> Side:
    """Say which rule the events counted on `day` were recorded under.

    >>> [side_of(date(2024, 5, day), 365, date(2023, 6, 1)) for day in (29, 30)]
    ['mixed', 'after']
    >>> side_of(date(2023, 5, 31), None, date(2023, 6, 1))
    'before'
    """
    if day < first:
        return "before"
    oldest = None if window is None else day_number(day) - window + 1
    return "after" if oldest is not None and oldest >= day_number(first) else "mixed"


def dates_around(change: RuleChange, dates: Sequence[date]) -> dict[str, Any]:
    """Return what is said of a change as a whole, and the dates before it and from it on."""
    before = [day for day in dates if change.first is not None and day < change.first]
    return {
        "name": change.name,
        "says": change.says,
        "source": change.source,
        "first": None if change.first is None else change.first.isoformat(),
        "dates_before": [day.isoformat() for day in before],
        "dates_after": [] if change.first is None else [day.isoformat() for day in dates if day not in before],
    }


def across(
    change: RuleChange, facts: Facts, values: Mapping[date, Values], settings: ProfileSettings
) -> dict[str, Any] | None:
    """Return how an indicator compares before and after a change; None where the change does not touch it.

    Parameters
    ----------
    change, facts
        The change, and what is declared of the indicator.
    values
        The indicator's known numbers by date, no NaN.
    settings
        How many people a comparison needs.

    Returns
    -------
    dict
        ``before`` and ``after`` (the two dates compared, None where there is none), ``mixed`` (how many dates mix both
        rules), and ``delta`` (Cliff's, None where not compared or withheld).
    """
    if change.first is None or not change.columns & facts.reads:
        return None
    sides = {day: side_of(day, facts.window, change.first) for day in sorted(values)}
    before = max((day for day, side in sides.items() if side == "before"), default=None)
    after = min((day for day, side in sides.items() if side == "after"), default=None)
    if len(set(sides.values())) == 1 and "mixed" not in sides.values():
        return None
    if before is None and facts.window is None:
        return None  # every date mixes, if history goes back so far
    delta = None
    if (
        before is not None
        and after is not None
        and min(len(values[before]), len(values[after])) >= settings.fewest_compared
    ):
        delta = round(cliffs_delta(values[before], values[after]), 2)
    mixed = sum(side == "mixed" for side in sides.values())
    return {
        "before": None if before is None else before.isoformat(),
        "after": None if after is None else after.isoformat(),
        "mixed": mixed,
        "delta": delta,
    }
