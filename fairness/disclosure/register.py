"""What has left of which audits, so that the next one is not the missing piece of those before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np

from fairness.disclosure.counted import AxisKey, Cell, Counted, counted
from fairness.disclosure.parts import Part
from fairness.disclosure.pattern import SMALLEST, decide
from fairness.disclosure.released import Axes, Pattern, Released


class Register:
    """Decides one export after the other, each knowing the ones before.

    What left once leaves in the same way again. What lies inside something that left, or holds it, withholds whatever
    the difference of the two would tell.

    >>> register = Register()
    >>> register.pattern([])
    Pattern(smallest=10, parts={}, pairs={}, left_out=frozenset(), totals={})
    """

    def __init__(self, released: Sequence[Released] = ()) -> None:
        self.released = list(released)

    def pattern(
        self,
        cells: Iterable[Cell],
        smallest: int = SMALLEST,
        *,
        details: Mapping[str, str] | None = None,
        untold: Axes = MappingProxyType({}),
    ) -> Pattern:
        """Return what is withheld of `cells`, and keep it as left.

        `untold` is what else was counted of the same people: nothing of it leaves with `cells`, but others may know
        it, as that all of a list live in one area, or be told of it by another export.
        """
        axes = counted(cells)
        known = {**untold, **axes}
        for number, each in enumerate(self.released):
            if each.pattern.smallest == smallest and _holds(each.axes, known) and all(map(each.told, axes)):
                return decide(axes, smallest, details=details, untold=untold, before=self.released[: number + 1])
        found = decide(axes, smallest, details=details, untold=untold, before=self.released)
        if axes:
            self.released.append(Released(known, found))
        return found

    def to_list(self) -> list[dict[str, Any]]:
        """Return what left as plain JSON values; it holds exact counts and leaves no more than the audits do."""
        return [_to_dict(each) for each in self.released]

    @classmethod
    def from_list(cls, released: Iterable[Mapping[str, Any]]) -> Register:
        """Return the register that `to_list` wrote."""
        return cls([_from_dict(each) for each in released])


def _holds(larger: Axes, axes: Axes) -> bool:
    """Say whether one audit counted everything that another did, and found the same."""
    return all(
        axis in larger
        and larger[axis].groups == found.groups
        and np.array_equal(larger[axis].states, found.states)
        and np.array_equal(larger[axis].people, found.people)
        for axis, found in axes.items()
    )


def _to_dict(each: Released) -> dict[str, Any]:
    pattern = each.pattern
    return {
        "smallest": pattern.smallest,
        "axes": [
            {
                "table": axis.table,
                "names": list(axis.names),
                "groups": [list(group) for group in found.groups],
                "states": found.states.tolist(),
                "people": found.people.tolist(),
                "withheld": {part.value: _sorted(groups) for part, groups in pattern.parts.get(axis, {}).items()},
                "pairs": _sorted(pattern.pairs.get(axis, frozenset())),
                "left_out": axis in pattern.left_out,
            }
            for axis, found in each.axes.items()
        ],
        "totals": {table: sorted(part.value for part in parts) for table, parts in pattern.totals.items()},
    }


def _sorted(groups: Iterable[tuple[str, ...]]) -> list[list[str]]:
    return [list(group) for group in sorted(groups)]


def _from_dict(document: Mapping[str, Any]) -> Released:
    axes, parts, pairs, left_out = {}, {}, {}, set()
    for each in document["axes"]:
        axis = AxisKey(each["table"], tuple(each["names"]))
        groups = tuple(tuple(group) for group in each["groups"])
        states, people = (np.array(each[name], dtype=np.int64).reshape(len(groups), -1) for name in _COUNTS)
        axes[axis] = Counted(groups, states, people)
        if each["left_out"]:
            left_out.add(axis)
        if each["withheld"]:
            parts[axis] = {Part(name): _groups(found) for name, found in each["withheld"].items()}
        elif len(axis.names) == 2 and not each["left_out"]:
            pairs[axis] = _groups(each["pairs"])
    totals = {table: frozenset(map(Part, found)) for table, found in document["totals"].items()}
    return Released(axes, Pattern(document["smallest"], parts, pairs, frozenset(left_out), totals))


_COUNTS = ("states", "people")


def _groups(listed: Iterable[Sequence[str]]) -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(group) for group in listed)
