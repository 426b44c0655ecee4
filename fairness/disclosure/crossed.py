"""Which intersections of two characteristics are withheld.

An intersection is shown whole or not at all. Whoever withholds anything as a group of either characteristic withholds
every intersection, and which of them occur. Any other small one is covered by the hypercube method (Repsilber; Giessing
in the handbooks of statistical disclosure control): three more corners of a rectangle are withheld, so that a count can
go up and down round the rectangle while every row and column keeps its sum. Where no rectangle is wide enough, whole
rows or columns are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from fairness.disclosure.counted import Counted, Counts
from fairness.disclosure.parts import SPLITS, WHOLES
from fairness.disclosure.single import Hidden

Flags = npt.NDArray[np.bool_]
Count = tuple[int, int, int]
"""Row, column and state."""


@dataclass(frozen=True)
class Side:
    """One of the two characteristics: its groups, and what they withhold on their own."""

    groups: tuple[str, ...]
    hidden: Hidden

    @property
    def any(self) -> Flags:
        """Shape (groups,): is anything withheld."""
        return np.asarray(np.logical_or.reduce(list(self.hidden.values())))


def cross(pairs: Counted, rows: Side, columns: Side, smallest: int, before: Flags) -> Flags | None:
    """Return which of `pairs` are withheld; None where they cannot be shown at all.

    Parameters
    ----------
    pairs
        The intersections that occur.
    rows, columns
        The two characteristics, in the order of the pairs' names.
    before
        Shape (pairs,): what was withheld before and stays so.
    """
    grid, at = _laid_out(pairs, rows, columns)
    hidden = grid.few(smallest) | (grid.there & (rows.any[:, None] | columns.any[None, :]))
    hidden[at] |= before
    for count in grid.small_counts(hidden, smallest):
        if grid.width(hidden, count) >= smallest:
            continue
        remedies = [each for each in grid.remedies(hidden, count) if grid.width(each, count) >= smallest]
        if not remedies:
            return None
        hidden = min(remedies, key=lambda each: int(grid.rows_of[each].sum()))
    return np.asarray(hidden[at])


def _laid_out(pairs: Counted, rows: Side, columns: Side) -> tuple[_Grid, tuple[Counts, Counts]]:
    row_of, column_of = ({group: i for i, group in enumerate(side.groups)} for side in (rows, columns))
    at = (
        np.array([row_of[one] for one, _ in pairs.groups], dtype=np.int64),
        np.array([column_of[two] for _, two in pairs.groups], dtype=np.int64),
    )
    shape = (len(rows.groups), len(columns.groups))
    states, people = np.zeros((*shape, 6), dtype=np.int64), np.zeros((*shape, 2), dtype=np.int64)
    states[at], people[at] = pairs.states, pairs.people
    untold = rows.any[:, None] | columns.any[None, :]  # of these nobody is told which occur
    named = np.zeros(shape, dtype=bool)
    named[at] = ~untold[at]
    return _Grid(states, people, named, named | untold, rows.hidden, columns.hidden), at


@dataclass(frozen=True)
class _Grid:
    """The intersections as a rectangle.

    Attributes
    ----------
    states, people
        Shapes (rows, columns, 6) and (rows, columns, 2).
    named
        Shape (rows, columns): are others told that somebody belongs to both.
    there
        Shape (rows, columns): does anybody, as far as others know.
    row_parts, column_parts
        What the groups of either characteristic withhold on their own.
    """

    states: Counts
    people: Counts
    named: Flags
    there: Flags
    row_parts: Hidden
    column_parts: Hidden

    @cached_property
    def rows_of(self) -> Counts:
        """Shape (rows, columns): how many rows of the table an intersection has."""
        return np.asarray(self.states.sum(axis=2))

    @cached_property
    def spare(self) -> Counts:
        """Shape (rows, columns, 6): how far a count alone can fall, as one of an intersection that is named stays."""
        last = self.named[:, :, None] & (self.states > 0) & (self.states == self.rows_of[:, :, None])
        return np.asarray(self.states - last)

    @cached_property
    def turned(self) -> _Grid:
        """The same with rows for columns."""
        return _Grid(
            self.states.transpose(1, 0, 2),
            self.people.transpose(1, 0, 2),
            self.named.T,
            self.there.T,
            self.column_parts,
            self.row_parts,
        )

    def few(self, smallest: int) -> Flags:
        """Say which intersections are small in some state, or in people."""
        counts = np.concatenate([self.states, self.people], axis=2)
        return np.asarray(((counts > 0) & (counts < smallest)).any(axis=2))

    def small_counts(self, hidden: Flags, smallest: int) -> list[Count]:
        """Return every count that has to be covered, those of the smallest intersections first.

        Where the people are few and no count is, it is the largest count that is covered.
        """
        few = (self.states > 0) & (self.states < smallest)
        of_people = np.asarray(((self.people > 0) & (self.people < smallest)).any(axis=2, keepdims=True))
        few |= of_people & (self.states == self.states.max(axis=2, keepdims=True)) & (self.states > 0)
        at = [(int(row), int(column), int(state)) for row, column, state in np.argwhere(few & hidden[:, :, None])]
        return sorted(at, key=lambda each: (int(self.rows_of[each[:2]]), each))

    def width(self, hidden: Flags, count: Count) -> int:
        """Return how far a count can move while everything that is shown stays as it is, or less."""
        row, column, state = count
        return max(
            self._round_a_rectangle(hidden, count),
            self._between_rows(hidden, count),
            self.turned._between_rows(hidden.T, (column, row, state)),
        )

    def remedies(self, hidden: Flags, count: Count) -> Iterator[Flags]:
        """Return what more could be withheld for the sake of a count."""
        row, column, _ = count
        corner = self._corners(count)
        for other_row, other_column in np.argwhere(corner):
            more = hidden.copy()
            more[[row, other_row, other_row], [other_column, column, other_column]] = True
            yield more
        for other in range(len(self.there)):
            more = hidden.copy()
            more[[row, other]] |= self.there[[row, other]]
            yield more
        for other in range(self.there.shape[1]):
            more = hidden.copy()
            more[:, [column, other]] |= self.there[:, [column, other]]
            yield more

    def _corners(self, count: Count) -> Flags:
        """Say which intersections make a rectangle with that of a count, as its opposite corner."""
        row, column, _ = count
        out = self.there & self.there[row][None, :] & self.there[:, column][:, None]
        out[row, :] = out[:, column] = False
        return np.asarray(out)

    def _round_a_rectangle(self, hidden: Flags, count: Count) -> int:
        row, column, state = count
        spare = self.spare[:, :, state]
        down = np.minimum(spare[row, column], spare)
        up = np.minimum(spare[row][None, :], spare[:, column][:, None])
        withheld = self._corners(count) & hidden & hidden[row][None, :] & hidden[:, column][:, None]
        return int((down + up)[withheld].max(initial=0))

    def _between_rows(self, hidden: Flags, count: Count) -> int:
        """Count what can be exchanged with the other rows that are withheld whole."""
        row, column, state = count
        whole = np.asarray((hidden | ~self.there).all(axis=1))
        partners = self._partners(row, whole)
        if not whole[row] or not partners.any():
            return 0
        spare, elsewhere = self.spare[:, :, state], self.there[row].copy()
        elsewhere[column] = False
        gain, loss = self._sum_moves(row, state, partners)
        down = min(int(spare[row, column]), int(spare[partners][:, elsewhere].sum()) + loss)
        up = min(int(spare[partners, column].sum()), int(spare[row, elsewhere].sum()) + gain)
        return down + up

    def _sum_moves(self, row: int, state: int, partners: Flags) -> tuple[int, int]:
        """Return how far the sum of a row can rise and fall, because it is withheld as a group's of its own."""
        counts, there = self.states[:, :, state], self.there[row]
        free = self.row_parts[next(part for part, pairs in WHOLES.items() if any(state in pair for pair in pairs))]
        if free[row] and (partners & free).any():
            return int(counts[partners & free][:, there].sum()), int(counts[row].sum())
        split, other = next((part, no + yes - state) for part, (_, no, yes) in SPLITS.items() if state in (no, yes))
        swaps, opposite = partners & self.row_parts[split], self.states[:, :, other]
        if not self.row_parts[split][row]:
            return 0, 0
        gain = min(int(counts[swaps][:, there].sum()), int(opposite[row].sum()))
        return gain, min(int(counts[row].sum()), int(opposite[swaps][:, there].sum()))

    def _partners(self, row: int, among: Flags) -> Flags:
        """Return the rows of `among` that have every intersection that `row` has."""
        out = among & (self.there | ~self.there[row][None, :]).all(axis=1)
        out[row] = False
        return np.asarray(out)
