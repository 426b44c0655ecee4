"""Bins that are frozen on the first date, so that later dates are counted against the same ones.

No edge is anybody's value: edges are the round numbers nearest to the quantiles. Every bin holds the smallest cell or
more on some date, and the outermost are open, so that no least or largest value can be read.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]
_ROUND = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
_FEW = 10
_ABOVE_ZERO = math.ulp(0.0)  # the edge between zero and whatever is more


@dataclass(frozen=True)
class Bins:
    """Half-open bins: below the first edge, from each edge to below the next, from the last edge on.

    Parameters
    ----------
    edges
        Ascending; one bin more than edges.
    whole
        Whether every value is a whole number, zero or more, which only changes how a bin is written.
    """

    edges: tuple[float, ...]
    whole: bool

    def __len__(self) -> int:
        return len(self.edges) + 1

    def place(self, values: Values) -> npt.NDArray[np.int64]:
        """Return the number of each value's bin; `values` hold no NaN."""
        return np.asarray(np.searchsorted(np.array(self.edges), values, side="right"), dtype=np.int64)

    def count(self, values: Values) -> Counts:
        """Return how many values each bin holds."""
        return np.bincount(self.place(values), minlength=len(self))

    @property
    def labels(self) -> tuple[str, ...]:
        """Each bin in words.

        >>> Bins((1.0, 2.0, 5.0), whole=True).labels
        ('0', '1', '2 to 4', '5 or more')
        >>> Bins((0.5,), whole=False).labels
        ('under 0.5', '0.5 or more')
        """
        if not self.edges:
            return ("any number",)
        alone = self.edges[0] == (1.0 if self.whole else _ABOVE_ZERO)
        first = "0" if alone else f"under {_written(self.edges[0])}"
        between = [self._between(low, high) for low, high in zip(self.edges, self.edges[1:], strict=False)]
        last = self.edges[-1]
        return (first, *between, "over 0" if last == _ABOVE_ZERO else f"{_written(last)} or more")

    def _between(self, low: float, high: float) -> str:
        if low == _ABOVE_ZERO:
            return f"over 0 to under {_written(high)}"
        if not self.whole:
            return f"{_written(low)} to under {_written(high)}"
        return _written(low) if high == low + 1 else f"{_written(low)} to {_written(high - 1)}"


def frozen_bins(parts: Sequence[Values], most: int, smallest: int) -> Bins:
    """Return bins cut by the first date, for all dates.

    Zero stands alone where nothing is below it, and small counts do up to four. The other edges are the round numbers
    nearest to quantiles of what is not zero. A bin that is small on every date is joined with the next.

    Parameters
    ----------
    parts
        The indicator's numbers, one array a date, the first date first; NaN is left out.
    most
        How many bins at most, besides those of zero and of small counts.
    smallest
        People that a bin holds on some date at least.
    """
    present = [np.sort(part[~np.isnan(part)]) for part in parts]
    known = np.concatenate(present) if present else np.empty(0)
    if not len(known):
        return Bins((), whole=False)
    whole = bool(known.min() >= 0) and bool(np.all(known == np.floor(known)))
    first = present[0] if len(present[0]) else known
    return Bins(_joined(_candidates(first, most, whole, bool(known.min() >= 0)), present, smallest), whole)


def _candidates(first: Values, most: int, whole: bool, from_zero: bool) -> list[float]:
    rest = first[first > 0] if from_zero else first
    edges = {1.0 if whole else _ABOVE_ZERO} if from_zero else set()
    if not len(rest):
        return sorted(edges)
    if whole and np.quantile(rest, 0.9) <= _FEW:
        edges |= {2.0, 3.0, 4.0}
    steps = np.quantile(rest, np.arange(1, most) / most, method="higher")
    return sorted(edges | {_round_number(float(step), whole) for step in steps})


def _joined(edges: list[float], present: Sequence[Values], smallest: int) -> tuple[float, ...]:
    """Drop edges until every bin holds `smallest` values on some date; the last is joined with the one before it."""
    below = [[int(np.searchsorted(part, edge, side="left")) for part in present] for edge in edges]
    kept, before = [], [0] * len(present)
    for edge, upto in zip(edges, below, strict=True):
        if any(to - start >= smallest for to, start in zip(upto, before, strict=True)):
            kept.append(edge)
            before = upto
    while kept:
        upto = below[edges.index(kept[-1])]
        if any(len(part) - to >= smallest for part, to in zip(present, upto, strict=True)):
            break
        kept.pop()
    return tuple(kept)


def _round_number(value: float, whole: bool) -> float:
    """Return the round number nearest to a value, raised to a whole number where `whole`.

    >>> [_round_number(value, False) for value in (0.0, 0.17, 1234.5, -7.0)]
    [0.0, 0.15, 1000.0, -6.0]
    """
    if value == 0 or not math.isfinite(value):
        return 0.0
    size = abs(value)
    power = 10.0 ** math.floor(math.log10(size))
    nearest = min(_ROUND, key=lambda step: abs(step * power - size)) * power
    rounded = math.copysign(float(f"{nearest:.2g}"), value)
    return float(math.ceil(rounded)) if whole else rounded


def _written(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,g}"
