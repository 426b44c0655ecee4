"""The same lists read again: another outcome, or another history, and what becomes of each community's ratio.

What the police generate follows where the police look; what a victim reports follows whom victims trust. Neither is
the truth, and a ratio that depends on which is counted says that recording has a part in it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from fairness.cells import Cell, measure
from fairness.policy_schema import Policy
from fairness.tables import split_table

MISSED = "missed_harm"
NONE_APART = "No community's ratio lies apart from that of the audit in any reading."
Row = dict[str, Any]


@dataclass(frozen=True)
class Reading:
    """One way to read the backtest.

    Attributes
    ----------
    name, title
        A key, and what is counted, in words.
    table
        The audited table with that outcome, selected at that history's own audit depth.
    """

    name: str
    title: str
    table: pd.DataFrame


def missed_harm_cells(table: pd.DataFrame, policy: Policy) -> list[Cell]:
    """Return the missed-harm cells of the binding characteristics, each as `fairness.audit` measures it."""
    tables = split_table(table, policy.grouping_pairs)
    bound = {(each.table, each.characteristic) for each in policy.binding if each.metric == MISSED}
    wanted = [
        replace(part, characteristics={n: c for n, c in part.characteristics.items() if (part.name, n) in bound})
        for part in tables.values()
    ]
    return [cell for cell in measure(wanted, policy) if cell.metric == MISSED]


def assessable(cell: Cell, policy: Policy) -> bool:
    """Say whether a cell and everyone else beside it reach the policy's floor."""
    floor = policy.floor
    return cell.people >= floor.people and min(cell.outcomes, cell.others_n) >= floor.outcomes


def read_again(readings: Iterable[Reading], policy: Policy) -> Row:
    """Return each community's missed-harm ratio in every reading, and where two readings are apart.

    Returns
    -------
    dict
        ``readings``: ``name``, ``title`` and ``cells`` (table, characteristic, group; n, ratio, low, high, None under
        the floor; ``counted``, with harm and missed, which decides what leaves); ``says``: a sentence for each
        community and reading whose interval does not meet the first one's.
    """
    told = []
    for each in readings:  # tables of a large force are held one at a time
        cells = [_row(cell, policy) for cell in missed_harm_cells(each.table, policy)]
        told.append((each.name, each.title, cells))
    (_, audit, audited), *others = told
    first = {_key(row): row for row in audited}
    says = [
        _apart(first[_key(row)], audit, row, title)
        for _, title, cells in others
        for row in cells
        if _key(row) in first and _are_apart(first[_key(row)], row)
    ]
    rows = [{"name": name, "title": title, "cells": cells} for name, title, cells in told]
    return {"readings": rows, "says": says or [NONE_APART]}


def _row(cell: Cell, policy: Policy) -> Row:
    """Return a cell as plain values; one under the floor has no ratio; ``counted`` never leaves."""
    row: Row = {"table": cell.table, "characteristic": cell.characteristic, "group": cell.group}
    row["counted"] = [cell.n, cell.events]
    if not assessable(cell, policy):
        return row | dict.fromkeys(("n", "ratio", "low", "high"))
    return row | {"n": cell.n, "ratio": cell.ratio, "low": cell.ratio_low, "high": cell.ratio_high}


def _key(row: Row) -> tuple[str, str, str]:
    return row["table"], row["characteristic"], row["group"]


def _are_apart(one: Row, other: Row) -> bool:
    if one["low"] is None or other["low"] is None:
        return False
    above = one["high"] is not None and other["low"] > one["high"]
    return bool(above or (other["high"] is not None and other["high"] < one["low"]))


def _apart(one: Row, first: str, other: Row, title: str) -> str:
    name = f"{other['characteristic'].replace('_', ' ')} {other['group']!r} ({other['table']})"
    return f"{name}: missed {_told(other)} with {title}, {_told(one)} with {first}. The two intervals do not meet."


def _told(row: Row) -> str:
    high = "no upper end" if row["high"] is None else f"{row['high']:.2f}"
    ratio = "no ratio" if row["ratio"] is None else f"{row['ratio']:.2f} times as often as everyone else"
    return f"{ratio} ({row['low']:.2f} to {high})"
