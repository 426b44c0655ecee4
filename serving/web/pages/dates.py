"""A date field of a form: three parts, as people write a date.

No postponed annotations here: the name of the field is known only where a dependency is made.
"""

from collections.abc import Callable
from datetime import date
from typing import Annotated

from fastapi import Depends, Form

_LONGEST = 6


def date_field(name: str) -> Callable[..., dict[str, str]]:
    """Return what a dependency reads the parts of a date field with, by their names in the form.

    Whatever was typed is taken: `day_of` says what is no date, and the form comes back with it and everything else.
    """

    def parts(
        day: Annotated[str, Form(alias=f"{name}-day")] = "",
        month: Annotated[str, Form(alias=f"{name}-month")] = "",
        year: Annotated[str, Form(alias=f"{name}-year")] = "",
    ) -> dict[str, str]:
        return {f"{name}-day": day, f"{name}-month": month, f"{name}-year": year}

    return parts


def day_of(fields: dict[str, str], name: str) -> date:
    """Return the date that the parts of a field name; raises `ValueError` where there is no such day."""
    parts = [fields.get(f"{name}-{part}", "") for part in ("year", "month", "day")]
    if any(len(part) > _LONGEST for part in parts):
        raise ValueError("no date has so many digits")
    year, month, day = map(int, parts)
    return date(year, month, day)


Day = Annotated[dict[str, str], Depends(date_field("day"))]
Due = Annotated[dict[str, str], Depends(date_field("due"))]
Born = Annotated[dict[str, str], Depends(date_field("born"))]
Happened = Annotated[dict[str, str], Depends(date_field("happened"))]
Arrived = Annotated[dict[str, str], Depends(date_field("arrived"))]
Expires = Annotated[dict[str, str], Depends(date_field("expires"))]
Until = Annotated[dict[str, str], Depends(date_field("until"))]
