"""A program together with the events it runs on."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from features import kernel
from features.events import EventStream
from features.kinds import FAMILIES
from features.plan import Program, Slots
from features.selection import Selection

Numbers = npt.NDArray[np.int64]


class Loaded:
    """A program and the events of some people, ready to be run for any days.

    Parameters
    ----------
    program
        What is asked of each person.
    events
        Sorted by block and within it by day of occurrence.
    starts
        ``starts[p]`` is the first row of block p; one more number than blocks.
    """

    def __init__(self, program: Program, events: EventStream, starts: Numbers) -> None:
        self._program = program
        self._rooms = threading.local()
        self._starts = np.asarray(starts, dtype=np.int64)
        signature, held = signatures(events, program.selections)
        self._lists = program.lists(held)
        self._events = (
            events.occurred,
            events.reported,
            events.known_from,
            events.known_to,
            events.stated,
            events.harm,
            events.family,
            events.counterpart,
            events.event_id,
            signature,
        )

    def run(self, blocks: Numbers, days: Numbers) -> Slots:
        """Return the slots of each (block, day), rows x slots; block -1 stands for a person without events.

        The numbers stand in the thread's own room, where its next run writes.
        """
        program, lists = self._program, self._lists
        nobody = blocks < 0
        known = np.where(nobody, 0, blocks)
        row_from = np.where(nobody, 0, self._starts[known])
        row_to = np.where(nobody, 0, self._starts[np.minimum(known + 1, len(self._starts) - 1)])
        room = self._room(int((row_to - row_from).max(initial=1)), len(days))
        steps = int((row_to - row_from).sum()) + len(days) * len(program.first) // 20
        kernel.fold_for(steps)(
            *self._events,
            row_from,
            row_to,
            days,
            *program.bands,
            lists.count_from,
            lists.counts,
            lists.entry_from,
            lists.entries,
            lists.is_anchor,
            program.first,
            *program.sizes,
            program.lanes,
            program.slot_at,
            program.differences,
            program.slot_less,
            *room.work,
            room.out,
        )
        return room.out[:, : len(days)].T

    def _room(self, longest: int, rows: int) -> _Room:
        """Return room for people with so many events, kept from run to run: fresh memory costs more than the fold."""
        room: _Room | None = getattr(self._rooms, "room", None)
        if room is None or room.longest < longest or room.rows < rows:
            room = self._rooms.room = _Room(self._program, longest, rows)
        room.work[2].fill(-1)  # stamps of an earlier run
        return room


class _Room:
    """What the fold works in, and where it writes."""

    def __init__(self, program: Program, longest: int, rows: int) -> None:
        self.longest, self.rows = longest, rows
        lanes, slots = program.lanes, len(program.slot_at)
        codes = max(longest, len(FAMILIES)) * lanes
        table = 1 << (2 * longest - 1).bit_length()
        sizes = (len(program.first), 2 * lanes, codes, codes, 2 * longest, table, table, longest, kernel.TILE * slots)
        self.work = [np.empty(size, dtype=np.int64) for size in sizes]
        self.out = np.empty((slots, rows + _PADDING), dtype=np.int64)


_PADDING = 8  # keeps neighbouring slots of one row out of each other's place in the processor's cache


def signatures(
    events: EventStream, selections: tuple[Selection, ...]
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.bool_]]:
    """Return the signature of each event, and which selections hold each signature.

    Returns
    -------
    tuple
        The signature of each row; and a table with two rows a signature: before the overwritten flags of an event
        were stated, and from that day on.
    """
    if not len(events):
        return np.empty(0, dtype=np.int32), np.empty((0, len(selections)), dtype=np.bool_)
    sort, sample = _sorts(events, selections)
    one_each = events.take(sample)
    held = np.empty((len(sample), 2, len(selections)), dtype=np.bool_)
    for number, selection in enumerate(selections):
        held[:, 0, number] = selection.rows(one_each, stated=False)
        held[:, 1, number] = selection.rows(one_each, stated=True)
    packed = np.packbits(held.reshape(len(sample), 2 * len(selections)), axis=1)
    _, first, of_sort = np.unique(packed, axis=0, return_index=True, return_inverse=True)
    return of_sort.astype(np.int32)[sort], held[first].reshape(2 * len(first), len(selections))


def _sorts(events: EventStream, selections: tuple[Selection, ...]) -> tuple[Any, Numbers]:
    """Return for each event the number of its sort, and one event of each: events that no selection tells apart."""
    mask = int(np.bitwise_or.reduce([int(each.flags) for each in selections], initial=0))
    late = sorted({each.late_by for each in selections if each.late_by is not None})

    def keys(rows: slice) -> Numbers:
        key = (events.flags[rows] & mask).astype(np.int64)
        key = key << 8 | (events.kind[rows].astype(np.int64) << 2 | events.role[rows])
        key = key << 9 | (events.family[rows].astype(np.int64) + 128) << 1 | (events.harm[rows] >= 0)
        delay = events.reported[rows].astype(np.int64) - events.occurred[rows]
        return np.asarray(key << len(late).bit_length() | np.searchsorted(late, delay, side="left"), dtype=np.int64)

    if len(events) > _FEW:
        numbered = _numbered(keys, len(events))
        if numbered is not None:
            return numbered
    _, sample, sort = np.unique(keys(slice(None)), return_index=True, return_inverse=True)
    return sort, sample


_FEW = 50_000  # events that sorting numbers fast enough without machine code
_CHUNK = 65_536  # events whose keys fit into the processor's cache
_SORTS = 2**16


def _numbered(keys: Callable[[slice], Numbers], events: int) -> tuple[Any, Numbers] | None:
    """Give each sort a number with a hash table instead of by sorting; None where there are too many of them."""
    number = kernel.compiled_numbering()
    sort, sample = np.empty(events, dtype=np.int32), np.empty(_SORTS, dtype=np.int64)
    table = np.full((2 * _SORTS, 2), -1, dtype=np.int64)
    found = 0
    for start in range(0, events, _CHUNK):
        found = number(keys(slice(start, start + _CHUNK)), start, table, sample, sort, found)
        if found < 0:
            return None
    return sort, sample[:found]
