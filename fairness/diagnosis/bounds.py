"""What a ratio would be if the people without a recorded group belonged to it, or did not: bounds without imputing.

Nobody is given a group. The bounds hold whoever the unrecorded people are (Manski, American Economic Review 80, 1990):
the ratio rises with every unrecorded person whose harm was missed that is counted in, and falls with every one found.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from fairness.counts import GroupCounts, count
from fairness.diagnosis.readings import MISSED
from fairness.groups import is_stated
from fairness.metrics import METRICS
from fairness.policy_schema import Policy
from fairness.tables import split_table

FEWEST = 10


def missed_harm_bounds(table: pd.DataFrame, policy: Policy) -> list[dict[str, Any]]:
    """Return, for each stated group of a binding characteristic, its missed-harm ratio under each reading of blanks.

    Returns
    -------
    list of dict
        table, characteristic, group; ``none`` (no unrecorded person belongs to it, as the audit counts), ``all`` (all
        do), ``least`` and ``most`` (whoever they are), ``within`` (whether least and most lie in the agreed margin) and
        ``says``. A ratio without a denominator is None. Groups and unrecorded people under ten outcomes, or under the
        policy's floor, are left out.
    """
    tables = split_table(table, policy.grouping_pairs)
    found = []
    for bound in policy.binding:
        part = tables.get(bound.table)
        characteristic = None if part is None else part.characteristics.get(bound.characteristic)
        if part is not None and characteristic is not None and bound.metric == MISSED:
            found += _of_characteristic(count(part, characteristic), policy)
    return found


def _of_characteristic(counts: GroupCounts, policy: Policy) -> list[dict[str, Any]]:
    missed, harmed = counts.rate(METRICS[MISSED])
    stated = [is_stated(group) for group in counts.groups]
    hidden, open_ = (
        sum(int(v) for v, known in zip(values, stated, strict=True) if not known) for values in (missed, harmed)
    )
    fewest = max(FEWEST, policy.floor.outcomes)
    if open_ < fewest:
        return []
    return [
        _bounds(
            counts,
            group,
            (int(missed[at]), int(harmed[at])),
            (int(missed.sum()), int(harmed.sum())),
            (hidden, open_),
            policy,
        )
        for at, group in enumerate(counts.groups)
        if stated[at] and harmed[at] >= fewest and counts.people[at] >= policy.floor.people
    ]


def _bounds(
    counts: GroupCounts,
    group: str,
    own: tuple[int, int],
    whole: tuple[int, int],
    unrecorded: tuple[int, int],
    policy: Policy,
) -> dict[str, Any]:
    hidden, open_ = unrecorded

    def ratio(missed: int, harmed: int) -> float | None:
        """Return the ratio if so many unrecorded people, so many of them missed, belonged to the group."""
        m, n = own[0] + missed, own[1] + harmed
        others, trials = whole[0] - m, whole[1] - n
        return (m / n) / (others / trials) if n and trials and others else None

    told = {
        "none": ratio(0, 0),
        "all": ratio(hidden, open_),
        "least": ratio(0, open_ - hidden),
        "most": ratio(hidden, hidden),
    }
    low, high = policy.margin.ends
    within = told["least"] is not None and told["most"] is not None and low <= told["least"] and told["most"] <= high
    where = {"table": counts.table, "characteristic": counts.characteristic, "group": group}
    return {**where, **told, "within": within, "says": _says(where, told, within)}


def _says(where: Mapping[str, str], told: Mapping[str, float | None], within: bool) -> str:
    def times(name: str) -> str:
        value = told[name]
        return "without a limit" if value is None else f"{value:.2f} times"

    name = f"{where['characteristic'].replace('_', ' ')} {where['group']!r} ({where['table']})"
    end = "within" if within else "not all within"
    return (
        f"{name}: harm is missed {times('none')} as often as everyone else's if none of the people without a recorded "
        f"group belong to it, {times('all')} if all do; whoever they are, between {times('least')} and "
        f"{times('most')}, {end} the agreed range. Chance comes on top."
    )
