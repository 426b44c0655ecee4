"""Every way in which a table is broken down: each characteristic, the area, and two characteristics at once.

Everybody is in exactly one group of every axis. A pair's group is named by two names, never by one made of both, so
that no two groups can be taken for each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from fairness.groups import Characteristic, Codes, is_stated
from fairness.tables import AuditTable

AREA = "area"


@dataclass(frozen=True)
class Axis:
    """One way to break a table down.

    Attributes
    ----------
    names
        The characteristic, or the two.
    groups
        Each group's name, or its two.
    codes
        Shape (rows,): the place of each row's group in `groups`.
    """

    names: tuple[str, ...]
    groups: tuple[tuple[str, ...], ...]
    codes: Codes

    @property
    def size(self) -> int:
        """Number of groups."""
        return len(self.groups)

    @property
    def stated(self) -> npt.NDArray[np.bool_]:
        """Shape (groups,): did people themselves state what puts them here."""
        return np.array([all(map(is_stated, group)) for group in self.groups], dtype=bool)


def axes(table: AuditTable, groupings: Mapping[str, tuple[str, str]], *, intersections: bool = True) -> Iterator[Axis]:
    """Return the axes of `table`: characteristics in the table's order, the area, then pairs.

    A characteristic that the policy puts into groups is paired by its groups, not code by code.
    """
    every = list(table.characteristics.values())
    for one in every:
        yield single(one)
    if table.area is not None and AREA not in table.characteristics:
        yield single(table.area)
    if intersections:
        coded = {source for name, (source, _) in groupings.items() if name in table.characteristics}
        for one, other in combinations([c for c in every if c.name not in coded], 2):
            yield crossed(one, other)


def single(one: Characteristic) -> Axis:
    """Return the axis of one characteristic."""
    return Axis((one.name,), tuple((group,) for group in one.groups), one.codes)


def crossed(one: Characteristic, other: Characteristic) -> Axis:
    """Return the axis of two characteristics at once, with the pairs that occur."""
    width = len(other.groups)
    both = one.codes * width + other.codes
    found = np.flatnonzero(np.bincount(both, minlength=len(one.groups) * width))
    place = np.zeros(len(one.groups) * width, dtype=np.int64)
    place[found] = np.arange(found.size)
    groups = tuple((one.groups[code // width], other.groups[code % width]) for code in found)
    return Axis((one.name, other.name), groups, place[both])
