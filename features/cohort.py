"""Who is considered: people recorded as suspects of recent domestic abuse in a panel's area."""

from __future__ import annotations

import numpy as np
import pandas as pd

from features.events import EventStream
from features.kinds import Flag, Kind, Role
from values import AsOf, day_number


def select_cohort(
    stream: EventStream,
    as_of: AsOf,
    area: str | None = None,
    months: int | None = 24,
    domestic_only: bool = True,
) -> pd.DataFrame:
    """Return the people with an incident as suspect that was known at T and occurred in the last `months`.

    Parameters
    ----------
    stream
        The event stream.
    as_of
        T, the end of that day.
    area
        Keep only people one of whose counted incidents, whose own address, or the address of one of whose
        victims lies there; all areas where None.
    months
        Calendar months before T, the same day of the month excluded; all of history where None.
    domestic_only
        Count domestic incidents only.

    Returns
    -------
    DataFrame
        ``person_id``, sorted.
    """
    counted = stream.known_at(as_of) & (stream.role == Role.SUSPECT)
    if domestic_only:
        counted &= (stream.flags & int(Flag.DOMESTIC)) != 0
    if months is not None:
        counted &= stream.occurred > months_before(as_of, months)
    incidents = counted & (stream.kind == Kind.INCIDENT)
    people = np.unique(stream.person[incidents])
    if area is not None:
        place = stream.area_index(area)
        living = stream.homes.people_in(place, as_of)
        here = incidents & (stream.area == place)
        victims = counted & (stream.kind == Kind.DYAD) & np.isin(stream.counterpart, living)
        chosen = np.concatenate([stream.person[here], stream.person[victims], living])
        people = people[np.isin(people, chosen)] if place >= 0 else people[:0]
    return pd.DataFrame({"person_id": pd.array(stream.person_ids[people], dtype="str")})


def months_before(as_of: AsOf, months: int) -> int:
    """Return the day number `months` calendar months before T; the last day of a shorter month."""
    return day_number((pd.Timestamp(as_of.day) - pd.DateOffset(months=months)).date())
