"""Decides what is withheld of everything that one audit counted, knowing what has left before."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

import numpy as np
import numpy.typing as npt

from fairness.disclosure.counted import AxisKey, Counted, Counts, Group
from fairness.disclosure.crossed import Side, cross
from fairness.disclosure.parts import Part
from fairness.disclosure.single import Hidden, Single, View, everything, nothing, small_totals

SMALLEST = 10
"""Counts from 1 to one less are small where no policy says otherwise: the threshold of the ONS for safe research."""
Axes = Mapping[AxisKey, Counted]


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
    """What left before: the counts of one audit, and what was withheld of them."""

    axes: Axes
    pattern: Pattern

    def relation(self, axes: Axes, table: str) -> str:
        """Return whether the people of `table` here are the same as there, inside, outside, or none of these.

        Only counts are compared, so lists that merely could lie inside each other are taken to.
        """
        common = [axis for axis in axes if axis.table == table and len(axis.names) == 1 and axis in self.axes]
        gaps = [_difference(axes[axis], self.axes[axis]) for axis in common]
        if not gaps:
            return "unrelated"
        least, most = min(int(gap.min()) for gap in gaps), max(int(gap.max()) for gap in gaps)
        if least == most == 0:
            return "same"
        if least >= 0:
            return "inside"
        return "outside" if most <= 0 else "unrelated"


def decide(
    axes: Axes, smallest: int = SMALLEST, *, details: Mapping[str, str] | None = None, before: Sequence[Released] = ()
) -> Pattern:
    """Return what is withheld so that no small count can be told from what is shown, now or together with `before`.

    Parameters
    ----------
    axes
        What `counted` returned of every cell that would be shown.
    details
        Characteristic made of another's codes -> that other, which is left out where either withholds anything.
    before
        What left before, the first first.
    """
    tables = dict.fromkeys(axis.table for axis in axes)
    each = [_of_table(table, axes, smallest, details or {}, before) for table in tables]
    return Pattern(
        smallest,
        {axis: parts for one in each for axis, parts in one.parts.items()},
        {axis: pairs for one in each for axis, pairs in one.pairs.items()},
        frozenset().union(*(one.left_out for one in each)),
        {table: parts for one in each for table, parts in one.totals.items()},
    )


def _of_table(table: str, axes: Axes, smallest: int, details: Mapping[str, str], before: Sequence[Released]) -> Pattern:
    """Return what is withheld of one table: of each characteristic first, then of each two."""
    related = [(each, relation) for each in before if (relation := each.relation(axes, table)) != "unrelated"]
    single, double = (
        {axis: found for axis, found in axes.items() if axis.table == table and len(axis.names) == width}
        for width in (1, 2)
    )
    views = {axis: _views(axis, found, related) for axis, found in single.items()}
    totals = frozenset().union(
        *(small_totals(each, smallest) for each in views.values()),
        *(each.pattern.totals.get(table, ()) for each, _ in related),
    )
    hidden = {
        axis: Single(views[axis], found.people, smallest, _forced(axis, found, related), totals).settle()
        for axis, found in single.items()
    }
    left_out = _details(hidden, details, related)
    hidden |= {axis: everything(len(single[axis].groups)) for axis in left_out}
    pairs: dict[AxisKey, frozenset[Group]] = {}
    for axis, found in double.items():
        rows, columns = (_side(AxisKey(table, (name,)), single, hidden) for name in axis.names)
        chosen = cross(found, rows, columns, smallest, _withheld_before(axis, found, related))
        if chosen is None or chosen.all() or _clash(axis, found, related):
            left_out.add(axis)
        else:
            pairs[axis] = _named(found, chosen)
    parts = {
        axis: {part: _named(single[axis], flags) for part, flags in of_axis.items()} for axis, of_axis in hidden.items()
    }
    return Pattern(smallest, parts, pairs, frozenset(left_out), {table: totals})


def _side(axis: AxisKey, single: Axes, hidden: Mapping[AxisKey, Hidden]) -> Side:
    return Side(tuple(name for (name,) in single[axis].groups), hidden[axis])


Related = Sequence[tuple[Released, str]]


def _difference(one: Counted, other: Counted) -> Counts:
    groups = list(dict.fromkeys((*one.groups, *other.groups)))
    return one.states_of(groups) - other.states_of(groups)


def _views(axis: AxisKey, found: Counted, related: Related) -> list[View]:
    """Return what can be subtracted from what: nothing, or each earlier export that holds these people or some."""
    views = [View(found.states, [found.states])]
    for each, relation in related:
        if axis not in each.axes or relation == "same":
            continue
        theirs = each.axes[axis].states_of(found.groups)
        if relation == "inside":
            views.append(View(found.states - theirs, [found.states - theirs, found.states]))
        else:
            views.append(View(found.states, [found.states, theirs - found.states], theirs))
    return views


def _forced(axis: AxisKey, found: Counted, related: Related) -> Hidden:
    """Return what stays withheld because it was before: shown now, it would be subtracted."""
    hidden = nothing(len(found.groups))
    for each, _ in related:
        if axis in each.pattern.left_out:
            return everything(len(found.groups))
        for part, groups in each.pattern.parts.get(axis, {}).items():
            hidden[part] |= np.array([group in groups for group in found.groups], dtype=bool)
    return hidden


def _details(hidden: Mapping[AxisKey, Hidden], details: Mapping[str, str], related: Related) -> set[AxisKey]:
    """Return the characteristics in detail that are left out beside their groups, and what was left out before."""
    out = {axis for each, _ in related for axis in each.pattern.left_out if axis in hidden}
    for name, source in details.items():
        for axis in hidden:
            whole = AxisKey(axis.table, (name,))
            if axis.names == (source,) and whole in hidden:
                either = (*hidden[axis].values(), *hidden[whole].values())
                out |= {axis} if any(flags.any() for flags in either) else set()
    return out


def _withheld_before(axis: AxisKey, found: Counted, related: Related) -> npt.NDArray[np.bool_]:
    before = [each.pattern.pairs.get(axis, frozenset()) for each, relation in related if relation == "same"]
    return np.array([any(group in groups for groups in before) for group in found.groups], dtype=bool)


def _clash(axis: AxisKey, found: Counted, related: Related) -> bool:
    """Say whether the intersections of an earlier export and these would tell each other's."""
    for each, relation in related:
        if axis in each.pattern.left_out:
            return True
        if axis in each.axes and relation != "same":
            gap = np.abs(_difference(found, each.axes[axis]))
            if each.pattern.anything(axis) or ((gap > 0) & (gap < each.pattern.smallest)).any():
                return True
    return False


def _named(found: Counted, flags: npt.NDArray[np.bool_]) -> frozenset[Group]:
    return frozenset(group for group, hidden in zip(found.groups, flags, strict=True) if hidden)
