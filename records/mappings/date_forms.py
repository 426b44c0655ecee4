"""How dates are written in an extract, found from the dates themselves."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime

from records.mappings.vocabulary import DATE_FORMATS

_LOOKED_AT = 1_000


def date_formats(values: Iterable[str]) -> tuple[list[str], int]:
    """Return the formats that together read the values that are not ISO dates, and how many none reads.

    >>> date_formats(["2024-01-31", "31/01/2024", "1 Feb 2024"])
    (['%d/%m/%Y', '%d %b %Y'], 0)
    """
    every = list(values)
    sample = every[:: max(1, len(every) // _LOOKED_AT)]
    left = [value for value in sample if not re.match(r"\d{4}-\d{2}-\d{2}(?!\d)", value)]
    chosen: list[str] = []
    for each in sorted(DATE_FORMATS, key=lambda f: (-sum(fits(value, f) for value in left), DATE_FORMATS.index(f))):
        rest = [value for value in left if not fits(value, each)]
        if len(rest) < len(left) and swapped(each) not in chosen:  # a file that mixes both is for a person
            chosen.append(each)
            left = rest
    return chosen, len(left)


def fits(value: str, date_format: str) -> bool:
    """Say whether a format reads a text."""
    return read_day(value, date_format) is not None


def read_day(value: str, date_format: str) -> date | None:
    """Return the day that a format reads in a text, None where it reads none since 1900."""
    try:
        found = datetime.strptime(value, date_format).date()
    except ValueError:
        return None
    return found if found.year >= 1900 else None


def swapped(date_format: str) -> str:
    """Return the format with day and month exchanged."""
    return date_format.replace("%d", "#").replace("%m", "%d").replace("#", "%m")
