"""What left of an audit, and how its people are related to those of another, by counts alone."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from fairness.disclosure.counted import AxisKey, Counted, Counts, Group
from fairness.disclosure.parts import WHOLES, Part

Axes = Mapping[AxisKey, Counted]
SAME, INSIDE, OUTSIDE, UNRELATED = "same", "inside", "outside", "unrelated"
"""Where the people of an earlier export are, seen from a later one: inside it, or all round it."""


@dataclass(frozen=True)
class Pattern:
    """What is withheld of one audit.

    Attributes
    ----------
    smallest
        Counts from 1 to one less are small.
    parts
        Of a characteristic: each part -> the groups that withhold it.
    pairs
        Of two characteristics: the intersections that are withheld.
    left_out
        Axes of which nothing is shown at all.
    totals
        Table -> the parts whose totals are withheld.
    """

    smallest: int
    parts: Mapping[AxisKey, Mapping[Part, frozenset[Group]]] = field(default_factory=dict)
    pairs: Mapping[AxisKey, frozenset[Group]] = field(default_factory=dict)
    left_out: frozenset[AxisKey] = frozenset()
    totals: Mapping[str, frozenset[Part]] = field(default_factory=dict)

    def withholds(self, axis: AxisKey, group: Group, parts: Collection[Part]) -> bool:
        """Say whether a figure that tells `parts` of a group is withheld."""
        if axis in self.left_out or group in self.pairs.get(axis, ()):
            return True
        of_axis = self.parts.get(axis, {})
        return any(group in of_axis.get(part, ()) for part in parts)

    def anything(self, axis: AxisKey) -> bool:
        """Say whether anything of an axis is withheld."""
        hidden = chain(self.parts.get(axis, {}).values(), [self.pairs.get(axis, frozenset())])
        return axis in self.left_out or any(hidden)


@dataclass(frozen=True)
class Released:
    """What left before: the counts of one audit, and what was withheld of them.

    A characteristic that `pattern` says nothing of was counted, but nothing of it was told.
    """

    axes: Axes
    pattern: Pattern

    def told(self, axis: AxisKey) -> bool:
        """Say whether an axis was told of, be it that all of it was withheld."""
        return axis in self.pattern.parts or axis in self.pattern.pairs or axis in self.pattern.left_out

    def of_others(self, axis: AxisKey, found: Counted) -> bool:
        """Say whether nobody was counted of a group that somebody of `found` is of: then these are other people."""
        return axis in self.axes and set(found.groups).isdisjoint(self.axes[axis].groups)

    def states_told(self, axis: AxisKey, groups: Sequence[Group]) -> Counts:
        """Return the states of some groups, none of those of which the total is withheld."""
        states = self.axes[axis].states_of(groups)
        for part in self.pattern.totals.get(axis.table, frozenset()) & WHOLES.keys():
            states[:, [state for pair in WHOLES[part] for state in pair]] = 0
        return states

    def relation(self, axes: Axes, table: str) -> str:
        """Return whether the people of `table` here are the same as there, inside, outside, or none of these.

        Only counts are compared, so lists that merely could lie inside each other are taken to.
        """
        common = [axis for axis in axes if axis.table == table and len(axis.names) == 1 and axis in self.axes]
        gaps = [difference(axes[axis], self.axes[axis]) for axis in common]
        if not gaps:
            return UNRELATED
        least, most = min(int(gap.min()) for gap in gaps), max(int(gap.max()) for gap in gaps)
        if least == most == 0:
            return SAME
        if least >= 0:
            return INSIDE
        return OUTSIDE if most <= 0 else UNRELATED


def difference(one: Counted, other: Counted) -> Counts:
    """Return how many of each group of either are in the one beyond those in the other."""
    groups = list(dict.fromkeys((*one.groups, *other.groups)))
    return one.states_of(groups) - other.states_of(groups)
