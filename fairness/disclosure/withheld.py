"""Takes out of an audit's cells, totals and shares what a pattern withholds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fairness.disclosure.counted import AxisKey, Cell, axis_of, group_of
from fairness.disclosure.parts import COLUMNS, WHOLES, Part, needed
from fairness.disclosure.released import Pattern
from fairness.groups import is_stated

Row = dict[str, Any]
SUPPRESSED = "suppressed for publication"
EXACT = "exact, not to leave"
"""How every table of an audit is marked: which of the two it is."""
NO_FIGURES = (
    "table", "characteristic", "group", "and_characteristic", "and_group", "metric", "stated", "binding", "required",
    "verdict",
)  # fmt: skip
_OF_THE_ORDER = ("displaced", "calibration", "rank_gap", "exposure")
_TIES = ("tied", "least", "most", "expected")
_WITHIN_AREAS = ("area_ratio", "area_ratio_low", "area_ratio_high")
_ROUNDED = 2


def withheld(cells: Sequence[Cell], pattern: Pattern) -> list[Row]:
    """Return `cells` as they may leave: bare ones are marked ``suppressed``, axes left out are not there."""
    told = _of_the_order(cells, pattern.smallest)
    return [_cell(cell, pattern, told) for cell in cells if not _left_out(cell, pattern)]


def withheld_totals(tables: Iterable[Mapping[str, Any]], pattern: Pattern) -> list[Row]:
    """Return the totals of tables without what is few."""
    out = []
    for table in tables:
        parts = pattern.totals.get(table["table"], frozenset())
        size = bool(parts & set(WHOLES)) or 0 < table["people"] < pattern.smallest
        gone = {
            "rows": size,
            "people": size,
            "selected": bool(parts),
            "outcomes": Part.OUTCOMES in parts,
            "outcomes_unknown": Part.UNKNOWN in parts,
        }
        out.append({name: None if gone.get(name) else value for name, value in table.items()})
    return out


def withheld_shares(characteristics: Iterable[Mapping[str, Any]], cells: Iterable[Cell], pattern: Pattern) -> list[Row]:
    """Return the shares of unstated rows without those that, with the totals, tell how large a withheld group is."""
    groups: dict[AxisKey, set[str]] = defaultdict(set)
    for cell in cells:
        if len(axis := axis_of(cell)) and pattern.withholds(axis, group_of(cell), tuple(WHOLES)):
            groups[axis].add(cell["group"])
    out = []
    for each in characteristics:
        hidden = groups[AxisKey(each["table"], (each["characteristic"],))]
        apart = len({is_stated(group) for group in hidden}) > 1 or pattern.totals.get(each["table"], frozenset()) & set(
            WHOLES
        )
        out.append({**each, "unrecorded": None} if apart else dict(each))
    return out


def _left_out(cell: Cell, pattern: Pattern) -> bool:
    """Say whether it is not even told that a group occurs: an intersection of a group that withholds anything."""
    axis, group = axis_of(cell), group_of(cell)
    sides = [(AxisKey(axis.table, (name,)), (one,)) for name, one in zip(axis.names, group, strict=True)]
    return axis in pattern.left_out or (len(sides) > 1 and any(pattern.withholds(*side, tuple(Part)) for side in sides))


def _cell(cell: Cell, pattern: Pattern, told: Mapping[tuple[AxisKey, str], bool]) -> Row:
    axis, group = axis_of(cell), group_of(cell)
    if pattern.withholds(axis, group, needed(cell["metric"])) or not told.get((axis, cell["metric"]), True):
        return {key: item if key in NO_FIGURES else None for key, item in cell.items()} | {"suppressed": True}
    out = dict(cell)
    for name, parts in COLUMNS.items():
        if name in out and pattern.withholds(axis, group, parts):
            out[name] = None
    if not told.get((axis, f"{cell['metric']}: ties"), True):
        out |= {name: None for name in _TIES if name in out}
    area = AxisKey(axis.table, ("area",))
    for name in (each for each in _WITHIN_AREAS if out.get(each) is not None):
        out[name] = None if pattern.anything(area) else round(out[name], _ROUNDED)
    return out


def _of_the_order(cells: Iterable[Cell], smallest: int) -> dict[tuple[AxisKey, str], bool]:
    """Say of what an axis tells of the order, which does not add up with the rest, whether none of it is about few."""
    told: dict[tuple[AxisKey, str], bool] = {}
    known: dict[tuple[AxisKey, tuple[str, ...]], Cell] = {}

    def is_few(count: Any) -> bool:
        return bool(count is not None and 0 < count < smallest)

    for cell in cells:
        axis, group, metric = axis_of(cell), group_of(cell), cell["metric"]
        if metric == "outcome":
            known[axis, group] = cell
        if is_few(cell.get("tied")):
            told[axis, f"{metric}: ties"] = False
        if metric not in _OF_THE_ORDER:
            continue
        n, events, rows = cell["n"], cell["events"], cell["rows"]
        counts = [n, rows - n]
        if events is not None and events == events:
            counts += [events, n - events]
        if metric == "calibration" and (axis, group) in known:
            like = known[axis, group]
            counts = [like["n"] - n, like["events"] - events]
        if any(map(is_few, counts)):
            told[axis, metric] = False
    return told
