"""Group x outcome x selected counts of one characteristic; every table's groups sum to its rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fairness.groups import Characteristic
from fairness.metrics import OUTCOME_YES, STATES, Metric
from fairness.tables import AuditTable

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class GroupCounts:
    """The counts of one characteristic in one table.

    Attributes
    ----------
    counts
        Shape (groups, 6): rows in each state ``outcome * 2 + selected``.
    people
        Shape (groups,): distinct persons with a row in the group.
    people_with_outcome
        Shape (groups,): distinct persons with a row in the group whose outcome is 1.
    total
        Shape (6,): rows of the whole table in each state, counted without the groups.
    """

    table: str
    characteristic: str
    groups: tuple[str, ...]
    counts: Ints
    people: Ints
    people_with_outcome: Ints
    total: Ints

    def __post_init__(self) -> None:
        if self.counts.shape != (len(self.groups), STATES) or (self.counts < 0).any():
            raise ValueError(f"{self.characteristic}: counts do not fit the groups.")
        if not np.array_equal(self.counts.sum(axis=0), self.total):
            raise ValueError(f"{self.characteristic}: the groups do not sum to the rows of {self.table}.")

    def rate(self, metric: Metric) -> tuple[Ints, Ints]:
        """Return (events, trials) of `metric`, each of shape (groups,)."""
        events = self.counts[:, metric.event_mask].sum(axis=1)
        trials = self.counts[:, metric.trial_mask].sum(axis=1)
        return events, trials


def count(table: AuditTable, characteristic: Characteristic) -> GroupCounts:
    """Count the rows and persons of every group of `characteristic` in `table`."""
    size = len(characteristic.groups)
    flat = np.bincount(characteristic.codes * STATES + table.state, minlength=size * STATES)
    outcome = table.state // 2 == OUTCOME_YES
    return GroupCounts(
        table=table.name,
        characteristic=characteristic.name,
        groups=characteristic.groups,
        counts=flat.reshape(size, STATES).astype(np.int64),
        people=_distinct(table.person, characteristic.codes, size),
        people_with_outcome=_distinct(table.person[outcome], characteristic.codes[outcome], size),
        total=np.bincount(table.state, minlength=STATES).astype(np.int64),
    )


def _distinct(person: Ints, codes: Ints, size: int) -> Ints:
    pairs = np.unique(person * size + codes)
    return np.bincount(pairs % size, minlength=size).astype(np.int64)
