"""Which groups of a characteristic are withheld whole, where what was counted of them is no audit's six rates.

All counts of a group go together: whoever is in one of the groups withheld could be in any other of them, so a count
can lie anywhere between nothing and what they have together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import numpy as np

from fairness.disclosure.counted import AxisKey, Cell, Counts, Group, axis_of, group_of
from fairness.disclosure.parts import Part
from fairness.disclosure.released import Pattern
from fairness.metrics import METRICS


def is_audit(cells: Iterable[Cell]) -> bool:
    """Say whether `cells` have the rates of an audit, from which the counts of each group can be told apart."""
    return METRICS.keys() <= {cell["metric"] for cell in cells}


def whole_groups(cells: Iterable[Cell], smallest: int) -> Pattern:
    """Return what is withheld of cells of any kind; a characteristic in detail is left out beside ``X_group``."""
    counts: dict[AxisKey, dict[Group, list[int]]] = defaultdict(lambda: defaultdict(list))
    for cell in cells:
        few = (cell["rows"], cell["people"], cell["outcomes"], cell["n"], cell["events"], cell["n"] - cell["events"])
        counts[axis_of(cell)][group_of(cell)] += few
    parts = {}
    for axis, groups in counts.items():
        hidden = _hidden(np.array(list(groups.values()), dtype=np.int64), smallest)
        named = frozenset(group for number, group in enumerate(groups) if number in hidden)
        parts[axis] = dict.fromkeys(Part, named)
    left_out = {
        axis
        for axis, of_axis in parts.items()
        if AxisKey(axis.table, (f"{axis.names[0]}_group",)) in parts and any(of_axis.values())
    }
    return Pattern(smallest, parts, left_out=frozenset(left_out))


def _hidden(counts: Counts, smallest: int) -> set[int]:
    """Return the rows of `counts` to withhold: those with a small count, and the smallest others until none is told."""

    def few(of: Counts) -> bool:
        return bool(((of > 0) & (of < smallest)).any())

    hidden = {number for number, own in enumerate(counts) if few(own)}
    spare = sorted(set(range(len(counts))) - hidden, key=lambda number: (int(counts[number, 0]), number))
    while hidden and spare and (len(hidden) < 2 or few(counts[list(hidden)].sum(axis=0))):
        hidden.add(spare.pop(0))
    return hidden
