"""Measures every group of every characteristic: counts in, judged cells out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from fairness.clusters import design_effects
from fairness.counts import GroupCounts, count
from fairness.groups import Characteristic
from fairness.intervals import Floats, difference_interval, exact_rate, ratio_interval
from fairness.metrics import METRICS, Metric
from fairness.policy_schema import Floor, Policy
from fairness.power import minimum_detectable_ratio, outcomes_needed
from fairness.tables import AuditTable
from fairness.verdict import CellVerdict, holm, no_gap_p_value, outside_p_value

UNDER_FLOOR = "under the floor"
OTHERS_UNDER_FLOOR = "everyone else is under the floor"
UNRECORDED = "the characteristic is unrecorded too often"
Flags = npt.NDArray[np.bool_]
ONLY_REFUSE = "enough people to refuse, too few to be required to pass"
BEYOND_BY_CHANCE = f"{ONLY_REFUSE}; the ratio lies beyond the agreed range, which chance alone can do among so few"
LEANS = "leans towards a gap, too few to settle it"


@dataclass(frozen=True)
class Cell:
    """One group's rate on one metric beside everyone else's in the same table.

    Attributes
    ----------
    rows, people, outcomes
        Rows of the group; distinct persons in them; distinct persons with the outcome.
    n, events, value
        Trials and events of the metric, and their quotient (None without trials).
    low, high
        Exact interval of `value` at level 1 - alpha.
    others_n, others_value
        The same for all other rows of the table.
    ratio, ratio_low, ratio_high
        `value` / `others_value` with its score interval at level 1 - 2 alpha, which is what decides; None where
        there is no ratio or no upper end.
    difference, difference_low, difference_high
        `value` - `others_value`, at the same level.
    design_effect
        Rows that say as much as one independent row, for the ratio.
    minimum_detectable_ratio
        The smallest true ratio above 1 that this cell would refuse four times in five; None where none can exist.
    outcomes_to_settle
        Trials this group needs for a list without a gap to pass four times in five.
    p_value, p_holm
        Of "the ratio lies within the margin"; adjusted over the binding cells judged.
    """

    table: str
    characteristic: str
    group: str
    metric: str
    binding: bool
    rows: int
    people: int
    outcomes: int
    n: int
    events: int
    value: float | None
    low: float
    high: float
    others_n: int
    others_value: float | None
    ratio: float | None
    ratio_low: float
    ratio_high: float | None
    difference: float | None
    difference_low: float
    difference_high: float
    design_effect: float
    minimum_detectable_ratio: float | None
    outcomes_to_settle: int | None
    p_value: float
    p_holm: float | None
    verdict: CellVerdict
    reason: str
    required: bool

    @property
    def key(self) -> tuple[str, str, str, str]:
        """(table, characteristic, group, metric): never the group's name alone."""
        return self.table, self.characteristic, self.group, self.metric


@dataclass(frozen=True)
class _Measured:
    """Counts of the cells of one characteristic and metric, before intervals."""

    counts: GroupCounts
    metric: Metric
    binding: bool
    recorded: bool
    rate_effect: Floats
    ratio_effect: Floats


def measure(tables: Sequence[AuditTable], policy: Policy) -> list[Cell]:
    """Return the judged cells of all tables, in the order table, characteristic, metric, group."""
    measured = [
        part
        for table in tables
        for characteristic in table.characteristics.values()
        for part in _parts(table, characteristic, policy)
    ]
    return judge(_cells(measured, policy), policy)


def _parts(table: AuditTable, characteristic: Characteristic, policy: Policy) -> list[_Measured]:
    counts = count(table, characteristic)
    recorded = characteristic.unstated_share <= policy.unrecorded_max
    out = []
    for metric in METRICS.values():
        effects = design_effects(table, characteristic, metric)
        binding = policy.binds(table.name, characteristic.name, metric.name)
        out.append(_Measured(counts, metric, binding, recorded, effects.rate, effects.ratio))
    return out


@dataclass(frozen=True)
class _Estimates:
    """Everything that is computed for all cells at once; shape (cells,) each."""

    x1: Floats
    n1: Floats
    x2: Floats
    n2: Floats
    low: Floats
    high: Floats
    ratio_low: Floats
    ratio_high: Floats
    gap_low: Floats
    gap_high: Floats
    effect: Floats
    p_value: Floats
    detectable: Floats
    to_settle: Floats
    judged: Flags
    required: Flags


def _cells(measured: Sequence[_Measured], policy: Policy) -> list[Cell]:
    """Return the cells not yet judged; all intervals are formed in one call, which costs what one cell does."""
    if not measured:
        return []
    estimates = _estimate(measured, policy)
    places = [(part, group) for part in measured for group in range(len(part.counts.groups))]
    return [_cell(part, group, estimates, at, policy.floor) for at, (part, group) in enumerate(places)]


def _estimate(measured: Sequence[_Measured], policy: Policy) -> _Estimates:
    x1, n1, x2, n2 = (np.concatenate(columns) for columns in zip(*map(_two_sides, measured), strict=True))
    own = np.concatenate([m.rate_effect for m in measured])
    both = np.concatenate([m.ratio_effect for m in measured])
    sides = (x1 / both, n1 / both, x2 / both, n2 / both)
    margin, alpha = policy.margin.ends, policy.alpha
    low, high = exact_rate(x1 / own, n1 / own, 1 - alpha)
    ratio_low, ratio_high = ratio_interval(*sides, 1 - 2 * alpha)
    gap_low, gap_high = difference_interval(*sides, 1 - 2 * alpha)
    overall = (x1 + x2) / np.maximum(n1 + n2, 1)
    judged = [_judged(m, policy.floor) for m in measured]
    family = max(1, sum(int(flags.sum()) for m, flags in zip(measured, judged, strict=True) if m.binding))
    return _Estimates(
        *(x1, n1, x2, n2, low, high, ratio_low, ratio_high, gap_low, gap_high),
        effect=both,
        p_value=outside_p_value(*sides, margin),
        detectable=minimum_detectable_ratio(sides[1], sides[3], overall, margin=margin, alpha=alpha, cells=family),
        to_settle=outcomes_needed(sides[1], sides[3], overall, margin=margin, alpha=alpha) * both,
        judged=np.concatenate(judged),
        required=np.concatenate([_required(m, policy.floor) for m in measured]),
    )


def _cell(part: _Measured, group: int, of: _Estimates, at: int, floor: Floor) -> Cell:
    value, others = _quotient(of.x1[at], of.n1[at]), _quotient(of.x2[at], of.n2[at])
    judged, required = bool(of.judged[at]), bool(of.required[at])
    return Cell(
        table=part.counts.table,
        characteristic=part.counts.characteristic,
        group=part.counts.groups[group],
        metric=part.metric.name,
        binding=part.binding,
        rows=int(part.counts.counts[group].sum()),
        people=int(part.counts.people[group]),
        outcomes=int(part.counts.people_with_outcome[group]),
        n=int(of.n1[at]),
        events=int(of.x1[at]),
        value=value,
        low=float(of.low[at]),
        high=float(of.high[at]),
        others_n=int(of.n2[at]),
        others_value=others,
        ratio=value / others if value is not None and others else None,
        ratio_low=float(of.ratio_low[at]),
        ratio_high=_finite(of.ratio_high[at]),
        difference=value - others if value is not None and others is not None else None,
        difference_low=float(of.gap_low[at]),
        difference_high=float(of.gap_high[at]),
        design_effect=float(of.effect[at]),
        minimum_detectable_ratio=_finite(of.detectable[at]),
        outcomes_to_settle=None if np.isnan(of.to_settle[at]) else int(np.ceil(of.to_settle[at])),
        p_value=float(of.p_value[at]),
        p_holm=None,
        verdict=CellVerdict.REPORTED if judged else CellVerdict.NOT_ASSESSABLE,
        reason="" if judged else _why_not(part, group, floor),
        required=part.binding and required,
    )


def _two_sides(part: _Measured) -> tuple[Floats, Floats, Floats, Floats]:
    """Return events and trials of each group and of everyone else in the same table."""
    events, trials = (side.astype(float) for side in part.counts.rate(part.metric))
    return events, trials, events.sum() - events, trials.sum() - trials


def _reaches(part: _Measured, floor: Floor, outcomes: int, *, others: bool, independent: bool = False) -> Flags:
    """Say which groups (or everyone else beside them) reach the floor, which counts persons, not rows.

    `independent` counts at most as many persons as the rows with the outcome say independently of each other.
    """
    people, harmed = part.counts.people, part.counts.people_with_outcome
    trials, with_outcome = part.counts.rate(part.metric)[1], part.counts.rate(METRICS["found"])[1]
    if others:
        # A person whose victims lie in several groups counts in each of them.
        people, harmed, trials, with_outcome = (total.sum() - total for total in (people, harmed, trials, with_outcome))
    witnesses = np.minimum(harmed, with_outcome / part.ratio_effect) if independent else harmed
    enough = (people >= floor.people) & (trials > 0)
    return np.asarray(enough & (witnesses >= outcomes) if part.metric.labelled else enough)


def _both_reach(part: _Measured, floor: Floor, outcomes: int, *, independent: bool = False) -> Flags:
    own, rest = (_reaches(part, floor, outcomes, others=side, independent=independent) for side in (False, True))
    return own & rest


def _judged(part: _Measured, floor: Floor) -> Flags:
    return _both_reach(part, floor, floor.outcomes) & part.recorded


def _required(part: _Measured, floor: Floor) -> Flags:
    """Say which groups must pass; as in `policy check`, what a group can settle depends on its independent outcomes."""
    return _judged(part, floor) & _both_reach(part, floor, floor.to_pass, independent=True)


def _why_not(part: _Measured, group: int, floor: Floor) -> str:
    if not part.recorded:
        return UNRECORDED
    return OTHERS_UNDER_FLOOR if _reaches(part, floor, floor.outcomes, others=False)[group] else UNDER_FLOOR


def _quotient(events: float, n: float) -> float | None:
    return float(events / n) if n else None


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def judge(cells: Sequence[Cell], policy: Policy) -> list[Cell]:
    """Return the cells with verdicts: Holm over the binding cells judged, alerts on the others."""
    family = [i for i, c in enumerate(cells) if c.binding and c.verdict != CellVerdict.NOT_ASSESSABLE]
    small = [i for i in family if not cells[i].required]
    leaning = dict(zip(small, _leaning([cells[i] for i in small], policy), strict=True))
    out = [_alerted(cell, policy) for cell in cells]
    for i, p in zip(family, holm([cells[i].p_value for i in family]), strict=True):
        out[i] = _bound(cells[i], float(p), leaning.get(i, False), policy)
    return out


def _leaning(small: Sequence[Cell], policy: Policy) -> list[bool]:
    """Say which of the cells between the floors show a gap of whatever size: one family, at the interval's level."""
    sides = [effective_sides(cell) for cell in small]
    p_values = no_gap_p_value(*np.array(sides, dtype=np.float64).reshape(-1, 4).T)
    return [bool(p <= 2 * policy.alpha) for p in holm(p_values)]


def effective_sides(cell: Cell) -> tuple[float, float, float, float]:
    """Return events and trials of the group and of everyone else as independent draws, which decide."""
    others = (cell.others_value or 0.0) * cell.others_n
    events, n, rest, others_n = (v / cell.design_effect for v in (cell.events, cell.n, others, cell.others_n))
    return events, n, rest, others_n


def _bound(cell: Cell, p_holm: float, leans: bool, policy: Policy) -> Cell:
    """Judge one binding cell above the floor.

    Between the floors a cell is excused from passing only while it shows nothing: one that leans towards a gap is
    insufficient, so that being small never lets a visible gap through.
    """
    low, high = policy.margin.ends
    top = np.inf if cell.ratio_high is None else cell.ratio_high
    if p_holm <= policy.alpha:
        return replace(cell, p_holm=p_holm, verdict=CellVerdict.REFUSE)
    if low <= cell.ratio_low and top <= high:
        return replace(cell, p_holm=p_holm, verdict=CellVerdict.PASS)
    if cell.required:
        return replace(cell, p_holm=p_holm, verdict=CellVerdict.INSUFFICIENT)
    if leans:
        return replace(cell, p_holm=p_holm, verdict=CellVerdict.INSUFFICIENT, reason=LEANS)
    beyond = cell.ratio is None or not low <= cell.ratio <= high
    reason = BEYOND_BY_CHANCE if beyond else ONLY_REFUSE
    return replace(cell, p_holm=p_holm, verdict=CellVerdict.NOT_ASSESSABLE, reason=reason)


def _alerted(cell: Cell, policy: Policy) -> Cell:
    """Point out a cell that does not bind: four-fifths on selection, an interval beyond the margin elsewhere."""
    if cell.binding or cell.verdict == CellVerdict.NOT_ASSESSABLE or not METRICS[cell.metric].of_the_list:
        return cell
    if cell.metric == "selection":
        line = policy.alerts.selection_ratio
        if cell.ratio is not None and not line <= cell.ratio <= 1 / line:
            return replace(cell, verdict=CellVerdict.ALERT, reason=f"selection ratio beyond {line:g}")
        return cell
    if cell.ratio_low > policy.margin.high or (cell.ratio_high is not None and cell.ratio_high < policy.margin.low):
        return replace(cell, verdict=CellVerdict.ALERT, reason="the interval lies beyond the margin")
    return cell
