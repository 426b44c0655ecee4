"""The counts behind an audit's cells: of each group the six states, people, and people with the outcome."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Counts = npt.NDArray[np.int64]
Cell = Mapping[str, Any]
Group = tuple[str, ...]


class AxisKey(NamedTuple):
    """A table and the characteristic, or the two, that break it down."""

    table: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class Counted:
    """The counts of one axis.

    Attributes
    ----------
    groups
        Each group's name, or its two.
    states
        Shape (groups, 6): rows by ``outcome * 2 + selected``.
    people
        Shape (groups, 2): distinct people, and distinct people with the outcome.
    """

    groups: tuple[Group, ...]
    states: Counts
    people: Counts

    def states_of(self, groups: Iterable[Group]) -> Counts:
        """Return the states of some groups; one that is not there has nobody."""
        at = {group: row for row, group in enumerate(self.groups)}
        nobody = np.zeros(self.states.shape[1], dtype=np.int64)
        rows = [self.states[at[group]] if group in at else nobody for group in groups]
        return np.array(rows, dtype=np.int64).reshape(-1, self.states.shape[1])


def axis_of(cell: Cell) -> AxisKey:
    """Return the axis of a cell of a report or of the long table."""
    second = cell.get("and_characteristic") or ""
    return AxisKey(cell["table"], (cell["characteristic"], second) if second else (cell["characteristic"],))


def group_of(cell: Cell) -> Group:
    """Return the group of a cell: its name, or its two."""
    return (cell["group"], cell["and_group"]) if cell.get("and_characteristic") else (cell["group"],)


def counted(cells: Iterable[Cell]) -> dict[AxisKey, Counted]:
    """Return the counts that the rates of `cells` were formed from, in the order of the cells."""
    found: dict[AxisKey, dict[Group, dict[str, Cell]]] = defaultdict(lambda: defaultdict(dict))
    for cell in cells:
        found[axis_of(cell)][group_of(cell)][cell["metric"]] = cell
    return {axis: _counted(groups) for axis, groups in found.items()}


def areas_counted(areas: Iterable[Mapping[str, Any]]) -> dict[AxisKey, Counted]:
    """Return the counts of each table's areas, of which a report shows no rates (`AuditReport.areas`)."""
    found: dict[AxisKey, list[Mapping[str, Any]]] = defaultdict(list)
    for each in areas:
        found[AxisKey(each["table"], ("area",))].append(each)
    return {
        axis: Counted(
            tuple((each["area"],) for each in of_table),
            np.array([each["states"] for each in of_table], dtype=np.int64),
            np.array([each["people"] for each in of_table], dtype=np.int64),
        )
        for axis, of_table in found.items()
    }


def _counted(groups: Mapping[Group, Mapping[str, Cell]]) -> Counted:
    states = [_states(by_metric) for by_metric in groups.values()]
    people = [(by_metric["selection"]["people"], by_metric["selection"]["outcomes"]) for by_metric in groups.values()]
    return Counted(tuple(groups), np.array(states, dtype=np.int64), np.array(people, dtype=np.int64))


def _states(by_metric: Mapping[str, Cell]) -> tuple[int, ...]:
    def pair(metric: str) -> tuple[int, int]:
        return int(by_metric[metric]["n"]), int(by_metric[metric]["events"])

    (rows, selected), (known, _) = pair("selection"), pair("outcome")
    (_, missed), (_, found) = pair("missed_harm"), pair("found")
    (unharmed, alarms), (selected_known, _) = pair("fpr"), pair("precision")
    unknown_selected = selected - selected_known
    return unharmed - alarms, alarms, missed, found, rows - known - unknown_selected, unknown_selected
