"""Design effects: how much less several rows of one person say than rows of as many persons.

The variance of a rate, and of the log ratio of a group's rate to everyone else's, is estimated from the sums over
persons of each row's influence (the usual cluster-robust form) and divided by its value for independent rows. The
quotient, never below 1, divides the counts before an interval is formed (Korn and Graubard 1998). Where a rate is 0
or 1 rows show no spread; the largest effect possible, rows of one person entirely alike, stands in.

Few persons may by chance look less alike than they are, which cost small groups their level; so the effect is never
below what the correlation within persons, taken over everybody, makes of the group's own sizes.

All groups are treated at once. Only the rows that a person has in a group are looked at one by one: what everybody
else adds to a group's sum is the sum over all persons less that of the group's own.
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
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class DesignEffects:
    """Shape (groups,) each, at least 1: of the group's rate, and of its ratio to everyone else's."""

    rate: Floats
    ratio: Floats


@dataclass(frozen=True)
class Shared:
    """Which rows share a person and a group.

    Attributes
    ----------
    pair
        Shape (rows,): number of the row's person and group.
    person, group
        Shape (pairs,): the person and the group of each.
    """

    pair: Ints
    person: Ints
    group: Ints
    size: int

    @classmethod
    def of(cls, person: Ints, codes: Ints, size: int) -> Shared:
        """Return the pairs that occur among rows of `person` and `codes` (below `size`), numbered."""
        found, pair = np.unique(person * size + codes, return_inverse=True)
        return cls(pair, found // size, found % size, size)


def design_effects(table: AuditTable, characteristic: Characteristic, metric: Metric) -> DesignEffects:
    """Return the design effects of `metric` in each group; all 1 where one row is one person."""
    size = len(characteristic.groups)
    if not table.clustered:
        return DesignEffects(np.ones(size), np.ones(size))
    shared = Shared.of(table.person, characteristic.codes, size)
    return effects(shared, metric.trial_mask[table.state], metric.event_mask[table.state])


def effects(shared: Shared, trial: Flags, event: Flags) -> DesignEffects:
    """Return the design effects of the rate of `event` among `trial`; both have one entry a row."""
    of = _Sums(shared, trial, event)
    n1, n2 = of.n, of.n.sum() - of.n
    with np.errstate(divide="ignore", invalid="ignore"):
        p1, p2 = of.x / n1, (of.x.sum() - of.x) / n2
        spread1 = n1 * p1 * (1 - p1)
        rate = of.own_squares(p1) / spread1
        independent = (1 - p1) / (n1 * p1) + (1 - p2) / (n2 * p2)
        ratio = of.ratio_squares(p1, p2) / independent
    kish1, kish2 = of.kish_inside(), of.kish_outside()
    with np.errstate(divide="ignore", invalid="ignore"):
        alike = of.correlation(p1)
        extra = (1 - p1) / (n1 * p1) * (kish1 - 1) + (1 - p2) / (n2 * p2) * (kish2 - 1)
        rate = np.fmax(rate, 1 + alike * (kish1 - 1))
        ratio = np.fmax(ratio, 1 + alike * extra / independent)
    rate = np.where(spread1 > 0, rate, kish1)
    ratio = np.where((spread1 > 0) & (p2 > 0) & (p2 < 1), ratio, np.maximum(kish1, kish2))
    alone = (n1 == 0) | (n2 == 0)
    rate = np.where(n1 == 0, 1.0, np.where(n2 == 0, kish1, rate))
    return DesignEffects(np.maximum(rate, 1.0), np.where(alone, 1.0, np.maximum(ratio, 1.0)))


class _Sums:
    """Trials and events by person and group, and what squares of them add up to."""

    def __init__(self, shared: Shared, trial: Flags, event: Flags) -> None:
        self._group, self._size = shared.group, shared.size
        pairs = shared.group.size
        self._m = np.bincount(shared.pair[trial], minlength=pairs).astype(np.float64)
        self._e = np.bincount(shared.pair[trial & event], minlength=pairs).astype(np.float64)
        everyone_m: Floats = np.bincount(shared.person, weights=self._m).astype(np.float64)
        everyone_e: Floats = np.bincount(shared.person, weights=self._e).astype(np.float64)
        self._mine_m: Floats = everyone_m[shared.person]
        self._mine_e: Floats = everyone_e[shared.person]
        self._persons = float((everyone_m > 0).sum())
        self._all = tuple(float((a * b).sum()) for a, b in _products(everyone_e, everyone_m))
        self.n, self.x = self._by_group(self._m), self._by_group(self._e)

    def _by_group(self, values: Floats) -> Floats:
        return np.asarray(np.bincount(self._group, weights=values, minlength=self._size), dtype=np.float64)

    def own_squares(self, p1: Floats) -> Floats:
        """Return the robust sum of squares of each group's own rate."""
        persons = self._by_group((self._m > 0).astype(np.float64))
        return self._by_group((self._e - p1[self._group] * self._m) ** 2) * _small_sample(persons)

    def ratio_squares(self, p1: Floats, p2: Floats) -> Floats:
        """Return the robust sum of squares of the log ratio of each group's rate to everyone else's."""
        n1, n2, g = self.n, self.n.sum() - self.n, self._group
        inside = (self._e - p1[g] * self._m) / (n1 * p1)[g]
        rest_e, rest_m = self._mine_e - self._e, self._mine_m - self._m
        outside = (rest_e - p2[g] * rest_m) / (n2 * p2)[g]
        members = self._by_group((inside - outside) ** 2)
        ee, em, mm = (
            total - self._by_group(a * b)
            for total, (a, b) in zip(self._all, _products(self._mine_e, self._mine_m), strict=True)
        )
        others = np.maximum(ee - 2 * p2 * em + p2**2 * mm, 0.0) / (n2 * p2) ** 2
        return np.asarray((members + others) * _small_sample(self._persons), dtype=np.float64)

    def correlation(self, p1: Floats) -> float:
        """Return how alike two rows of one person and group are, over all groups: 0 for not at all, 1 for entirely."""
        rate = np.nan_to_num(p1)[self._group]
        residual = self._e - rate * self._m
        squares = self._e * (1 - rate) ** 2 + (self._m - self._e) * rate**2
        pairs = (self._m * (self._m - 1) * rate * (1 - rate)).sum()
        return float(np.clip((residual**2 - squares).sum() / pairs, 0.0, 1.0)) if pairs > 0 else 0.0

    def kish_inside(self) -> Floats:
        """Return the design effect if all rows of one person were alike."""
        return _quotient(self._by_group(self._m**2), self.n)

    def kish_outside(self) -> Floats:
        """Return the same for everyone else's rows."""
        own = self._by_group(self._mine_m**2 - (self._mine_m - self._m) ** 2)
        return _quotient(self._all[2] - own, self.n.sum() - self.n)


def _products(e: Floats, m: Floats) -> tuple[tuple[Floats, Floats], ...]:
    return (e, e), (e, m), (m, m)


def _small_sample(persons: Floats | float) -> Floats:
    return np.asarray(persons / np.maximum(np.asarray(persons) - 1.0, 1.0), dtype=np.float64)


def _quotient(above: Floats, below: Floats) -> Floats:
    return np.asarray(np.where(below > 0, above / np.maximum(below, 1.0), 1.0), dtype=np.float64)
