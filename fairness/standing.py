"""Where people stand on a list: their place, how visible it is, and who is at the line.

A list is what one `split` holds (or the whole table), ordered by score, highest first. Tied people share the mean of
their places. The line lies behind the last selected place.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

AWAY, ABOVE, BELOW = 0, 1, 2
_BESIDE_THE_LINE = 0.1
"""People within this share of the places, above and below the line, are at the line."""


@dataclass(frozen=True)
class Standing:
    """One entry a row, in the table's order.

    Attributes
    ----------
    place
        Share of the list that stands before the person's place, 0 to 1; NaN without a score.
    exposure
        ``1 / log2(1 + place)`` down to the line, 0 below it or without a score: how soon a reader reaches the person
        (Järvelin and Kekäläinen 2002; Singh and Joachims 2018).
    side
        `ABOVE` or `BELOW` for people at the line, else `AWAY`.
    tie
        Number of the tie that the line cuts through; -1 for everyone who is in none.
    follows
        False where somebody unselected has a better score than somebody selected: then the selection was not made by
        this score alone, and no tie can be told.
    """

    place: Floats
    exposure: Floats
    side: Ints
    tie: Ints
    follows: bool

    @cached_property
    def step(self) -> Ints:
        """Number of each scored row's place among the different places, in the order of the list."""
        return np.asarray(np.unique(self.place[~np.isnan(self.place)], return_inverse=True)[1], dtype=np.int64)

    def take(self, rows: Ints) -> Standing:
        """Return the standing of some rows, in their order."""
        return Standing(self.place[rows], self.exposure[rows], self.side[rows], self.tie[rows], self.follows)


def stand(score: Floats, selected: npt.NDArray[np.bool_], split: Ints) -> Standing:
    """Return where everybody stands, one row a person and list.

    >>> found = stand(np.array([4.0, 3.0, 3.0, 1.0]), np.array([True, True, False, False]), np.zeros(4, dtype=np.int64))
    >>> found.place.tolist(), found.tie.tolist()
    ([0.125, 0.5, 0.5, 0.875], [-1, 0, 0, -1])
    """
    size = score.size
    place, exposure = np.full(size, np.nan), np.zeros(size)
    side, tie = np.full(size, AWAY, dtype=np.int64), np.full(size, -1, dtype=np.int64)
    follows = True
    for number in np.unique(split):
        rows = np.flatnonzero((split == number) & ~np.isnan(score))
        if not rows.size:
            continue
        chosen, own = selected[rows], score[rows]
        rank = rankdata(-own)
        place[rows] = (rank - 0.5) / rows.size
        line = int(chosen.sum())
        exposure[rows] = _shared(own, _discounts(rows.size, line))
        reach = max(1.0, _BESIDE_THE_LINE * line)
        near = np.abs(rank - (line + 0.5)) <= reach
        side[rows] = np.where(near & (0 < line < rows.size), np.where(chosen, ABOVE, BELOW), AWAY)
        if 0 < line < rows.size:
            last, first = own[chosen].min(), own[~chosen].max()
            follows &= bool(first <= last)
            tie[rows] = np.where((own == last) & (first == last), number, -1)
    return Standing(place, exposure, side, tie if follows else np.full(size, -1, dtype=np.int64), follows)


def _discounts(people: int, line: int) -> Floats:
    discounts: Floats = 1.0 / np.log2(np.arange(people, dtype=np.float64) + 2.0)
    discounts[line:] = 0.0
    return discounts


def _shared(score: Floats, by_place: Floats) -> Floats:
    """Return everybody's value where tied people share the mean of their places' values."""
    _, tied, people = np.unique(-score, return_inverse=True, return_counts=True)
    totals = np.add.reduceat(by_place, np.concatenate([[0], np.cumsum(people)[:-1]]))
    return np.asarray((totals / people)[tied], dtype=np.float64)
