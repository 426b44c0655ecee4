"""The face of the room: audit a plain table under a policy.

>>> from fairness.policy import load_policy
>>> table = pd.DataFrame({"person_id": range(8), "selected": [1, 0] * 4, "outcome": [1] * 8, "sex": ["male"] * 8})
>>> print(audit(table, load_policy()).verdict)
insufficient
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from fairness.cells import UNRECORDED, Cell, measure
from fairness.depth import is_shallow, least_found
from fairness.groups import is_stated
from fairness.metrics import OUTCOME_UNKNOWN, OUTCOME_YES, STATES
from fairness.policy_schema import Binding, Policy
from fairness.report import as_json, describe_cell, describe_missing
from fairness.tables import AuditTable, read_table, split_table
from fairness.verdict import CellVerdict, Verdict, roll_up

__all__ = ["AreaCounts", "AuditReport", "Evidence", "Gap", "TableSummary", "audit", "read_table"]

Evidence = Literal["table", "backtest", "list", "cumulative"]
LIST_NEVER_PASSES = "One list alone can refuse but never pass; the mature backtest decides."
NOTHING_COMPARED = (
    "No binding characteristic has two stated groups large enough to be required to pass, so the table as a whole "
    "settles nothing."
)
TOO_SHALLOW = (
    "This list finds no more than {least:.0%} of the outcomes. So shallow a list would pass whatever it does: it could "
    "miss a small community entirely. Select further down the order, to where {depth:.0%} are found."
)
NOT_THERE = "The policy binds {name}, which the table lacks; give the column, blank where nothing is recorded."
ABSENT = "the table does not have it"


@dataclass(frozen=True)
class TableSummary:
    """How many rows were audited; `outcomes_unknown` rows are in no labelled metric."""

    table: str
    rows: int
    people: int
    selected: int
    outcomes: int
    outcomes_unknown: int
    one_row_a_person: bool


@dataclass(frozen=True)
class AreaCounts:
    """The counts of one area: rows by ``outcome * 2 + selected``, people, and people with the outcome."""

    table: str
    area: str
    states: tuple[int, ...]
    people: tuple[int, int]


@dataclass(frozen=True)
class Gap:
    """Something binding that could not be assessed; it is acknowledged by name and never counts as passed.

    `group` is None where the whole characteristic could not be assessed.
    """

    table: str
    characteristic: str
    group: str | None
    metric: str
    reason: str


@dataclass(frozen=True)
class AuditReport:
    """What an audit found.

    Attributes
    ----------
    verdict
        ``pass``, ``refuse`` or ``insufficient``.
    cells
        Every table x characteristic x metric x group; those with `binding` make the verdict.
    not_assessable
        Binding groups and characteristics that could not be assessed.
    reasons
        Plain sentences that say why the verdict is what it is and what would settle it.
    unrecorded
        (table, characteristic) -> share of rows whose group nobody stated.
    lists
        How many lists were pooled.
    areas
        How many of each state live in each area; none where the table does not say. Only disclosure control reads it.
    """

    verdict: Verdict
    evidence: Evidence
    area: str | None
    cells: tuple[Cell, ...]
    not_assessable: tuple[Gap, ...]
    reasons: tuple[str, ...]
    tables: tuple[TableSummary, ...]
    unrecorded: dict[tuple[str, str], float]
    policy: Policy
    lists: int = 1
    areas: tuple[AreaCounts, ...] = ()

    @property
    def binding(self) -> tuple[Cell, ...]:
        """The cells that make the verdict."""
        return tuple(cell for cell in self.cells if cell.binding)

    @property
    def alerts(self) -> tuple[Cell, ...]:
        """Cells that do not bind but should be looked at."""
        return tuple(cell for cell in self.cells if cell.verdict == CellVerdict.ALERT)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain JSON values, rounded to nine significant digits."""
        return as_json(self)


def audit(table: pd.DataFrame, policy: Policy, *, evidence: Evidence = "table", area: str | None = None) -> AuditReport:
    """Audit `table` under `policy`.

    Parameters
    ----------
    table
        Columns `person_id`, `selected` (0/1), `outcome` (0/1/blank); optionally `score`, `victim_id`, `area`,
        `split`. ``victim_*`` are the victim's communities, all other columns the subject's; ``X_self`` and
        ``X_observed`` are one characteristic X. Without `victim_id` one row a person (and split); with it one
        row a person and victim, audited once as distinct subjects and once as dyads clustered by person.
    evidence
        Where the table comes from. ``list`` (one meeting's list) never passes; nor does anything but ``table`` (an
        audit outside the gate) where a binding characteristic has no column at all. A ``table`` that finds hardly any
        outcome (`fairness.depth.is_shallow`) never passes.
    area
        Audit only rows of this area.

    Raises
    ------
    TableError
        If the table breaks its contract; with the column and line.
    """
    tables = split_table(table, policy.grouping_pairs, area)
    cells = tuple(measure(list(tables.values()), policy))
    unrecorded = {(t.name, n): c.unstated_share for t in tables.values() for n, c in t.characteristics.items()}
    gaps = find_gaps(cells, policy, unrecorded)
    binding = [cell for cell in cells if cell.binding]
    by_cells, verdict, caveats = conclude(binding, gaps, evidence, policy)
    reasons = [describe_cell(c, policy) for c in _telling(binding, by_cells)]
    if not _comparable(binding):
        reasons.append(NOTHING_COMPARED)
    reasons += [*caveats, *(describe_missing(gap) for gap in gaps)]
    summaries = tuple(_summary(t) for t in tables.values())
    lists = max(t.lists for t in tables.values())
    areas = tuple(each for t in tables.values() for each in _areas(t))
    return AuditReport(
        verdict, evidence, area, cells, gaps, tuple(reasons), summaries, unrecorded, policy, lists, areas
    )


def conclude(
    binding: Sequence[Cell], gaps: Sequence[Gap], evidence: Evidence, policy: Policy
) -> tuple[Verdict, Verdict, list[str]]:
    """Return the verdict of the binding cells, the audit's verdict, and the caveats that turn one into the other."""
    by_cells = roll_up([cell.verdict for cell in binding], _comparable(binding))
    if by_cells != Verdict.PASS:
        return by_cells, by_cells, []
    if evidence == "table":  # every other is drawn at the audit depth, or never passes
        shallow = is_shallow(binding, policy)
        caveats = [TOO_SHALLOW.format(least=least_found(policy), depth=policy.audit_depth_share)] if shallow else []
    else:
        caveats = [LIST_NEVER_PASSES] if evidence == "list" else []
        # A column that is not there is more often a broken join than an honest gap; a blank column says the latter.
        caveats += [NOT_THERE.format(name=gap.characteristic) for gap in gaps if gap.reason == ABSENT]
    return by_cells, Verdict.INSUFFICIENT if caveats else by_cells, caveats


def _telling(binding: Sequence[Cell], verdict: Verdict) -> list[Cell]:
    """Return the cells that explain the verdict: those refused first, then those that settle nothing."""
    order = {CellVerdict.REFUSE: 0, CellVerdict.INSUFFICIENT: 1}
    shown = [cell for cell in binding if cell.verdict in order]
    if verdict == Verdict.PASS:
        shown = [cell for cell in binding if cell.verdict == CellVerdict.PASS]
    return sorted(shown, key=lambda cell: (order.get(cell.verdict, 2), cell.p_value))


def _comparable(binding: Sequence[Cell]) -> bool:
    """Say whether some characteristic has two stated groups that are required to pass."""
    large = [(c.table, c.characteristic, c.metric) for c in binding if c.required and is_stated(c.group)]
    return len(large) > len(set(large))


def find_gaps(cells: Sequence[Cell], policy: Policy, unrecorded: dict[tuple[str, str], float]) -> tuple[Gap, ...]:
    """Return everything binding that could not be assessed, in the policy's order."""
    out = []
    for bound in policy.binding:
        share = unrecorded.get((bound.table, bound.characteristic))
        if share is None:
            out.append(_whole(bound, ABSENT))
        elif share > policy.unrecorded_max:
            out.append(_whole(bound, f"{UNRECORDED} ({share:.0%} of rows)"))
        else:
            out += [
                Gap(c.table, c.characteristic, c.group, c.metric, c.reason)
                for c in cells
                if (c.table, c.characteristic, c.metric) == (bound.table, bound.characteristic, bound.metric)
                and c.verdict == CellVerdict.NOT_ASSESSABLE
            ]
    return tuple(out)


def _whole(bound: Binding, reason: str) -> Gap:
    return Gap(bound.table, bound.characteristic, None, bound.metric, reason)


def _areas(table: AuditTable) -> Iterator[AreaCounts]:
    if table.area is None:
        return
    names, codes = table.area.groups, table.area.codes
    states = np.bincount(codes * STATES + table.state, minlength=len(names) * STATES).reshape(-1, STATES)
    lived = np.stack([codes, table.person])
    people, harmed = (
        np.bincount((np.unique(each, axis=1) if table.clustered else each)[0], minlength=len(names))
        for each in (lived, lived[:, table.state // 2 == OUTCOME_YES])
    )
    for code, name in enumerate(names):
        counts = tuple(int(count) for count in states[code])
        yield AreaCounts(table.name, name, counts, (int(people[code]), int(harmed[code])))


def _summary(table: AuditTable) -> TableSummary:
    outcome, selected = np.divmod(table.state, 2)
    return TableSummary(
        table=table.name,
        rows=table.rows,
        people=int(np.unique(table.person).size),
        selected=int(selected.sum()),
        outcomes=int((outcome == OUTCOME_YES).sum()),
        outcomes_unknown=int((outcome == OUTCOME_UNKNOWN).sum()),
        one_row_a_person=not table.clustered,
    )
