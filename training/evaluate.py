"""How much harm a ranker finds within the places there are, with an interval that knows people recur.

The measure is that of a *rule*: draw up a list of k places in each area, again at each test date. So the interval
draws people with replacement (a person brings all their rows, in every split) and draws the line anew each time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from training.lists import Floats, Ints, Lists, ties

MINIMUM_PEOPLE = 100
"""A bootstrap interval of a rank measure is not stated for fewer people than this."""
_CHUNK = 50
Copies = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Interval:
    """A value and the bounds of its 95 % interval; bounds are NaN where too few people allow none."""

    value: float
    low: float
    high: float

    @classmethod
    def of(cls, value: float, draws: Floats, people: int) -> Interval:
        """Return the percentile interval of bootstrap `draws`."""
        known = draws[np.isfinite(draws)]
        if people < MINIMUM_PEOPLE or len(known) < len(draws) // 2 or not len(known):
            return cls(float(value), float("nan"), float("nan"))
        low, high = np.quantile(known, [0.025, 0.975])
        return cls(float(value), float(low), float(high))

    @property
    def above_zero(self) -> bool:
        """Whether the whole interval lies above zero (False where there is none)."""
        return bool(self.low > 0)


def draw_copies(people: int, draws: int, seed: int) -> Copies:
    """Return how often each person is drawn in each bootstrap draw, shape (draws, people)."""
    generator = np.random.default_rng(seed)
    copies = np.empty((draws, people), dtype=np.uint8)
    for row in copies:
        # More than 255 copies of one person would wrap; with 2 or more people that has probability ~0.
        row[:] = np.bincount(generator.integers(0, people, people), minlength=people)
    return copies


def found_at(
    lists: Lists, margin: Floats, values: Floats, places: Sequence[int], copies: Copies | None = None
) -> Floats:
    """Return what a list of each length finds, summed over areas and averaged over splits.

    Parameters
    ----------
    lists, margin
        The people and the ranker's margin for each row.
    values
        What is counted, shape (rows, measures); each row's values should already hold its weight.
    places
        List lengths (k) in each area.
    copies
        How often each person is drawn, shape (draws, people); None means once each.

    Returns
    -------
    ndarray
        Shape (draws, lengths, measures); one draw without `copies`.
    """
    draws = 1 if copies is None else len(copies)
    found = np.zeros((draws, len(places), values.shape[1]))
    for rows in lists.groups():
        order, starts = _head(margin[rows], max(places))
        chosen = rows[order]
        times = np.ones((1, len(chosen))) if copies is None else copies[:, lists.person[chosen]].astype(float)
        number = np.add.reduceat(times, starts, axis=1)
        before = np.cumsum(number, axis=1) - number
        for measure in range(values.shape[1]):
            total = np.add.reduceat(times * values[chosen, measure], starts, axis=1)
            mean = np.divide(total, number, out=np.zeros_like(total), where=number > 0)
            for position, length in enumerate(places):
                taken = np.clip(length - before, 0, number)
                found[:, position, measure] += (taken * mean).sum(axis=1)
    return np.asarray(found / max(lists.splits, 1))


def _head(margin: Floats, longest: int) -> tuple[Ints, Ints]:
    """Return the rows that can stand above the line in any draw, in order, with runs of ties.

    Twice the longest list and a hundred more: the chance that a draw needs a later row is below 1e-9.
    """
    order, starts = ties(margin)
    runs = int(np.searchsorted(starts, 2 * longest + 100, side="left"))
    end = int(starts[runs]) if runs < len(starts) else len(order)
    return order[:end], starts[:runs]


def totals(lists: Lists, values: Floats, copies: Copies | None = None) -> Floats:
    """Return the sum of `values` (rows, measures) over everybody, averaged over splits, for each draw."""
    by_person = np.stack(
        [np.bincount(lists.person, values[:, j], lists.people) for j in range(values.shape[1])], axis=1
    )
    if copies is None:
        return np.asarray(by_person.sum(axis=0, keepdims=True) / max(lists.splits, 1))
    parts = [part.astype(np.float64) @ by_person for part in _chunks(copies)]
    return np.asarray(np.concatenate(parts) / max(lists.splits, 1))


def auc(lists: Lists, margin: Floats, copies: Copies | None = None) -> Floats:
    """Return the area under the curve (ties count half, weighted), averaged over splits, for each draw.

    Each split has margins of its own model, so that people are compared within a split only. A split in which
    everybody or nobody has the outcome does not count.
    """
    per_split = [_auc_of_rows(lists, margin, rows, copies) for rows in lists.rows_of_splits()]
    stacked = np.stack(per_split)
    known = np.isfinite(stacked)
    total = np.where(known, stacked, 0.0).sum(axis=0)
    mean = np.divide(total, known.sum(axis=0), out=np.full(len(total), np.nan), where=known.any(axis=0))
    return np.asarray(mean)


def _auc_of_rows(lists: Lists, margin: Floats, rows: Ints, copies: Copies | None) -> Floats:
    order, starts = ties(margin[rows])
    chosen = rows[order]
    weight, outcome = lists.weight[chosen], lists.outcome[chosen]
    if copies is None:
        return _auc_of_weights(weight[None, :], outcome, starts)
    starts = _joined(outcome, starts)
    ends = np.append(starts, len(chosen))
    positive, negative = (
        csr_array((part, np.arange(len(chosen)), ends), shape=(len(starts), len(chosen)))
        for part in (weight * outcome, weight * (1.0 - outcome))
    )
    person = lists.person[chosen]
    parts = []
    for part in _chunks(copies):
        times = np.ascontiguousarray(part[:, person].T, dtype=np.float64)
        parts.append(_won((positive @ times).T, (negative @ times).T))
    return np.concatenate(parts)


def _joined(outcome: Floats, starts: Ints) -> Ints:
    """Join neighbouring runs of ties in which nobody has the outcome: no one of them is compared with another."""
    found = np.add.reduceat(outcome, starts) > 0
    opens = np.ones(len(starts), dtype=np.bool_)
    opens[1:] = found[1:] | found[:-1]
    return starts[opens]


def _auc_of_weights(weights: Floats, outcome: Floats, starts: Ints) -> Floats:
    positive = np.add.reduceat(weights * outcome, starts, axis=1)
    negative = np.add.reduceat(weights * (1.0 - outcome), starts, axis=1)
    return _won(positive, negative)


def _won(positive: Floats, negative: Floats) -> Floats:
    """Return the share of pairs that the one with the outcome wins; weights by draw and run of ties, best first."""
    all_negative = negative.sum(axis=1, keepdims=True)
    below = all_negative - np.cumsum(negative, axis=1)
    won = (positive * (below + negative / 2)).sum(axis=1)
    pairs = positive.sum(axis=1) * all_negative[:, 0]
    return np.asarray(np.divide(won, pairs, out=np.full(len(pairs), np.nan), where=pairs > 0))


def _chunks(copies: Copies) -> Iterator[Copies]:
    for start in range(0, len(copies), _CHUNK):
        yield copies[start : start + _CHUNK]


def brier(expected: Floats, outcome: Floats, weight: Floats) -> float:
    """Return the weighted mean squared distance of an expected grade in [0, 1] from the observed one."""
    return float(np.average((expected - outcome) ** 2, weights=weight))


def log_loss(expected: Floats, outcome: Floats, weight: Floats) -> float:
    """Return the weighted cross-entropy (nats) of an expected grade in (0, 1) against the observed one."""
    p = np.clip(expected, 1e-9, 1 - 1e-9)
    return float(-np.average(outcome * np.log(p) + (1 - outcome) * np.log1p(-p), weights=weight))
