"""What another draw could have made of people who are tied across the line.

Where a list's last places go to some of several people with the same score, chance decides who is selected. Every such
draw is as good as any other; a group's count is told with the least, the most and the exact mean over all of them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from fairness.axes import Axis
from fairness.tables import AuditTable

Floats = npt.NDArray[np.float64]


class TiedCounts(NamedTuple):
    """Shape (groups,) each: tied persons, and how far the least, most and mean events lie from those counted."""

    people: Floats
    least: Floats
    most: Floats
    expected: Floats


def tied_counts(table: AuditTable, axis: Axis, trial: npt.NDArray[np.bool_], *, rises: bool) -> TiedCounts:
    """Return what ties at the line leave open of the events among `trial` rows.

    Parameters
    ----------
    rises
        True where being selected is the event, False where not being selected is.
    """
    people, least, most, expected = (np.zeros(axis.size) for _ in range(4))
    tie = np.full(table.rows, -1) if table.standing is None else table.standing.tie
    for number in np.unique(tie[tie >= 0]):
        tied = np.flatnonzero(tie == number)
        selected = table.state[tied] % 2 == 1
        places, everyone = np.unique(table.person[tied[selected]]).size, np.unique(table.person[tied]).size
        mine = tied[trial[tied]]
        for group in np.unique(axis.codes[mine]):
            rows = mine[axis.codes[mine] == group]
            a_person = np.sort(np.unique(table.person[rows], return_counts=True)[1])
            fewest = max(0, places - (everyone - a_person.size))
            range_ = (
                float(a_person[:fewest].sum()),
                float(a_person[::-1][:places].sum()),
                rows.size * places / everyone,
            )
            now = float((table.state[rows] % 2 == 1).sum())
            low, high, mean = (count - now if rises else now - count for count in range_)
            people[group] += a_person.size
            least[group] += min(low, high)
            most[group] += max(low, high)
            expected[group] += mean
    return TiedCounts(people, least, most, expected)
