"""What of an audit may leave the place where it is kept: no figure that tells of a few people, alone or together.

One function decides, before any page, PDF, workbook or JSON file is made, so that no format shows more than another.
What is withheld is decided in `fairness.disclosure`; a register of what left before keeps two exports from telling
together what neither tells alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from fairness.diagnosis.drivers import TOLD
from fairness.disclosure import (
    SMALLEST,
    SUPPRESSED,
    Register,
    areas_counted,
    withheld,
    withheld_shares,
    withheld_totals,
)
from fairness.disclosure.whole import is_audit, whole_groups
from fairness.groups import is_unrecorded
from fairness.papers.readings import closed_readings
from fairness.tables import SUBJECTS

__all__ = ["SMALLEST", "SUPPRESSED", "shown", "shown_diagnosis"]

Cell = Mapping[str, Any]
Document = dict[str, Any]
_NO_FIGURES = ("table", "characteristic", "group", "metric", "binding", "required", "verdict")
_MADE_ANEW = ("cells", "reasons", "alerts", "label_sensitivity", "areas")  # they hold figures; a report makes its own


def shown(report: Mapping[str, Any], *, figures: bool = True, register: Register | None = None) -> Document:
    """Return one stored audit without what must not leave.

    Parameters
    ----------
    report
        What `AuditReport.to_dict` returned; cells of any other rates are withheld group by group.
    figures
        False for a list that is not released: verdicts are named, no figure is.
    register
        What left before; this audit is added to it. None if it is looked at alone.
    """
    cells = list(report["cells"])
    rest = {key: value for key, value in report.items() if key not in _MADE_ANEW} | {"marked": SUPPRESSED}
    if not figures:
        bare = [_bare(cell) for cell in cells if cell["binding"]]
        return {**rest, "tables": [], "characteristics": [], "cells": bare, "withheld": True}
    smallest = report.get("smallest", SMALLEST)
    if is_audit(cells):
        register = Register() if register is None else register
        untold = areas_counted(report.get("areas", ()))
        pattern = register.pattern(cells, smallest, details=dict(_details(report)), untold=untold)
    else:
        pattern = whole_groups(cells, smallest)
    return {
        **rest,
        "tables": withheld_totals(report["tables"], pattern),
        "characteristics": withheld_shares(report["characteristics"], cells, pattern),
        "cells": withheld(cells, pattern),
        "withheld": False,
        "left_out": sorted([axis.table, *axis.names] for axis in pattern.left_out),
    }


def shown_diagnosis(diagnosis: Mapping[str, Any], backtest: Mapping[str, Any]) -> Document:
    """Return what may leave of the diagnosis of a backtest, of which `shown` made `backtest`.

    The same ratio in another place is the same figure: a group that withholds its missed harm there has none here, nor
    has one where another reading's own counts are few, or differ by few (`fairness.papers.readings`), and
    a characteristic that withholds how many are unrecorded none of theirs. What unrecorded people could hide is told
    of a characteristic of which every group's missed harm is, with its people and its table's totals: it is computed
    from all of them, and told only of groups with enough people. What moves a group's places apart is told of subjects'
    groups whose missed harm is: which way it moves them narrows what a small count can be. Of an area's own backtest
    only the names of indicators leave, in the order of the alphabet.
    """
    out, reporters = dict(diagnosis), diagnosis.get("reporters", {})
    open_ = {_key(cell) for cell in backtest["cells"] if cell["metric"] == "missed_harm" and not cell.get("suppressed")}
    if reporters.get("readings"):
        closed = closed_readings(reporters["readings"], open_, backtest.get("smallest", SMALLEST))
        readings = [
            {**each, "cells": [_ratio_of(cell, (each["name"], _key(cell)) in closed) for cell in each["cells"]]}
            for each in reporters["readings"]
        ]
        heads = tuple(f"{name.replace('_', ' ')} {group!r} ({table})" for _, (table, name, group) in closed)
        says = [line for line in reporters["says"] if not line.startswith(heads)]
        out["reporters"] = {**reporters, "readings": readings, "says": says}
    if "drivers" in out:
        out["drivers"] = [d for d in out["drivers"] if (SUBJECTS, d["characteristic"], d["group"]) in open_]
    if "areas" in out:
        out["areas"] = {area: {"drivers": list(_names_only(found["drivers"]))} for area, found in out["areas"].items()}
    if "missingness" in out:
        gone = _unrecorded_withheld(backtest)
        out["missingness"] = [
            {**each, "unrecorded": None} if each["characteristic"] in gone else each for each in out["missingness"]
        ]
    if "bounds" in out:
        whole = _told_whole(backtest)
        out["bounds"] = [each for each in out["bounds"] if (each["table"], each["characteristic"]) in whole]
    return out


def _names_only(drivers: Iterable[Mapping[str, Any]]) -> Iterator[Document]:
    """Yield which indicators are shown to set people with the outcome apart; neither which way nor by how much.

    Nothing of people below the line: it would say how many of them there are at least.
    """
    for each in drivers:
        if each["side"] == "harmed":
            apart = sorted(one["name"] for one in each["indicators"][:TOLD] if one["low"] > 0 or one["high"] < 0)
            head = {name: each[name] for name in ("side", "characteristic", "group")}
            yield {**head, "indicators": [{"name": name} for name in apart]}


def _unrecorded_withheld(backtest: Mapping[str, Any]) -> set[str]:
    """Return the characteristics of which it would tell of few how many subjects are unrecorded or only observed.

    The sum of some of the groups that withhold their people takes the others of these apart.
    """
    own = [cell for cell in backtest["cells"] if cell["table"] == SUBJECTS]
    sizes = {_key(cell)[1:] for cell in own if cell.get("people") is not None}
    sides: dict[str, set[bool]] = defaultdict(set)
    for name, group in {_key(cell)[1:] for cell in own} - sizes:
        sides[name].add(is_unrecorded(group))
    gone = {each["characteristic"] for each in backtest["characteristics"] if each["unrecorded"] is None}
    return gone | {name for name, of_hidden in sides.items() if len(of_hidden) > 1}


def _told_whole(backtest: Mapping[str, Any]) -> set[tuple[str, str]]:
    """Return each table and characteristic that tells every group's missed harm and people, and the table's totals."""
    cells = [cell for cell in backtest["cells"] if cell["metric"] == "missed_harm"]
    counted = {each["table"] for each in backtest["tables"] if None not in each.values()}
    closed = {_key(cell)[:2] for cell in cells if cell.get("suppressed") or cell["people"] is None}
    return {_key(cell)[:2] for cell in cells if cell["table"] in counted} - closed


def _key(cell: Cell) -> tuple[str, str, str]:
    return cell["table"], cell["characteristic"], cell["group"]


def _ratio_of(cell: Cell, closed: bool) -> Document:
    """Return one cell of a reading without its counts, and without its ratio where it is closed."""
    told = {name: value for name, value in cell.items() if name != "counted"}
    return {**told, **dict.fromkeys(("n", "ratio", "low", "high"))} if closed else told


def _details(report: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Return what stands in groups beside its detail; an audit of earlier days names it by its ending alone."""
    if "groupings" in report:
        yield from report["groupings"].items()
        return
    for each in report["characteristics"]:
        name = each["characteristic"]
        if name.endswith("_group"):
            yield name, name.removesuffix("_group")


def _bare(cell: Cell) -> Document:
    return {key: item if key in _NO_FIGURES else None for key, item in cell.items()} | {"suppressed": True}
