"""Finds which lists that left are of different people of one whole, so that they are held against it together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from fairness.disclosure.counted import AxisKey, Counted, Counts, Group
from fairness.disclosure.divided import Divided, Lot
from fairness.disclosure.parts import Part
from fairness.disclosure.released import INSIDE, OUTSIDE, SAME, Axes, Released


@dataclass(frozen=True, eq=False)
class Left:
    """What left of the same people, once or several times; what any of it told is told."""

    each: tuple[Released, ...]

    @cached_property
    def axes(self) -> Axes:
        """Everything that was counted of these people."""
        return {axis: found for one in reversed(self.each) for axis, found in one.axes.items()}

    def states_of(self, axis: AxisKey, groups: Sequence[Group]) -> Counts | None:
        """Return the states of some groups; None if nobody counted them."""
        return self.axes[axis].states_of(groups) if axis in self.axes else None

    def lot(self, axis: AxisKey, groups: Sequence[Group]) -> Lot | None:
        """Return these people and what was told of them; None if nobody counted them by `axis`."""
        states = self.states_of(axis, groups)
        if states is None:
            return None
        told = [one for one in self.each if one.told(axis)]
        there = np.asarray(states.any(axis=1))
        hidden = {part: there.copy() for part in Part}
        for one in told:
            for part in Part:
                hidden[part] &= _withheld(one, axis, part, groups)
        loose = frozenset(Part).intersection(*(one.pattern.totals.get(axis.table, ()) for one in self.each))
        return Lot(states, hidden, any(axis not in one.pattern.left_out for one in told), loose)

    def tells_pairs(self, axis: AxisKey) -> bool:
        """Say whether anything of two characteristics was told."""
        return any(axis in one.pattern.pairs and axis not in one.pattern.left_out for one in self.each)

    def withholds(self, axis: AxisKey) -> bool:
        """Say whether anything of two characteristics was withheld whenever they were told."""
        return any(one.pattern.anything(axis) for one in self.each if axis in one.pattern.pairs)


def _withheld(one: Released, axis: AxisKey, part: Part, groups: Sequence[Group]) -> npt.NDArray[np.bool_]:
    hidden = one.pattern.parts.get(axis, {}).get(part, frozenset())
    return np.array([axis in one.pattern.left_out or group in hidden for group in groups], dtype=bool)


@dataclass(frozen=True)
class Division:
    """A whole and lists inside it, of which no two hold the same person; one of all these is being decided on.

    Attributes
    ----------
    lists
        The others.
    whole
        What left of the whole; None if the whole is being decided on.
    """

    lists: tuple[Left, ...]
    whole: Left | None

    def seen(self, axis: AxisKey, found: Counted) -> Divided | None:
        """Return what `found` of a characteristic is held against; None where fewer of them were counted by it."""
        groups, whole = self._groups(axis, found), None
        if self.whole is not None and (whole := self.whole.lot(axis, groups)) is None:
            return None
        lots = [lot for left in self.lists if (lot := left.lot(axis, groups)) is not None]
        own = found.states_of(groups)
        rest = (own if whole is None else whole.counts - own) - sum(lot.counts for lot in lots)
        if not lots or (rest < 0).any():
            return None
        if rest.any():
            free = {part: np.ones(len(groups), dtype=bool) for part in Part}
            lots.append(Lot(rest, free, False, frozenset(Part), listed=False))
        return Divided(lots, whole, own)

    def clash(self, axis: AxisKey, found: Counted, withheld: bool, smallest: int) -> bool:
        """Say whether intersections that were told, `found` among them, would tell what is withheld or few together."""
        told = [left for left in self.lists if left.tells_pairs(axis)]
        if not told or (self.whole is not None and not self.whole.tells_pairs(axis)):
            return False
        members = told if self.whole is None else [*told, self.whole]
        if withheld or any(left.withholds(axis) for left in members):
            return True
        groups = self._groups(axis, found)
        whole, *parts = (
            each
            for each in (
                found.states_of(groups) if self.whole is None else self.whole.states_of(axis, groups),
                *(left.states_of(axis, groups) for left in told),
                *([] if self.whole is None else [found.states_of(groups)]),
            )
            if each is not None
        )
        return any(((each > 0) & (each < smallest)).any() for each in (whole - sum(parts), *parts))

    def _groups(self, axis: AxisKey, found: Counted) -> list[Group]:
        """Return the groups of `found` first, and then those that others have."""
        lefts = self.lists if self.whole is None else (*self.lists, self.whole)
        others = (group for left in lefts if axis in left.axes for group in left.axes[axis].groups)
        return list(dict.fromkeys((*found.groups, *others)))


def divisions(known: Axes, table: str, before: Sequence[Released]) -> Iterator[Division]:
    """Yield every whole with different people's lists in it, two or more with that of which `known` was counted.

    Of several lists of the same people that all could lie inside, the first and the last are held together with others.
    """
    inner = [one for one in before if one.relation(known, table) == INSIDE]
    if len(inner) > 1:
        yield from (Division(lists, None) for lists in _sets(inner, known, (), table) if len(lists) > 1)
    outer = [one for one in before if one.relation(known, table) == OUTSIDE]
    others = [one for one in before if _apart(one.axes, known, table)] if outer else []
    for whole in _of_the_same(outer, table):
        inside = [one for one in others if one.relation(whole.axes, table) == INSIDE]
        yield from (Division(lists, whole) for lists in _sets(inside, whole.axes, (known,), table) if lists)


def _sets(candidates: Sequence[Released], whole: Axes, taken: Sequence[Axes], table: str) -> set[tuple[Left, ...]]:
    """Return as many of the candidates as are of different people and fit into the whole: the first, and the last."""
    lefts = list(_of_the_same(candidates, table))
    found = set()
    for order in (lefts, lefts[::-1]):
        kept: list[Left] = []
        for left in order:
            others = [*taken, *(each.axes for each in kept)]
            apart = all(_apart(left.axes, each, table) for each in others)
            if apart and _fit([*others, left.axes], whole, table):
                kept.append(left)
        found.add(tuple(left for left in lefts if left in kept))
    return found


def _of_the_same(candidates: Sequence[Released], table: str) -> Iterator[Left]:
    """Yield what left, put together by people."""
    kept: list[list[Released]] = []
    for one in candidates:
        same = (each for each in kept if one.relation(each[0].axes, table) == SAME)
        if (known := next(same, None)) is None:
            kept.append([one])
        else:
            known.append(one)
    return (Left(tuple(each)) for each in kept)


def _apart(one: Axes, other: Axes, table: str) -> bool:
    """Say whether two lists share no group of some characteristic, as those of two areas share no area."""
    return any(
        axis in other and set(found.groups).isdisjoint(other[axis].groups)
        for axis, found in one.items()
        if axis.table == table and len(axis.names) == 1
    )


def _fit(parts: Sequence[Axes], whole: Axes, table: str) -> bool:
    """Say whether no group of the whole has fewer than all the parts together."""
    for axis, found in whole.items():
        if axis.table == table and len(axis.names) == 1 and all(axis in each for each in parts):
            there = [each[axis] for each in parts]
            if {group for each in there for group in each.groups} - set(found.groups):
                return False
            if (sum(each.states_of(found.groups) for each in there) > found.states).any():
                return False
    return True
