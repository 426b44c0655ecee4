"""The clock: the only place on the batch side where it is read. Everything else takes the time as an argument."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


def now() -> datetime:
    """Return the time of an act, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """Return the day it is in Europe/London, the day that a person there would write."""
    return datetime.now(LONDON).date()
