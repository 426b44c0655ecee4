"""The whole audit as one long table: every metric of every group of every axis, for whoever wants to recompute it.

One row a table x axis x group x metric. A group stands beside everyone else in the same table. Nothing here decides;
the binding cells are judged in `fairness.cells` from the same counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from fairness.axes import AREA, Axis, axes
from fairness.clusters import Shared, effects
from fairness.errors import TableError
from fairness.intervals import Floats, difference_interval, exact_rate, ratio_interval
from fairness.metrics import METRICS, OUTCOME_UNKNOWN, OUTCOME_YES, STATES
from fairness.policy_schema import Floor, Policy
from fairness.pooling import partially_pooled
from fairness.power import minimum_detectable_ratio
from fairness.ranks import rank_metrics
from fairness.standing import AWAY, BELOW
from fairness.stratified import stratified_ratio
from fairness.tables import AuditTable, split_table
from fairness.ties import tied_counts
from fairness.verdict import CellVerdict, holm, outside_p_value

Flags = npt.NDArray[np.bool_]
KEYS = ("table", "characteristic", "group", "and_characteristic", "and_group", "metric")
BANDS = 20
"""Calibration compares people in the same twentieth of the list."""
_DEPENDS_ON_LINE = {"selection": True, "found": True, "fpr": True, "missed_harm": False}


@dataclass(frozen=True)
class Breakdown:
    """Everything that was measured.

    Attributes
    ----------
    table
        One row a cell, with the columns that `docs/fairness.md` explains.
    notes
        What a reader has to know of the whole, in plain sentences.
    """

    table: pd.DataFrame
    notes: tuple[str, ...]

    def to_metric_frame(
        self, characteristic: str, and_characteristic: str = "", *, table: str = "subjects", column: str = "value"
    ) -> pd.DataFrame:
        """Return groups x metrics in the shape of fairlearn's ``MetricFrame.by_group``.

        Raises
        ------
        TableError
            If nothing was measured by this characteristic.
        """
        rows = self.table[
            (self.table["table"] == table)
            & (self.table["characteristic"] == characteristic)
            & (self.table["and_characteristic"] == and_characteristic)
        ]
        if rows.empty:
            raise TableError(f"Nothing was measured by {characteristic!r}.", "Choose a column of the audited table.")
        index = ["group", "and_group"] if and_characteristic else ["group"]
        frame = rows.set_index([*index, "metric"])[column].unstack("metric")[list(dict.fromkeys(rows["metric"]))]
        frame.index.names = [characteristic, and_characteristic] if and_characteristic else [characteristic]
        return frame.rename_axis(columns=None)


def break_down(
    table: pd.DataFrame, policy: Policy, *, area: str | None = None, intersections: bool = True
) -> Breakdown:
    """Measure every group of every axis of `table`, which is as `fairness.audit.audit` takes it.

    Raises
    ------
    TableError
        If the table breaks its contract; with the column and line.
    """
    tables = list(split_table(table, policy.grouping_pairs, area).values())
    frames = [
        _measured(each, axis, policy)
        for each in tables
        for axis in axes(each, policy.grouping_pairs, intersections=intersections)
    ]
    if not frames:
        raise TableError("The table has no characteristic to break it down by.", "Add a column, such as sex.")
    long = pd.concat(frames, ignore_index=True)
    return Breakdown(_with_intervals(long, policy), tuple(_notes(tables)))


def _measured(table: AuditTable, axis: Axis, policy: Policy) -> pd.DataFrame:
    """Return the counts of every group and metric of one axis; intervals are formed for all axes at once."""
    shared = Shared.of(table.person, axis.codes, axis.size) if table.clustered else None
    by_state = np.bincount(axis.codes * STATES + table.state, minlength=axis.size * STATES)
    by_state = by_state.reshape(axis.size, STATES)
    harmed = table.state // 2 == OUTCOME_YES
    head = pd.DataFrame(
        {
            "table": table.name,
            "characteristic": axis.names[0],
            "group": [group[0] for group in axis.groups],
            "and_characteristic": axis.names[1] if len(axis.names) > 1 else "",
            "and_group": [group[1] if len(group) > 1 else "" for group in axis.groups],
            "stated": axis.stated,
            "rows": by_state.sum(axis=1),
            "people": _people(shared, axis, np.ones(table.rows, dtype=bool)),
            "outcomes": _people(shared, axis, harmed),
        }
    )
    parts = []
    for metric in METRICS.values():
        n, x = (by_state[:, mask].sum(axis=1) for mask in (metric.trial_mask, metric.event_mask))
        trial, event = metric.trial_mask[table.state], metric.event_mask[table.state]
        part = _part(head, metric.name, n, x, shared, trial, event).assign(labelled=metric.labelled)
        if metric.name in _DEPENDS_ON_LINE:
            tied = tied_counts(table, axis, trial, rises=_DEPENDS_ON_LINE[metric.name])
            part = part.assign(tied=tied.people, least=x + tied.least, most=x + tied.most, expected=x + tied.expected)
        if table.area is not None and len(axis.names) == 1 and axis.names != (AREA,):
            part = part.assign(**_within(axis, trial, event, table.area.codes, part["design_effect"], policy))
        parts.append(part)
    parts += _of_the_order(table, axis, head, shared, policy)
    return pd.concat(parts, ignore_index=True)


def _people(shared: Shared | None, axis: Axis, rows: Flags) -> npt.NDArray[np.int64]:
    """Return how many distinct persons have one of `rows` in each group."""
    if shared is None:
        return np.bincount(axis.codes[rows], minlength=axis.size)
    some = np.bincount(shared.pair[rows], minlength=shared.group.size) > 0
    return np.bincount(shared.group[some], minlength=axis.size)


def _part(
    head: pd.DataFrame,
    metric: str,
    n: npt.NDArray[np.int64],
    x: npt.NDArray[np.int64],
    shared: Shared | None,
    trial: Flags,
    event: Flags,
) -> pd.DataFrame:
    found = None if shared is None else effects(shared, trial, event)
    return head.assign(
        metric=metric,
        n=n,
        events=x,
        others_n=n.sum() - n,
        others_events=x.sum() - x,
        rate_effect=1.0 if found is None else found.rate,
        design_effect=1.0 if found is None else found.ratio,
    )


def _of_the_order(
    table: AuditTable, axis: Axis, head: pd.DataFrame, shared: Shared | None, policy: Policy
) -> list[pd.DataFrame]:
    """Return what needs scores: who is at the line, calibration, rank gap and exposure."""
    standing = table.standing
    if standing is None:
        return []
    near, below = standing.side != AWAY, standing.side == BELOW
    n, x = (np.bincount(axis.codes[rows], minlength=axis.size) for rows in (near, below))
    at_line = _part(head, "displaced", n, x, shared, near, below).assign(labelled=False)
    scored = ~np.isnan(standing.place)
    known = scored & (table.state // 2 != OUTCOME_UNKNOWN)
    harmed = known & (table.state // 2 == OUTCOME_YES)
    n, x = (np.bincount(axis.codes[rows], minlength=axis.size) for rows in (known, harmed))
    calibration = _part(head, "calibration", n, x, shared, known, harmed).assign(labelled=True)
    band = np.minimum(np.nan_to_num(standing.place) * BANDS, BANDS - 1).astype(np.int64)
    alike = _within(axis, known, harmed, band, calibration["design_effect"], policy)
    calibration = calibration.assign(**{name.removeprefix("area_"): values for name, values in alike.items()})
    return [at_line, calibration, *(pd.DataFrame({**head, **columns}) for columns in rank_metrics(table, axis))]


def _within(
    axis: Axis, trial: Flags, event: Flags, stratum: npt.NDArray[np.int64], effect: pd.Series, policy: Policy
) -> dict[str, Floats]:
    """Return the ratio to everyone else among people of the same stratum."""
    strata = int(stratum.max(initial=0)) + 1
    at = axis.codes * strata + stratum
    shape = (axis.size, strata)
    n, x = (
        np.bincount(at[rows], minlength=axis.size * strata).reshape(shape).astype(np.float64)
        for rows in (trial, trial & event)
    )
    deff = np.asarray(effect, dtype=np.float64)[:, None]
    sides = (x / deff, n / deff, (x.sum(axis=0) - x) / deff, (n.sum(axis=0) - n) / deff)
    found = stratified_ratio(*sides, 1 - 2 * policy.alpha)
    return {"area_ratio": found.ratio, "area_ratio_low": found.low, "area_ratio_high": found.high}


def _with_intervals(long: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Return the long table with every interval, formed in one call each."""
    out = long.assign(judged=_above_floor(long, policy.floor))
    rates = out["n"].notna() & out["events"].notna()
    counts = (out.loc[rates, c].to_numpy(dtype=float) for c in ("events", "n", "others_events", "others_n"))
    x1, n1, x2, n2 = counts
    own, both = (out.loc[rates, c].to_numpy(dtype=float) for c in ("rate_effect", "design_effect"))
    sides = (x1 / both, n1 / both, x2 / both, n2 / both)
    level = 1 - 2 * policy.alpha
    with np.errstate(divide="ignore", invalid="ignore"):
        value, others = x1 / n1, x2 / n2
        found = {"value": value, "others_value": others, "ratio": np.where(x2 > 0, value / others, np.nan)}
    found["difference"] = value - others
    found["low"], found["high"] = exact_rate(x1 / own, n1 / own, 1 - policy.alpha)
    found["ratio_low"], found["ratio_high"] = ratio_interval(*sides, level)
    found["difference_low"], found["difference_high"] = difference_interval(*sides, level)
    found["p_value"] = outside_p_value(*sides, policy.margin.ends)
    judged = out.loc[rates, "judged"].to_numpy(dtype=bool)
    metrics = out.loc[rates, "metric"]
    family = metrics.map(metrics[judged].value_counts()).fillna(1).to_numpy(dtype=float)
    overall = (x1 + x2) / np.maximum(n1 + n2, 1)
    found["minimum_detectable_ratio"] = minimum_detectable_ratio(
        sides[1], sides[3], overall, margin=policy.margin.ends, alpha=policy.alpha, cells=family
    )
    axis_of = out.loc[rates, ["table", "characteristic", "and_characteristic", "metric"]]
    for name in ("p_value", "minimum_detectable_ratio", "difference", "difference_low", "difference_high"):
        # Calibration compares within bands of the list; what is formed over the whole of it says something else.
        found[name] = np.where(metrics == "calibration", np.nan, found[name])
    found["pooled"] = _pooled(axis_of, x1 / own, n1 / own)
    for name, values in found.items():
        kept = out[name] if name in out else pd.Series(np.nan, index=out.index)
        # Calibration has brought its own ratio, rank metrics everything of theirs.
        fresh = pd.Series(values, index=out.index[rates])
        out[name] = kept.where(kept.notna(), fresh.reindex(out.index))
    return _judged(out, policy)[_columns(out)]


def _pooled(axis_of: pd.DataFrame, events: Floats, trials: Floats) -> Floats:
    number = axis_of.groupby(list(axis_of.columns), sort=False).ngroup().to_numpy()
    out = np.full(events.size, np.nan)
    starts = np.flatnonzero(np.r_[True, number[1:] != number[:-1]]) if number.size else np.array([], dtype=np.int64)
    for first, last in zip(starts, [*starts[1:], number.size], strict=True):
        out[first:last] = partially_pooled(events[first:last], trials[first:last])
    return out


def _above_floor(long: pd.DataFrame, floor: Floor) -> Flags:
    people, outcomes = long["people"].to_numpy(), long["outcomes"].to_numpy()
    enough = np.ones(len(long), dtype=bool)
    axis_of = [long["table"], long["characteristic"], long["and_characteristic"], long["metric"]]
    for own, least, needed in ((people, floor.people, True), (outcomes, floor.outcomes, long["labelled"])):
        rest = pd.Series(own).groupby(axis_of, sort=False).transform("sum").to_numpy() - own
        enough &= ((own >= least) & (rest >= least)) | ~np.asarray(needed, dtype=bool)
    return enough & (long["n"].to_numpy() > 0) & (long["others_n"].to_numpy() > 0)


def _judged(out: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Add Holm over all cells of a metric above the floor, what is pointed out, and where areas turn a gap round."""
    p_holm = np.full(len(out), np.nan)
    metric = out["metric"].to_numpy()
    family = out["judged"].to_numpy(dtype=bool) & out["p_value"].notna().to_numpy()
    for name in dict.fromkeys(metric):
        rows = np.flatnonzero(family & (metric == name))
        p_holm[rows] = holm(out["p_value"].to_numpy()[rows])
    verdict = np.where(family, str(CellVerdict.REPORTED), str(CellVerdict.NOT_ASSESSABLE))
    alert = family & (p_holm <= policy.alpha) & (metric != "outcome")
    verdict = np.where(alert, str(CellVerdict.ALERT), verdict)
    return out.assign(p_holm=p_holm, verdict=verdict, turned=_turned(out, policy))


def _turned(out: pd.DataFrame, policy: Policy) -> Flags:
    """Say where the gap over all areas lies beyond the margin on one side and within areas on the other of 1."""
    if "area_ratio" not in out:
        return np.zeros(len(out), dtype=bool)
    whole, within = out["ratio"].to_numpy(dtype=float), out["area_ratio"].to_numpy(dtype=float)
    low, high = policy.margin.ends
    return (
        ((whole > high) & (within < 1))
        | ((whole < low) & (within > 1))
        | (((within > high) & (whole < 1)) | ((within < low) & (whole > 1)))
    )


def _columns(out: pd.DataFrame) -> list[str]:
    wanted = (
        *KEYS,
        *("stated", "rows", "people", "outcomes", "n", "events", "value", "low", "high", "pooled"),
        *("others_n", "others_events", "others_value", "ratio", "ratio_low", "ratio_high"),
        *("difference", "difference_low", "difference_high", "design_effect", "minimum_detectable_ratio"),
        *("area_ratio", "area_ratio_low", "area_ratio_high", "turned", "tied", "least", "most", "expected"),
        *("p_value", "p_holm", "verdict"),
    )
    return [name for name in wanted if name in out or name in ("turned", "p_holm", "verdict")]


def _notes(tables: Sequence[AuditTable]) -> list[str]:
    notes = []
    for table in tables:
        if table.standing is None:
            notes.append(f"{table.name}: no scores, so nothing is said of order, calibration and ties at the line.")
            continue
        if not table.standing.follows:
            notes.append(
                f"{table.name}: somebody unselected has a better score than somebody selected, so ties at the line "
                "cannot be told."
            )
        tied = int((table.standing.tie >= 0).sum())
        if tied:
            notes.append(
                f"{table.name}: the line cuts through {tied} tied rows; `least`, `most` and `expected` say what "
                "another draw could have made of it."
            )
    return notes
