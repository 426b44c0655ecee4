"""Escalation: more of it, worse, or after shorter breaks."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import mean, pstdev

import numpy as np

from benchmarks.oracle.person import NAN, Person, harm, share
from benchmarks.oracle.world import Incident


def gaps(incidents: Sequence[Incident]) -> list[int]:
    """Return the days between neighbouring incidents, earliest first."""
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
    """Answer the questions of this group."""
    dv, crimes, last = person.dv, person.crimes, person.last
    between = gaps(last(1095, dv))
    year = last(365, crimes)
    year_before = [each for each in last(730, crimes) if each not in year]
    sums, worst = (tuple(harm(part, fold) for part in (year, year_before)) for fold in (sum, max))
    weighed = {
        "harm_escalation_share_365": share(sums[0], sum(sums)),
        "harm_max_change_365": worst[0] - worst[1],
        "harm_slope_1095": slope(person, last(1095, crimes)),
    }
    return {
        "escalation_share_90": share(len(last(90, dv)), len(last(180, dv))),
        "escalation_share_180": share(len(last(180, dv)), len(last(360, dv))),
        "escalation_share_365": share(len(last(365, dv)), len(last(730, dv))),
        **{name: person.if_recorded(value, "incidents.offence_code") for name, value in weighed.items()},
        "gap_mean_1095": mean(between) if between else NAN,
        "gap_min_1095": min(between) if between else NAN,
        "gap_max_1095": max(between) if between else NAN,
        "gap_last_1095": between[-1] if between else NAN,
        "gap_std_1095": pstdev(between) if between else NAN,
    }
