"""Label bias: how wrongly outcomes would have to be recorded for a binding cell to come out otherwise.

Recorded outcomes are not harm. Of one community they may be recorded too seldom (nobody calls, nobody is believed) or
too often (more is looked for). How much of either there is cannot be learnt from the records; how much it would take to
turn a verdict can. What is not recorded may have been done by people above the line or below it, and what is recorded
and did not happen may be told of either; each time the worse of the two is told, so that no smaller error could turn
the verdict, wherever it lies. Everybody else's record is left as it is. (The sharp bounds of partial identification:
Manski, Partial Identification of Probability Distributions, 2003.)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from fairness.cells import Cell, effective_sides
from fairness.intervals import Floats
from fairness.metrics import METRICS, OUTCOME_NO, OUTCOME_YES
from fairness.policy_schema import Policy
from fairness.verdict import CellVerdict, holm, inside, no_gap_p_value, outside_p_value

Recorded = Literal["too seldom", "too often"]
Place = Literal["above", "below"]
Key = tuple[str, str, str, str]

RECORDS_CANNOT_SHOW = (
    "How often outcomes go unrecorded in one community, or are recorded that did not happen, cannot be seen in "
    "recorded data, neither by this audit nor by any other. What can be told is how much of it would turn a verdict."
)
LARGEST = 4.0
"""Ratios beyond this are not tried."""
_RATIOS: Floats = np.round(np.arange(1.0, LARGEST + 0.005, 0.01), 2)
_BELOW, _ABOVE = 0, 1
_OPPOSITE = {
    CellVerdict.PASS: CellVerdict.REFUSE,
    CellVerdict.NOT_ASSESSABLE: CellVerdict.REFUSE,
    CellVerdict.REFUSE: CellVerdict.PASS,
}


@dataclass(frozen=True)
class LabelSensitivity:
    """What wrong recording of one group's outcomes would do to its binding cell.

    Attributes
    ----------
    verdict
        As recorded.
    recorded
        ``too seldom``: in truth there are `turns_at` times as many outcomes as are recorded. ``too often``: `turns_at`
        times as many are recorded as there are.
    turns_at, turns_to
        The least ratio at which the cell is judged otherwise, and how; None where none up to 4 does that.
    where
        Where the outcomes in question then stand: ``above`` or ``below`` the line.
    reverses_at
        The least ratio at which a pass (or an excuse) becomes a refusal, or a refusal a pass; None where none does, or
        the cell is not settled.
    """

    table: str
    characteristic: str
    group: str
    metric: str
    verdict: CellVerdict
    recorded: Recorded
    turns_at: float | None
    turns_to: CellVerdict | None
    where: Place | None
    reverses_at: float | None

    def to_dict(self) -> dict[str, Any]:
        """Return the row as plain JSON values, with its sentence."""
        return {**asdict(self), "text": describe(self)}


def label_sensitivity(cells: Sequence[Cell], policy: Policy) -> list[LabelSensitivity]:
    """Return two rows for each binding cell that was judged and rests on outcomes.

    Parameters
    ----------
    cells
        All cells of an audit: what a metric's own counts do not tell is read from those of the other metrics.
    """
    by_key = {cell.key: cell for cell in cells}
    family = [cell for cell in cells if cell.p_holm is not None]
    return [
        _row(cell, recorded, by_key, family, policy)
        for cell in family
        if METRICS[cell.metric].labelled
        for recorded in ("too seldom", "too often")
    ]


def beside(numbers: pd.DataFrame, rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return a long table of numbers by group with the least ratios at which binding cells turn and are reversed.

    Parameters
    ----------
    numbers
        `Breakdown.table` of the same audited table.
    rows
        `label_sensitivity` of its audit, as plain values. Columns ``turns_if_seldom``, ``reverses_if_seldom``,
        ``turns_if_often`` and ``reverses_if_often`` are blank for all that does not bind.
    """
    at = {(tuple(row[name] for name in _CELL), row["recorded"].removeprefix("too ")): row for row in rows}
    single = (numbers["and_characteristic"] == "").to_numpy()
    keys = list(zip(*(numbers[name] for name in _CELL), strict=True))
    columns = {
        f"{what}_if_{recorded}": [
            at[key, recorded][f"{what}_at"] if alone and (key, recorded) in at else None
            for key, alone in zip(keys, single, strict=True)
        ]
        for recorded in ("seldom", "often")
        for what in ("turns", "reverses")
    }
    return numbers.assign(**{name: np.array(values, dtype=np.float64) for name, values in columns.items()})


_CELL = ("table", "characteristic", "group", "metric")


def _row(
    cell: Cell,
    recorded: Recorded,
    by_key: Mapping[tuple[str, str, str, str], Cell],
    family: Sequence[Cell],
    policy: Policy,
) -> LabelSensitivity:
    known = _known(cell, by_key)
    places: tuple[Place, ...] = ("below", "above")
    verdicts = {place: _verdicts(cell, shifted(known, recorded, place, _RATIOS), family, policy) for place in places}
    at, where = min((_first(verdicts[place] != cell.verdict), place) for place in places)
    opposite = _OPPOSITE.get(cell.verdict)
    back = min(_first(found == opposite) for found in verdicts.values())
    never = at == _RATIOS.size
    return LabelSensitivity(
        *cell.key,
        verdict=cell.verdict,
        recorded=recorded,
        turns_at=None if never else float(_RATIOS[at]),
        turns_to=None if never else CellVerdict(verdicts[where][at]),
        where=None if never else where,
        reverses_at=None if opposite is None or back == _RATIOS.size else float(_RATIOS[back]),
    )


def _first(flags: npt.NDArray[np.bool_]) -> int:
    return int(np.argmax(flags)) if flags.any() else flags.size


def _known(cell: Cell, by_key: Mapping[Key, Cell]) -> Floats:
    """Return the group's rows with a known outcome, shape (2, 2): without and with it, below and above the line."""
    without, having = (by_key[(*cell.key[:3], metric)] for metric in ("fpr", "found"))
    return np.array([[part.n - part.events, part.events] for part in (without, having)], dtype=np.float64)


def shifted(known: Floats, recorded: Recorded, place: Place, ratios: Floats) -> Floats:
    """Return what `known` would be if outcomes were recorded wrongly; shape (ratios, 2, 2).

    Unrecorded outcomes are those of people above or below the line who seem to have none, then of people below it who
    are in no table at all. Outcomes that did not happen are taken from one side of the line as far as there are any.

    >>> shifted(np.array([[80.0, 10.0], [5.0, 5.0]]), "too seldom", "below", np.array([1.5]))[0].tolist()
    [[75.0, 10.0], [10.0, 5.0]]
    """
    out = np.repeat(known[None], ratios.size, axis=0)
    side = _ABOVE if place == "above" else _BELOW
    outcomes = known[OUTCOME_YES].sum()
    if recorded == "too seldom":
        more = outcomes * (ratios - 1)
        more = np.minimum(more, known[OUTCOME_NO, side]) if side == _ABOVE else more
        out[:, OUTCOME_YES, side] += more
        out[:, OUTCOME_NO, side] = np.maximum(out[:, OUTCOME_NO, side] - more, 0.0)
    else:
        fewer = np.minimum(outcomes * (1 - 1 / ratios), known[OUTCOME_YES, side])
        out[:, OUTCOME_YES, side] -= fewer
        out[:, OUTCOME_NO, side] += fewer
    return out


def _verdicts(cell: Cell, known: Floats, family: Sequence[Cell], policy: Policy) -> npt.NDArray[np.str_]:
    """Return the cell's verdict with other counts of its own group, everything else being as it is."""
    metric = METRICS[cell.metric]
    states = known.reshape(-1, 4)
    events, trials = (
        states[:, mask[:4]].sum(axis=1) / cell.design_effect for mask in (metric.event_mask, metric.trial_mask)
    )
    _, _, rest, others = effective_sides(cell)
    counts = (events, trials, rest, others)
    margin, alpha = policy.margin.ends, policy.alpha
    adjusted = _among([each.p_value for each in family], family.index(cell), outside_p_value(*counts, margin))
    otherwise = np.full(events.size, str(CellVerdict.INSUFFICIENT))
    if not cell.required:
        small = [each for each in family if not each.required]
        p_values = [float(no_gap_p_value(*effective_sides(each))) for each in small]
        leans = _among(p_values, small.index(cell), no_gap_p_value(*counts)) <= 2 * alpha
        otherwise = np.where(leans, CellVerdict.INSUFFICIENT, CellVerdict.NOT_ASSESSABLE)
    passes = np.where(inside(*counts, margin, alpha), CellVerdict.PASS, otherwise)
    return np.where(adjusted <= alpha, CellVerdict.REFUSE, passes)


def _among(p_values: Sequence[float], own: int, changed: Floats) -> Floats:
    """Return the adjusted p-values of one member of a family for each of the values it might have."""
    table = np.tile(np.asarray(p_values, dtype=np.float64), (changed.size, 1))
    table[:, own] = changed
    return np.asarray(holm(table)[:, own], dtype=np.float64)


def describe(row: LabelSensitivity) -> str:
    """Return what wrong recording would do, in one sentence."""
    whom = f"{row.characteristic.replace('_', ' ')} {row.group!r} ({row.table})"
    if row.recorded == "too seldom":
        head = f"If outcomes of {whom} were in truth {{}} times as many as are recorded"
        who = "those unrecorded"
    else:
        head = f"If {{}} times as many outcomes of {whom} were recorded as there are"
        who = "those that did not happen"
    was = _WORDS[row.verdict]
    if row.turns_at is None or row.turns_to is None:
        return f"{head.format(f'up to {LARGEST:g}')}, it would stay {was}."
    text = f"{head.format(f'{row.turns_at:.2f}')} and {who} all stood {row.where} the line, "
    text += f"this would turn from {was} to {_WORDS[row.turns_to]}"
    if row.reverses_at is not None and row.reverses_at > row.turns_at:
        text += f", and at {row.reverses_at:.2f} times to {_WORDS[_OPPOSITE[row.verdict]]}"
    return f"{text}."


_WORDS = {
    CellVerdict.PASS: "passed",
    CellVerdict.REFUSE: "refused",
    CellVerdict.INSUFFICIENT: "not settled",
    CellVerdict.NOT_ASSESSABLE: "not assessable",
}
