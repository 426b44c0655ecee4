"""Which day a text names, and what a flag may be written as: what reading and mappings share."""

from __future__ import annotations

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
EARLIEST = date(1900, 1, 1)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
FLAGS = {"true": True, "t": True, "yes": True, "y": True, "1": True}
FLAGS |= {"false": False, "f": False, "no": False, "n": False, "0": False}
"""What a flag may be written as, whatever the case."""


class Refused(ValueError):
    """A value that is not of its kind; the argument is the reason."""


def london_day(text: str) -> date:
    """Return the day that an ISO date or date-time names in Europe/London.

    A time with an offset is converted; one without is taken as local time.

    >>> london_day("2024-06-30T23:30:00Z").isoformat()
    '2024-07-01'
    """
    try:
        if _DAY.fullmatch(text):
            day = date.fromisoformat(text)
        elif _DAY.match(text) and len(text) > 10 and text[10] in "T ":
            moment = datetime.fromisoformat(text)
            day = (moment.astimezone(LONDON) if moment.tzinfo else moment).date()
        else:
            raise Refused("bad_date")
    except (ValueError, OverflowError):
        raise Refused("bad_date") from None
    if day < EARLIEST:
        raise Refused("bad_date")
    return day
