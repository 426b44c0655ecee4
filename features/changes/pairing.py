"""Read two indicator snapshots side by side: the same people and the dates to compare, a part at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.errors import DatesUnmatched
from features.snapshots import IndicatorSnapshot
from features.stored.parting import buckets_of
from values import BUCKETS, AsOf

PART_ROWS = 50_000  # rows of both files in a part, about

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class DatePair:
    """A date of the earlier file and the date of the later one that it is compared with."""

    before: AsOf
    after: AsOf

    @property
    def moved(self) -> bool:
        """Whether the two differ, so that windows moved."""
        return self.before != self.after

    def __str__(self) -> str:
        return f"{self.before} → {self.after}" if self.moved else str(self.after)


def date_pairs(
    before: Sequence[AsOf], after: Sequence[AsOf], first: AsOf | None = None, second: AsOf | None = None
) -> list[DatePair]:
    """Return which dates are compared with which.

    The two that are named; else every date that both files have with itself; else, where they share none, the latest of
    each.

    Raises
    ------
    DatesUnmatched
        If a named date is not in its file, or a file has none.
    """
    for named, dates, place in ((first, before, "first"), (second, after, "second")):
        if not dates:
            raise DatesUnmatched(f"The {place} file has no date.", "Compute its indicators again.")
        if named is not None and named not in dates:
            told = ", ".join(map(str, dates))
            raise DatesUnmatched(f"The {place} file has no indicators as of {named}.", f"It has: {told}.")
    if first is not None or second is not None:
        return [DatePair(first or max(before), second or max(after))]
    common = sorted(set(before) & set(after))
    return [DatePair(day, day) for day in common] or [DatePair(max(before), max(after))]


@dataclass(frozen=True)
class Paired:
    """One part of two snapshots on one pair of dates.

    Attributes
    ----------
    dates
        The two dates.
    people
        Who is in both.
    before, after
        Their numbers, one row a person, one column an indicator of both files.
    left, entered
        Who is in the earlier, or in the later file only.
    """

    dates: DatePair
    people: npt.NDArray[np.str_]
    before: Numbers
    after: Numbers
    left: npt.NDArray[np.str_]
    entered: npt.NDArray[np.str_]


def paired(
    before: IndicatorSnapshot,
    after: IndicatorSnapshot,
    names: Sequence[str],
    dates: Sequence[DatePair],
    rows: int = PART_ROWS,
) -> Iterator[tuple[int, list[Paired]]]:
    """Yield parts of whole people, each as one `Paired` a pair of dates; both files are read once.

    Before each part stands the bucket at which it ends: everybody of the buckets below it was in a part by then.

    Parameters
    ----------
    before, after
        The two files.
    names
        Indicators that both have.
    dates
        The pairs of dates.
    rows
        How many rows a part should have, about.
    """
    parts = max(1, min(BUCKETS, (before.rows + after.rows) // rows))
    sides = _Reading(before, names), _Reading(after, names)
    for bound in np.linspace(0, BUCKETS, parts + 1).round().astype(int)[1:].tolist():
        old, new = (side.below(bound) for side in sides)
        yield bound, [_paired(old, new, names, pair) for pair in dates]


class _Reading:
    """A file read from its beginning, up to a bucket at a time."""

    def __init__(self, file: IndicatorSnapshot, names: Sequence[str]) -> None:
        self._blocks = file.blocks(names)
        self._held: list[tuple[npt.NDArray[np.int16], pd.DataFrame]] = []
        self._ended = False

    def below(self, bound: int) -> pd.DataFrame:
        """Return the rows not yet returned of buckets below `bound`."""
        while not self._ended and (not self._held or self._held[-1][0][-1] < bound):
            block = next(self._blocks, None)
            if block is None:
                self._ended = True
            elif len(block):
                self._held.append((buckets_of(block["person_id"].to_numpy(dtype=np.str_)), block))
        cuts = [int(np.searchsorted(buckets, bound)) for buckets, _ in self._held]
        told = [block[:cut] for cut, (_, block) in zip(cuts, self._held, strict=True)]
        rest = [(buckets[cut:], block[cut:]) for cut, (buckets, block) in zip(cuts, self._held, strict=True)]
        self._held = [each for each in rest if len(each[0])]
        return pd.concat(told, ignore_index=True) if told else pd.DataFrame()


def _paired(old: pd.DataFrame, new: pd.DataFrame, names: Sequence[str], dates: DatePair) -> Paired:
    sides = [_on(side, day) for side, day in ((old, dates.before), (new, dates.after))]
    people = [set(side.index) for side in sides]
    both = sorted(people[0] & people[1])
    numbers = [side.loc[both, list(names)].to_numpy(dtype=np.float64) if both else _none(names) for side in sides]
    left, entered = (np.array(sorted(each), dtype=np.str_) for each in (people[0] - people[1], people[1] - people[0]))
    return Paired(dates, np.array(both, dtype=np.str_), numbers[0], numbers[1], left, entered)


def _on(side: pd.DataFrame, day: AsOf) -> pd.DataFrame:
    if side.empty:
        return pd.DataFrame(index=pd.Index([], dtype="str"))
    return side[side["as_of"] == pd.Timestamp(day.day)].set_index("person_id")


def _none(names: Sequence[str]) -> Numbers:
    return np.empty((0, len(names)), dtype=np.float64)
