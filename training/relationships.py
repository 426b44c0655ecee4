"""Whose abuse is of a partner and whose of other family: groups by which figures are told apart.

The relationship is as the extract tells it, also where record systems overwrite it without a date: it sorts people
for a report and feeds neither indicator nor label.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from features.cohort import months_before
from features.events import EventStream
from features.kinds import Flag, Kind, Role
from training.follow_up import Bools, days
from training.settings import CohortSettings
from values import AsOf
from values.as_of import number_day

KINDS = {"ipv": Flag.IPV, "familial": Flag.FAMILIAL}
TITLES = {
    "everybody": "everybody",
    "ipv": "partners and former partners (IPV)",
    "familial": "other family (familial)",
    "neither": "no relationship recorded",
}
"""What a group by kind of abuse is called in a report."""


def relationships(stream: EventStream, spine: pd.DataFrame, cohort: CohortSettings) -> pd.DataFrame:
    """Say for each row of the spine whether an incident that put the person on the list was of each kind.

    Parameters
    ----------
    stream
        All events.
    spine
        person_id, as_of.
    cohort
        How long before T an incident counts, and whether only domestic ones do.

    Returns
    -------
    DataFrame
        ``ipv`` and ``familial`` (bool), in the order of the spine. A person can be of both kinds, and is of neither
        where no victim, or no relationship, is recorded.
    """
    people, numbers = stream.persons(spine["person_id"]), days(spine["as_of"])
    found = {kind: np.zeros(len(spine), dtype=np.bool_) for kind in KINDS}
    pairs = (stream.kind == Kind.DYAD) & (stream.role == Role.SUSPECT)
    if cohort.domestic_only:
        pairs &= (stream.flags & int(Flag.DOMESTIC)) != 0
    for number in np.unique(numbers):
        rows, day = np.flatnonzero(numbers == number), AsOf(number_day(int(number)))
        recent = pairs & stream.known_at(day)
        if cohort.months is not None:
            recent &= stream.occurred > months_before(day, cohort.months)
        for kind, flag in KINDS.items():
            found[kind][rows] = _anyone(stream, recent & ((stream.flags & int(flag)) != 0))[people[rows]]
    return pd.DataFrame(found)


def _anyone(stream: EventStream, events: Bools) -> Bools:
    found = np.zeros(len(stream.person_ids), dtype=np.bool_)
    found[stream.person[events]] = True
    return found
