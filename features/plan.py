"""Measures compiled to what the fold understands: selections, registers and slots, each only once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from features import kernel
from features.selection import Selection, Span

Slots = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Column = Floats | npt.NDArray[np.int64]
Formula = Callable[[Slots], Column]

_MAX_AGE = 2**40
_CLOCKS = {"occurred": kernel.ON_OCCURRED, "reported": kernel.ON_REPORTED}
_DIFFERENCES = frozenset(
    {
        kernel.COUNT,
        kernel.HARM_SUM,
        kernel.AGE_SUM,
        kernel.AGE_SQUARES,
        kernel.AGE_HARM,
        kernel.DELAY_SUM,
        kernel.AFTER,
    }
)
"""Operations of which a later window can be had by subtracting: each event adds to its own band and nothing else."""
_GROUPED = frozenset({kernel.DISTINCT, kernel.MOST, kernel.AT_LEAST, kernel.ACROSS_ONE})
_ONE_WINDOW = _GROUPED - {kernel.DISTINCT}
"""Operations that count within each group: one register serves one window only."""
_REMEMBERING = _GROUPED | {kernel.GAP_MIN, kernel.GAP_MAX, kernel.GAP_LAST, kernel.GAP_SQUARES}


class Register(NamedTuple):
    """What one row of registers is fed with: the events of a selection with ages from `low` to before `high`."""

    operation: int
    clock: int
    selection: int
    low: int
    high: int
    key: int = 0
    extra: int = 0
    second: int = 0


class Slot(NamedTuple):
    """A number that is asked for: a register's bands up to the age `high`, less those up to `low`."""

    register: Register
    low: int
    high: int


class Told:
    """Where a thing is known about people: some of their events tell it, or they have none.

    Many formulas ask the same, so a thread keeps the answer for the slots that it asked about last.

    Parameters
    ----------
    telling, events
        The columns that count the events that tell it, and all events that could.
    """

    def __init__(self, telling: int, events: int) -> None:
        self._telling, self._events = telling, events
        self._last = threading.local()

    def __call__(self, slots: Slots) -> npt.NDArray[np.bool_]:
        """Return a mask over the rows of `slots`."""
        if getattr(self._last, "slots", None) is not slots:
            self._last.slots = slots
            self._last.mask = (slots[:, self._telling] > 0) | (slots[:, self._events] == 0)
        mask: npt.NDArray[np.bool_] = self._last.mask
        return mask


class Plan:
    """Collects what a set of measures needs; equal needs share one slot."""

    def __init__(self) -> None:
        self.selections: dict[Selection, int] = {}
        self._anchors: dict[int, int] = {}
        self._slots: dict[Slot, int] = {}
        self._told: dict[tuple[int, int], Told] = {}

    def slot(self, operation: int, selection: Selection, span: Span) -> int:
        """Return the column of a simple fold of the selected events in the span."""
        return self._slot(operation, selection, span)

    def distinct(self, selection: Selection, span: Span, key: int) -> int:
        """Return the column that counts distinct counterparts, events or families."""
        return self._slot(kernel.DISTINCT, selection, span, key)

    def most(self, selection: Selection, span: Span, key: int) -> int:
        """Return the column of the largest number of selected events in one group."""
        return self._slot(kernel.MOST, selection, span, key)

    def at_least(self, selection: Selection, span: Span, key: int, least: int) -> int:
        """Return the column that counts groups with at least so many selected events."""
        return self._slot(kernel.AT_LEAST, selection, span, key, least)

    def across(self, selection: Selection, other: Selection, span: Span) -> int:
        """Return the column counting `other` events with counterparts that also occur in `selection`."""
        second = self._pick(other)
        return self._slot(kernel.ACROSS_ONE, selection, span, kernel.BY_COUNTERPART, second)

    def after(self, selection: Selection, anchor: Selection, span: Span, within: int) -> int:
        """Return the column counting events at most `within` days after an anchor with that counterpart."""
        number = self._anchors.setdefault(self._pick(anchor), len(self._anchors))
        return self._slot(kernel.AFTER, selection, span, 0, number, within)

    def told(self, telling: int, events: int) -> Told:
        """Return where a thing is known: some of the events tell it, or there are none; see `Told`."""
        return self._told.setdefault((telling, events), Told(telling, events))

    def finish(self) -> Program:
        """Return the finished program."""
        return Program(tuple(self.selections), tuple(self._anchors), tuple(self._slots))

    def _pick(self, selection: Selection) -> int:
        return self.selections.setdefault(selection, len(self.selections))

    def _slot(
        self, operation: int, selection: Selection, span: Span, key: int = 0, extra: int = 0, second: int = 0
    ) -> int:
        low, high = span.low, _MAX_AGE if span.high is None else span.high
        shared = operation not in _ONE_WINDOW and (low == 0 or operation in _DIFFERENCES)
        bounds = (0, _MAX_AGE) if shared else (low, high)
        register = Register(operation, _CLOCKS[span.clock], self._pick(selection), *bounds, key, extra, second)
        slot = Slot(register, low, high) if shared else Slot(register, 0, _MAX_AGE)
        return self._slots.setdefault(slot, len(self._slots))


@dataclass(frozen=True, eq=False)
class Lists:
    """For each signature, twice: the registers that count, the further entries, the anchors that hold it."""

    count_from: npt.NDArray[np.int64]
    counts: npt.NDArray[np.int32]
    entry_from: npt.NDArray[np.int64]
    entries: npt.NDArray[np.int32]
    is_anchor: npt.NDArray[np.bool_]


class Program:
    """What the fold needs besides the events, the same for every stream.

    Parameters
    ----------
    selections
        Every selection, by number.
    anchors
        The numbers of those that are anchors.
    slots
        What is asked for, by column.
    """

    def __init__(self, selections: tuple[Selection, ...], anchors: tuple[int, ...], slots: tuple[Slot, ...]) -> None:
        self.selections = selections
        self._anchors = anchors
        registers = sorted({slot.register for slot in slots}, key=lambda each: (kernel.sort_of(each.operation), each))
        edges = [_edges(slots, clock) for clock in (kernel.ON_OCCURRED, kernel.ON_REPORTED)]
        bands = max(len(each) for each in edges)
        self.bands = tuple(_bands(each) for each in edges)
        sorts = [kernel.sort_of(each.operation) for each in registers]
        sizes = [sorts.count(sort) for sort in range(3)]
        self.sizes = (bands, *sizes)
        values = [kernel.first_value(each.operation) for each in registers]
        of_sort = np.split(np.array(values, dtype=np.int64), np.cumsum(sizes)[:2])
        self.first = np.concatenate([np.tile(each, bands) for each in of_sort])
        number = {register: place for place, register in enumerate(registers)}

        def cell(register: Register, band: int) -> int:
            sort = kernel.sort_of(register.operation)
            before = sum(sizes[:sort])
            return bands * before + band * sizes[sort] + number[register] - before

        ends = [(each.register, *_ends(each, edges[each.register.clock], bands)) for each in slots]
        self.slot_at = np.array([cell(register, last) for register, _, last in ends], dtype=np.uint64)
        later = [place for place, (_, before, _) in enumerate(ends) if before >= 0]
        self.differences = np.array(later, dtype=np.uint64)
        self.slot_less = np.array([cell(*ends[place][:2]) for place in later], dtype=np.uint64)
        feeds = [
            each
            for register in registers
            for each in _feeds(register, cell(register, 0), edges[register.clock], bands, sizes)
        ]
        self.lanes = _number_lanes(feeds)
        self._counts, self._entries = _by_selection(feeds, len(selections))

    def lists(self, held: npt.NDArray[np.bool_]) -> Lists:
        """Return the lists of each signature; ``held[s, n]`` says whether selection n holds signature s."""
        count_from, counts = _listed(held, self._counts)
        entry_from, entries = _listed(held, self._entries)
        return Lists(count_from, counts.ravel(), entry_from, entries, np.ascontiguousarray(held[:, self._anchors]))


def _ends(slot: Slot, edges: npt.NDArray[np.int64], bands: int) -> tuple[int, int]:
    """Return the last band before a slot begins, or -1, and its own last band."""
    high = bands if slot.high == _MAX_AGE else int(np.searchsorted(edges, slot.high))
    return int(np.searchsorted(edges, slot.low)) - 1, high - 1


class _Feed(NamedTuple):
    selection: int
    entry: list[int]


def _edges(slots: tuple[Slot, ...], clock: int) -> npt.NDArray[np.int64]:
    """Return the first age of each band: every bound of every window on this clock."""
    ages = {0}
    for slot in slots:
        if slot.register.clock == clock:
            ages |= {slot.low, slot.high, slot.register.low, slot.register.high}
    return np.array(sorted(ages - {_MAX_AGE}), dtype=np.int64)


def _bands(edges: npt.NDArray[np.int64]) -> npt.NDArray[np.int8]:
    ages = np.arange(edges[-1] + 1)
    return (np.searchsorted(edges, ages, side="right") - 1).astype(np.int32)


def _feeds(
    register: Register, cell: int, edges: npt.NDArray[np.int64], bands: int, sizes: list[int]
) -> Iterator[_Feed]:
    """Yield what the events of its selections do to a register."""
    low = int(np.searchsorted(edges, register.low))
    high = bands if register.high == _MAX_AGE else int(np.searchsorted(edges, register.high))
    head = [register.operation, register.clock, cell, low, high, 0, register.key]
    stride = sizes[kernel.sort_of(register.operation)]
    if register.operation == kernel.ACROSS_ONE:
        yield _Feed(register.selection, [*head, 0, 0, stride])
        yield _Feed(register.extra, [kernel.ACROSS_OTHER, *head[1:], 0, 0, stride])
    else:
        yield _Feed(register.selection, [*head, register.extra, register.second, stride])


_OPERATION, _CLOCK, _CELL, _LANE = 0, 1, 2, 5  # columns of an entry


def _number_lanes(feeds: list[_Feed]) -> int:
    """Give a lane to every register that remembers; the two feeds of one register share it."""
    lanes: dict[int, int] = {}
    for feed in feeds:
        operation = kernel.ACROSS_ONE if feed.entry[_OPERATION] == kernel.ACROSS_OTHER else feed.entry[_OPERATION]
        if operation in _REMEMBERING:
            feed.entry[_LANE] = lanes.setdefault(feed.entry[_CELL], len(lanes))
    return len(lanes)


_Table = tuple[npt.NDArray[np.int64], npt.NDArray[np.int32]]


def _by_selection(feeds: list[_Feed], selections: int) -> tuple[_Table, _Table]:
    """Return the registers that plainly count on the day of occurrence, and all other entries, by selection."""
    plain: list[_Feed] = []
    others: list[_Feed] = []
    for feed in sorted(feeds):
        counts = feed.entry[:2] == [kernel.COUNT, kernel.ON_OCCURRED]
        (plain if counts else others).append(feed)
    tables = []
    for chosen, width in ((plain, 1), (others, 10)):
        rows = [feed.entry[_CELL : _CELL + 1] if width == 1 else feed.entry for feed in chosen]
        starts = np.searchsorted([feed.selection for feed in chosen], np.arange(selections + 1))
        tables.append((starts.astype(np.int64), np.array(rows, dtype=np.int32).reshape(len(rows), width)))
    return tables[0], tables[1]


def _listed(held: npt.NDArray[np.bool_], table: _Table) -> _Table:
    """Return for each signature the rows of all selections that hold it, as starts and one table."""
    starts, rows = table
    signature, selection = np.nonzero(held)
    length = np.diff(starts)[selection]
    ends = np.cumsum(length)
    at = np.repeat(starts[selection] - (ends - length), length) + np.arange(ends[-1] if len(ends) else 0)
    sizes = np.bincount(signature, weights=length, minlength=len(held)).astype(np.int64)
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64), np.ascontiguousarray(rows[at])
