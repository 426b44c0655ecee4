"""Each metric of each group over successive lists, and whether it has moved.

Two things are told of a list. Its *point* is the audit of the whole list: rates, ratios, intervals. Lists overlap, so
points are no independent witnesses and no alarm is made of them. Its *new people* are: for selection, those who had
not stood above the line of an earlier list (and could have); for metrics of people with the outcome, those whose
outcome no earlier list had counted. Each person speaks once, so charts over new people have a stated rate of false
alarms (`fairness.alarms`). The first list of an area finds everybody new, which no later list does: selection is
charted from the second on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import pandas as pd

from fairness.alarms import SLACK, SPAN, Chart, Observed, run_chart, threshold_of
from fairness.audit import AuditReport, audit
from fairness.cells import Cell, measure
from fairness.metrics import METRICS
from fairness.papers.shown import SMALLEST
from fairness.policy_schema import Policy
from fairness.tables import split_table

Kind = Literal["backtest", "released"]
Key = tuple[str, str, str, str]
SELECTION = "selection"


@dataclass(frozen=True)
class ListTable:
    """One list, as an audited table (`fairness.audit.audit`) with the columns `area` and, optionally, `split`.

    Parameters
    ----------
    label
        The list's name among all lists.
    as_of
        Its date, ISO.
    """

    label: str
    as_of: str
    kind: Kind
    table: pd.DataFrame


@dataclass(frozen=True)
class Point:
    """The audit of one whole list."""

    label: str
    as_of: str
    kind: Kind
    report: AuditReport


@dataclass(frozen=True)
class Alarm:
    """A chart that rang, or could not be drawn yet; see `fairness.alarms.Chart`."""

    key: Key
    chart: Chart


def points(lists: Sequence[ListTable], policy: Policy) -> tuple[Point, ...]:
    """Return the audit of each list by itself, in the order given."""
    return tuple(
        Point(each.label, each.as_of, each.kind, audit(each.table, policy, evidence=_EVIDENCE[each.kind]))
        for each in lists
    )


_EVIDENCE: Mapping[Kind, Literal["backtest", "list"]] = {"backtest": "backtest", "released": "list"}


def first_selected(lists: Sequence[ListTable]) -> Iterator[ListTable]:
    """Yield lists without the people who stood above the line of an earlier one; no area's first list.

    >>> rows = pd.DataFrame({"person_id": ["a", "b"], "selected": [1, 0], "outcome": [None, None], "area": "x"})
    >>> [list(each.table["person_id"]) for each in first_selected([ListTable(n, n, "released", rows) for n in "12"])]
    [['b']]
    """
    before: set[str] = set()
    areas: set[str] = set()
    for each in lists:
        new = each.table[~each.table["person_id"].isin(before) & each.table["area"].isin(areas)]
        if len(new):
            yield ListTable(each.label, each.as_of, each.kind, new)
        before |= set(each.table.loc[each.table["selected"] == 1, "person_id"])
        areas |= set(each.table["area"])


def first_outcomes(lists: Sequence[ListTable]) -> Iterator[ListTable]:
    """Yield the people of each list who had the outcome, where no earlier list counted them with it."""
    before: set[str] = set()
    for each in lists:
        harmed = each.table[pd.to_numeric(each.table["outcome"], errors="coerce").eq(1)]
        new = harmed[~harmed["person_id"].isin(before)]
        if len(new):
            yield ListTable(each.label, each.as_of, each.kind, new)
        before |= set(harmed["person_id"])


def alarms(
    selected: Sequence[ListTable],
    labelled: Sequence[ListTable],
    policy: Policy,
    backtest: AuditReport | None = None,
) -> tuple[Alarm, ...]:
    """Return a chart for each group of the policy's binding characteristics, of its selection and binding metrics.

    Parameters
    ----------
    selected
        Lists, oldest first, with `selected` as they were released.
    labelled
        Lists whose outcomes are known, oldest first, with `selected` at the line that the binding metrics need.
    backtest
        What the first of `labelled` are compared with, besides each other.
    """
    found = _observed(list(first_selected(selected)), policy, {SELECTION})
    # People with the outcome are all that is kept of a labelled list: only their metrics can be charted.
    wanted = {bound.metric for bound in policy.binding} & {"missed_harm", "found"}
    for key, seen in _observed(list(first_outcomes(labelled)), policy, wanted).items():
        before = [] if backtest is None else [_of("backtest", cell) for cell in backtest.cells if cell.key == key]
        found[key] = [*before, *seen]
    threshold = threshold_of(max(1, len(found)), policy.alpha)
    return tuple(Alarm(key, run_chart(seen, threshold)) for key, seen in found.items())


def _observed(lists: Sequence[ListTable], policy: Policy, metrics: set[str]) -> dict[Key, list[Observed]]:
    bound = {(each.table, each.characteristic) for each in policy.binding}
    out: dict[Key, list[Observed]] = defaultdict(list)
    for each in lists:
        tables = split_table(each.table, policy.grouping_pairs)
        for cell in measure(list(tables.values()), policy):
            if cell.metric in metrics and (cell.table, cell.characteristic) in bound:
                out[cell.key].append(_of(each.label, cell))
    return dict(out)


def _of(label: str, cell: Cell) -> Observed:
    """Return a cell's counts, divided by how many rows say as much as one."""
    others = cell.others_n * (cell.others_value or 0.0)
    counts = (count / cell.design_effect for count in (cell.events, cell.n, others, cell.others_n))
    return Observed(label, *counts)


def describe_rule(charts: int, policy: Policy) -> str:
    """Return the alarm rule with its rate of false alarms, in words."""
    if not charts:
        return "No community can be followed from list to list yet: an alarm needs lists beside earlier ones."
    height = threshold_of(charts, policy.alpha)
    return (
        f"An alarm rings where a group's ratio to everyone else has moved from what it was on all lists before: "
        f"a two-sided CUSUM over people who are new (slack {SLACK:g}, height {height:.2f}). "
        f"If nothing changes, the chance that any of the {charts} charts rings within {SPAN} increments is at most "
        f"{policy.alpha:.0%}."
    )


def describe_ring(key: Key, ring: Mapping[str, Any]) -> str:
    """Return one alarm in words: whose, what, since when, from what to what.

    Parameters
    ----------
    ring
        A `fairness.alarms.Ring` as plain values.
    """
    table, characteristic, group, metric = key
    name = characteristic.replace("_", " ")
    how = "more" if ring["direction"] == "up" else "less"
    moved = f"{how} often than before, beside everyone else, on lists from {ring['since']} to {ring['at']}"
    # A ratio beside the counts of a page would tell how few there are.
    ratios = f" ({ring['after']:.2f} times, {ring['before']:.2f} before)" if ring["least"] >= SMALLEST else ""
    return f"{name} {group!r} ({table}): {METRICS[metric].question}: {moved}{ratios}."


def as_json(found: Sequence[Alarm], policy: Policy) -> dict[str, Any]:
    """Return charts as plain JSON values: the rule, the rings, and how many increments each chart has.

    How far a chart is from ringing is left out: a page's reader could work out from it what is withheld of the lists.
    """
    keys = ("table", "characteristic", "group", "metric")
    return {
        "rule": describe_rule(len(found), policy),
        "charts": [
            dict(zip(keys, each.key, strict=True))
            | {
                "ringing": bool(each.chart.rings),
                "increments": len(each.chart.steps),
                "threshold": round(each.chart.threshold, 6),
                "waiting": each.chart.waiting,
                "rings": [
                    {name: getattr(ring, name) for name in ("at", "since", "direction")} for ring in each.chart.rings
                ],
            }
            for each in found
        ],
        "rang": [describe_ring(each.key, asdict(ring)) for each in found for ring in each.chart.rings],
    }
