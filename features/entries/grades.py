"""Risk grades that officers gave, with the tool behind them; grades of different tools are not the same thing.

The grade is overwritten by record systems and counts from the day it was stated.
"""

from __future__ import annotations

from features.entries.vocabulary import EVER, TWO_YEARS, over, since
from features.indicator import Indicator
from features.kinds import TOOLS, Flag, Kind
from features.measures import Count, Ratio
from features.selection import Selection
from values import Window

_WEAK = "Grades say little about later harm (Turner, Medina and Brown 2019); no direction is imposed."
_SOURCE = "Officer's risk grade"
_ABSENCE = "There are such incidents, but of none of them is a grade stated yet (or of nobody's at all)."
_NO_TOOL = f"{_ABSENCE[:-2]}, or no tool is stated for anybody)."


def _graded(flags: Flag) -> Selection:
    return Selection(Kind.INCIDENT, flags=Flag.DOMESTIC | flags)


def _grades(name: str, what: str, flags: Flag, *windows: Window) -> tuple[Indicator, ...]:
    tool = bool(flags & TOOLS)
    return over(
        windows,
        name,
        f"How many domestic incidents {{when}} were graded {what}?",
        "incidents",
        "risk grades",
        lambda window: Count(_graded(flags), window),
        "none",
        _WEAK,
        f"{_SOURCE}; grades of different tools are not comparable" if tool else _SOURCE,
        _NO_TOOL if tool else _ABSENCE,
    )


INDICATORS = (
    *_grades("high_grade", "high, by any tool", Flag.HIGH, TWO_YEARS, EVER),
    *_grades("medium_grade", "medium, by any tool", Flag.MEDIUM, TWO_YEARS),
    *_grades("standard_grade", "standard, by any tool", Flag.STANDARD, TWO_YEARS),
    *_grades("dash_high", "high with DASH", Flag.HIGH | Flag.DASH, TWO_YEARS),
    *_grades("dara_high", "high with DARA", Flag.HIGH | Flag.DARA, TWO_YEARS),
    *_grades("other_tool_high", "high with another tool", Flag.HIGH | Flag.OTHER_TOOL, TWO_YEARS),
    since(
        "high_grade",
        "domestic incident graded high, by any tool",
        _graded(Flag.HIGH),
        _SOURCE,
        "risk grades",
        "none",
        _WEAK,
        absence=f"No such incident is known. {_ABSENCE}",
    ),
    *over(
        (TWO_YEARS,),
        "high_grade_share",
        "Of the domestic incidents {when} with a stated grade, what share was graded high?",
        "share",
        "risk grades",
        lambda window: Ratio(Count(_graded(Flag.HIGH), window), (Count(_graded(Flag.GRADED), window),)),
        "none",
        _WEAK,
        _SOURCE,
        _ABSENCE,
    ),
)
