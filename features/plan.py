"""Measures compiled to what the fold understands: selections, slots, groups and folds, each only once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from features import kernel
from features.events import EventStream
from features.selection import Selection, Span

Slots = npt.NDArray[np.int64]
Column = npt.NDArray[np.float64]
Formula = Callable[[Slots], Column]

_MAX_AGE = 2**40
_CLOCKS = {"occurred": kernel.ON_OCCURRED, "reported": kernel.ON_REPORTED}


def _span_numbers(span: Span) -> tuple[int, int, int]:
    return _CLOCKS[span.clock], span.low, _MAX_AGE if span.high is None else span.high


class Plan:
    """Collects what a set of measures needs; equal needs share one slot."""

    def __init__(self) -> None:
        self.selections: dict[Selection, int] = {}
        self._slots: dict[tuple[int, ...], int] = {}
        self._groups: dict[tuple[int, ...], int] = {}
        self._folds: dict[tuple[int, ...], int] = {}
        self._afters: dict[tuple[int, ...], int] = {}
        self._first: list[int] = []

    def slot(self, operation: int, selection: Selection, span: Span) -> int:
        """Return the column of a simple fold of the selected events in the span."""
        return self._column(self._slots, (self._pick(selection), operation, *_span_numbers(span)), operation)

    def distinct(self, selection: Selection, span: Span, key: int) -> int:
        """Return the column that counts distinct counterparts or events."""
        return self._fold(kernel.DISTINCT, self._group(selection, span, key))

    def most(self, selection: Selection, span: Span, key: int) -> int:
        """Return the column of the largest number of selected events with one counterpart."""
        return self._fold(kernel.MOST, self._group(selection, span, key))

    def across(self, selection: Selection, other: Selection, span: Span) -> int:
        """Return the column counting `other` events with counterparts that also occur in `selection`."""
        key = kernel.BY_COUNTERPART
        return self._fold(kernel.ACROSS, self._group(selection, span, key), self._group(other, span, key))

    def after(self, selection: Selection, anchor: Selection, span: Span, within: int) -> int:
        """Return the column counting events at most `within` days after an anchor with that counterpart."""
        key = (self._pick(selection), self._pick(anchor), *_span_numbers(span), within)
        return self._column(self._afters, key)

    def finish(self) -> Program:
        """Return the finished program."""
        return Program(
            selections=tuple(self.selections),
            slots=_table([(*key, at) for key, at in self._slots.items()], 6),
            groups=_table([(*key, at) for key, at in self._groups.items()], 6),
            folds=_table([(*key, at) for key, at in self._folds.items()], 4),
            afters=_table([(*key, at) for key, at in self._afters.items()], 7),
            first=np.array(self._first, dtype=np.int64),
        )

    def _pick(self, selection: Selection) -> int:
        return self.selections.setdefault(selection, len(self.selections))

    def _group(self, selection: Selection, span: Span, key: int) -> int:
        return self._groups.setdefault((self._pick(selection), *_span_numbers(span), key), len(self._groups))

    def _fold(self, operation: int, one: int, two: int = 0) -> int:
        return self._column(self._folds, (operation, one, two))

    def _column(self, table: dict[tuple[int, ...], int], key: tuple[int, ...], operation: int = -1) -> int:
        if key not in table:
            table[key] = len(self._first)
            self._first.append(kernel.FIRST_VALUE.get(operation, 0))
        return table[key]


def _table(rows: list[tuple[int, ...]], width: int) -> npt.NDArray[np.int64]:
    return np.array(rows, dtype=np.int64).reshape(len(rows), width)


@dataclass(frozen=True, eq=False)
class Program:
    """What the fold needs besides the events, the same for every stream."""

    selections: tuple[Selection, ...]
    slots: npt.NDArray[np.int64]
    groups: npt.NDArray[np.int64]
    folds: npt.NDArray[np.int64]
    afters: npt.NDArray[np.int64]
    first: npt.NDArray[np.int64]

    @cached_property
    def _sorted(self) -> tuple[Any, ...]:
        return (*self._by_selection(self.slots), *self._by_selection(self.groups))

    def _by_selection(self, table: npt.NDArray[np.int64]) -> tuple[Any, Any]:
        order = np.argsort(table[:, 0], kind="stable")
        starts = np.searchsorted(table[order, 0], np.arange(len(self.selections) + 1))
        return starts.astype(np.int64), np.ascontiguousarray(table[order, 1:])

    def load(self, events: EventStream, starts: npt.NDArray[np.int64]) -> Loaded:
        """Return the program with the events it runs on; ``starts[p]`` is the first row of block p."""
        return Loaded(self, events, starts)


class Loaded:
    """A program and the events of some people, ready to be run for any days."""

    def __init__(self, program: Program, events: EventStream, starts: npt.NDArray[np.int64]) -> None:
        self._program = program
        self._starts = starts
        block = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
        counterpart, widest = _codes_within(block, events.counterpart, starts)
        event, most_events = _codes_within(block, events.event_id, starts)
        self._width = np.maximum(widest, most_events)
        self._events = (
            np.array(events.occurred, dtype=np.int64),
            np.array(events.reported, dtype=np.int64),
            np.array(events.known_from, dtype=np.int64),
            np.array(events.known_to, dtype=np.int64),
            np.array(events.stated, dtype=np.int64),
            np.array(events.harm, dtype=np.int64),
            counterpart,
            event,
            *_memberships(events, program.selections),
        )

    def run(self, blocks: npt.NDArray[np.int64], days: npt.NDArray[np.int64]) -> Slots:
        """Return the slots of each (block, day); block -1 stands for a person without events."""
        nobody = blocks < 0
        known = np.where(nobody, 0, blocks)
        row_from = np.where(nobody, 0, self._starts[known])
        row_to = np.where(nobody, 0, self._starts[np.minimum(known + 1, len(self._starts) - 1)])
        width = np.where(nobody, 0, self._width[known]) if len(self._width) else np.zeros_like(known)
        program = self._program
        out = np.empty((len(days), len(program.first)), dtype=np.int64)
        kernel.compiled_fold()(
            *self._events,
            row_from,
            row_to,
            width,
            days,
            *program._sorted,
            program.folds,
            program.afters,
            program.first,
            np.empty(len(program.first), dtype=np.int64),
            np.empty((len(program.groups), int(width.max(initial=0))), dtype=np.int64),
            out,
        )
        return out


def _memberships(
    events: EventStream, selections: Iterable[Selection]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return for each event the selections that hold it once its values are stated, then for each before it.

    Starts and a flat list.
    """
    held = [
        np.flatnonzero(np.concatenate([selection.rows(events), selection.rows(events, stated=False)]))
        for selection in selections
    ]
    number = [np.full(len(rows), s, dtype=np.int64) for s, rows in enumerate(held)]
    rows = np.concatenate([np.empty(0, dtype=np.int64), *held])
    order = np.argsort(rows, kind="stable")
    starts = np.searchsorted(rows[order], np.arange(2 * len(events) + 1)).astype(np.int64)
    return starts, np.concatenate([np.empty(0, dtype=np.int64), *number])[order]


def _codes_within(
    block: npt.NDArray[np.int64], values: npt.NDArray[np.int32], starts: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the distinct values of each block as 0, 1, ... (-1 stays), and how many a block has."""
    there = values >= 0
    span = int(values.max(initial=0)) + 1
    keys, inverse = np.unique(block[there] * span + values[there], return_inverse=True)
    first = np.searchsorted(keys, np.arange(len(starts)) * span)
    codes = np.full(len(values), -1, dtype=np.int64)
    codes[there] = inverse - first[block[there]]
    return codes, np.diff(first).astype(np.int64)
