"""The committed parameters of the report: every rule that flags or withholds something, in one place."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class QualitySettings:
    """What counts as small, slow, changed or blank.

    Parameters
    ----------
    smallest_cell
        People: a count of people of one community below this is not shown.
    slow_days
        Days after which a record counts as late.
    window
        Months that say what is usual for a series, and months on each side of a break.
    fewest_months
        A shorter series is not searched for changes.
    false_alarm
        Chance per month that a series without any change is flagged, if counts vary as measured.
    change
        Ratio to the usual month that a flagged change reaches at least (or its inverse).
    blank_from
        A month without a single row is blank where the usual month holds at least this many.
    level
        Coverage of the intervals around ratios at a break.
    fewest_events
        Rows that both sides of a break hold together; below, nothing is said.
    areas
        The largest areas whose own series are shown; the others are counted together.
    codes
        Unmapped codes shown a column, the most frequent first.
    """

    smallest_cell: int = 10
    slow_days: tuple[int, int] = (30, 90)
    window: int = 12
    fewest_months: int = 18
    false_alarm: float = 0.001
    change: float = 1.25
    blank_from: float = 10.0
    level: float = 0.99
    fewest_events: int = 20
    areas: int = 30
    codes: int = 50

    def __post_init__(self) -> None:
        if self.smallest_cell < 1 or self.window < 3 or self.change <= 1 or not 0 < self.false_alarm < 1:
            raise ValueError("A setting of the data-quality report is out of range.")

    def to_dict(self) -> dict[str, Any]:
        """Return the settings as plain values."""
        return {**dataclasses.asdict(self), "slow_days": list(self.slow_days)}
