"""Selections and words that several entries share, and one entry repeated over several windows."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from features.indicator import Indicator, Push
from features.kinds import Flag, Kind, Role
from features.measures import DaysSince, Measure
from features.selection import Clock, Selection
from values import Window

DAYS_30, DAYS_90, DAYS_180, YEAR, TWO_YEARS, THREE_YEARS, EVER = (
    Window(30),
    Window(90),
    Window(180),
    Window(365),
    Window(730),
    Window(1095),
    Window(None),
)

ANY = Selection(Kind.INCIDENT)
DOMESTIC = Selection(Kind.INCIDENT, flags=Flag.DOMESTIC)
DOMESTIC_CRIME = Selection(Kind.INCIDENT, flags=Flag.DOMESTIC | Flag.CRIME)
AS_VICTIM = Selection(Kind.INCIDENT, Role.VICTIM, flags=Flag.DOMESTIC)
PAIR = Selection(Kind.DYAD, flags=Flag.DOMESTIC)
PAIR_CRIME = Selection(Kind.DYAD, flags=Flag.DOMESTIC | Flag.CRIME)
PAIR_AS_VICTIM = Selection(Kind.DYAD, Role.VICTIM, flags=Flag.DOMESTIC)
HEARING = Selection(Kind.HEARING)

NEVER_MISSING = "Never missing: no such incident is a count of 0, which says what was recorded, not what happened."
NO_INCIDENT = "No such incident is known."
NO_VICTIM = "There are such incidents, but no victim of any of them is identified (or nobody's is at all)."
NO_HARM = "There are such crimes, but none has a known harm weight; or offence codes are not recorded at all."
NO_CODES = "Offence codes are not recorded at all."
NO_MARAC = "No MARAC records were delivered."
NOT_RECORDED = "The column is not recorded at all."

RECENCY = "Recency of the last domestic incident is the strongest single predictor of another (Turner et al. 2022)."
OPEN = "No agreed direction."
UNKNOWN = "What is not known must not move anybody by itself."


def over(
    windows: Iterable[Window],
    name: str,
    question: str,
    unit: str,
    group: str,
    measure: Callable[[Window], Measure],
    push: Push,
    why: str,
    source: str,
    absence: str,
) -> tuple[Indicator, ...]:
    """Return one indicator a window.

    Parameters
    ----------
    windows
        What they count.
    name
        Of which each indicator's name is made: ``name_365``, ``name_ever``.
    question
        With ``{when}`` in place of the window.
    measure
        Makes the measure for a window.
    unit, group, push, why, source, absence
        As in `Indicator`.
    """
    return tuple(
        Indicator(
            f"{name}_{'ever' if window.days is None else window.days}",
            question.format(when="in all that is known" if window.days is None else f"in the last {window.days} days"),
            unit,
            group,
            measure(window),
            push,
            why,
            source,
            absence,
        )
        for window in windows
    )


def since(
    name: str,
    what: str,
    selection: Selection,
    source: str,
    group: str = "recency",
    push: Push = "-",
    why: str = RECENCY,
    clock: Clock = "occurred",
    absence: str = NO_INCIDENT,
) -> Indicator:
    """Return the days since the last of the selected events: ``days_since_last_NAME``."""
    return Indicator(
        f"days_since_last_{name}",
        f"How many days ago was the last {what}?",
        "days",
        group,
        DaysSince(selection, EVER, clock=clock),
        push,
        why,
        source,
        absence,
    )
