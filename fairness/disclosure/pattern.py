"""Decides what is withheld of everything that one audit counted, knowing what has left before."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from fairness.disclosure.counted import AxisKey, Counted, Counts, Group
from fairness.disclosure.crossed import Side, cross
from fairness.disclosure.divided import Divided
from fairness.disclosure.parts import Part
from fairness.disclosure.released import INSIDE, OUTSIDE, SAME, UNRELATED, Axes, Pattern, Released, difference
from fairness.disclosure.single import Hidden, Single, View, everything, nothing, small_totals, with_splits
from fairness.disclosure.together import Division, divisions

SMALLEST = 10
"""Counts from 1 to one less are small where no policy says otherwise: the threshold of the ONS for safe research."""


def decide(
    axes: Axes,
    smallest: int = SMALLEST,
    *,
    details: Mapping[str, str] | None = None,
    untold: Axes = MappingProxyType({}),
    before: Sequence[Released] = (),
) -> Pattern:
    """Return what is withheld so that no small count can be told from what is shown, now or together with `before`.

    Parameters
    ----------
    axes
        What `counted` returned of every cell that would be shown.
    details
        Characteristic made of another's codes -> that other, which is left out where either withholds anything.
    untold
        What else was counted of the same people, of which nothing will be told.
    before
        What left before, the first first.
    """
    tables = dict.fromkeys(axis.table for axis in axes)
    each = [_of_table(table, axes, smallest, details or {}, untold, before) for table in tables]
    return Pattern(
        smallest,
        {axis: parts for one in each for axis, parts in one.parts.items()},
        {axis: pairs for one in each for axis, pairs in one.pairs.items()},
        frozenset().union(*(one.left_out for one in each)),
        {table: parts for one in each for table, parts in one.totals.items()},
    )


def _of_table(
    table: str, axes: Axes, smallest: int, details: Mapping[str, str], untold: Axes, before: Sequence[Released]
) -> Pattern:
    """Return what is withheld of one table: of each characteristic first, then of each two."""
    known = {**untold, **axes}
    related = [(each, relation) for each in before if (relation := each.relation(known, table)) != UNRELATED]
    single, double = (
        {axis: found for axis, found in axes.items() if axis.table == table and len(axis.names) == width}
        for width in (1, 2)
    )
    alone = {axis: found for axis, found in known.items() if axis.table == table and len(axis.names) == 1}
    views = {axis: _views(axis, found, related) for axis, found in alone.items()}
    totals = frozenset().union(
        *(small_totals(each, smallest) for each in views.values()),
        *(each.pattern.totals.get(table, ()) for each, _ in related),
    )
    others = {axis: [each for each in reversed(before) if each.of_others(axis, found)] for axis, found in alone.items()}
    for each, relation in related:
        if relation == OUTSIDE:
            totals = _uncovered(table, alone, each, others, totals)
    divided = list(divisions(known, table, before))
    totals = _told_together(alone, divided, totals, smallest)
    held = {axis: _held(axis, found, divided, related) for axis, found in single.items()}

    def settle(totals: frozenset[Part]) -> dict[AxisKey, Single]:
        return {
            axis: Single(
                views[axis],
                found.people,
                smallest,
                _forced(axis, found, related),
                totals,
                named=not any(axis in each.pattern.left_out for each, _ in related),
                together=held[axis],
            ).settle()
            for axis, found in single.items()
        }

    settled = settle(totals)
    if any(each.told_together() and any(one.loose for one in each.together) for each in settled.values()):
        totals = frozenset(Part)  # left out, a characteristic tells its total still, which another list withholds
        settled = settle(totals)
    hidden = {axis: each.hidden for axis, each in settled.items()}
    left_out = {axis for axis, each in settled.items() if not each.named} | _details(hidden, details, related)
    hidden |= {axis: everything(len(single[axis].groups)) for axis in left_out}
    pairs: dict[AxisKey, frozenset[Group]] = {}
    for axis, found in double.items():
        rows, columns = (_side(AxisKey(table, (name,)), single, hidden) for name in axis.names)
        chosen = cross(found, rows, columns, smallest, _withheld_before(axis, found, related))
        if chosen is None or chosen.all() or _clash(axis, found, related, divided, chosen, smallest):
            left_out.add(axis)
        else:
            pairs[axis] = _named(found, chosen)
    parts = {
        axis: {part: _named(single[axis], flags) for part, flags in of_axis.items()} for axis, of_axis in hidden.items()
    }
    return Pattern(smallest, parts, pairs, frozenset(left_out), {table: totals})


def _uncovered(
    table: str,
    axes: Axes,
    held: Released,
    others: Mapping[AxisKey, Sequence[Released]],
    totals: frozenset[Part],
) -> frozenset[Part]:
    """Return `totals` and those that, told of some of the people of `held`, would tell what it withheld of the others.

    Whoever of a group stands on this list, or on one of `others`, which are of other groups, is subtracted from those
    that `held` withheld together. Then the people of each list move only among themselves, and so do all the rest.
    """
    totals |= held.pattern.totals.get(table, frozenset())
    for axis, theirs in held.axes.items():
        if axis not in axes or not held.told(axis):
            continue
        lists = [axes[axis].states_of(theirs.groups)]
        inner = (each for each in others[axis] if each.relation(held.axes, table) == INSIDE)
        lists += [each.states_told(axis, theirs.groups) for each in inner]
        views = [View(theirs.states, [theirs.states], apart=_of_other_groups(lists))]
        named = axis not in held.pattern.left_out
        for _ in Part:
            hidden = {part: _among(theirs, held.pattern.parts[axis].get(part, ())) for part in Part}
            single = Single(views, theirs.people, held.pattern.smallest, hidden, totals, named)
            totals = with_splits(totals | single.through_total())
    return totals


def _side(axis: AxisKey, single: Axes, hidden: Mapping[AxisKey, Hidden]) -> Side:
    return Side(tuple(name for (name,) in single[axis].groups), hidden[axis])


Related = Sequence[tuple[Released, str]]


def _held(axis: AxisKey, found: Counted, divided: Sequence[Division], related: Related) -> list[Divided]:
    """Return what a characteristic is held against, unless it was told of these people: then others withheld for it."""
    if any(each.told(axis) for each, relation in related if relation == SAME):
        return []
    return [seen for each in divided if (seen := each.seen(axis, found)) is not None]


def _told_together(alone: Axes, divided: Sequence[Division], totals: frozenset[Part], smallest: int) -> frozenset[Part]:
    """Return `totals` and those that would tell how few some of a whole are, once all others are subtracted."""
    for each in divided:
        seen = next((seen for axis, found in alone.items() if (seen := each.seen(axis, found)) is not None), None)
        if seen is not None:
            totals = with_splits(totals | seen.totals_told(totals, smallest))
    return totals


def _views(axis: AxisKey, found: Counted, related: Related) -> list[View]:
    """Return what can be subtracted from what: nothing, or each earlier export that holds these people or some."""
    views = [View(found.states, [found.states])]
    for each, relation in related:
        if axis not in each.axes or relation == SAME:
            continue
        theirs = each.axes[axis].states_of(found.groups)
        if relation == INSIDE:
            views.append(View(found.states - theirs, [found.states - theirs, found.states]))
        else:
            views.append(View(found.states, [found.states, theirs - found.states], theirs))
    inner = [each for each, relation in reversed(related) if relation == INSIDE and axis in each.axes]
    together = _of_other_groups(each.states_told(axis, found.groups) for each in inner)
    if len(together) > 1:
        rest = found.states - np.sum(together, axis=0)
        views.append(View(rest, [rest, found.states]))
    return views


def _of_other_groups(lists: Iterable[Counts]) -> tuple[Counts, ...]:
    """Return lists of which no two have somebody of the same group: they are of different people, as of two areas."""
    kept: list[Counts] = []
    for counts in lists:
        there = counts.any(axis=1)
        if there.any() and not any((each.any(axis=1) & there).any() for each in kept):
            kept.append(counts)
    return tuple(kept)


def _forced(axis: AxisKey, found: Counted, related: Related) -> Hidden:
    """Return what stays withheld because it was before: shown now, it would be subtracted."""
    hidden = nothing(len(found.groups))
    for each, _ in related:
        if axis in each.pattern.left_out:
            return everything(len(found.groups))
        for part, groups in each.pattern.parts.get(axis, {}).items():
            hidden[part] |= _among(found, groups)
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
    before = [each.pattern.pairs.get(axis, frozenset()) for each, relation in related if relation == SAME]
    return _among(found, frozenset().union(*before))


def _clash(
    axis: AxisKey,
    found: Counted,
    related: Related,
    divided: Sequence[Division],
    chosen: npt.NDArray[np.bool_],
    smallest: int,
) -> bool:
    """Say whether the intersections of earlier exports and these would tell each other's."""
    if any(each.clash(axis, found, bool(chosen.any()), smallest) for each in divided):
        return True
    for each, relation in related:
        if axis in each.pattern.left_out:
            return True
        if axis in each.axes and relation != SAME:
            gap = np.abs(difference(found, each.axes[axis]))
            if each.pattern.anything(axis) or ((gap > 0) & (gap < each.pattern.smallest)).any():
                return True
    return False


def _among(found: Counted, groups: Collection[Group]) -> npt.NDArray[np.bool_]:
    return np.array([group in groups for group in found.groups], dtype=bool)


def _named(found: Counted, flags: npt.NDArray[np.bool_]) -> frozenset[Group]:
    return frozenset(group for group, hidden in zip(found.groups, flags, strict=True) if hidden)
