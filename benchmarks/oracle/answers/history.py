"""Recency, frequency and escalation."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import mean, pstdev

import numpy as np

from benchmarks.oracle.person import NAN, Person, share
from benchmarks.oracle.world import Incident


def gaps(incidents: Sequence[Incident]) -> list[int]:
    """Return the days between neighbouring incidents."""
    days = sorted(each.on for each in incidents)
    return [(later - earlier).days for earlier, later in pairwise(days)]


def slope(person: Person, incidents: Sequence[Incident]) -> float:
    """Return the least-squares change of harm in a year; NaN over fewer than 90 days."""
    points = [(-person.world.age(each.on), each.harm) for each in incidents if each.harm is not None]
    days = [day for day, _ in points]
    if not days or max(days) - min(days) < 90:
        return NAN
    x, y = np.array(points, dtype=float).T
    return float(((x - x.mean()) * (y - y.mean())).sum() / ((x - x.mean()) ** 2).sum() * 365.25)


def answers(person: Person) -> dict[str, float]:
    """Answer the questions of these groups."""
    dv, crimes = person.dv, person.crimes
    last = person.last
    between = gaps(last(1095, dv))
    return {
        "days_since_last_domestic": person.ago([each.on for each in dv], max),
        "days_since_last_domestic_crime": person.ago([each.on for each in crimes], max),
        "days_since_first_domestic": person.ago([each.on for each in dv], min),
        "domestic_incidents_90": len(last(90, dv)),
        "domestic_incidents_365": len(last(365, dv)),
        "domestic_incidents_730": len(last(730, dv)),
        "domestic_incidents_ever": len(dv),
        "domestic_crimes_365": len(last(365, crimes)),
        "incidents_any_365": len(last(365, person.any)),
        "incidents_any_ever": len(person.any),
        "escalation_share_180": share(len(last(180, dv)), len(last(360, dv))),
        "harm_slope_1095": person.if_recorded(slope(person, last(1095, crimes)), "incidents.offence_code"),
        "gap_mean_1095": mean(between) if between else NAN,
        "gap_min_1095": min(between) if between else NAN,
        "gap_std_1095": pstdev(between) if between else NAN,
    }
