"""What leaves of generated audits, attacked: every figure of a report and of the long table, of one list and of two."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from benchmarks.audited.exported import exported, exported_pair
from fairness import audit, break_down, read_policy
from fairness.diagnosis import missed_harm_bounds
from fairness.disclosure import Register, suppressed_table
from fairness.papers.labels import kept
from fairness.papers.shown import shown, shown_diagnosis
from fairness.policy_schema import Disclosure, Policy
from fairness.recovery import Export, recover, small_counts

TABLES_A_BLOCK, PAIRS_A_BLOCK = 10, 4
SMALLEST = 10
Inside = Collection[tuple[int, int]]


@dataclass
class Tally:
    """What was tried and found over a block of lists.

    `figures` and `shown` count cells; `small` the counts that were gone for; `primary_rule` those recovered of the
    first list (or pair) where only figures that tell a small count themselves are blank; `recovered` those recovered
    of all from what leaves.
    """

    tables: int = 0
    figures: int = 0
    shown: int = 0
    small: int = 0
    primary_rule: int = 0
    recovered: int = 0


def disclosed(exports: str, block: int) -> dict[str, Any]:
    """Return the tally of a block of lists that leave alone (``one``) or one after the other (``two``)."""
    tally, policy = Tally(), read_policy()
    for left, inside in (_alone if exports == "one" else _in_turn)(block, policy):
        given = {"inside": inside, "groupings": policy.grouping_pairs}
        if not tally.tables:
            tally.primary_rule = len(recover([_primary(each) for each in left], SMALLEST, **given))
        tally.tables += 1
        tally.figures += sum(len(each.exact["cells"]) for each in left)
        tally.shown += sum(1 for each in left for cell in each.shown["cells"] if not _is_blank(cell))
        tally.small += small_counts(left, SMALLEST, inside=inside)
        tally.recovered += len(recover(left, SMALLEST, **given))
    return vars(tally)


def _alone(block: int, policy: Policy) -> Iterator[tuple[list[Export], Inside]]:
    for seed in range(block * TABLES_A_BLOCK, (block + 1) * TABLES_A_BLOCK):
        yield [leaving(exported(seed), policy, Register())], ()


def _in_turn(block: int, policy: Policy) -> Iterator[tuple[list[Export], Inside]]:
    for seed in range(block * PAIRS_A_BLOCK, (block + 1) * PAIRS_A_BLOCK):
        pair, register = exported_pair(seed), Register()
        left: list[Export] = []
        for people, smallest in zip(pair.lists, pair.smallest, strict=True):
            asked = policy.model_copy(update={"disclosure": Disclosure(smallest=smallest)})
            left.append(leaving(people, asked, register))
        yield left, pair.inside


def leaving(people: pd.DataFrame, policy: Policy, register: Register) -> Export:
    """Return what leaves of one list: its report, and then the long table of every number."""
    report = audit(people, policy).to_dict()
    numbers = break_down(people, policy).table
    told, table = shown(report, register=register), suppressed_table(numbers, policy, register)
    return Export(
        {**told, "cells": told["cells"] + _records(table), "elsewhere": [*elsewhere(people, policy, report, told)]},
        {**report, "cells": report["cells"] + _records(numbers)},
    )


def elsewhere(
    people: pd.DataFrame, policy: Policy, report: Mapping[str, Any], told: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    """Yield the cells that bounds for unrecorded people and label sensitivity are computed from, as told in full."""
    bounds = shown_diagnosis({"bounds": missed_harm_bounds(people, policy)}, told)["bounds"]
    bounded = {(each["table"], each["characteristic"]) for each in bounds}
    for cell in report["cells"]:
        if cell["metric"] == "missed_harm" and (cell["table"], cell["characteristic"]) in bounded:
            yield {**cell}
    for row in kept(report, told["cells"]):
        for metric in ("found", "fpr"):
            yield {name: row[name] for name in ("table", "characteristic", "group")} | {"metric": metric, "events": 0}


def _records(numbers: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {str(name): None if pd.isna(value) else value for name, value in row.items()}
        for row in numbers.to_dict("records")
    ]


def _primary(each: Export) -> Export:
    """Return an export in which only those figures are blank that tell a small count themselves."""
    return Export({**each.exact, "cells": [_without_few(cell) for cell in each.exact["cells"]]}, each.exact)


def _without_few(cell: Mapping[str, Any]) -> Mapping[str, Any]:
    counts = [cell["n"], cell["rows"]]
    if cell["events"] is not None:
        counts += [cell["events"], cell["n"] - cell["events"]]
    if not any(0 < count < SMALLEST for count in counts):
        return cell
    kept = ("table", "characteristic", "group", "and_characteristic", "and_group", "metric")
    return {name: cell[name] for name in kept if name in cell}


def _is_blank(cell: Mapping[str, Any]) -> bool:
    return cell["n"] is None
