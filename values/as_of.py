"""Dates at which something was known, and spans of days before them."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from values.errors import DrivePanelError

_EPOCH = date(1970, 1, 1)
_LONDON = ZoneInfo("Europe/London")


def day_number(day: date) -> int:
    """Return the days between 1970-01-01 and `day`.

    >>> day_number(date(2024, 2, 29))
    19782
    """
    return (day - _EPOCH).days


def number_day(number: int) -> date:
    """Return the day that is `number` days after 1970-01-01.

    >>> number_day(19782)
    datetime.date(2024, 2, 29)
    """
    return _EPOCH + timedelta(days=number)


@functools.total_ordering
@dataclass(frozen=True)
class AsOf:
    """The end of a day in Europe/London: what was known then and nothing later.

    A row version exists as of T if and only if ``known_from <= T < known_to``.

    >>> AsOf.parse("2024-03-31").number
    19813
    """

    day: date

    @classmethod
    def parse(cls, text: str) -> AsOf:
        """Read an ISO date.

        Raises
        ------
        DrivePanelError
            If `text` is not a calendar date written YYYY-MM-DD.
        """
        try:
            return cls(date.fromisoformat(text.strip()))
        except ValueError:
            raise DrivePanelError(f"{text!r} is not a date.", "Write it as YYYY-MM-DD.") from None

    @property
    def number(self) -> int:
        """Days since 1970-01-01."""
        return day_number(self.day)

    @property
    def instant(self) -> datetime:
        """The last microsecond of the day, Europe/London."""
        return datetime.combine(self.day, time.max, tzinfo=_LONDON)

    def plus(self, days: int) -> AsOf:
        """Return the date `days` later (earlier if negative)."""
        return AsOf(self.day + timedelta(days=days))

    def __lt__(self, other: AsOf) -> bool:
        return self.day < other.day

    def __str__(self) -> str:
        return self.day.isoformat()


@dataclass(frozen=True)
class Window:
    """The last `days` days up to and including T; all of history where `days` is None.

    An event on day d lies in the window at T if ``0 <= T - d < days``.

    >>> str(Window(365)), str(Window(None))
    ('365d', 'ever')
    """

    days: int | None

    def __post_init__(self) -> None:
        if self.days is not None and self.days <= 0:
            raise ValueError(f"A window holds at least one day, not {self.days}.")

    def holds(self, age: int) -> bool:
        """Say whether an event `age` days before T lies in the window."""
        return age >= 0 and (self.days is None or age < self.days)

    def __str__(self) -> str:
        return "ever" if self.days is None else f"{self.days}d"
