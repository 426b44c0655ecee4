"""Design effects: how much less several rows of one person say than rows of as many persons.

The variance of a rate, and of the log ratio of a group's rate to everyone else's, is estimated from the sums over
persons of each row's influence (the usual cluster-robust form) and divided by its value for independent rows. The
quotient, never below 1, divides the counts before an interval is formed (Korn and Graubard 1998). Where a rate is 0
or 1 rows show no spread; the largest effect possible, rows of one person entirely alike, stands in.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fairness.counts import Ints
from fairness.groups import Characteristic
from fairness.metrics import Metric
from fairness.tables import AuditTable

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class DesignEffects:
    """Shape (groups,) each, at least 1: of the group's rate, and of its ratio to everyone else's."""

    rate: Floats
    ratio: Floats


def design_effects(table: AuditTable, characteristic: Characteristic, metric: Metric) -> DesignEffects:
    """Return the design effects of `metric` in each group; all 1 where one row is one person."""
    size = len(characteristic.groups)
    if not table.clustered:
        return DesignEffects(np.ones(size), np.ones(size))
    trial = metric.trial_mask[table.state]
    person = np.unique(table.person[trial], return_inverse=True)[1]
    code = characteristic.codes[trial]
    event = metric.event_mask[table.state[trial]].astype(np.float64)
    rate, ratio = np.ones(size), np.ones(size)
    for group in range(size):
        rate[group], ratio[group] = _effects(person, code == group, event)
    return DesignEffects(rate, ratio)


def _effects(person: Ints, inside: npt.NDArray[np.bool_], event: Floats) -> tuple[float, float]:
    """Return the design effects of the rate inside and of its log ratio to the rate outside."""
    n1, n2 = int(inside.sum()), int((~inside).sum())
    if n1 == 0 or n2 == 0:
        return (_kish(person[inside]) if n1 else 1.0), 1.0
    p1, p2 = float(event[inside].mean()), float(event[~inside].mean())
    kish1, kish2 = _kish(person[inside]), _kish(person[~inside])
    own = np.where(inside, event - p1, 0.0)
    spread1 = n1 * p1 * (1 - p1)
    rate = _robust(person, own) / spread1 if spread1 > 0 else kish1
    if spread1 <= 0 or not 0 < p2 < 1:
        return max(1.0, rate), max(kish1, kish2)
    influence = own / (n1 * p1) - np.where(inside, 0.0, event - p2) / (n2 * p2)
    independent = (1 - p1) / (n1 * p1) + (1 - p2) / (n2 * p2)
    return max(1.0, rate), max(1.0, _robust(person, influence) / independent)


def _robust(person: Ints, influence: Floats) -> float:
    """Return the sum over persons of squared influence, with the usual small-sample factor."""
    sums = np.bincount(person, weights=influence)
    return float((sums**2).sum() * sums.size / max(sums.size - 1, 1))


def _kish(person: Ints) -> float:
    """Return the design effect if all rows of one person were alike."""
    sizes = np.bincount(person)
    return float((sizes**2).sum() / sizes.sum())
