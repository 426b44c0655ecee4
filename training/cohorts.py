"""Who is compared at each date, and in which area's list."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from features.cohort import select_cohort
from features.events import EventStream
from features.kinds import Flag, Kind, Role
from training.follow_up import FollowUp
from training.settings import CohortSettings
from values import AsOf

UNKNOWN_AREA = "not recorded"


def cohorts(stream: EventStream, dates: Iterable[AsOf], settings: CohortSettings, follow_up: FollowUp) -> pd.DataFrame:
    """Return the cohort of every date as one spine, without those then known to have died.

    Nobody may be trained or tested on as free of outcomes who was known to be dead at the date. A death after the
    date, or one recorded after it, leaves the person in: at the date nobody could have told.

    Returns
    -------
    DataFrame
        person_id, as_of (datetime64[s]), area; sorted by date, then person. `area` is that of the person's
        latest incident as suspect known at the date, so that each person competes in one list only.
    """
    parts = []
    for day in sorted(set(dates)):
        people = select_cohort(stream, day, None, settings.months, settings.domestic_only)
        people = people[~people["person_id"].isin(follow_up.known_dead(day))].reset_index(drop=True)
        people["as_of"] = np.datetime64(day.day, "s")
        people["area"] = home_areas(stream, people["person_id"], day, settings.domestic_only)
        parts.append(people)
    return pd.concat(parts, ignore_index=True)


def home_areas(
    stream: EventStream, person_ids: pd.Series, day: AsOf, domestic_only: bool = True
) -> pd.api.extensions.ExtensionArray:
    """Return the area of each person's latest incident as suspect known at `day`."""
    rows = stream.known_at(day) & (stream.role == Role.SUSPECT) & (stream.kind == Kind.INCIDENT)
    rows &= stream.area >= 0
    if domestic_only:
        rows &= (stream.flags & int(Flag.DOMESTIC)) != 0
    latest = np.full(len(stream.person_ids), -1, dtype=np.int64)
    # Rows are sorted by person and day, and of repeated indexes the last assignment stays.
    latest[stream.person[rows]] = stream.area[rows]
    names = np.append(np.asarray(stream.areas, dtype=object), UNKNOWN_AREA)
    return pd.array(names[latest[stream.persons(person_ids)]], dtype="str")
