"""What of an audit may leave the place where it is kept: no figure of a group of fewer than ten.

One function decides, before any page, PDF, workbook or JSON file is made, so that no format shows more than another.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from fairness.groups import is_stated

SMALLEST = 10
Cell = Mapping[str, Any]
Document = dict[str, Any]
_NO_FIGURES = ("table", "characteristic", "group", "metric", "binding", "required", "verdict")
_COUNTS = ("rows", "people", "outcomes", "n", "events")
_NO_REASONS = (
    "cells",
    "reasons",
    "alerts",
    "label_sensitivity",
)  # sentences of an audit hold figures; reports make their own


def shown(report: Mapping[str, Any], *, figures: bool = True) -> Document:
    """Return one stored audit without what is about fewer than ten.

    A group is small if ten is more than any of its counts that is not zero (cases, people, people with the outcome,
    events, cases without the event, on any measure). Small groups show no figure, and further ones, the smallest
    first, until what is hidden of a characteristic is two groups or more and no sum of theirs is small. A
    characteristic in detail is left out where the same in groups stands beside it and a detail is hidden.

    Parameters
    ----------
    report
        What `AuditReport.to_dict` returned.
    figures
        False for a list that is not released: verdicts are named, no figure is.
    """
    cells = list(report["cells"])
    if not figures:
        bare = [_bare(cell) for cell in cells if cell["binding"]]
        return {**_rest(report), "tables": [], "characteristics": [], "cells": bare, "withheld": True}
    parts = _by_characteristic(cells)
    hidden = {key: _hidden(part) for key, part in parts.items()}
    detail = {(t, c) for t, c in hidden if hidden[t, c] and (t, f"{c}_group") in hidden}
    kept = [
        _bare(cell) if cell["group"] in hidden[_partition(cell)] else dict(cell)
        for cell in cells
        if _partition(cell) not in detail
    ]
    return {
        **_rest(report),
        "tables": [_without_small(each) for each in report["tables"]],
        "characteristics": [
            _share(each, parts.get(key, []), hidden.get(key, ()))
            for each in report["characteristics"]
            for key in [(each["table"], each["characteristic"])]
        ],
        "cells": kept,
        "withheld": False,
        "left_out": sorted(list(key) for key in detail),
    }


def _rest(report: Mapping[str, Any]) -> Document:
    return {key: value for key, value in report.items() if key not in _NO_REASONS}


def _without_small(table: Mapping[str, Any]) -> Document:
    return {key: None if type(count) is int and _small(count) else count for key, count in table.items()}


def _share(each: Mapping[str, Any], cells: Collection[Cell], hidden: Collection[str]) -> Document:
    """Withhold the share of unstated cases where, with the totals, it tells how few cases a hidden group has."""
    rows = {cell["group"]: cell["rows"] for cell in cells if cell["group"] in hidden}
    sides = [sum(n for group, n in rows.items() if is_stated(group) == stated) for stated in (True, False)]
    return {**each, "unrecorded": None} if any(map(_small, sides)) else dict(each)


def _bare(cell: Cell) -> Document:
    return {key: item if key in _NO_FIGURES else None for key, item in cell.items()} | {"suppressed": True}


def _partition(cell: Cell) -> tuple[str, str]:
    return cell["table"], cell["characteristic"]


def _by_characteristic(cells: Iterable[Cell]) -> dict[tuple[str, str], list[Cell]]:
    out: dict[tuple[str, str], list[Cell]] = defaultdict(list)
    for cell in cells:
        out[_partition(cell)].append(cell)
    return out


def _hidden(cells: Collection[Cell]) -> frozenset[str]:
    """Return the groups of one characteristic that show no figure."""
    sizes = {cell["group"]: cell["rows"] for cell in cells}
    hidden = {cell["group"] for cell in cells if any(map(_small, _counts([cell])))}
    spare = sorted((group for group in sizes if group not in hidden), key=lambda group: (sizes[group], group))
    while hidden and spare and (len(hidden) < 2 or _sums_small(cells, hidden)):
        hidden.add(spare.pop(0))
    return frozenset(hidden)


def _sums_small(cells: Collection[Cell], hidden: Collection[str]) -> bool:
    by_metric: dict[str, list[Cell]] = defaultdict(list)
    for cell in cells:
        if cell["group"] in hidden:
            by_metric[cell["metric"]].append(cell)
    return any(_small(count) for part in by_metric.values() for count in _counts(part))


def _counts(cells: Collection[Cell]) -> tuple[int, ...]:
    rows, people, outcomes, n, events = (sum(cell[key] for cell in cells) for key in _COUNTS)
    return rows, people, outcomes, n, events, n - events


def _small(count: int) -> bool:
    return 0 < count < SMALLEST
